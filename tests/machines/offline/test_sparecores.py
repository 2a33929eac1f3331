import polars as pl
import pytest

from learnsys.core.errors import InputError
from learnsys.machines.offline.sparecores import read_sparecores_scores

SCORES = [("a/x", "redis|SET", 50.0), ("a/x", "membench|lat|64", 80.0), ("a/y", "redis|SET", 100.0)]


def tables(folder, scores=SCORES, prices=(("a/y", "eu", 0.5),)):
    machine = {"server": "a/x", "family": "x", "vcpus": 2, "cpu_architecture": "ARM64", "memory_amount": 4096}
    machine |= {"gpu_count": 1, "cpu_speed": None, "avx2": False}
    pl.DataFrame(scores, schema=["server", "config", "value"], orient="row").write_csv(folder / "s.csv")
    pl.DataFrame([machine]).write_csv(folder / "m.csv")
    pl.DataFrame(list(prices), schema=["server", "region", "usd_hour"], orient="row").write_csv(folder / "p.csv")
    return folder / "s.csv", folder / "m.csv", folder / "p.csv"


def test_a_score_is_the_seconds_of_a_unit_of_work(tmp_path):
    benchmark = read_sparecores_scores(*tables(tmp_path))
    assert [w.name for w in benchmark.workloads] == ["membench|lat|64", "redis|SET"]
    assert [w.group for w in benchmark.workloads] == ["membench", "redis"]
    assert benchmark.seconds[1].tolist() == [1 / 50, 1 / 100]
    assert benchmark.seconds[0, 0] == pytest.approx(80e-9)  # a latency, in nanoseconds, is a time already


def test_a_server_without_a_row_has_no_known_size(tmp_path):
    known, unknown = read_sparecores_scores(*tables(tmp_path)).catalog.machines
    assert (known.vcpus, known.memory_bytes, known.arch, known.gpus) == (2, 4 << 30, "arm64", 1)
    assert (unknown.vcpus, unknown.memory_bytes) == (0, 0)


def test_sizes_may_be_missing_or_written_with_a_point_but_not_in_words(tmp_path):
    scores, machines, prices = tables(tmp_path)
    text = machines.read_text()
    machines.write_text(text.replace(",2,", ",,").replace("4096", "4096.0"))
    known = read_sparecores_scores(scores, machines, prices).catalog.machines[0]
    assert (known.vcpus, known.memory_bytes) == (0, 4 << 30)
    machines.write_text(text.replace("4096", "much"))
    with pytest.raises(InputError, match="row 0: memory_amount is 'much'"):
        read_sparecores_scores(scores, machines, prices)


def test_servers_without_a_price_can_be_left_out(tmp_path):
    assert read_sparecores_scores(*tables(tmp_path), priced=True).keys == ("a/y",)
    with pytest.raises(InputError, match="no scored server has a price"):
        read_sparecores_scores(*tables(tmp_path, prices=(("b/z", "eu", 1.0),)), priced=True)


def test_scores_are_above_zero(tmp_path):
    with pytest.raises(InputError, match="row 1: value must be above zero, not 0"):
        read_sparecores_scores(*tables(tmp_path, scores=[SCORES[0], ("a/y", "redis|SET", 0.0)]))


def test_the_shared_tables_are_read_whole(shared):
    paths = [shared / f"sparecores_{name}.parquet" for name in ("scores", "machines")]
    benchmark = read_sparecores_scores(*paths, shared / "prices.parquet")
    assert benchmark.shape[1] > 3000
    assert sum(bool(m.prices) for m in benchmark.catalog.machines) > 1000
    assert (benchmark.elapsed_s > 0).all()
