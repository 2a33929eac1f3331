"""Fill the figures of a page from the records in bench/results: ``python bench/machines/_pages.py PAGE...``"""

import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from _filling import Row, fill, markdown, promises, records

OURS = "learnsys"


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


def spread(r: Row) -> str:
    """A figure with its bootstrapped interval, unless it is a count."""
    return f"{r['ours']:.3g}" + ("" if r["low"] == r["high"] else f" [{r['low']:.3g} - {r['high']:.3g}]")


if __name__ == "__main__":
    ROWS = records("machines")
    fill({
        "lumos": lambda: markdown(lumos(ROWS)), "facts": lambda: markdown(facts(ROWS)),
        "promises": lambda: promises(ROWS),
    })  # fmt: skip
