"""Windows of a stream are those of the samples, however they are cut into chunks; what is late is counted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnsys.core.errors import InputError
from learnsys.series.simulate.dataset import Made, draw
from learnsys.series.sources.types import Chunk
from learnsys.series.stream.rolling import Rolling
from learnsys.series.types import lags

S = 10**9
LAGS = lags(-4, 4, 1)
SAMPLES, _ = draw(Made(series=3, samples=400, seed=2))
ORDER = np.argsort(SAMPLES.t, kind="stable")


def chunks(cuts=(), order=ORDER):
    """The samples in order of time, cut at some places."""
    for part in np.split(order, sorted(cuts)):
        t = np.round(SAMPLES.t[part] * S).astype(np.int64)
        yield Chunk(ids=SAMPLES.ids, codes=SAMPLES.series[part].astype(np.int32), t=t, x=SAMPLES.x[part])


def windows(parts, **options):
    rolling = Rolling(LAGS, window_s=100.0, bandwidth_s=1.0, **options)
    made = [w for chunk in parts for w in rolling.add(chunk)]
    return [*made, *rolling.finish()], rolling


@given(st.lists(st.integers(0, ORDER.size), max_size=6))
@settings(max_examples=15)
def test_windows_do_not_depend_on_how_the_stream_is_cut(cuts):
    (whole, _), (cut, rolling) = windows(chunks()), windows(chunks(cuts))
    assert [w.start_ns for w in cut] == [w.start_ns for w in whole] == [0, 100 * S, 200 * S, 300 * S]
    assert sum(w.n for w in cut) == SAMPLES.t.size
    assert rolling.late == 0
    for one, other in zip(cut, whole, strict=True):
        for pair, row in one.correlation.items():
            np.testing.assert_allclose(row, other.correlation[pair], rtol=1e-9)


def test_a_window_waits_for_late_samples_as_long_as_it_is_told():
    late = np.r_[ORDER[10:200], ORDER[:10], ORDER[200:]]
    cuts = [190, 200]
    _, rolling = windows(chunks(cuts, late))
    assert rolling.late == 0, "the window was still open"
    far = np.r_[ORDER[10:700], ORDER[:10], ORDER[700:]]
    _, rolling = windows(chunks([690, 700], far))
    assert rolling.late == 10
    _, rolling = windows(chunks([690, 700], far), patience_s=300.0)
    assert rolling.late == 0


def test_only_some_pairs_and_a_bounded_past():
    made, rolling = windows(chunks(), pairs=(("s2", "s0"), ("s0", "nobody")), keep=2)
    assert all(set(w.correlation) == {("s2", "s0")} for w in made)
    assert len(rolling.kept) == 2
    np.testing.assert_allclose(
        rolling.mean(("s2", "s0")), np.mean([w.correlation["s2", "s0"] for w in made[2:]], axis=0)
    )
    assert rolling.mean(("s0", "s1")) is None


def test_series_with_few_samples_are_in_no_pair():
    t = np.arange(20, dtype=np.int64) * S
    chunk = Chunk(ids=("a", "b"), codes=(t // S % 10 == 0).astype(np.int32), t=t, x=np.sin(t / S))
    made, _ = windows([chunk])
    assert [w.correlation for w in made] == [{}]


def test_a_window_that_is_too_short_for_the_lags_is_refused():
    with pytest.raises(InputError, match="too short for lags up to 4 s"):
        Rolling(LAGS, window_s=10.0, bandwidth_s=1.0)


def test_correlations_are_by_the_variances_of_the_samples_of_the_window():
    random = np.random.default_rng(2)
    t = np.sort(random.uniform(0, 400, 400))
    chunk = Chunk(
        ids=("a", "b"), codes=np.repeat([0, 1], 400), t=np.concatenate([t, t + 0.01]), x=random.normal(size=800)
    )
    rolling = Rolling(lags("-5s", "5s", "1s"), window_s=100, bandwidth_s=0.5)
    rows = [w.correlation["a", "b"] for w in (*rolling.add(chunk), *rolling.finish())][:4]
    assert np.nanmax(np.abs(rows)) < 1  # by variances without noise, which are about 0, they were of any size
