"""From a problem and a method to weights and a trace: what ``Job`` and the estimators share."""

from collections.abc import Callable, Mapping
from functools import partial

from learnsys.convex.methods import find_method
from learnsys.convex.partition import split
from learnsys.convex.problem import Problem
from learnsys.convex.rows import Vector
from learnsys.convex.run import Run
from learnsys.core.engine import Engine
from learnsys.core.recorder import NO_DATA, Recorder
from learnsys.core.trace import DataRef, Step, Stop, Trace, Value


def solve(
    problem: Problem,
    method: str,
    *,
    workers: int,
    stop: Stop,
    engine: Engine,
    seed: int = 0,
    job: str = "",
    data: DataRef = NO_DATA,
    params: Mapping[str, Value] | None = None,
    on_step: Callable[[Step], bool] | None = None,
) -> tuple[Vector, Trace]:
    """Minimise a problem and return the weights, shape (d + 1,), with the trace of the way there.

    The clock of the trace starts when every worker has its rows.

    Raises
    ------
    UnknownName, Incompatible, InputError
        Before any work, if the method does not exist or does not fit, or the workers are too few or too many.
    """
    settings = problem.settings
    chosen = find_method(method, settings.loss, problem.d)
    parts = split(settings.n, workers, seed)
    group = engine.workers(partial(chosen.worker, settings), parts, engine.put((problem.X, problem.y)))
    recorder = Recorder(
        method, job=job, data=data, params=params, workers=workers, slots=engine.slots, engine=engine.name,
        stats=engine.stats, on_step=on_step,
    )  # fmt: skip
    with recorder.compiling():
        group.call("warm")
    w, ended = chosen.loop(Run(problem, group, recorder, stop))
    return w, recorder.finish(ended)
