from fractions import Fraction

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.series.strategies import samples

from learnsys.core.errors import InputError
from learnsys.series.estimate.covariance import XCov
from learnsys.series.estimate.lead_lag import LeadLag
from learnsys.series.estimate.types import Facts
from learnsys.series.sources.types import Chunk
from learnsys.series.stream.ring import MOST_SERIES, Ring
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


@given(samples(), st.sampled_from(KERNELS), st.integers(1, 17), st.floats(8.0, 20.0))
def test_blocks_add_up_to_the_sums_of_all(made, kernel, size, every):
    made = Samples.of({name: made.one(d)[:2] for d, name in enumerate(made.ids)})  # weights are 1
    spec = SumsSpec(pairs="all", kernels=(Kernel(name=kernel, h=0.4),), lags=lags(-3, 2, 0.5), cross=True)
    ring = Ring(spec, made.ids, every_s=every, blocks=1000)
    done = [block for chunk in chunks(in_order(made), size) for block in ring.add(chunk)]
    done += ring.add(end(made.ids, 70.0)) + ring.finish()
    [whole], got = direct.sums(made.centred(), spec), ring.sums()
    assert got.xy.shape[1] == (len(done) - 1 if len(done) % 2 and len(done) > 1 else len(done))
    for name in ("ww", "xy"):
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
        held.append(ring.rows.t.size)
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
    ring.add(end(("a", "b"), 985.0))
    assert ring.late == 1
    assert "1 rows came after" in ring.notes[0]


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
    with pytest.raises(InputError, match="need to know the series"):
        Ring(SumsSpec(pairs=((0, 1),), kernels=spec.kernels, lags=spec.lags), every_s=1.0, blocks=1)


SPEC = SumsSpec(pairs="all", kernels=(Kernel(name="k4", h=0.3),), lags=lags(-2, 2, 0.5))


def filled(parts, **options):
    """A ring that has read chunks, and the blocks that it gave."""
    ring = Ring(SPEC, **({"every_s": 10.0, "blocks": 1000} | options))
    done = [block for part in parts for block in ring.add(part)]
    return ring, [*done, *ring.finish()]


def same(ours, theirs):
    for name in ("ww", "xy"):
        one, other = (getattr(ring.sums(), name).sum(axis=1) for ring in (ours, theirs))
        np.testing.assert_allclose(one, other, atol=1e-9 * max(np.abs(other).max(), 1))


@given(st.floats(-1e9, 1e9), st.integers(-5, 5), st.integers(2, 9))
@settings(max_examples=15)
def test_means_may_be_large_and_wander(mean, slope, size):
    """What is left of values beside their means, and their steps from block to block, is all in the sums."""
    base = two(n=200, span=100.0)
    steps = slope * 1e8 * np.floor(base.t / 10.0)
    x = base.x + mean + steps
    ring, blocks = filled(chunks((base.ids, *in_order(msgspec.structs.replace(base, x=x))[1:]), 20 * size))
    for block in blocks:
        here = (base.t >= 10.0 * block.number) & (base.t < 10.0 * (block.number + 1))
        for d in range(2):
            exact = [Fraction(v) for v in x[here & (base.series == d)]]
            middle = sum(exact) / max(len(exact), 1)
            np.testing.assert_allclose(block.squares[d], float(sum((v - middle) ** 2 for v in exact)), rtol=1e-6)
    seen = [[Fraction(v) for v in x[(base.series == d) & (base.t < 10.0 * len(blocks))]] for d in range(2)]
    middles = [sum(part) / len(part) for part in seen]
    truth = [float(sum((v - m) ** 2 for v in part) / len(part)) for m, part in zip(middles, seen, strict=True)]
    np.testing.assert_allclose(ring.facts().variance, truth, rtol=1e-6)


def test_a_mean_of_a_thousand_million_takes_nothing_from_a_covariance():
    made = two(n=1000, span=100.0)
    rounded = Samples.of({k: (made.one(d)[0], (made.one(d)[1] + 1e9) - 1e9) for d, k in enumerate("ab")})
    large = Samples.of({k: (made.one(d)[0], made.one(d)[1] + 1e9) for d, k in enumerate("ab")})
    asked = XCov(lags=SPEC.lags, bandwidth=0.3, weights="uniform", ci=None, shrink=False)
    ours, theirs = (filled(chunks(in_order(each), 100))[0].result(asked) for each in (large, rounded))
    np.testing.assert_allclose(ours.values, theirs.values, atol=1e-6)  # a mean of 1e9 has digits to 1e-7
    np.testing.assert_allclose(ours.correlation, theirs.correlation, atol=1e-6)


@pytest.mark.parametrize("at", [1e5, 4e9, -4e9, 1e30, np.nan])
@pytest.mark.parametrize("when", [0, 30])
def test_a_stamp_far_from_all_others_neither_moves_nor_stalls_the_stream(at, when):
    made = list(chunks(in_order(two(n=400, span=100.0)), 20))
    clean, expected = filled(made)
    disturbed, blocks = filled([*made[:when], end(("a", "b"), at), *made[when:]])
    assert disturbed.clock.strays + disturbed.dropped + disturbed.clock.leaps == 1
    assert len(disturbed.notes) == 1
    assert disturbed.late == 0
    assert [b.number for b in blocks if b.n.sum() > 1] == [b.number for b in expected]
    same(disturbed, clean)


def test_a_clock_of_one_of_many_series_that_is_wrong_costs_its_rows_only():
    made, ids = in_order(two(n=400, span=100.0)), ("a", "b", "wrong")
    clean, _ = filled(chunks((ids, *made[1:]), 20))
    wrong = [Chunk(ids=ids, codes=np.full(20, 2), t=np.arange(20) + 1e6 + 1000 * k, x=np.ones(20)) for k in range(40)]
    ring, _ = filled([c for pair in zip(chunks((ids, *made[1:]), 20), wrong, strict=True) for c in pair])
    assert (ring.clock.strays, ring.late, ring.clock.leaps) == (800, 0, 0)
    np.testing.assert_allclose(ring.sums().xy[0].sum(axis=0)[:2], clean.sums().xy[0].sum(axis=0)[:2])


@pytest.mark.parametrize("size", [1, 5000])
@pytest.mark.parametrize("by", [1e6, 4e8, -1e6])
def test_a_stream_goes_on_after_a_gap_of_any_length_or_when_a_clock_is_set_right(size, by):
    """No row is lost, no block is made for the time between, and the window forgets what was before."""
    made = in_order(two(n=400, span=100.0))
    later = (made[0], made[1], made[2] + by, made[3])
    ring, blocks = filled([*chunks(made, size), *chunks(later, size)], blocks=20)
    assert sum(b.n.sum() for b in blocks) == pytest.approx(1600, abs=160), "all but those of the last, open block"
    assert len(blocks) <= 21
    assert ring.clock.leaps == 1
    assert ring.clock.strays == ring.late == 0
    assert "leapt 1 times" in ring.notes[0]
    assert {b.number // 10**4 for b in ring.kept} == {int(by // 1e5)}


def test_rows_that_come_twice_count_once_and_others_of_one_stamp_both():
    made = in_order(two(n=400, span=100.0))
    clean, _ = filled(chunks(made, 10))
    again, _ = filled(c for chunk in chunks(made, 10) for c in (chunk, chunk))
    assert again.twice > 700
    same(again, clean)
    other, _ = filled(chunks((made[0], made[1], np.round(made[2]), made[3]), 10))
    assert other.twice == 0
    assert other.facts().n.sum() == (np.round(made[2]) < 100).sum()


def test_values_that_are_not_finite_are_left_out():
    made = in_order(two(n=400, span=100.0))
    clean, _ = filled(chunks(made, 50))
    bad = Chunk(ids=("a", "b"), codes=np.array([0, 1]), t=np.array([50.0, 51.0]), x=np.array([np.nan, np.inf]))
    ring, _ = filled([bad, *chunks(made, 50)])
    assert ring.dropped == 2
    same(ring, clean)


def test_series_may_come_later_and_end():
    made = two()
    ids, codes, t, x = in_order(made)
    there = np.where(codes == 1, t > 500, t < 800)
    some = (ids, codes[there], t[there], x[there])
    ring, blocks = filled(chunks(some, 40))
    known, _ = filled(chunks(some, 40), ids=ids)
    assert [len(b.n) for b in blocks][::98] == [1, 2]
    assert ring.ids == ids
    same(ring, known)
    np.testing.assert_allclose(ring.facts().mean, known.facts().mean)
    np.testing.assert_allclose(ring.facts().last_s, known.facts().last_s)


def test_more_series_than_pairs_can_be_held_of_are_passed_over():
    ids = tuple(f"s{d}" for d in range(MOST_SERIES + 20))
    codes = np.arange(len(ids), dtype=np.int32)
    ring = Ring(SPEC, every_s=10.0, blocks=2)
    ring.add(Chunk(ids=ids, codes=codes, t=codes * 0.01, x=np.ones(codes.size)))
    assert len(ring.ids) == MOST_SERIES
    assert ring.others == 20
    assert "choose pairs" in ring.notes[0]


def test_stamps_of_today_keep_their_nanoseconds():
    made, origin = two(n=400, span=100.0), 1_767_571_200 * 10**9
    ids, codes, t, x = in_order(made)
    [near, today] = [
        filled(chunks((ids, codes, np.round(t * 1e9).astype(np.int64) + by, x), 50))[0] for by in (0, origin)
    ]
    np.testing.assert_allclose(today.sums().xy, near.sums().xy, rtol=1e-12, atol=1e-12)
