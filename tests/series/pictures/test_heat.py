"""Heat maps show a pair in both orders, with lags of opposite signs."""

from tests.series.pictures.made import shown

from learnsys.core.chart import altair, styled
from learnsys.series.pictures.heat import most_connected, pair_maps


def test_a_pair_is_shown_in_both_orders():
    words, _ = shown(styled(pair_maps(altair(), {(0, 1): (0.53, 1.25)}, ("a", "b"), 5.0)))
    assert words.count("0.53") == 2
    assert "1.3" in words
    assert "−1.3" in words


def test_the_strongest_series_stay_in_their_order():
    cells = {(d, 99): (d / 100, 0.0) for d in range(99)}
    both = {(b, a): v for (a, b), v in cells.items()} | cells
    kept = most_connected(both, 100)
    assert len(kept) == 60
    assert kept == sorted(kept)
    assert kept[-1] == 99
    assert min(kept) == 40
