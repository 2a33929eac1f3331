"""Charts are saved without a browser and without a network."""

import re
import sys

import altair as alt
import pytest

from learnsys.core.chart import COLOURS, SUFFIXES, altair, save_chart, styled
from learnsys.core.errors import BadFile, InputError, MissingExtra

CHART = alt.Chart(alt.Data(values=[{"x": 1, "y": 2, "m": "a"}, {"x": 2, "y": 3, "m": "b"}])).mark_bar()
CHART = styled(CHART.encode(x="x:Q", y="y:Q", color="m:N"))
BEGINS = {".svg": b"<svg", ".png": b"\x89PNG", ".html": b"<!DOCTYPE html>"}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_saves_what_the_suffix_says(suffix, tmp_path):
    path = save_chart(CHART, tmp_path / f"chart{suffix}")
    assert path.read_bytes().lstrip().startswith(BEGINS[suffix])


def test_the_picture_has_the_house_colours(tmp_path):
    picture = save_chart(CHART, tmp_path / "chart.svg").read_text()
    assert COLOURS[0] in picture
    assert COLOURS[1] in picture


def test_the_html_loads_nothing_from_elsewhere(tmp_path):
    page = save_chart(CHART, tmp_path / "chart.html").read_text()
    assert not re.findall(r"<(?:script|link|iframe)[^>]*\b(?:src|href)\s*=", page)


def test_another_suffix_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(InputError, match=r"\.svg, \.png, \.html"):
        save_chart(CHART, tmp_path / "chart.pdf")
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(BadFile, match="no_such_folder"):
        save_chart(CHART, tmp_path / "no_such_folder" / "chart.svg")


def test_a_missing_library_names_its_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(MissingExtra, match=r"learnsys\[charts\]"):
        save_chart(CHART, tmp_path / "chart.svg")
    with pytest.raises(MissingExtra, match=r"learnsys\[charts\]"):
        altair()
