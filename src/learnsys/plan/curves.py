"""Learning curves of traces, all on one scale: how deep each run was after each round.

Quality is what the user asked for (relative gap, gap, or loss minus the minimum), and depth is s = log(top / quality):
0 at the start, growing as the run gets better. The certified gap needs no minimum; a bare loss does, and then the
minimum is estimated from the tails of the curves.
"""

from collections.abc import Sequence
from typing import Final, Literal, Self, final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from learnsys.core.errors import Incompatible, InputError, TooFewPoints
from learnsys.core.trace import Ended, Target, Trace, Value
from learnsys.plan.settings import differing, settings_of

STEP: Final = 0.5  # distance of the depths at which curves are compared: 4.6 of them to a power of ten of quality
_FEWEST: Final = (
    8  # depths on a shallow curve; the distance is halved until there are so many, so that curves share them
)
DEEPEST: Final = 36.0  # log of the precision of a double
_LOOSEST: Final = 10.0  # relative gap at which depth begins, where the first ones are larger: 1e9 says no more than 10
_TAIL: Final = 10.0  # most that is believed to remain, in units of the last third's progress


@final
class Scale(Struct, frozen=True, kw_only=True):
    """Turns quality into depth and back; ``minimum`` is subtracted from a loss (0 for gaps)."""

    kind: Literal["rel", "gap", "loss"]
    top: float
    minimum: float = 0.0

    def depth(self, quality: float) -> float:
        """Depth of a quality (a loss with its minimum); infinite at the minimum and below."""
        left = quality - self.minimum
        if left <= 0:
            return float("inf")
        return float(np.log(self.top / left)) if np.isfinite(left) else -float("inf")

    def quality(self, depth: float) -> float:
        """Quality at a depth, as the user asked for it."""
        return float(self.minimum + self.top * np.exp(-depth))


@final
class Curve(Struct, frozen=True, kw_only=True):
    """What a run reached: rounds at which it was better than ever before, and how deep it was then."""

    trace: str
    method: str
    workers: int
    rows: float
    rounds: tuple[float, ...]
    depth: tuple[float, ...]
    ran: int
    ended: Ended

    @property
    def deepest(self) -> float:
        """The greatest depth it reached."""
        return self.depth[-1]

    @property
    def stuck(self) -> bool:
        """Whether it diverged, or spent more than half of its rounds (and at least five) without getting deeper."""
        return self.ended == "diverged" or self.ran - self.rounds[-1] > max(self.ran / 2, 5)

    def crossing(self, depth: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rounds (with fractions) in which it reached each ``depth``; NaN below the deepest."""
        return np.asarray(np.interp(depth, self.depth, self.rounds, right=np.nan), float)

    def grid(self) -> NDArray[np.float64]:
        """Depths to compare with others: multiples of ``STEP`` (or of a half, a quarter ... of it), and its deepest."""
        if self.deepest <= 0:
            return np.empty(0)
        step = STEP * 2.0 ** min(0.0, np.floor(np.log2(self.deepest / (_FEWEST * STEP))))
        return np.append(np.arange(step, self.deepest, step), self.deepest)

    @classmethod
    def of(cls, trace: Trace, scale: Scale, target: Target) -> Self:
        """Read the curve of one trace; rounds before it first got better than the top are left out."""
        rounds, depth = [0.0], [0.0]
        for step in trace.steps:
            quality = target.quality(step)
            s = -np.inf if quality is None else min(scale.depth(quality), DEEPEST)
            if s > depth[-1] and step.iteration > 0:
                if step.iteration - rounds[-1] > 1:  # it held its depth until the round before
                    rounds.append(step.iteration - 1)
                    depth.append(float(np.nextafter(depth[-1], np.inf)))
                rounds.append(step.iteration)
                depth.append(float(s))
            elif step.iteration == 0 and s > 0:
                depth[0] = float(s)
        if scale.kind == "loss" and len(rounds) == 1:  # its own start is no evidence of where the minimum is
            depth[0] = 0.0
        return cls(
            trace=trace.id, method=trace.method, workers=trace.workers, rows=rows_of(trace),
            rounds=tuple(rounds), depth=tuple(depth), ran=trace.rounds, ended=trace.ended,
        )  # fmt: skip


def rows_of(trace: Trace) -> float:
    """Rows that a trace trained on; without a count, shares of one nameless whole."""
    return max(trace.data.n, 1) * trace.data.share


def check_one_job(traces: Sequence[Trace]) -> None:
    """Refuse traces that do not tell of the same job, problem, data, engine and kind of clock.

    Raises
    ------
    TooFewPoints
        If there is none, or one holds no round.
    Incompatible
        Naming both sides.
    """
    if not traces:
        raise TooFewPoints("there are no traces to plan with", next="measure some: learnsys plan profile DATA")
    for trace in traces:
        if len(trace.steps) < 2:
            raise TooFewPoints(
                f"trace {trace.id} of {trace.method} holds no round", value=trace.id, next="leave it out or let it run"
            )
    facts: dict[str, list[str]] = {
        "job": [t.job for t in traces],
        "data": [f"{t.data.name} {t.data.digest[:8]}".strip() for t in traces],
        "source of seconds": [t.source for t in traces],
        "engine": [t.engine for t in traces],
    }
    for what, values in facts.items():
        if other := next((v for v in values if v != values[0]), None):
            raise Incompatible(
                f"the traces differ in their {what}: {values[0]} and {other}",
                value=[values[0], other],
                next="plan with the traces of one job on one data set at a time",
            )
    known: dict[str, Value] = {}
    for trace in traces:
        own = settings_of(trace)
        if name := differing(known, own):
            raise Incompatible(
                f"the traces differ in their {name}: {known[name]} and {own[name]}",
                value=[known[name], own[name]],
                next="plan with the traces of one loss and penalty at a time",
            )
        known |= own


def scale_of(traces: Sequence[Trace], target: Target, rows: float) -> Scale:
    """Choose the scale of ``target`` for ``traces``.

    Raises
    ------
    Incompatible
        If a gap is asked of traces without a bound, or a loss of all rows of traces on fewer.
    InputError
        If a bound proves that no weights have that loss.
    """
    if target.kind != "loss":
        if unbound := next((t for t in traces if t.last.lower is None), None):
            raise Incompatible(
                f"target {target} is a gap, but the traces of {unbound.method} have no lower bound of the loss",
                value=str(target),
                next="give a loss: --target loss=0.42",
            )
        top = _top(traces, target, 0.0)
        return Scale(kind=target.kind, top=min(max(top, 1.0), _LOOSEST) if target.kind == "rel" else top)
    small = next((t for t in traces if abs(rows_of(t) - rows) > 0.5), None)
    if small is not None:
        bare = next((t for t in traces if t.last.lower is None), small).method
        what = f"target {target}" if np.isfinite(target.value) else f"{bare} has no bound, so that the measure"
        raise Incompatible(
            f"{what} is the loss on {rows:,.0f} rows, but {small.method} was probed on {rows_of(small):,.0f}, "
            "where losses are different",
            value=str(target),
            next="give a relative gap (--target 1e-4), or profile with --share 1"
            if np.isfinite(target.value)
            else f"leave {bare} out, or profile with --share 1",
        )
    lower = max((t.last.lower for t in traces if t.last.lower is not None), default=-np.inf)
    if target.value < lower:
        raise InputError(
            f"no weights reach loss {target.value:g}: the traces prove that it is at least {lower:g}",
            value=target.value,
            next=f"ask for more than {lower:g}",
        )
    minimum = minimum_of(traces)
    return Scale(kind="loss", top=_top(traces, target, minimum), minimum=minimum)


def minimum_of(traces: Sequence[Trace]) -> float:
    """Estimate the least loss that traces of one data set head for; a lower bound among them is respected.

    The last third of a curve is taken for a geometric series whose ratio is that of its progress to the progress of
    the third before (Aitken's extrapolation), and at most ten times its own progress is added.

    Raises
    ------
    TooFewPoints
        If no loss is finite.
    """
    heading = []
    for trace in traces:
        loss = np.minimum.accumulate([s.loss for s in trace.steps if np.isfinite(s.loss)] or [np.nan])
        k = max(1, (len(loss) - 1) // 3)
        late = float(loss[-1 - k] - loss[-1]) if len(loss) > k else 0.0
        early = float(loss[-1 - 2 * k] - loss[-1 - k]) if len(loss) > 2 * k else 0.0
        ratio = late / early if late < early else 1.0
        heading.append(loss[-1] - late * min(ratio / (1 - ratio), _TAIL) if ratio < 1 else loss[-1] - late * _TAIL)
    if not (known := [h for h in heading if np.isfinite(h)]):
        raise TooFewPoints(
            f"no step of the {len(heading)} traces has a finite loss",
            next="probe with a smaller step, or another method",
        )
    lower = max((t.last.lower for t in traces if t.last.lower is not None), default=-np.inf)
    return float(max(min(known), lower))


def _top(traces: Sequence[Trace], target: Target, minimum: float) -> float:
    """Worst finite quality of a first or second step."""
    first = [
        q - minimum for t in traces for s in t.steps[:2] if (q := target.quality(s)) is not None and np.isfinite(q)
    ]
    return max(first, default=1.0) or 1.0
