"""Fill the figures of a page from the records in bench/results: ``python bench/machines/_pages.py PAGE...``

A page says where, between ``<!-- figures: NAME -->`` and ``<!-- end of figures -->``; what stands there is replaced.
No figure of these tables is typed by hand.
"""

import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[1] / "results"
OURS = "learnsys"
MARKED = re.compile(r"(<!-- figures: ([\w -]+) -->\n)(.*?)(<!-- end of figures -->)", re.DOTALL)

Row = dict[str, Any]


def records() -> list[Row]:
    """Read every record of this room, each with the script that made it."""
    return [
        {**record, "script": path.stem.removeprefix("machines-")}
        for path in sorted(RESULTS.glob("machines-*.json"))
        for record in json.loads(path.read_text())
    ]


def value(rows: Sequence[Row], who: str, case: str, metric: str) -> float | None:
    """Look up the figure of ours, or of a peer, in one case."""
    for r in rows:
        if (r["case"], r["metric"]) == (case, metric) and (who == OURS or r["peer"] == who):
            return float(r["ours"] if who == OURS else r["theirs"])
    return None


def lumos(rows: Sequence[Row]) -> list[list[str]]:
    """Everybody's error by the number of references, RRMSE (MAPE)."""
    mine = [r for r in rows if r["script"] == "leaderboard" and r["question"] == "lumos"]
    cases = [c for c in dict.fromkeys(r["case"] for r in mine) if "groups out" in c]
    names = [OURS, *dict.fromkeys(r["peer"] for r in mine if r["peer"] and r["case"] in cases)]
    table = [["RRMSE (MAPE), %", *(c.partition(",")[0] for c in cases)]]
    for name in names:
        pairs = [(value(mine, name, c, "RRMSE %"), value(mine, name, c, "MAPE %")) for c in cases]
        table.append([name, *("" if a is None or b is None else f"{a:.1f} ({b:.1f})" for a, b in pairs)])
    return table


def facts(rows: Sequence[Row]) -> list[list[str]]:
    """What ``paris.py`` counted."""
    mine = [r for r in rows if r["script"] == "paris"]
    return [["of", "what", "mean over workloads"], *([r["case"], r["metric"], spread(r)] for r in mine)]


def promises(rows: Sequence[Row]) -> list[list[str]]:
    """Every figure with a bar, whether it holds or not."""
    table = [["script", "case", "figure", "ours", "peer", "theirs", "ratio", "90 % interval", "bar", "holds"]]
    for r in rows:
        if r["bar"] is not None:
            peer = [r["peer"], f"{r['theirs']:.4g}", f"{r['ratio']:.3g}"] if r["peer"] else ["", "", ""]
            case = f"{r['question']}: {r['case']}"
            ends = f"{r['low']:.3g} - {r['high']:.3g}"
            holds = "yes" if r["holds"] else "**no**"
            table.append([r["script"], case, r["metric"], f"{r['ours']:.4g}", *peer, ends, f"{r['bar']:g}", holds])
    return table


TABLES: dict[str, Callable[[Sequence[Row]], list[list[str]]]] = {"lumos": lumos, "facts": facts, "promises": promises}


def spread(r: Row) -> str:
    """A figure with its bootstrapped interval, unless it is a count."""
    return f"{r['ours']:.3g}" + ("" if r["low"] == r["high"] else f" [{r['low']:.3g} - {r['high']:.3g}]")


def markdown(table: Sequence[Sequence[str]]) -> str:
    """Write a table, its first row as the head."""
    head, *body = ("| " + " | ".join(row) + " |" for row in table)
    return "\n".join([head, "|" + "---|" * len(table[0]), *body]) + "\n"


def filled(page: str, rows: Sequence[Row]) -> str:
    """Put the figures of this room in their places."""
    return MARKED.sub(lambda m: m[1] + markdown(TABLES[m[2]](rows)) + m[4] if m[2] in TABLES else m[0], page)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        (path := Path(name)).write_text(filled(path.read_text(), records()))
