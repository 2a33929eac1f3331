"""Fill the figures of pages from the records in bench/results, so that none is typed by hand.

A page says where, between ``<!-- figures: NAME -->`` and ``<!-- end of figures -->``; what stands there is replaced.
"""

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results"
PICTURES = ROOT / "docs" / "reproduce"
MARKED = re.compile(r"(<!-- figures: ([\w -]+) -->\n)(.*?)(<!-- end of figures -->)", re.DOTALL)

Row = dict[str, Any]


def records(room: str) -> list[Row]:
    """Read every record of a room, each with the script that made it."""
    return [
        {**record, "script": path.stem.removeprefix(f"{room}-")}
        for path in sorted(RESULTS.glob(f"{room}-*.json"))
        for record in json.loads(path.read_text())
    ]


def promises(rows: Sequence[Row]) -> str:
    """Every figure with a bar, whether it holds or not."""
    table = [["script", "case", "figure", "ours", "peer", "theirs", "ratio", "interval", "bar", "holds"]]
    for r in rows:
        if r["bar"] is not None:
            peer = [str(r["peer"]), shown(r["theirs"]), shown(r["ratio"], 3)] if r["peer"] else ["", "", ""]
            ends = "" if r["low"] is None else f"{shown(r['low'], 3)} - {shown(r['high'], 3)}"
            holds = "yes" if r["holds"] else "**no**"
            case = f"{r['question']}: {r['case']}".replace("|", "/")
            table.append([r["script"], case, r["metric"], shown(r["ours"]), *peer, ends, shown(r["bar"]), holds])
    return markdown(table)


def shown(value: Any, digits: int = 4) -> str:
    """Write a number, or nothing."""
    return f"{value:.{digits}g}" if isinstance(value, int | float) else ""


def markdown(table: Sequence[Sequence[str]]) -> str:
    """Write a table, its first row as the head."""
    head, *body = ("| " + " | ".join(row) + " |" for row in table)
    return "\n".join([head, "|" + "---|" * len(table[0]), *body]) + "\n"


def fill(figures: Mapping[str, Callable[[], str]]) -> None:
    """Put the figures of a room in their places on the pages that the command line names."""
    for name in sys.argv[1:]:
        page = (path := Path(name)).read_text()
        path.write_text(MARKED.sub(lambda m: m[1] + figures[m[2]]() + m[4] if m[2] in figures else m[0], page))
