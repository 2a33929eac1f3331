"""Pictures of the room's results; each function takes a result and gives a chart."""

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from learnsys.core.chart import COLOURS, altair, styled

if TYPE_CHECKING:
    import altair as alt

    from learnsys.complete.corpus.types import Listing, Manifest
    from learnsys.complete.fragments.types import Fragment
    from learnsys.complete.generate.types import Generated
    from learnsys.complete.names.suggest import NameSuggestions
    from learnsys.complete.score.evaluate import Evaluation
    from learnsys.complete.style.habits import Habits
    from learnsys.complete.train.types import Trained
    from learnsys.complete.types import Suggestions
    from learnsys.complete.unusual.types import Unusual

WIDTH: Final = 480


def suggestions_chart(result: "Suggestions") -> "alt.Chart":
    """Draw the probability of each suggestion, by where it comes from."""
    alt = altair()
    rows = [{"suggestion": item.text, "p": item.p, "from": item.origin} for item in result.items]
    return styled(
        alt.Chart(alt.Data(values=rows), width=WIDTH, title="What comes next")
        .mark_bar()
        .encode(
            x=alt.X("p:Q", title="probability", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("suggestion:N", title=None, sort=None),
            color=alt.Color("from:N", scale=alt.Scale(domain=["file", "project", "model"], range=list(COLOURS[:3]))),
        )
    )


def habits_chart(result: "Habits") -> "alt.Chart":
    """Draw the shares of what is done, a bar a habit."""
    alt = altair()
    rows = [
        {"habit": habit, "done": done, "share": times / sum(own.values())}
        for habit, own in result.counts.items()
        for done, times in own.items()
    ]
    return styled(
        alt.Chart(alt.Data(values=rows), width=WIDTH, title=f"Habits of {result.files:,} files")
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title="share", axis=alt.Axis(format="%")),
            y=alt.Y("habit:N", title=None, sort=None),
            color=alt.Color("done:N", title=None),
        )
    )


def training_chart(result: "Trained") -> "alt.Chart":
    """Draw bits a token of the held-out sample by CPU seconds of training."""
    alt = altair()
    rows = [{"s": step.cpu_s, "bits": step.loss} for step in result.trace.steps]
    title = f"{result.tokens:,} tokens of {result.trace.data.name}, {result.epochs:.1f} times"
    return styled(
        alt.Chart(alt.Data(values=rows), width=WIDTH, title=title)
        .mark_line(point=True, color=COLOURS[0])
        .encode(
            x=alt.X("s:Q", title="training [CPU s]"),
            y=alt.Y("bits:Q", title="bits a token, held out", scale=alt.Scale(zero=False)),
        )
    )


def manifest_chart(result: "Manifest") -> "alt.Chart":
    """Draw the characters of each package, by split."""
    rows = [
        {"package": kept.package.name, "characters": kept.chars, "split": kept.package.split}
        for kept in result.packages
    ]
    return _by_split(rows, x="characters", y="package", title="What the corpus holds")


def listing_chart(result: "Listing") -> "alt.Chart":
    """Draw the packages of each language, by split."""
    counts = Counter((package.language, package.split) for package in result.packages)
    rows = [{"language": key, "packages": n, "split": split} for (key, split), n in counts.items()]
    return _by_split(rows, x="packages", y="language", title="Packages that corpora are built of")


def _by_split(rows: list[dict[str, Any]], *, x: str, y: str, title: str) -> "alt.Chart":
    alt = altair()
    return styled(
        alt.Chart(alt.Data(values=rows), width=WIDTH, title=title)
        .mark_bar()
        .encode(
            x=alt.X(f"{x}:Q"),
            y=alt.Y(f"{y}:N", title=None, sort="-x"),
            color=alt.Color("split:N", scale=alt.Scale(domain=["train", "valid", "test"], range=list(COLOURS[:3]))),
        )
    )


def names_chart(result: "NameSuggestions") -> "alt.Chart":
    """Draw how likely each name is and how likely the best proposal; points in the upper left want another name."""
    alt = altair()
    rows = [
        {"now": item.p, "best": item.proposals[0].p, "symbol": f"{item.name} (line {item.line})",
         "proposal": item.proposals[0].name, "kind": item.sort}
        for item in result.items
        if item.proposals
    ]  # fmt: skip
    return styled(
        alt.Chart(alt.Data(values=rows), width=WIDTH, title="Names and better ones")
        .mark_circle(size=60)
        .encode(
            x=alt.X("now:Q", title="probability of the name it has", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("best:Q", title="probability of the best proposal", scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("kind:N", scale=alt.Scale(domain=["variable", "routine"], range=list(COLOURS[:2]))),
            tooltip=["symbol:N", "proposal:N"],
        )
    )


def evaluation_chart(result: "Evaluation") -> "alt.Chart":
    """Draw how often the first and one of the first five suggestions were right, by what was known."""
    alt = altair()
    rows = [
        {"tokens": kind, "right": share, "known": known, "among": among}
        for known, f in result.settings
        for kind, shares in (("all tokens", (f.top1, f.top5)), ("identifiers", (f.names_top1, f.names_top5)))
        for among, share in zip(("first", "five"), shares, strict=True)
    ]
    title = f"{result.alone.tokens:,} tokens of {result.name}"
    return styled(
        alt.Chart(alt.Data(values=rows), width=WIDTH, title=title)
        .mark_bar()
        .encode(
            x=alt.X("right:Q", title="right", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("among:N", title=None, sort=["first", "five"]),
            yOffset=alt.YOffset("known:N", sort=["file", "project"]),
            row=alt.Row("tokens:N", title=None),
            color=alt.Color(
                "known:N", title="known", scale=alt.Scale(domain=["file", "project"], range=list(COLOURS[:2]))
            ),
        )
    )


def fragment_chart(result: "Fragment") -> "alt.Chart":
    """Draw the probability that a fragment is right up to each of its tokens."""
    alt = altair()
    rows = [
        {"token": f"{i + 1} {word}", "p": p} for i, (word, p) in enumerate(zip(result.words, result.p, strict=True))
    ]
    return styled(
        alt.Chart(alt.Data(values=rows), width=WIDTH, title="How far the fragment is right")
        .mark_bar(color=COLOURS[0])
        .encode(
            x=alt.X("p:Q", title="probability", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("token:N", title=None, sort=None),
        )
    )


def unusual_chart(result: "Unusual") -> "alt.Chart":
    """Draw oddities along the lines of their files, higher ones more surprising."""
    alt = altair()
    rows = [
        {"line": one.line, "times": one.times, "file": one.path, "name": one.word, "usual": one.usual}
        for one in result.items
    ]
    return styled(
        alt.Chart(alt.Data(values=rows), width=WIDTH, title="Where another name is likelier")
        .mark_circle(size=60)
        .encode(
            x=alt.X("line:Q"),
            y=alt.Y("times:Q", title="times likelier", scale=alt.Scale(type="log")),
            color=alt.Color("file:N"),
            tooltip=["name:N", "usual:N"],
        )
    )


def generated_chart(result: "Generated") -> "alt.Chart":
    """Draw the shape of sampled code: where each line begins and ends."""
    alt = altair()
    rows = [
        {"line": i, "begin": len(line) - len(line.lstrip()), "end": len(line)}
        for i, line in enumerate(result.text.split("\n"), 1)
    ]
    return styled(
        alt.Chart(alt.Data(values=rows), width=WIDTH, title="Code that was made up")
        .mark_bar(color=COLOURS[0])
        .encode(x=alt.X("begin:Q", title="column"), x2="end:Q", y=alt.Y("line:O", title="line"))
    )
