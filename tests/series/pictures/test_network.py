"""Networks place series by their lags and draw only what is significant."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.series.pictures.made import shown

from learnsys.series.pictures.network import places
from learnsys.series.results.lead_lag import LeadLagResult
from learnsys.series.types import lags


def leads(delays, significant, *, sure=True):
    pairs = np.stack(np.triu_indices(len(delays), 1), axis=1)
    delays = np.asarray(delays, float)
    lag = delays[pairs[:, 1]] - delays[pairs[:, 0]]
    at = lags(-5, 5, 0.25)
    p = np.where([significant(*pair) for pair in pairs], 0.001, 0.9)
    wide = 0.1 if sure else 9.0
    rho = np.where(pairs[:, 1] % 2 == 0, -0.5, 0.5)
    return LeadLagResult(
        ids=tuple(f"n{i}" for i in range(len(delays))), pairs=pairs, lags=at, lag_s=lag, low_s=lag - wide,
        high_s=lag + wide, correlation=rho, ratio=np.ones(len(pairs)), p_value=p, q_value=p, fdr=0.05, level=0.95,
        profile=rho[:, None] * np.exp(-((at.values - lag[:, None]) ** 2)),
    )  # fmt: skip


@given(st.lists(st.floats(-9, 9), min_size=2, max_size=7), st.integers(0, 99))
def test_places_agree_with_lags_that_agree_with_each_other(delays, seed):
    rng = np.random.default_rng(seed)
    n = len(delays)
    tree = [(int(rng.integers(b)), b) for b in range(1, n)]
    at, part = places(n, [(a, b, delays[b] - delays[a], rng.uniform(0.1, 1)) for a, b in tree])
    np.testing.assert_allclose(at, np.array(delays) - min(delays), atol=1e-6)
    assert len(set(part.tolist())) == 1


def test_parts_without_a_link_begin_at_zero_each():
    at, part = places(4, [(0, 1, 2.0, 1.0), (3, 2, 1.0, 1.0)])
    assert at.tolist() == pytest.approx([0, 2, 1, 0])
    assert part[0] == part[1] != part[2] == part[3]


def test_only_significant_pairs_and_their_series_are_drawn():
    words, svg = shown(leads([0, 1.5, 3, 9], lambda a, b: b < 3 and b == a + 1).chart())
    assert "n0" in words
    assert "n3" not in words
    assert words.count("1.5 s") == 4, "each with a halo"
    assert "opposite" in words
    assert svg.count('aria-roledescription="point"') == 2, "a head each"


def test_a_link_of_unsure_direction_has_no_head_and_no_link_is_said():
    _, svg = shown(leads([0, 1], lambda a, b: True, sure=False).chart())
    assert 'aria-roledescription="point"' not in svg
    words, _ = shown(leads([0, 1], lambda a, b: False).chart())
    assert "no pair is significant" in words


@pytest.mark.parametrize("kind", ["peaks", "profiles"])
def test_other_kinds_name_the_pairs(kind):
    words, _ = shown(leads([0, 1, 2], lambda a, b: a == 0).chart(kind))
    assert "n0" in words
    assert ("n1 → n2 (not significant)" in words) == (kind == "profiles")
