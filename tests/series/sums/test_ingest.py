import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from tests.series.strategies import samples
from tests.series.sums.gridded import assert_close
from tests.series.sums.rows import grid_for, rows_of, run, spec_of

from learnsys.series.estimate.weights import voronoi, weighted
from learnsys.series.sums import direct, ingest
from learnsys.series.sums.running import Running
from learnsys.series.types import Samples


def gaps_of(made):
    stamps = [np.unique(made.one(d)[0]) for d in range(len(made))]
    return np.array([np.diff(t).mean() if t.size > 1 else 0.0 for t in stamps])


def in_seconds(made):
    """Voronoi weights as cells in seconds."""
    parts = []
    for d in range(len(made)):
        t = made.one(d)[0]
        weight = voronoi(t) if t.size else t
        stamps, shared = np.unique(t, return_counts=True)
        if stamps.size > 1:
            gaps = np.diff(stamps)
            cells = np.minimum(0.5 * (np.append(gaps[0], gaps) + np.append(gaps, gaps[-1])), 2 * gaps.mean())
            np.testing.assert_allclose(weight / weight.sum(), np.repeat(cells / shared, shared) / cells.sum())
            weight = weight / weight.sum() * cells.sum()
        elif t.size:
            weight = weight / t.size
        parts.append(weight)
    return msgspec.structs.replace(made, w=np.concatenate(parts))


@settings(deadline=None, max_examples=15)
@given(samples())
def test_weights_are_voronoi_cells_in_seconds(made):
    made = in_seconds(made)
    spec = spec_of("gaussian", cross=True)
    state = run(rows_of(made), grid_for(spec, 1e-8), made.ids, weights="voronoi", gaps_s=gaps_of(made))
    facts = state.facts()
    np.testing.assert_allclose(facts.sum_w, made.sums(made.w))
    np.testing.assert_allclose(facts.sum_w2, made.sums(made.w**2))
    np.testing.assert_allclose(facts.mean, made.means)
    assert_close(state.sums(spec), direct.sums(made, spec), made, 1e-7)


@pytest.mark.parametrize("quantum", [None, 1.0])
def test_the_mean_gap_so_far_is_nearly_as_good_as_a_given_one(quantum):
    rng = np.random.default_rng(0)
    t = np.sort(np.concatenate([rng.uniform(0, 8000, 3000), rng.uniform(9000, 16000, 3000)]))
    made = Samples.of({"a": (t if quantum is None else np.round(t / quantum) * quantum, rng.normal(size=6000))})
    spec = spec_of("gaussian")
    weights = weighted(made)
    expected = direct.sums(weights.centred(), spec)[0]
    found = run(rows_of(made), grid_for(spec, 1e-6), made.ids, weights="voronoi").sums(spec)[0]
    ratios = [part.xy[0, 0, 0] / part.ww[0, 0, 0] for part in (found, expected)]
    np.testing.assert_allclose(*ratios, atol=0.01)


def test_a_stamp_does_not_wait_longer_than_the_window():
    t = np.concatenate([np.arange(0.0, 2000.0), [1999.5]])
    codes = np.append(np.zeros(2000, np.int32), np.int32(1))
    codes, t = np.append(codes[-1:], codes[:-1]), np.append([0.25], t[:-1])
    spec = spec_of("gaussian")
    state = run((codes, t, np.ones(t.size)), grid_for(spec, 1e-4), ("a", "b"), weights="voronoi", chunks=20)
    assert state.facts().n.tolist() == [2000, 1]
    assert (state.facts().sum_w > 0).all()


def test_rows_that_weigh_the_same_are_taken_in_as_any_others():
    rng = np.random.default_rng(0)
    n, d = 3000, 5
    t = np.sort(rng.uniform(0, 30_000, n)) + rng.uniform(0, 9, n)
    codes, x = rng.integers(0, d - 1, n).astype(np.int32), rng.normal(3, 1, n)  # one series has none
    grid = grid_for(spec_of("gaussian"), 1e-4)
    found = []
    for add, weighting in (
        (ingest.add_rows, lambda r: r._weighting()),
        (ingest.add_even_rows, lambda r: r._weighting()[-1]),
    ):
        running = Running(grid, tuple("abcde"))
        running._place(15_000.0)
        for part in (slice(0, 1000), slice(1000, n)):
            given, late = (codes[part], t[part], x[part]), np.full(n, -1)
            stop, lates = add(running._window(), running._series(), given, 0, late, weighting(running))
            found.append((stop, lates, late))
        found.append((running.cells, running.own, running.tally, running.touched))
    assert found[0][1] > 0  # some are late
    assert found[1][0] < 2000  # some are beyond the window
    for one, other in zip(found[:3], found[3:], strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(found[2][0], found[5][0])
