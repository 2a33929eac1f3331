"""Draw the pictures and fill the figures of a page: ``python bench/complete/_pages.py PAGE...``

Pictures are written beside ``docs/reproduce/code-completion.md``; all figures come from the records in bench/results.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from _filling import PICTURES, Row, fill, markdown, promises, records
from learnsys.complete.score.origins import ORIGINS
from learnsys.core.chart import COLOURS, altair, save_chart, styled

COLUMNS = ("top-1", "top-5", "names top-1", "names top-5", "bits/token", "bits/char", "calibration")
WIDTH = 420


def of(question: str) -> list[Row]:
    """Return the records of one question, whichever packages it is about."""
    return [r for r in records("complete") if r["question"].startswith(question)]


def table() -> str:
    """Every model, in each language, on the test packages."""
    rows: dict[str, dict[str, float]] = {}
    for r in of("accuracy of completion"):
        if not r["peer"] and r["metric"] in COLUMNS:
            rows.setdefault(r["case"], {})[r["metric"]] = r["ours"]
    cells = [
        [case, *(_cell(metric, own[metric]) if metric in own else "" for metric in COLUMNS)]
        for case, own in rows.items()
    ]
    return markdown([["model", *COLUMNS], *cells])


def _cell(metric: str, value: float) -> str:
    return f"{100 * value:.1f} %" if "top" in metric else f"{value:.3f}"


def differences() -> str:
    """What the sequence with the tree gains over each of the others, and its picture; a line a seed."""
    rows = [r for r in of("accuracy of completion") if r["metric"] == "top-1" and " against " in r["case"]]
    alt = altair()
    data = [
        {"language": r["case"].partition(":")[0], "against": r["peer"], "points": 100 * (r["ours"] - r["theirs"]),
         "low": 100 * r["theirs"] * (r["low"] - 1), "high": 100 * r["theirs"] * (r["high"] - 1)}  # ratios, there
        for r in rows
    ]  # fmt: skip
    base = alt.Chart(alt.Data(values=data), width=WIDTH).encode(y=alt.Y("language:N", title=None, sort=None))
    ends = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title="points of top-1 that both gains"), x2="high:Q")
    points = base.mark_point(filled=True, size=60).encode(x="points:Q")
    colour = alt.Color("language:N", title=None, legend=None)
    shown = alt.layer(ends, points).encode(color=colour).facet(row=alt.Row("against:N", title=None, sort=None))
    save_chart(styled(shown.resolve_scale(y="independent")), PICTURES / "code-completion-tree.svg")
    return markdown([
        ["language", "both against", "points of top-1", "95 % interval"],
        *([d["language"], d["against"], f"{d['points']:+.1f}", f"{d['low']:+.1f} to {d['high']:+.1f}"] for d in data),
    ])  # fmt: skip


def names() -> str:
    """Where identifiers come from and who gets them right, and its picture."""
    rows = of("where names come from")
    alt = altair()
    data = [
        {"language": language, "model": model, "from": sort, "right": r["ours"] * r["theirs"], "n": i}
        for r in rows
        for language, _, model in [r["case"].partition(": ")]
        for i, sort in enumerate(ORIGINS)
        if r["metric"] == f"top-1 of {sort}"
    ] + [
        {"language": r["case"].partition(":")[0], "model": "all there are", "from": sort, "right": r["theirs"], "n": i}
        for r in rows
        for i, sort in enumerate(ORIGINS)
        if r["metric"] == f"top-1 of {sort}" and r["case"].endswith(rows[0]["case"].partition(": ")[2])
    ]
    chart = (
        alt.Chart(alt.Data(values=data), width=WIDTH)
        .mark_bar()
        .encode(
            x=alt.X("sum(right):Q", title="identifiers whose first suggestion is right", axis=alt.Axis(format="%")),
            y=alt.Y("model:N", title=None, sort="-x"),
            color=alt.Color(
                "from:N", title="seen first in", scale=alt.Scale(domain=list(ORIGINS), range=list(COLOURS[:4]))
            ),
            order="n:Q",
            row=alt.Row("language:N", title=None),
        )
    )
    save_chart(styled(chart), PICTURES / "code-completion-names.svg")
    cells: dict[str, list[str]] = {}
    for r in rows:
        language = r["case"].partition(":")[0]
        cells.setdefault(f"{language}: share of all", [])
        if len(cells[f"{language}: share of all"]) < len(ORIGINS):
            cells[f"{language}: share of all"].append(f"{100 * r['theirs']:.1f} %")
        cells.setdefault(r["case"], []).append(f"{100 * r['ours']:.1f} %")
    return markdown([["identifiers seen first in", *ORIGINS], *([case, *own] for case, own in cells.items())])


if __name__ == "__main__":
    fill({
        "complete differences": differences, "complete table": table, "complete names": names,
        "complete promises": lambda: promises(records("complete")),
    })  # fmt: skip
