"""States in files answer as all their data would, whatever their origins and series."""

import numpy as np
import pytest

from learnsys import series
from learnsys.core.errors import InputError
from learnsys.series.kept_states import ask_states, keep, merged
from learnsys.series.types import Samples, lags

BANDWIDTH, PERIOD = 1.0, 400.0


def part(seed, start, names):
    rng = np.random.default_rng(seed)
    made = {n: (start + np.sort(rng.uniform(0, 60, 300)), rng.normal(size=300).cumsum() / 9) for n in names}
    return made


def kept(path, made, t0_ns=0):
    samples = Samples.of(made, t0_ns=t0_ns)
    return keep(series.scan(samples).partial(bandwidth=BANDWIDTH, period=PERIOD), path)


def test_a_summary_tells_what_is_in_the_file(tmp_path):
    summary = kept(tmp_path / "a.state", part(0, 5.0, "xy"))
    assert summary.n.tolist() == [300, 300]
    assert summary.ids == ("x", "y")
    assert 55 < summary.span_s < 60
    assert summary.size_bytes == (tmp_path / "a.state").stat().st_size
    table = summary.table()
    assert [row[0] for row in table.rows] == ["x", "y"]
    assert "a.state" in table.notes[0]


def test_merged_states_answer_as_all_data_together(tmp_path):
    jan, feb = part(1, 0.0, "xy"), part(2, 100.0, "yx")
    kept(tmp_path / "jan.state", jan)
    later = {n: (t - 40.0, x) for n, (t, x) in feb.items()}
    kept(tmp_path / "feb.state", later, t0_ns=40 * 10**9)
    both = Samples.of({n: tuple(np.concatenate(c) for c in zip(jan[n], feb[n], strict=True)) for n in "xy"})
    options = {"lags": lags(-5, 5, 1), "kernel": "k4", "level": 0.95, "bandwidth": "auto", "pairs": [("x", "y")]}
    found = ask_states(
        [tmp_path / "jan.state", tmp_path / "feb.state"], {**options, "ci": "auto", "weights": "voronoi"}
    )
    direct = (
        series.scan(both)
        .xcov(**{**options, "bandwidth": BANDWIDTH}, ci=None, weights="uniform", shrink=False)
        .collect()
    )
    np.testing.assert_allclose(found.values[0], direct.values[0], rtol=1e-3, atol=1e-4 * direct.variance.max())


def test_no_state_and_unknown_series_are_refused(tmp_path):
    with pytest.raises(InputError, match="no state is given"):
        merged([])
    kept(tmp_path / "a.state", part(0, 0.0, "xy"))
    with pytest.raises(InputError, match="no series 'z'"):
        ask_states([tmp_path / "a.state"], {"bandwidth": "auto", "pairs": [("x", "z")], "lags": lags(0, 1, 1)})
