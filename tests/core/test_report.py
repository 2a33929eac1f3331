"""The report opens offline in a real browser: every chart drawn, no error, no request leaving the file."""

import altair as alt
import polars as pl
import pytest
from tests.browser import opened

from learnsys.core.report import Text, report_html, write_report
from learnsys.core.table import Column, Table

LINE = alt.Chart(pl.DataFrame({"a": [1, 2, 3], "b": [3, 1, 2]})).mark_line().encode(x="a", y="b")
TABLE = Table(columns=(Column(name=""), Column(name="p", kind="integer")), rows=((">", 2), ("", 4)), notes=("a < b",))


def test_a_page_draws_all_it_holds_and_asks_nobody(tmp_path):
    blocks = [Text(heading="One", body="first"), LINE, TABLE, LINE.encode(color=alt.value("red"))]
    path = write_report(tmp_path / "report.html", "A <title>", blocks, footer="here & now")
    page = opened(path)
    assert page.drawn == ["yes", "yes"]
    assert page.marks == [1, 1], "each chart has its line"
    assert page.console == []
    assert page.requests == [path.as_uri()]
    assert page.title == "A <title>"


def test_a_chart_that_cannot_be_drawn_is_seen(tmp_path):
    broken = LINE.copy()
    broken.mark = "no such mark"
    with pytest.raises(Exception, match="no such mark"):
        report_html("t", [broken])


def test_numbers_that_json_lacks_do_not_break_a_chart(tmp_path):
    data = alt.Data(values=[{"a": 1.0, "b": 2.0}, {"a": 2.0, "b": float("inf")}, {"a": 3.0, "b": float("nan")}])
    path = write_report(tmp_path / "r.html", "t", [alt.Chart(data).mark_point().encode(x="a:Q", y="b:Q")])
    page = opened(path)
    assert page.drawn == ["yes"]
    assert page.console == []


def test_text_cannot_break_out_of_its_place():
    page = report_html("t", [Text(heading="</script><script>alert(1)</script>", body="<b>")])
    assert "<script>alert" not in page
    assert "&lt;b&gt;" in page


def test_the_chosen_row_is_marked():
    page = report_html("t", [TABLE])
    assert page.count('class="chosen"') == 1
    assert "a &lt; b" in page
