"""Questions of files are answered by several workers as by one."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from learnsys import series
from learnsys.core import engine
from learnsys.core.errors import BadFile
from learnsys.series.graph.divided import parts

START = 1_767_571_200 * 10**9
LAGS = series.lags(-300, 300, 60)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("days")
    rng = np.random.default_rng(3)
    for day in range(4):
        t = START + day * 86_400 * 10**9 + np.sort(rng.integers(0, 86_400 * 10**9, 6000))
        wave = np.sin(2 * np.pi * (t - START) / 1e9 / 1800)
        columns = {"ts": pa.array(t).cast(pa.timestamp("ns", "UTC")), "sym": rng.choice(["a", "b", "c"], t.size),
                   "px": np.exp(wave + 0.3 * rng.normal(size=t.size)), "q": rng.integers(0, 2, t.size)}  # fmt: skip
        pq.write_table(pa.table(columns), where / f"{day}.parquet", row_group_size=2000)
    return where


def asked(folder, **options):
    source = series.scan(folder, time="ts", series="sym", value="px").log()
    how = {"lags": LAGS, "bandwidth": 60, "weights": "uniform", "kernel": "gaussian"}
    return source.xcov(**(how | options))


def same(ours, theirs, tol):
    assert ours.ids == theirs.ids
    np.testing.assert_allclose(ours.values, theirs.values, atol=tol)
    np.testing.assert_allclose(ours.effective_pairs, theirs.effective_pairs, rtol=0.01)


@pytest.mark.parametrize("ci", [None, "jackknife"])
def test_workers_answer_as_one_does(folder, ci):
    question = asked(folder, ci=ci, shrink=False)
    alone = series.collect(question, without=["cache"])[0]
    with engine.local(slots=3) as threads:
        answers = series.collect(question, engine=threads, without=["cache"])
        assert threads.stats.bytes_received > 0
    same(answers[0], alone, 2e-3)
    if ci:
        both = np.isfinite(answers[0].standard_error) & np.isfinite(alone.standard_error)
        assert both.any()
        ratio = answers[0].standard_error[both] / alone.standard_error[both]
        assert 0.5 < np.median(ratio) < 2


def test_a_graph_goes_to_other_processes(folder):
    question = asked(folder, ci=None, shrink=False)
    with engine.local(slots=2, kind="processes") as processes:
        ours = series.collect(question, engine=processes, without=["cache"])[0]
    same(ours, series.collect(question, without=["cache"])[0], 2e-3)


def test_what_is_not_row_by_row_is_not_divided(folder):
    def divided(query):
        return len(parts(query.node, 3))

    source = series.scan(folder, time="ts", series="sym", value="px")
    assert divided(source) == divided(source.log().scale(2)) == 3
    assert divided(source.difference()) == divided(source.weights("voronoi")) == 0
    assert divided(source.between("2026-01-05", "2026-01-06")) == 0
    assert divided(series.scan({"a": ([0.0, 1.0], [1.0, 2.0])})) == 0


def test_what_cannot_be_divided_is_answered_all_the_same(folder):
    question = asked(folder, ci=None, shrink=False, weights="voronoi")
    with engine.local(slots=2) as threads:
        ours = series.collect(question, engine=threads, without=["cache"])[0]
        assert threads.stats.bytes_received == 0
    assert set(ours.ids) == {"a", "b", "c"}


def test_a_damaged_file_is_named(folder, tmp_path):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    question = asked(tmp_path, ci=None, shrink=False)
    content = (tmp_path / "3.parquet").read_bytes()
    (tmp_path / "3.parquet").write_bytes(content[: len(content) // 2])
    with engine.local(slots=2) as threads, pytest.raises(BadFile, match=r"3\.parquet"):
        series.collect(question, engine=threads, without=["cache"])
