"""An undisturbed stream seldom gives an alarm; one whose correlation or lag changes gives it then, and not before."""

import msgspec
import numpy as np
import pytest

from learnsys.core.errors import InputError
from learnsys.series.simulate.gaussian import Followers, Wave
from learnsys.series.sources.types import Chunk
from learnsys.series.stream.ring import Block, Ring
from learnsys.series.stream.watch import Usual, Watch
from learnsys.series.types import Kernel, KernelSums, SumsSpec, lags

S = 10**9
WINDOW = 200.0


def stream(seed, spans, rate=2.0):
    """Samples of two series in order of time; a part for each (windows, load of the common process, delay)."""
    rng, begin = np.random.default_rng(seed), 0.0
    for part, (windows, load, delay) in enumerate(spans):
        own = np.sqrt(1 - load**2)
        process = Followers(
            common=(Wave(decay=0.5),), delays_s=(0.0, delay), loads=(load, load), noise=(0.1, 0.1),
            own=((Wave(variance=own**2, decay=0.5),),) * 2,
        )  # fmt: skip
        stamps = [np.sort(rng.uniform(0, windows * WINDOW, int(rate * windows * WINDOW))) for _ in range(2)]
        made = process.sample(stamps, seed=100 * seed + part)
        order = np.argsort(made.t, kind="stable")
        t = np.round((begin + made.t[order]) * S).astype(np.int64)
        for piece in np.array_split(np.arange(order.size), windows):
            yield Chunk(
                ids=("a", "b"), codes=made.series[order][piece].astype(np.int32), t=t[piece], x=made.x[order][piece]
            )
        begin += windows * WINDOW


SPEC = SumsSpec(pairs=((0, 1),), kernels=(Kernel(name="k4", h=0.5),), lags=lags(-6, 6, 0.5))


def watched(seed, spans, **options):
    watch = Watch(Ring(SPEC, ("a", "b"), every_s=WINDOW, blocks=1), **options)
    return list(watch.alarms(stream(seed, spans))), watch


def made(row, *, number=0, n=100.0):
    """A window in which two series have correlations."""
    ww = np.full((1, 1, 1, len(row)), n)
    sums = KernelSums(
        kernel=Kernel(name="box", h=0.5), lags=lags(-2, 2, 1), pairs=np.array([[0, 1]]),
        ww=np.where(np.isnan(row), 0, ww), xy=np.nan_to_num(row) * ww,
    )  # fmt: skip
    one = np.ones(2)
    return Block(number=number, sums=sums, n=n * one, mean=0 * one, squares=n * one, span_ns=np.zeros((2, 2), np.int64))


def judging(baseline=12, **options):
    spec = SumsSpec(pairs="all", kernels=(Kernel(name="box", h=0.5),), lags=lags(-2, 2, 1))
    return Watch(Ring(spec, ("a", "b"), every_s=WINDOW, blocks=1), baseline=baseline, **options)


def rate(seeds, baseline=12, level=0.9, after=20):
    """Of windows that are compared, how many give an alarm of each kind."""
    windows = {"correlation": 0, "lag": 0}
    for seed in seeds:
        alarms, watch = watched(seed, [(baseline + after, 0.9, 2.0)], baseline=baseline, level=level)
        assert watch.windows == baseline + after - 1, "the last one is not over"
        for what in windows:
            windows[what] += len({alarm.start_ns for alarm in alarms if alarm.what == what})
    return {what: count / (len(seeds) * (after - 1)) for what, count in windows.items()}


def test_false_alarms_of_a_stream_that_goes_on_as_before_are_no_more_than_asked_for():
    """Half of 10 % for each kind; neighbouring lags are alike, and so fewer."""
    found = rate(range(8))  # 152 windows: one standard error is 1.8 %
    assert 0.003 <= found["correlation"] <= 0.05 + 2.5 * 0.018
    assert found["lag"] <= 0.05 + 2.5 * 0.018


@pytest.mark.parametrize("baseline", [5, 24])
def test_normal_values_leave_their_interval_as_often_as_the_level_says(baseline):
    """Lags that know nothing of each other: the interval of the next value is exact, whatever the baseline."""
    rng, found, windows = np.random.default_rng(baseline), 0, 0
    for _ in range(60):
        watch = judging(baseline, level=0.6)
        for row in rng.normal(0.3, 0.05, size=(baseline + 12, 5)):
            alarms = watch.judge(made(row))
            found += any(alarm.what == "correlation" for alarm in alarms)
        windows += 12
    assert found / windows == pytest.approx(1 - (1 - 0.2 / 5) ** 5, abs=0.05)


@pytest.mark.parametrize("after", [(8, 0.2, 2.0), (8, 0.9, -2.0)])
def test_a_change_gives_an_alarm_when_it_comes(after):
    alarms, watch = watched(3, [(16, 0.9, 2.0), after], baseline=12)
    assert watch.windows == 23
    assert alarms
    assert min(alarm.start_ns for alarm in alarms) >= 16 * WINDOW * S
    assert len({alarm.start_ns for alarm in alarms}) >= 5
    assert {alarm.what for alarm in alarms} >= ({"lag"} if after[2] < 0 else {"correlation"})
    for alarm in alarms:
        assert not alarm.low <= alarm.value <= alarm.high
        assert "a -> b" in str(alarm)


def test_a_moved_lag_is_told():
    alarms, _ = watched(5, [(14, 0.9, 2.0), (6, 0.9, -3.0)], baseline=12)
    moved = [alarm for alarm in alarms if alarm.what == "lag"]
    assert moved
    assert all(alarm.value == pytest.approx(-3.0, abs=1.0) for alarm in moved)


@pytest.mark.parametrize(("options", "words"), [({"baseline": 2}, "baseline"), ({"level": 1.0}, "level")])
def test_a_baseline_or_level_that_cannot_be_is_refused(options, words):
    with pytest.raises(InputError, match=words):
        watched(0, [(1, 0.5, 0.0)], **options)


def test_a_lag_of_which_a_window_knows_nothing_gives_no_alarm():
    rng, watch = np.random.default_rng(0), judging()
    rows = 0.8 + 0.01 * rng.normal(size=(13, 5))
    rows[12] = np.where([True, False, False, True, False], np.nan, 0.8)
    assert [alarm for row in rows for alarm in watch.judge(made(row)) if alarm.what == "correlation"] == []


def test_what_a_baseline_does_not_know_is_not_taken_for_nothing():
    """NaN is no correlation of 0: it widens no interval, and each lag learns until it knows enough."""
    rng, watch = np.random.default_rng(0), judging(level=0.9999)
    rows = 0.8 + 0.01 * rng.normal(size=(60, 5))
    rows[:30:2, 1], rows[:, 3] = np.nan, np.nan
    for row in rows[:40]:
        assert [a for a in watch.judge(made(row)) if a.what == "correlation"] == []
    [alarm] = watch.judge(made(rows[40] - [0, 0.1, 0, 0, 0]))
    assert (alarm.lag_s, alarm.what) == (-1.0, "correlation")
    assert alarm.low > 0.72
    for row in rows[40:]:
        sudden = np.where(np.isnan(row), 0.1, row)
        assert watch.judge(made(sudden)) == (), "the lag that was never known begins to learn"


def test_a_baseline_of_nothing_gives_no_alarm():
    watch = judging()
    nothing = np.full(5, np.nan)
    assert [alarm for _ in range(30) for alarm in watch.judge(made(nothing))] == []
    assert watch.judge(made(np.full(5, 0.9))) == ()


def test_a_window_with_few_pairs_of_samples_is_not_compared():
    rng, watch = np.random.default_rng(0), judging()
    for row in 0.3 + 0.01 * rng.normal(size=(20, 5)):
        watch.judge(made(row))
    assert watch.judge(made(np.full(5, 0.9), n=40.0)) == ()
    assert watch.judge(made(np.full(5, 0.9), n=60.0)) != ()


def test_series_that_come_later_learn_a_baseline_of_their_own_and_may_end():
    parts = list(stream(4, [(40, 0.9, 2.0)]))
    late = [c if k >= 10 else c.__class__(ids=("a",), codes=c.codes[c.codes == 0], t=c.t[c.codes == 0],
                                          x=c.x[c.codes == 0]) for k, c in enumerate(parts)]  # fmt: skip
    ended = [c if k < 30 else c.__class__(ids=("c",), codes=0 * c.codes, t=c.t, x=c.x) for k, c in enumerate(late)]
    every = msgspec.structs.replace(SPEC, pairs="all")
    watch = Watch(Ring(every, every_s=WINDOW, blocks=1), baseline=12)
    assert list(watch.alarms(ended)) == []
    assert watch.windows == 39
    assert watch.ring.ids == ("a", "b", "c")


@pytest.mark.parametrize("baseline", [5, 12])
def test_what_is_usual_is_mean_and_deviation_of_the_first_values_that_are_known(baseline):
    rng = np.random.default_rng(0)
    values = np.where(rng.random((40, 3, 2)) < 0.3, np.nan, 1e6 + rng.normal(size=(40, 3, 2)))
    usual = Usual(baseline, 2)
    usual.grow(2)
    for row in values:
        usual.grow(3)
        usual.learn(np.arange(3), row)
    first = np.array([[values[np.isfinite(values[:, d, l]), d, l][:baseline] for l in range(2)] for d in range(3)])
    np.testing.assert_allclose(usual.mean, first.mean(axis=2))
    np.testing.assert_allclose(usual.sd, first.std(axis=2, ddof=1), rtol=1e-6)
    assert usual.ready.all()


def test_windows_that_are_too_short_for_the_lags_are_refused():
    with pytest.raises(InputError, match="too short for lags up to 6 s"):
        Watch(Ring(SPEC, ("a", "b"), every_s=10.0, blocks=1))
