import numpy as np
import pytest

from learnsys.core.errors import InputError
from learnsys.series.sources.types import Chunk
from learnsys.series.stream.drift import DAY_S, Drift, threshold
from learnsys.series.types import Kernel, SumsSpec, lags

SPEC = SumsSpec(pairs=((0, 1),), kernels=(Kernel(name="box", h=0.5),), lags=lags(-2, 2, 1))


def rows(n_blocks, every, rng, *, change=None, lag=1.0, moved=-1.0):
    """Rows of two series of which b follows a, in another way or not at all from block ``change`` on."""
    grid = np.arange(-10, n_blocks * every + 10, 0.25)
    path = np.convolve(rng.normal(size=grid.size + 4), np.ones(5) / np.sqrt(5), mode="valid")
    n = int(2 * n_blocks * every)
    t, s = (np.sort(rng.uniform(0, n_blocks * every, n)) for _ in range(2))
    delay = np.where(s < (np.inf if change is None else change * every), lag, moved)
    x = np.interp(t, grid, path) + 0.5 * rng.normal(size=n)
    y = np.interp(s - delay, grid, path) + 0.5 * rng.normal(size=n)
    codes = np.repeat([0, 1], n).astype(np.int32)
    stamps, values = np.concatenate([t, s]), np.concatenate([x + 10, y])
    order = np.argsort(stamps)
    for part in np.array_split(order, 40):
        yield Chunk(ids=("a", "b"), codes=codes[part], t=stamps[part], x=values[part])


def test_a_lead_that_turns_round_is_noticed_soon_and_by_its_lags():
    drift = Drift(SPEC, ("a", "b"), every_s=30.0, usual=60, false_alarms_per_day=1.0)
    alarms = [a for chunk in rows(120, 30.0, np.random.default_rng(1), change=90) for a in drift.add(chunk)]
    assert alarms[0].time_s > 90 * 30.0
    assert alarms[0].time_s <= 97 * 30.0
    assert alarms[0].since_s == pytest.approx(90 * 30.0, abs=4 * 30.0)
    by_lag = {a.lag_s: a for a in alarms}
    assert by_lag[1.0].now < by_lag[1.0].usual - 0.2
    assert by_lag[-1.0].now > by_lag[-1.0].usual + 0.2


def test_false_alarms_are_as_many_as_asked_for():
    found, blocks, wanted = 0, 0, 0.02  # a block
    for seed in range(6):
        drift = Drift(SPEC, ("a", "b"), every_s=30.0, usual=100, false_alarms_per_day=wanted * DAY_S / 30.0)
        for chunk in rows(400, 30.0, np.random.default_rng(100 + seed)):
            found += len(drift.add(chunk))
        blocks += 300
    assert 0.2 * wanted * blocks <= found <= 2.0 * wanted * blocks


@pytest.mark.parametrize("looks", [50.0, 500.0, 5000.0])
def test_the_threshold_gives_the_time_between_false_alarms(looks):
    rng, h, times = np.random.default_rng(int(looks)), threshold(looks), []
    sums = np.zeros((2, 400))
    last = np.zeros(400)
    for step in range(int(8 * looks)):
        z = rng.normal(size=400)
        sums = np.maximum(0.0, sums + np.stack([z, -z]) - 0.5)
        hit = (sums > h).any(axis=0)
        times += list(step + 1 - last[hit])
        last[hit] = step + 1
        sums[:, hit] = 0.0
    assert np.mean(times) == pytest.approx(looks, rel=0.2)


def test_a_series_that_stops_is_no_alarm():
    drift = Drift(SPEC, ("a", "b"), every_s=30.0, usual=20)
    chunks = list(rows(40, 30.0, np.random.default_rng(3)))
    for chunk in chunks[:25]:
        drift.add(chunk)
    for chunk in chunks[25:]:
        only = chunk.codes == 0
        assert drift.add(Chunk(ids=chunk.ids, codes=chunk.codes[only], t=chunk.t[only], x=chunk.x[only])) == ()


def test_bad_parameters_are_refused():
    with pytest.raises(InputError, match="usual"):
        Drift(SPEC, ("a", "b"), every_s=30.0, usual=3)
    with pytest.raises(InputError, match="never errs"):
        Drift(SPEC, ("a", "b"), every_s=30.0, false_alarms_per_day=0)
