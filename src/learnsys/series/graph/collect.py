"""Compute what was asked, all at once."""

import sys
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from typing import Any, Final, Literal, final

import msgspec

from learnsys.core.engine.types import Engine
from learnsys.core.errors import InputError, UnknownName
from learnsys.core.result import Result
from learnsys.core.units import parse_size
from learnsys.series.graph import literal, nodes
from learnsys.series.graph.cache import Cache
from learnsys.series.graph.execute import Execution
from learnsys.series.graph.provenance import drawn, provenance
from learnsys.series.graph.query import Asked
from learnsys.series.graph.rewrite import Stage, stages
from learnsys.series.graph.settings import Settings, Step
from learnsys.series.results.types import AbstractSeriesResult, Provenance
from learnsys.series.sums.cost import WAYS, Way

Optimise = Literal["full", "none"]
REMEMBERED: Final = 32

_CACHE: Final = Cache()
_RUNS: Final[OrderedDict[str, tuple[Step, ...]]] = OrderedDict()  # by what was asked: steps of the last ones


@final
class Answers(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Results in the order in which they were asked for, where they come from, and what was done.

    Attributes
    ----------
    results : tuple of Result
    provenance : Provenance
    steps : tuple of Step
        What was done, with the seconds of CPU expected and taken.
    plan_s : float
        Seconds of CPU that rewriting the graph and choosing the sums took.
    """

    results: tuple[Result, ...]
    provenance: Provenance
    steps: tuple[Step, ...]
    plan_s: float

    def __iter__(self) -> Iterator[Any]:
        return iter(self.results)

    def __getitem__(self, number: int) -> Any:
        return self.results[number]

    def __len__(self) -> int:
        return len(self.results)


def collect(
    *asked: Asked,
    optimise: Optimise = "full",
    without: Iterable[str] = (),
    memory: str | float = "256MiB",
    engine: Engine | None = None,
    progress: bool | None = None,
) -> Answers:
    """Compute statistics together: one scan and one set of sums for all that can share them.

    Parameters
    ----------
    *asked : Asked
        What queries asked for.
    optimise : {"full", "none"}
        ``"none"``: execute each as it is written, in double precision; slow.
    without : iterable of str
        Rules of the optimiser that are switched off; ``learnsys.series.graph.rules`` lists them.
    memory : str or float
        Samples that would take more are not held, but read in chunks, where that is possible.
    engine : Engine, optional
        Several workers that read files, of which each row is taken alone (no increments, no Voronoi weights), and add
        up what they found; see ``learnsys.core.engine``.
    progress : bool, optional
        Whether to say on stderr what is done; by default where it is a terminal.

    Returns
    -------
    Answers
        A sequence of results.

    Raises
    ------
    InputError
        If nothing is asked, or the samples do not suit a statistic.
    UnknownName
        If there is no such rule or way to optimise.
    """
    if optimise not in ("full", "none"):
        raise UnknownName.of("way to optimise", optimise, ("full", "none"))
    if not asked:
        raise InputError("nothing is asked", value=0, next="ask for a statistic, as query.xcov(...)")
    batch = nodes.Batch(asks=tuple(one.node for one in asked))
    source = provenance(batch, optimise=optimise, without=tuple(without))
    with _telling(progress, len(asked)):
        if optimise == "none":
            results = tuple(told(literal.answer(one.node), source) for one in asked)
            return Answers(results=results, provenance=source, steps=(), plan_s=0.0)
        return _optimised(batch, source, settings(without, memory=memory, engine=engine), tuple(without))


def last_run(batch: nodes.AbstractNode) -> tuple[Step, ...] | None:
    """Find the steps of the last run of the same questions."""
    return _RUNS.get(drawn(batch))


def _optimised(batch: nodes.Batch, source: Provenance, how: Settings, off: tuple[str, ...]) -> Answers:
    found = {n: r for n, ask in enumerate(batch.asks) if "cache" not in off and (r := _CACHE.get(ask)) is not None}  # type: ignore[arg-type]
    missing = tuple(ask for n, ask in enumerate(batch.asks) if n not in found)
    steps: tuple[Step, ...] = ()
    start, plan_s = time.process_time(), 0.0
    if missing:
        plan = stages(nodes.Batch(asks=missing), without=off)
        plan_s = time.process_time() - start
        run = Execution(how)
        made = iter(run.run(grouped(plan[-1])))
        plan_s += run.plan_s
        steps = tuple(run.steps)
        for n, ask in enumerate(batch.asks):
            if n not in found:
                found[n] = told(next(made), source)
                if "cache" not in off:
                    _CACHE.put(ask, found[n])  # type: ignore[arg-type]
    answers = Answers(
        results=tuple(found[n] for n in range(len(batch.asks))), provenance=source, steps=steps, plan_s=plan_s
    )
    if missing:
        _RUNS[drawn(batch)] = steps
        while len(_RUNS) > REMEMBERED:
            _RUNS.popitem(last=False)
    return answers


def told(result: Result, source: Provenance) -> Result:
    """Let a result tell where it comes from."""
    return msgspec.structs.replace(result, provenance=source) if isinstance(result, AbstractSeriesResult) else result


def settings(off: Iterable[str], *, memory: str | float = "256MiB", engine: Engine | None = None) -> Settings:
    """Settings of a run without some rules."""
    from learnsys.series.graph.calibrate import model

    ways: tuple[Way, ...] = ("spectral",) if "lowering" in off else WAYS
    return Settings(
        model=model(), merge="sums-merging" not in off, ways=ways, single="single-precision" not in off,
        memory_bytes=parse_size(memory), engine=engine,
    )  # fmt: skip


def grouped(stage: Stage) -> nodes.Batch:
    """The last graph as groups of questions, whichever rules were switched off.

    Statistics of second order never get interpolated values: without ``resample-elimination`` they lose what they could
    have shared, not their meaning.
    """
    assert isinstance(stage.root, nodes.Batch)
    groups: list[nodes.Shared] = []
    for n, node in enumerate(stage.root.asks):
        asks = node.asks if isinstance(node, nodes.Shared) else ((n, node),)
        for second in (True, False):
            some = tuple((k, a) for k, a in asks if literal.second_order(a.statistic) == second)  # type: ignore[attr-defined]
            if some:
                child = node.children[0]
                groups.append(nodes.Shared(child=literal.without_resample(child) if second else child, asks=some))  # type: ignore[arg-type]
    return nodes.Batch(asks=tuple(groups))


def _telling(progress: bool | None, count: int) -> Any:
    if progress is None:
        progress = sys.stderr.isatty()
    if not progress:
        return nullcontext()
    from learnsys.core.console import progress as line

    return line(f"computing {count} statistic{'s' * (count != 1)}")
