import msgspec
import numpy as np

from learnsys.series.results.lead_lag import LeadLagResult
from learnsys.series.types import lags


def made(**changes):
    fields = {
        "ids": ("a", "b", "c"), "pairs": np.array([[0, 1], [0, 2], [1, 2]]), "lags": lags(-1, 1, 1),
        "lag_s": np.array([0.5, -0.7, np.nan]), "low_s": np.array([0.4, -0.8, np.nan]),
        "high_s": np.array([0.6, -0.5, np.nan]), "correlation": np.array([0.3, -0.9, np.nan]),
        "ratio": np.array([2.0, 0.25, np.nan]), "p_value": np.array([0.03, 0.001, np.nan]),
        "q_value": np.array([0.06, 0.003, np.nan]), "fdr": 0.05, "level": 0.95, "profile": np.zeros((3, 3)),
    }  # fmt: skip
    return LeadLagResult(**fields | changes)


def test_rows_name_leader_and_follower_the_surest_first():
    rows = made().table().rows
    assert rows[0][:3] == ("c", "a", 0.7)
    assert rows[0][3:5] == (0.5, 0.8)
    assert rows[0][6] == 4.0
    assert rows[1][:3] == ("a", "b", 0.5)
    assert rows[2][2:-1] == (None,) * 7
    assert [row[-1] for row in rows] == [True, False, False]


def test_the_network_has_significant_pairs_only():
    assert made().network() == (("c", "a", 0.7, -0.9),)
    assert [e[:2] for e in made(fdr=0.1).network()] == [("c", "a"), ("a", "b")]


def test_it_is_saved_with_nulls_for_what_is_not_known(tmp_path):
    saved = msgspec.json.decode(made().save(tmp_path / "r.json").read_bytes())
    assert saved["lag_s"] == [0.5, -0.7, None]
