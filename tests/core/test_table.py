"""One table, four ways to print it, none of which loses or invents a cell."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from tests.core.strategies import finite, quick

from learnsys.core.table import Column, Table

PLAIN = st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=12)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.builds(
        Table,
        columns=st.lists(
            st.builds(Column, name=PLAIN, unit=st.none() | st.just("s"), kind=st.just("text")),
            min_size=width,
            max_size=width,
        ).map(tuple),
        rows=st.lists(st.tuples(*[PLAIN | st.none() | st.integers() | finite] * width), max_size=5).map(tuple),
        notes=st.lists(PLAIN, max_size=2).map(tuple),
        title=PLAIN,
    )
)


def printed(table, width=400):
    out = io.StringIO()
    Console(file=out, width=width).print(table.rich())
    return out.getvalue()


@quick
@given(TABLES)
def test_csv_gives_back_every_cell(table):
    header, *rows = csv.reader(io.StringIO(table.csv()))
    assert header == [f"{c.name} [{c.unit}]" if c.unit else c.name for c in table.columns]
    assert rows == [["" if v is None else str(v) for v in row] for row in table.rows]


@quick
@given(TABLES)
def test_json_gives_back_columns_rows_and_notes(table):
    back = json.loads(table.json())
    assert back["rows"] == [list(row) for row in table.rows]
    assert back["notes"] == list(table.notes)
    assert [c["name"] for c in back["columns"]] == [c.name for c in table.columns]


@quick
@given(TABLES)
def test_markdown_has_a_line_a_row_and_keeps_bars_in_their_cells(table):
    lines = table.markdown().split("\n\n")[0].splitlines()
    assert len(lines) == 2 + len(table.rows)
    for line in lines[1:]:
        assert line.replace("\\|", "").count("|") == len(table.columns) + 1


@quick
@given(TABLES)
def test_a_terminal_shows_every_cell_as_it_is(table):
    shown = printed(table)
    for row in table.text():
        for cell in row:
            assert cell.strip() in shown


def test_brackets_in_names_are_no_markup():
    table = Table(columns=(Column(name="[bold]x[/]"),), rows=(("carrier=[/]",),), notes=("[red]",), title="[link=x]")
    assert all(text in printed(table) for text in ("[bold]x[/]", "carrier=[/]", "[red]", "[link=x]"))


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("text", "cocoa", "cocoa"), ("text", 3, "3"), ("integer", 1234567, "1,234,567"), ("integer", 2.0, "2"),
        ("number", 0.123456, "0.1235"), ("duration", 0.25, "250 ms"), ("size", 1536, "1.5 KiB"),
        ("money", 0.0421, "$0.042"), ("percent", 0.2371, "23.7 %"), ("flag", True, "yes"), ("flag", False, "no"),
        ("number", None, "-"), ("number", float("nan"), "-"), ("money", "free", "free"),
    ],
)  # fmt: skip
def test_a_cell_is_written_by_its_kind(kind, value, text):
    assert Table(columns=(Column(name="c", kind=kind),), rows=((value,),)).text() == [[text]]


def test_a_number_has_its_unit_above_it():
    columns = (Column(name="lag", unit="s", kind="number"), Column(name="took", unit="s", kind="duration"))
    assert Table(columns=columns, rows=((6.016, 2.0),)).markdown().startswith("| lag [s] | took |\n")


def test_a_row_of_the_wrong_length_is_no_row():
    with pytest.raises(ValueError, match="zip"):
        Table(columns=(Column(name="a"), Column(name="b")), rows=((1,),)).text()
