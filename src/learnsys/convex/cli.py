"""``learnsys convex``: train a linear model with a certificate, and measure it on data."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from learnsys.convex.evaluate import evaluate as evaluate_model
from learnsys.convex.job import job
from learnsys.convex.methods import find_method
from learnsys.convex.model import check_place, load_predictor
from learnsys.convex.types import Evaluation, Solution
from learnsys.core.chart import SUFFIXES, save_chart
from learnsys.core.check import check_seed
from learnsys.core.console import progress
from learnsys.core.data import load
from learnsys.core.engine import open_engine
from learnsys.core.errors import InputError, TargetNotReached
from learnsys.core.files import check_output
from learnsys.core.host import this_host
from learnsys.core.result import SUFFIXES as RESULTS
from learnsys.core.trace import Step, Stop, Target, Trace
from learnsys.core.trace_file import SUFFIXES as TRACES
from learnsys.core.units import format_duration, parse_duration

app = App(name="convex", help="Train linear models with a certificate.")


@app.command
def solve(
    data: str,
    /,
    *,
    target_column: str | None = None,
    loss: str = "logistic",
    lam: float | None = None,
    C: Annotated[float | None, Parameter(name="--C")] = None,
    fit_intercept: bool = False,
    method: str = "auto",
    workers: int = 1,
    slots: int | None = None,
    engine: str = "local",
    target: str | None = None,
    time: str | None = None,
    rounds: int | None = None,
    seed: int = 0,
    save: Path | None = None,
    trace: Path | None = None,
    chart: Path | None = None,
) -> Solution:
    """Train a linear model until its certificate is good enough: minimise the mean loss + lam/2 |w|^2.

    With a target that is not reached in time the command fails, and nothing is saved.

    Parameters
    ----------
    data
        Name of a data set, or a file: .libsvm .npz .parquet .csv.
    target_column
        Column of a table to predict, the last one if not given.
    loss
        logistic, hinge, squared_hinge (two classes) or squared (a number).
    lam
        Weight of the penalty.
    C
        The same as lam = 1/(C n); 1 if neither is given.
    fit_intercept
        Add a constant column, penalised like the others.
    method
        cocoa+, newton, or auto to choose by loss and shape.
    workers
        Logical partitions of the rows: they change the mathematics.
    slots
        Workers that run at once: they change the time. If not given, all of them, but no more than there are cores.
    engine
        local (threads) or ray.
    target
        Quality to reach: 1e-4 (relative gap), gap=1e-6 or loss=0.42. It is 1e-4 if no limit is given either.
    time
        Stop after this much training, such as 10s.
    rounds
        Stop after this many rounds.
    seed
        Seed of partition and method.
    save
        Folder for the model; learnsys serve run serves it.
    trace
        File for the steps (.jsonl or .parquet); learnsys plan choose learns from it.
    chart
        File for a chart of the gap by round (.svg, .png or .html).
    """
    stop = _stop(target, time, rounds)
    check_seed(seed)
    if save is not None:
        check_place(save)
    check_output(trace, TRACES, source=data)
    check_output(chart, SUFFIXES, source=data)
    dataset = load(data, target=target_column)
    training = job(
        dataset.X, dataset.y, loss=loss, lam=lam, C=C, name=dataset.name, ref=dataset.ref, columns=dataset.columns,
        fit_intercept=fit_intercept,
    )  # fmt: skip
    chosen = training.best_method if method == "auto" else method
    find_method(chosen, training.problem.settings.loss, training.problem.d)
    slots = max(1, min(workers, this_host().cores)) if slots is None else slots
    with open_engine(engine, slots) as opened, progress(f"training {dataset.name} by {chosen}") as update:

        def tell(step: Step) -> bool:
            update(step.iteration, _told(step))
            return False

        steps, model = training.run(chosen, workers=workers, stop=stop, engine=opened, seed=seed, on_step=tell)
    _check_target(stop, steps)
    if save is not None:
        model.save(save)
    if trace is not None:
        steps.save(trace)
    if chart is not None:
        save_chart(steps.chart(), chart)
    return Solution.of(steps, model=save)


@app.command
def evaluate(model: Path, data: str, /, *, target_column: str | None = None, save: Path | None = None) -> Evaluation:
    """Measure a model on data, beside the base rate.

    Parameters
    ----------
    model
        Folder where a model was saved.
    data
        Name of a data set, or a file.
    target_column
        Column of a table that holds the truth, the last one if not given.
    save
        Keep the result too: .json .csv .md .parquet, or as a chart .svg .png .html.
    """
    check_output(save, RESULTS, source=data)
    result = evaluate_model(load_predictor(model), load(data, target=target_column))
    if save is not None:
        result.save(save)
    return result


def _stop(target: str | None, time: str | None, rounds: int | None) -> Stop:
    if rounds is not None and rounds < 1:
        raise InputError.below("rounds", rounds, 1)
    wall_s = None if time is None else parse_duration(time)
    if wall_s == 0:
        raise InputError("time is 0, but must be more", value=time, next="give for example --time 10s")
    if target is None and time is None and rounds is None:
        target = "1e-4"
    return Stop(
        target=None if target is None else Target.parse(target),
        wall_s=wall_s,
        rounds=rounds,
    )


def _check_target(stop: Stop, trace: Trace) -> None:
    target = stop.target
    if target is None or target.met(trace.last):
        return
    last = trace.last
    raise TargetNotReached(
        f"target {target} is not reached: {_told(last)} after {format_duration(last.wall_s)}",
        value=target.quality(last),
        next=_advice(target, trace, stop),
    )


def _advice(target: Target, trace: Trace, stop: Stop) -> str:
    """Say what would help: more time does not help against a bound, nor against float64."""
    lower = trace.last.lower
    if target.kind == "loss" and lower is not None and target.value < lower:
        return f"no weights have a loss of {target.value:g}: the minimum is at least {lower:.6g}"
    if trace.ended == "rounds" and (stop.rounds is None or trace.rounds < stop.rounds):
        return "float64 allows no further progress: give a looser --target"
    return "allow more --time or --rounds, or a looser --target"


def _told(step: Step) -> str:
    quality = "" if step.rel is None else f", relative gap {step.rel:.3g}"
    return f"round {step.iteration}, loss {step.loss:.6g}{quality}"
