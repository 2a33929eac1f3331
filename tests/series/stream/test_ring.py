import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.series.strategies import samples

from learnsys.core.errors import InputError
from learnsys.series.estimate.covariance import XCov
from learnsys.series.estimate.lead_lag import LeadLag
from learnsys.series.estimate.types import Facts
from learnsys.series.sources.types import Chunk
from learnsys.series.stream.ring import Ring
from learnsys.series.sums import direct
from learnsys.series.types import KERNELS, Kernel, Samples, SumsSpec, lags


def in_order(made, jitter=0.0, seed=0):
    """The rows of samples in order of time, a little out of order if there is jitter."""
    rng = np.random.default_rng(seed)
    order = np.argsort(made.t + jitter * rng.random(made.t.size), kind="stable")
    return made.ids, made.series[order].astype(np.int32), made.t[order], made.x[order]


def chunks(rows, size):
    ids, codes, t, x = rows
    for k in range(0, t.size, size):
        part = slice(k, k + size)
        yield Chunk(ids=ids, codes=codes[part], t=t[part], x=x[part])


def end(ids, t):
    """A row far in the future, so that all blocks before it are complete."""
    return Chunk(ids=ids, codes=np.zeros(1, np.int32), t=np.array([t]), x=np.zeros(1))


@given(samples(), st.sampled_from(KERNELS), st.integers(1, 17), st.floats(2.0, 20.0))
def test_blocks_add_up_to_the_sums_of_all(made, kernel, size, every):
    made = Samples.of({name: made.one(d)[:2] for d, name in enumerate(made.ids)})  # weights are 1
    spec = SumsSpec(pairs="all", kernels=(Kernel(name=kernel, h=0.4),), lags=lags(-3, 2, 0.5), cross=True)
    ring = Ring(spec, made.ids, every_s=every, blocks=1000)
    done = [block for chunk in chunks(in_order(made), size) for block in ring.add(chunk)]
    done += ring.add(end(made.ids, 200.0))
    [whole], got = direct.sums(made, spec), ring.sums()
    assert got.xy.shape[1] == (len(done) - 1 if len(done) % 2 and len(done) > 1 else len(done))
    for name in ("ww", "xy", "xw", "wx"):
        np.testing.assert_allclose(getattr(got, name).sum(axis=1), getattr(whole, name).sum(axis=1), atol=1e-9)
    facts, truth = ring.facts(), Facts.of(made)
    for name in ("n", "mean", "variance", "first_s", "last_s"):
        np.testing.assert_allclose(getattr(facts, name), getattr(truth, name), atol=1e-9)


def two(n=4000, span=1000.0, lag=2.0, seed=0):
    rng = np.random.default_rng(seed)
    grid = np.arange(-20, span, 0.1)
    path = np.convolve(rng.normal(size=grid.size), np.exp(-0.1 * np.arange(60)), mode="same")
    t, s = (np.sort(rng.uniform(0, span, n)) for _ in range(2))
    noisy = [np.interp(u, grid, path) + rng.normal(size=n) for u in (t, s - lag)]
    return Samples.of({"a": (t, 50 + noisy[0]), "b": (s, noisy[1] - 9)})


def test_the_window_forgets_and_its_memory_does_not_grow():
    made, spec = two(), SumsSpec(pairs="all", kernels=(Kernel(name="k4", h=0.3),), lags=lags(-5, 5, 0.5))
    ring, held = Ring(spec, ("a", "b"), every_s=10.0, blocks=20), []
    for chunk in chunks(in_order(made), 50):
        ring.add(chunk)
        held.append(ring.rows.shape[1])
    assert max(held[40:]) <= 1.5 * max(held[:40])
    last = ring.kept[-1].number
    part = (made.t >= (last - 19) * 10.0) & (made.t < (last + 1) * 10.0)
    assert ring.facts().n.sum() == part.sum()


def test_statistics_of_the_window_find_the_lag():
    made = two()
    for statistic in (XCov(lags=lags(-5, 5, 0.5), bandwidth=0.3), LeadLag(max_lag=5, step=0.5, test="flip")):
        ring = Ring(statistic.needs(Facts.of(made)), ("a", "b"), every_s=20.0, blocks=25)
        for chunk in chunks(in_order(made), 500):
            ring.add(chunk)
        result = ring.result(statistic)
        if isinstance(statistic, LeadLag):
            assert result.network()[0][:2] == ("a", "b")
            assert result.lag_s[0] == pytest.approx(2.0, abs=0.5)
        else:
            [p] = np.flatnonzero(result.pairs[:, 0] != result.pairs[:, 1])
            assert result.lags.values[result.peaks()[p]] == pytest.approx(2.0, abs=0.6)


def test_rows_a_little_late_are_taken_and_later_ones_counted():
    made, spec = two(), SumsSpec(pairs="all", kernels=(Kernel(name="box", h=0.5),), lags=lags(0, 4, 1))
    ring, ordered = (Ring(spec, ("a", "b"), every_s=10.0, blocks=200, wait_s=wait) for wait in (3.0, 0.0))
    for chunk in chunks(in_order(made, jitter=3.0), 20):
        ring.add(chunk)
    for chunk in chunks(in_order(made), 20):
        ordered.add(chunk)
    for each in (ring, ordered):
        each.add(end(("a", "b"), 1020.0))
    assert ring.late == 0
    np.testing.assert_allclose(ring.sums().xy, ordered.sums().xy)
    ring.add(end(("a", "b"), 3.0))
    assert ring.late == 1


def test_rows_of_other_series_are_passed_over():
    spec = SumsSpec(pairs="auto", kernels=(Kernel(name="box", h=0.5),), lags=lags(0, 1, 1))
    ring = Ring(spec, ("a",), every_s=1.0, blocks=5)
    assert ring.add(end(("c",), 3.0)) == ()
    with pytest.raises(InputError, match="no block"):
        ring.sums()


def test_bad_parameters_are_refused():
    spec = SumsSpec(pairs="auto", kernels=(Kernel(name="box", h=0.5),), lags=lags(0, 1, 1))
    with pytest.raises(InputError, match="every_s"):
        Ring(spec, ("a",), every_s=0.0, blocks=5)
    with pytest.raises(InputError, match="blocks"):
        Ring(spec, ("a",), every_s=1.0, blocks=0)
