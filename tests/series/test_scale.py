"""Parts that are projected apart, by any number of workers and whatever happens to them, add up to the whole."""

import os
import signal

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from learnsys.core import engine
from learnsys.core.errors import BadFile, Incompatible, InputError
from learnsys.series import scale, state_file
from learnsys.series.scale import Wish, append, divided, gather, gather_lags, together
from learnsys.series.sources.scan import scan
from learnsys.series.sources.types import Condition
from learnsys.series.sums.cell_sums import CellGrid
from learnsys.series.sums.compute import sums
from learnsys.series.types import Kernel, Lags, SumsSpec

START = 1_767_571_200 * 10**9
WISH = Wish(bandwidth_s=30.0, period_s=10 * 86_400.0, origin_ns=START)
ROLES = {"time": "ts", "series": "sym", "value": "px"}


def day(folder, number, count=2000):
    rng = np.random.default_rng(number)
    t = START + np.sort(rng.integers(0, 86_400 * 10**9, count)) + number * 86_400 * 10**9
    names = rng.choice([f"s{d}" for d in range(3 + number)], count)
    stamps = pa.array(t).cast(pa.timestamp("ns", "UTC"))
    table = pa.table({"ts": stamps, "sym": names, "px": 100 + rng.normal(size=count),
                      "q": rng.integers(0, 2, count)})  # fmt: skip
    pq.write_table(table, folder / f"day-{number}.parquet", row_group_size=500)


@pytest.fixture
def days(tmp_path):
    for number in range(3):
        day(tmp_path, number)
    return tmp_path


def close(a, b, tol=1e-5):
    assert (a.coefficients.ids, a.sources, a.values) == (b.coefficients.ids, b.sources, b.values)
    for name in ("X", "W", "n", "first_s", "last_s", "sum_wx", "sum_wx2"):
        ours, theirs = getattr(a.coefficients, name), getattr(b.coefficients, name)
        assert np.abs(ours - theirs).max() <= tol * np.abs(theirs).max()


def test_any_number_of_workers_gathers_the_same(days):
    source = scan(days, **ROLES)
    alone = gather(source, WISH)
    assert set(alone.coefficients.ids) == {"s0", "s1", "s2", "s3", "s4"}
    for slots in (1, 2, 5):
        with engine.local(slots=slots) as threads:
            close(gather(source, WISH, engine=threads), alone)
            assert threads.stats.bytes_received <= slots * 16 * alone.coefficients.X.size


def test_answers_of_gathered_states_are_those_of_samples(days):
    source = scan(days, **ROLES)
    lags = Lags(first_s=-300, step_s=60, count=11)
    state = gather(source, msgspec.structs.replace(WISH, tol=1e-9))
    from learnsys.series.estimate.covariance import XCov
    from learnsys.series.estimate.types import Facts

    samples = source.samples()
    facts, asked = Facts.of(samples), XCov(lags=lags, bandwidth=30.0, ci=None, shrink=False, weights="uniform")
    theirs = asked.finish(sums(samples.centred(), asked.needs(facts), how="direct"), facts)
    np.testing.assert_allclose(state.xcov(lags=lags).values, theirs.values, atol=1e-5)


def test_correlations_at_lags_are_gathered_by_workers(days):
    source = scan(days, **ROLES)
    lags = Lags(first_s=-300, step_s=60, count=11)
    spec = SumsSpec(pairs="all", kernels=(Kernel(name="k4", h=30.0),), lags=lags)
    grid = CellGrid.of(spec.kernels, lags, tol=1e-7, t0_ns=START)
    alone = gather_lags(source, grid)
    expected = sums(source.samples().centred(), spec, how="direct")[0]
    for slots in (2, 5):
        with engine.local(slots=slots) as threads:
            state = gather_lags(source, grid, engine=threads)
        assert state.ids == alone.ids
        np.testing.assert_array_equal(state.facts().n, alone.facts().n)
        for name in ("ww", "xy"):
            ours, theirs = getattr(state.sums(spec)[0], name), getattr(expected, name)
            assert np.abs(ours - theirs).max() < 1e-5 * np.abs(theirs).max()


def test_a_day_more_costs_a_day(days):
    before = gather(scan(days, **ROLES), WISH)
    day(days, 3)
    source = scan(days, **ROLES)
    (days / "day-0.parquet").rename(days / "aside")  # what is in the state is not read again ...
    with pytest.raises(BadFile, match=r"day-0\.parquet"):  # ... but looked at
        append(before, source, WISH)
    (days / "aside").rename(days / "day-0.parquet")
    after = append(before, source, WISH)
    close(after, gather(source, WISH))
    assert append(after, source, WISH) is after
    day(days, 1, count=100)
    with pytest.raises(Incompatible, match=r"day-1\.parquet has changed"):
        append(after, source, WISH)
    with pytest.raises(InputError, match="only files"):
        append(after, scan({"a": ([0.0], [1.0])}), WISH)


def test_conditions_and_times_are_part_of_what_a_state_is_of(days):
    source = scan(days, **ROLES)
    good, bad = (gather(source, msgspec.structs.replace(WISH, predicate=(Condition("q", "==", q),))) for q in (0, 1))
    assert good.coefficients.n.sum() + bad.coefficients.n.sum() == 6000
    with pytest.raises(Incompatible, match="'q == 0' does not add to one with 'q == 1'"):
        together([good, bad])
    noon = START + 12 * 3600 * 10**9
    halves = [gather(source, msgspec.structs.replace(WISH, time_range=r)) for r in ((None, noon), (noon, None))]
    assert together(halves).coefficients.n.sum() == 6000
    with pytest.raises(Incompatible, match="both states have the data"):
        together([halves[0], halves[0]])
    with pytest.raises(Incompatible, match="span"):
        gather(source, msgspec.structs.replace(WISH, period_s=86_400.0))


def test_an_origin_is_found_by_the_first_stamp(days):
    wish = msgspec.structs.replace(WISH, origin_ns=None)
    source = scan(days, **ROLES)
    alone = gather(source, wish)
    assert 0 <= START - alone.coefficients.t0_ns < WISH.period_s * 1e9
    with engine.local(slots=2) as threads:
        close(gather(source, wish, engine=threads), alone)
    close(alone.moved(START), gather(source, WISH))
    assert gather(scan({"a": ([1.0, 2.0], [1.0, 3.0])}), wish).coefficients.t0_ns == 0


def test_only_files_are_divided(days):
    with pytest.raises(InputError, match="write the data to Parquet"):
        divided(scan({"a": ([0.0], [1.0])}), 2)
    parts = divided(scan(days, **ROLES), 5)
    assert sum(part.samples().t.size for part in parts) == 6000
    assert [len(part.table.all_parts()) for part in parts] == [3, 3, 2, 2, 2]
    assert len(divided(scan(days / "day-0.parquet", **ROLES), 99)) == 4


def dying(source, wish, marker):
    """Kill the process that reads the first part, once."""
    if source.table.paths[0].endswith("day-0.parquet") and not os.path.exists(marker):
        open(marker, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    return scale.packed_part(source, wish)


def test_a_killed_worker_is_repeated_and_the_state_is_the_same(days, tmp_path_factory):
    source = scan(days, **ROLES)
    marker = str(tmp_path_factory.mktemp("killed") / "marker")
    with engine.local(slots=2, kind="processes") as processes:
        calm = gather(source, WISH, engine=processes)
        wish, where = processes.put(WISH), processes.put(marker)
        states = processes.map(dying, divided(source, 2), wish, where)
        assert processes.stats.restarts == 1
    assert os.path.exists(marker)
    again = msgspec.structs.replace(together([state_file.unpack(s) for s in states]), sources=calm.sources)
    np.testing.assert_array_equal(again.coefficients.X, calm.coefficients.X)
    close(again, calm, tol=0)


def test_a_damaged_file_in_a_worker_is_named(days):
    (days / "day-2.parquet").write_bytes(b"PAR1")
    with engine.local(slots=2) as threads, pytest.raises(BadFile, match=r"day-2\.parquet"):
        gather(scan(days, **ROLES), WISH, engine=threads)


def test_ray_gathers_the_same(days, ray_engine):
    source = scan(days, **ROLES)
    with engine.local(slots=2) as threads:
        close(gather(source, WISH, engine=ray_engine), gather(source, WISH, engine=threads), tol=0)
