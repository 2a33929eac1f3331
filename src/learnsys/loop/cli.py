"""Commands that need more than one room: ``plan`` on data or on traces, and the ``tour``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import App, Parameter

from learnsys import convex
from learnsys.core.chart import SUFFIXES as CHARTS
from learnsys.core.chart import save_chart
from learnsys.core.console import progress
from learnsys.core.data import load
from learnsys.core.engine import Engine, open_engine
from learnsys.core.errors import InputError
from learnsys.core.files import check_output
from learnsys.core.result import SUFFIXES, Result
from learnsys.core.trace import Step, Target, Trace
from learnsys.core.trace_file import SUFFIXES as TRACES
from learnsys.core.trace_file import holds_traces, write_traces
from learnsys.core.units import parse_duration
from learnsys.loop.probe import PROBED, Ask, probe_and_choose, run_choice
from learnsys.plan import Plan, Profile, Validation, parse_network, validate
from learnsys.plan import profile as probe
from learnsys.plan.cli import choose as choose_from_traces
from learnsys.plan.workers import parse_workers

plan = App(name="plan", help="Choose algorithm and workers to reach a loss soonest.")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class JobOptions:
    """What is trained, and where.

    Parameters
    ----------
    target_column
        Column of a table to predict, the last one if not given.
    loss
        logistic, hinge, squared_hinge or squared.
    lam
        Weight of the penalty, lam/2 |w|^2.
    C
        The same as lam = 1/(C n); 1 if neither is given.
    engine
        local (threads) or ray.
    slots
        Workers that run at once; all cores if not given.
    seed
        Seed of samples, partitions and methods.
    """

    target_column: str | None = None
    loss: str = "logistic"
    lam: float | None = None
    C: Annotated[float | None, Parameter(name="--C")] = None
    engine: Literal["local", "ray"] = "local"
    slots: int | None = None
    seed: int = 0


DEFAULT = JobOptions()
ASKED: Final = ",".join(map(str, PROBED))


@plan.command(name="profile")
def profile_data(
    data: str,
    /,
    *,
    methods: str | None = None,
    workers: str = ASKED,
    share: float | None = None,
    budget: str = "10s",
    target: str | None = None,
    options: JobOptions = DEFAULT,
    save: Path | None = None,
) -> Profile:
    """Probe methods and worker counts on samples of the data, within a budget.

    Parameters
    ----------
    data
        Name of a data set, or a file.
    methods
        Methods to probe, as cocoa+,newton; all that can solve the job if not given.
    workers
        Worker counts: 1,2,4 or 1-8.
    share
        Share of the rows that most probes use; as much as gives 32,000 rows if not given.
    budget
        Seconds of training that all probes may take together.
    target
        Relative gap at which a probe may end.
    save
        File for the traces (.jsonl or .parquet); learnsys plan choose reads it.
    """
    check_output(save, TRACES, source=data)
    named = None if methods is None else [name.strip() for name in methods.split(",")]
    job, engine = _open(data, options)
    with engine, progress("probing") as update:
        profile = probe(
            job, engine=engine, methods=named, workers=workers, share=share, budget=budget,
            target=target, seed=options.seed, on_trace=lambda t: update(0, _told(t)),
        )  # fmt: skip
    if save is not None:
        write_traces(profile.traces, save)
    return profile


@plan.command
def choose(
    source: str,
    /,
    *more: str,
    target: str | None = None,
    budget: str | None = None,
    workers: str | None = None,
    network: str | None = None,
    probe_budget: str = "10s",
    options: JobOptions = DEFAULT,
    save: Path | None = None,
    chart: Path | None = None,
) -> Plan:
    """Choose method and workers: soonest to a target, or furthest within a budget.

    Parameters
    ----------
    source
        Data to probe first (a name or a file), or traces (files or folders).
    more
        More traces.
    target
        Quality to reach: 1e-4 (relative gap), gap=1e-6 or loss=0.42.
    budget
        Time that training may take, such as 10m.
    workers
        Worker counts to compare: 8, 1,2,4 or 1-64; those of the traces, or 1,2,4 where data is given, if not given.
    network
        Predict for a cluster with this network: 10gbps, or 50us,10gbps.
    probe_budget
        Seconds of training that the probes may take, where data is given.
    save
        File for the plan (.json to read again; .csv, .md, .svg ...).
    chart
        File for its chart (.svg, .png or .html).
    """
    check_output(save, SUFFIXES, source=source)
    check_output(chart, CHARTS, source=source)
    if more or holds_traces(source):
        traces = (Path(source), *map(Path, more))
        return choose_from_traces(
            *traces, target=target, budget=budget, workers=workers, network=network, slots=options.slots,
            save=save, chart=chart,
        )  # fmt: skip
    ask = _ask(target, budget, workers or ASKED, network)
    job, engine = _open(source, options)
    with engine, progress("probing") as update:
        _, plan = probe_and_choose(
            job, ask, engine=engine, probe_budget=probe_budget, seed=options.seed,
            on_trace=lambda t: update(0, _told(t)),
        )  # fmt: skip
    _keep(plan, save, chart)
    return plan


@plan.command(name="validate")
def validate_data(
    data: str,
    /,
    *,
    using: Annotated[Path | None, Parameter(name="--plan")] = None,
    target: str | None = None,
    budget: str | None = None,
    workers: str = ASKED,
    probe_budget: str = "10s",
    options: JobOptions = DEFAULT,
    save: Path | None = None,
    chart: Path | None = None,
) -> Validation:
    """Train as a plan says, and compare what it predicted with what happened.

    Parameters
    ----------
    data
        Name of a data set, or a file.
    using
        A plan saved before (.json); the data is probed and planned first if not given.
    target
        Quality to reach: 1e-4 (relative gap), gap=1e-6 or loss=0.42.
    budget
        Time that training may take, such as 10m.
    workers
        Worker counts to compare: 8, 1,2,4 or 1-64.
    probe_budget
        Seconds of training that the probes may take.
    save
        File for the comparison (.json, .csv, .md ...).
    chart
        File for its chart (.svg, .png or .html).
    """
    check_output(save, SUFFIXES, source=data)
    check_output(chart, CHARTS, source=data)
    chosen = Plan.read(using) if using is not None else None
    ask = None if chosen is not None else _ask(target, budget, workers, None)
    job, engine = _open(data, options)
    with engine, progress("probing") as update:
        if ask is not None:
            _, chosen = probe_and_choose(
                job, ask, engine=engine, probe_budget=probe_budget, seed=options.seed,
                on_trace=lambda t: update(0, _told(t)),
            )  # fmt: skip

        def watch(step: Step) -> bool:
            update(step.iteration, f"round {step.iteration}, loss {step.loss:.6g}")
            return False

        assert chosen is not None
        trace, _ = run_choice(job, chosen, engine=engine, seed=options.seed, on_step=watch)
    validation = validate(chosen, trace)
    _keep(validation, save, chart)
    return validation


def tour(*, quick: bool = False, out: Path = Path("learnsys-tour"), open: bool = False) -> Result:
    """Plan, train, check and serve a model of real flights, find its machine, complete code, write report.html.

    Parameters
    ----------
    quick
        Fewer rows and requests, for a first look.
    out
        Folder for the report, the predictions, the trace and the model.
    open
        Open the report in a browser.
    """
    from learnsys.loop.tour import FULL, QUICK, take_tour  # only the tour needs what serving needs

    done = take_tour(out, QUICK if quick else FULL)
    if open:
        import webbrowser

        webbrowser.open(Path(done.report).resolve().as_uri())
    return done


def _open(data: str, options: JobOptions) -> tuple[convex.Job, Engine]:
    if options.seed < 0:
        raise InputError.below("seed", options.seed, 0)
    dataset = load(data, target=options.target_column)
    job = convex.job(
        dataset.X, dataset.y, loss=options.loss, lam=options.lam, C=options.C, name=dataset.name, ref=dataset.ref
    )
    return job, open_engine(options.engine, options.slots)


def _ask(target: str | None, budget: str | None, workers: str, network: str | None) -> Ask:
    if (target is None) == (budget is None):
        raise InputError(
            "exactly one of target and budget is needed",
            value=[target, budget],
            next="add --target 1e-4 or --budget 10m",
        )
    parse_workers(workers)
    if budget is not None:
        parse_duration(budget)
    if network is not None:
        parse_network(network)
    return Ask(target=None if target is None else Target.parse(target), budget=budget, workers=workers, network=network)


def _keep(result: Plan | Validation, save: Path | None, chart: Path | None) -> None:
    if save is not None:
        result.save(save)
    if chart is not None:
        save_chart(result.chart(), chart)


def _told(trace: Trace) -> str:
    return f"{trace.method} on {trace.workers}: {trace.rounds} rounds, {trace.ended}"
