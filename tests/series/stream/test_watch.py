"""An undisturbed stream seldom gives an alarm; one whose correlation or lag changes gives it then, and not before."""

import numpy as np
import pytest

from learnsys.core.errors import InputError
from learnsys.series.simulate.gaussian import Followers, Wave
from learnsys.series.sources.types import Chunk
from learnsys.series.stream.rolling import Rolling, Window
from learnsys.series.stream.watch import Watch
from learnsys.series.types import lags

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


def watched(seed, spans, **options):
    rolling = Rolling(lags(-6, 6, 0.5), window_s=WINDOW, bandwidth_s=0.5)
    watch = Watch(rolling, **options)
    return list(watch.alarms(stream(seed, spans))), watch


def test_undisturbed_streams_give_few_alarms():
    given = [watched(seed, [(32, 0.9, 2.0)], baseline=12)[0] for seed in range(12)]
    assert sum(len(alarms) for alarms in given) <= 8, (
        "240 windows at 1 %, each with a look at correlations and at the lag"
    )


@pytest.mark.parametrize("after", [(8, 0.2, 2.0), (8, 0.9, -2.0)])
def test_a_change_gives_an_alarm_when_it_comes(after):
    alarms, watch = watched(3, [(16, 0.9, 2.0), after], baseline=12)
    assert watch.windows == 24
    assert alarms
    assert min(alarm.start_ns for alarm in alarms) >= 16 * WINDOW * S
    assert len({alarm.start_ns for alarm in alarms}) >= 6
    assert {alarm.what for alarm in alarms} >= ({"lag"} if after[2] < 0 else {"correlation"})
    for alarm in alarms:
        assert not alarm.low <= alarm.value <= alarm.high
        assert "a -> b" in str(alarm)


def test_a_moved_lag_is_told():
    alarms, _ = watched(5, [(14, 0.9, 2.0), (6, 0.9, -3.0)])
    moved = [alarm for alarm in alarms if alarm.what == "lag"]
    assert moved
    assert all(alarm.value == pytest.approx(-3.0, abs=1.0) for alarm in moved)


@pytest.mark.parametrize(("options", "words"), [({"baseline": 2}, "baseline"), ({"level": 1.0}, "level")])
def test_a_baseline_or_level_that_cannot_be_is_refused(options, words):
    with pytest.raises(InputError, match=words):
        watched(0, [(1, 0.5, 0.0)], **options)


def test_a_lag_of_which_a_window_knows_nothing_gives_no_alarm():
    rng, watch = np.random.default_rng(0), Watch(Rolling(lags(-2, 2, 1), window_s=WINDOW, bandwidth_s=0.5))
    rows = 0.8 + 0.01 * rng.normal(size=(13, 5))
    rows[12] = np.where([True, False, False, True, False], np.nan, 0.8)
    windows = [Window(start_ns=n, n=100, correlation={("a", "b"): row}) for n, row in enumerate(rows)]
    assert [alarm for window in windows for alarm in watch.judge(window) if alarm.what == "correlation"] == []
