"""Correlograms name the pair, its peak and its lag, with a band and the pairs behind it."""

import pytest
from tests.series.pictures.made import covariances, shown


def test_each_pair_has_its_peak_at_its_lag():
    words, svg = shown(covariances().chart())
    for pair, lag in (("series 0 → series 1", 1), ("series 0 → series 2", 2)):
        assert pair in words
        assert f"1 at {lag} s" in words
    assert "95 % intervals" in words
    assert svg.count("mark-area") >= 6, "a band and a strip each"


def test_without_intervals_there_is_no_word_of_them_and_constant_series_show_covariances():
    words, _ = shown(covariances(intervals=False).chart())
    assert "intervals" not in words
    words, _ = shown(covariances(2, constant=True).chart())
    assert "covariance" in words
    assert "2 at 1 s" in words


def test_of_many_pairs_the_highest_are_drawn_and_the_others_told():
    words, _ = shown(covariances(6).chart())
    assert words.count("→") == 9
    assert "6 more are not drawn" in words


@pytest.mark.parametrize("d", [3, 12, 70])
def test_maps_of_peaks_have_all_names_while_they_can_be_read(d):
    words, _ = shown(covariances(d).chart("peaks"))
    assert "> 0: the row leads" in words
    assert (f"series {d - 1}" in words) == (d <= 30)
    assert ("of 70 series" in words) == (d == 70)
