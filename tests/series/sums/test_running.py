import msgspec
import numpy as np
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.series.strategies import samples
from tests.series.sums.gridded import assert_close
from tests.series.sums.rows import grid_for, rows_of, run, spec_of

from learnsys.core.errors import BadFile, Incompatible, InputError, UnknownName
from learnsys.series.sources.types import Chunk
from learnsys.series.sums import direct
from learnsys.series.sums.cell_sums import CellGrid
from learnsys.series.sums.running import Running, ahead, gather
from learnsys.series.types import Samples


@settings(deadline=None, max_examples=12)
@given(samples(), st.sampled_from([1e-3, 1e-6, 1e-9]), st.booleans(), st.integers(1, 9))
def test_equals_the_sums_of_the_samples_in_memory(made, tol, cross, chunks):
    made = msgspec.structs.replace(made, w=np.ones_like(made.t))
    spec = spec_of("gaussian", "local-linear", cross=cross)
    state = run(rows_of(made), grid_for(spec, tol), made.ids, chunks=chunks)
    expected = direct.sums(made if cross else made.centred(), spec)
    assert_close(state.sums(spec), expected, made, 3 * tol)


def many(seed, series=3, n=900, span_s=2000.0):
    rng = np.random.default_rng(seed)
    return Samples.of({str(d): (rng.uniform(0, span_s, n), rng.normal(3, 1, n)) for d in range(series)})


@pytest.mark.parametrize("blocks", [1, 2, 7])
def test_blocks_add_up(blocks):
    made, spec = many(1), spec_of("gaussian")
    grid = grid_for(spec, 1e-8)
    state = run(rows_of(made), grid, made.ids, blocks=blocks)
    assert 1 <= len(state.numbers) <= blocks
    assert_close(state.sums(spec), direct.sums(made.centred(), spec), made, 1e-7)
    if blocks == 7:
        assert len(state.numbers) > 3
        parts = state.sums(msgspec.structs.replace(spec, blocks=3))[0]
        assert parts.xy.shape[1] == 3
        np.testing.assert_allclose(parts.xy.sum(axis=1), state.sums(spec)[0].xy[:, 0], atol=1e-8)


def test_more_series_come_with_the_rows():
    made, spec = many(2, series=7), spec_of("k4")
    codes, t, x = rows_of(made)
    known = [next(k for k in range(8) if k > code) for code in np.maximum.accumulate(codes)]
    running = Running(grid_for(spec, 1e-6))
    for first in range(0, len(t), 500):
        part = slice(first, first + 500)
        running.add(made.ids[: max(known[part])], codes[part], t[part], x[part])
    assert_close(running.finish().sums(spec), direct.sums(made.centred(), spec), made, 1e-5)


@pytest.mark.parametrize("gap_s", [1e3, 1e5, 1e9])
def test_long_gaps_are_jumped_over(gap_s):
    made, spec = many(3, n=200, span_s=60.0), spec_of("gaussian")
    apart = msgspec.structs.replace(made, t=made.t + gap_s * (made.t > 30))
    state = run(rows_of(apart), grid_for(spec, 1e-6), made.ids)
    assert_close(state.sums(spec), direct.sums(apart.centred(), spec), apart, 1e-5)


@pytest.mark.parametrize("origin_s", [-3e4, 1e6])
def test_stamps_far_from_the_origin_and_before_it(origin_s):
    made, spec = many(4, n=300), spec_of("gaussian")
    codes, t, x = rows_of(made)
    state = run((codes, t + origin_s, x), grid_for(spec, 1e-6), made.ids, blocks=3)
    assert_close(state.sums(spec), direct.sums(made.centred(), spec), made, 1e-5)
    np.testing.assert_allclose(state.facts().first_s, [made.one(d)[0].min() + origin_s for d in range(3)])


def test_rows_that_are_a_little_late_are_counted_in():
    made, spec = many(5), spec_of("gaussian")
    codes, t, x = rows_of(made)
    order = np.argsort(t + np.random.default_rng(0).uniform(0, 20, t.size))
    state = run((codes[order], t[order], x[order]), grid_for(spec, 1e-8), made.ids)
    assert_close(state.sums(spec), direct.sums(made.centred(), spec), made, 1e-7)


def test_rows_that_are_too_late_are_refused_or_counted():
    spec = spec_of("gaussian")
    t = np.append(np.arange(0.0, 1e5, 10.0), [5.0, 15.0])
    rows = (np.zeros(t.size, np.int32), t, np.ones(t.size))
    with pytest.raises(InputError, match="2 rows come more than"):
        run(rows, grid_for(spec, 1e-4), ("a",), chunks=1)
    state = run(rows, grid_for(spec, 1e-4), ("a",), late="count")
    assert state.left_out == 2
    assert state.facts().n.tolist() == [t.size - 2]


@pytest.mark.parametrize("chunks", [1, 4])
@pytest.mark.parametrize("weights", ["uniform", "voronoi"])
def test_rows_in_no_order_are_all_counted_in_when_the_grid_is_stored(chunks, weights):
    made, spec = many(7, n=2000, span_s=60_000.0), spec_of("gaussian", cross=True)
    codes, t, x = rows_of(made)
    grid = grid_for(spec, 1e-6)
    order = np.random.default_rng(0).permutation(t.size)
    with pytest.raises(InputError, match="sort the rows"):
        run((codes[order], t[order], x[order]), grid, made.ids, chunks=chunks)
    state = run((codes[order], t[order], x[order]), grid, made.ids, chunks=chunks, late="store", weights=weights)
    assert state.facts().n.tolist() == [2000] * 3
    if weights == "uniform":
        in_order = run((codes, t, x), grid, made.ids)
        np.testing.assert_allclose(state.r[:, 3], in_order.r[:, 3], atol=1e-9 * in_order.r[:, 3].max())
        for ours, theirs in ((state.head, in_order.head), (state.tail, in_order.tail)):
            np.testing.assert_allclose(ours[1], theirs[1], atol=1e-12)
        assert_close(state.sums(spec), direct.sums(made, spec), made, 1e-5)


def test_facts_are_those_of_the_samples():
    made, spec = many(6), spec_of("gaussian")
    facts = run(rows_of(made), grid_for(spec, 1e-4), made.ids).facts()
    np.testing.assert_allclose(facts.mean, made.means)
    np.testing.assert_allclose(facts.variance, [made.one(d)[1].var() for d in range(3)])
    np.testing.assert_array_equal(facts.n, [900] * 3)
    np.testing.assert_array_equal(facts.sum_w2, [900] * 3)


def test_no_rows_are_an_empty_state():
    spec = spec_of("gaussian")
    state = Running(grid_for(spec, 1e-4), ("a", "b")).finish()
    assert not state.sums(spec)[0].ww.any()
    assert state.facts().n.tolist() == [0, 0]
    assert np.isnan(state.facts().mean).all()


def chunks_of(rows, ids, grid, *, broken=False):
    codes, t, x = rows
    for part in np.array_split(np.arange(t.size), 7):
        t_ns = np.round(1e9 * t[part]).astype(np.int64) + grid.t0_ns
        yield Chunk(ids=ids, codes=codes[part], t=t_ns, x=x[part].astype(np.float32))
    if broken:
        raise BadFile("cut short")


def test_chunks_of_a_source_are_gathered():
    made, spec = many(8), spec_of("gaussian")
    grid = CellGrid.of(spec.kernels, spec.lags, tol=1e-6, t0_ns=1_700_000_000_000_000_000)
    state = gather(chunks_of(rows_of(made), made.ids, grid), grid)
    assert_close(state.sums(spec), direct.sums(made.centred(), spec), made, 1e-5)


def test_a_source_that_fails_is_no_result():
    made, spec = many(8), spec_of("gaussian")
    with pytest.raises(BadFile, match="cut short"):
        gather(chunks_of(rows_of(made), made.ids, grid_for(spec, 1e-4), broken=True), grid_for(spec, 1e-4))


def test_unknown_weights():
    with pytest.raises(UnknownName, match="voronoi"):
        Running(grid_for(spec_of("gaussian"), 1e-4), weights="voronoy")


@pytest.mark.parametrize("threads", [1, 2])
def test_reading_ahead_changes_nothing(monkeypatch, threads):
    monkeypatch.setattr(pyarrow, "cpu_count", lambda: threads)
    assert list(ahead(range(1, 5))) == [1, 2, 3, 4]


def test_only_some_pairs_of_series_are_kept():
    made, spec = many(5, series=12), spec_of("gaussian")
    wanted = np.array([[3, 1], [11, 11], [0, 11]])
    state = run(rows_of(made), grid_for(spec, 1e-8), made.ids, pairs=wanted)
    assert state.pairs.tolist() == [[0, 11], [1, 3], [11, 11]]
    some = msgspec.structs.replace(spec, pairs=tuple(map(tuple, wanted.tolist())))
    assert_close(state.sums(some), direct.sums(made.centred(), some), made, 1e-7)
    with pytest.raises(Incompatible, match="no correlations of '0' with '1'"):
        state.sums(msgspec.structs.replace(spec, pairs=((0, 1),)))
    less = state.of(("11", "0", "new"))
    assert less.pairs.tolist() == [[0, 0], [0, 1], [0, 2], [1, 2], [2, 2]]
    with pytest.raises(Incompatible, match="pairs of series differ"):
        state + run(rows_of(made), grid_for(spec, 1e-8), made.ids)


@pytest.mark.parametrize("tol", [1e-3, 1e-8])
def test_blocks_are_in_the_precision_of_the_grid(tol):
    made, spec = many(6), spec_of("gaussian")
    state = run(rows_of(made), grid_for(spec, tol), made.ids, blocks=4)
    assert state.r.dtype == state.grid.dtype
    assert state.sums(spec)[0].xy.dtype == state.grid.dtype
    assert run(rows_of(made), grid_for(spec, tol), made.ids).r.dtype == np.float64  # added up without end
