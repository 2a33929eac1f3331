"""``learnsys machines``: rank, next, references, explain; the commands of the other parts are mounted, not imported."""

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from cyclopts import App, Parameter

from learnsys.core.chart import SUFFIXES as CHARTS
from learnsys.core.chart import save_chart
from learnsys.core.command import wants_json
from learnsys.core.files import check_output
from learnsys.core.machine import Catalog
from learnsys.core.result import SUFFIXES, Result
from learnsys.machines.predictions import Objective
from learnsys.machines.types import Explanation, Proposal, Ranking

app = App(name="machines", help="Which machine type for a job, for what cost and time.")
app.command(
    "learnsys.machines.measure.cli:fingerprint", name="fingerprint", help="Run a command and keep what it did here."
)
app.command("learnsys.machines.measure.cli:show", name="show", help="Show the fingerprints that are kept.")
app.command("learnsys.machines.measure.cli:add", name="add", help="Add runs that were measured on another machine.")
app.command("learnsys.machines.measure.cli:import_", name="import", help="Import GNU time or resource-tracker output.")
app.command("learnsys.machines.offline.cli:app", name="data", help="Offline benchmarks: list, add and show them.")
app.command(
    "learnsys.machines.offline.cli:clusters", name="clusters",
    help="Which machine type, and how many of it, by runs on a few clusters.",
)  # fmt: skip
app.command("learnsys.machines.lab.cli:lab", name="lab", help="Measure the lab's programs on shapes of this host.")
app.command("learnsys.machines.spot.cli:app", name="spot", help="Dynamic prices: when to bid, when to wait.")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is wanted, and which machines come into question.

    Parameters
    ----------
    objective
        What is least: cost or time; cost where the machines have prices if not given.
    deadline
        A run is to end within it, as 30m ...
    p
        ... with this probability.
    vendor
        Only these, as aws,gcp.
    region
        Only machines with a price there.
    arch
        Only this processor architecture.
    max_price
        Most dollars an hour of a machine.
    memory
        Least memory of a machine, as 8GiB.
    max_vcpus
        Most virtual cores of a machine, as a quota may say.
    rates
        Dollars an hour of a core and a GiB where machines have no price: cpu=0.033,mem=0.0045, or n2@us-central1 (GCE).
    """

    objective: Objective | None = None
    deadline: str | None = None
    p: float = 0.9
    vendor: str | None = None
    region: str | None = None
    arch: str | None = None
    max_price: str | None = None
    memory: str | None = None
    max_vcpus: float | None = None
    rates: str | None = None


ANY = Wanted()


@app.command
def rank(
    name: str,
    /,
    *,
    benchmark: str = "lab",
    wanted: Wanted = ANY,
    size: str | None = None,
    shape: str | None = None,
    scores: str | None = None,
    level: float = 0.9,
    export: Literal["skypilot"] | None = None,
    save: Path | None = None,
    chart: Path | None = None,
    kind: Literal["pareto", "families"] = "pareto",
) -> Ranking | None:
    """Rank machines for a job by predicted cost or time, under a deadline if there is one.

    Parameters
    ----------
    name
        A job that was fingerprinted.
    benchmark
        Offline benchmark to rest on: lab, a name that learnsys machines data list shows, a folder, or the file of a
        lab.
    size
        Data to predict for, as 10GB, told from runs on two smaller sizes; the largest measured if not given.
    shape
        Rank shapes of cores and memory instead of machines: cpu=1..64,mem=2g..512g, priced by --rates.
    scores
        Rank all servers of these public scores, as sparecores, those too that the benchmark has no run on.
    level
        Probability of the intervals.
    export
        Print a task file for this tool instead of the table.
    save
        File for the ranking (.json, .csv, .parquet, .md ...).
    chart
        File for a picture (.svg, .png or .html).
    kind
        What is drawn: cost against time, or time by machine family.
    """
    from learnsys.machines.decide.rank import rank as rank_machines

    check_output(save, SUFFIXES)
    check_output(chart, CHARTS)
    ranking = rank_machines(
        name, benchmark=benchmark, size=size, shape=shape, scores=scores, level=level, **asdict(wanted)
    )
    _keep(ranking, save, chart, kind)
    if export is None or wants_json():
        return ranking
    from learnsys.machines.decide.export import skypilot

    sys.stdout.write(skypilot(ranking))
    return None


@app.command(name="next")
def next_(
    name: str,
    /,
    *,
    benchmark: str = "lab",
    wanted: Wanted = ANY,
    enough: float = 0.01,
    runs: float | None = None,
    save: Path | None = None,
    chart: Path | None = None,
) -> Proposal:
    """Propose the machine to measure next, or say that enough is known.

    Parameters
    ----------
    name
        A job that was fingerprinted.
    benchmark
        Offline benchmark to rest on, as for rank.
    enough
        Expected regret at which to stop, as a share of the least cost.
    runs
        How often the job will run; a measurement then has to save what it costs.
    save
        File for the proposal (.json, .csv ...).
    chart
        File for what each candidate buys against its cost (.svg, .png or .html).
    """
    from learnsys.machines.decide.propose import next_reference

    check_output(save, SUFFIXES)
    check_output(chart, CHARTS)
    proposal = next_reference(name, benchmark=benchmark, enough=enough, runs=runs, **asdict(wanted))
    _keep(proposal, save, chart)
    return proposal


@app.command
def references(k: int = 3, /, *, benchmark: str = "lab", wanted: Wanted = ANY) -> Catalog:
    """Choose k machines to measure that predict the others best.

    Parameters
    ----------
    k
        How many.
    benchmark
        Offline benchmark, as for rank.
    """
    from learnsys.machines.decide.propose import references as choose

    return choose(k, benchmark=benchmark, **asdict(wanted))


@app.command
def explain(
    name: str, machine: str | None = None, /, *, benchmark: str = "lab", save: Path | None = None,
    chart: Path | None = None, kind: Literal["memory", "predicted", "families"] = "memory",
) -> Explanation:  # fmt: skip
    """Explain what bounds a job, what its prediction rests on, and whether it fits a machine.

    Parameters
    ----------
    name
        A job that was fingerprinted.
    machine
        A machine of the benchmark, as aws/m6i.large.
    benchmark
        Offline benchmark, as for rank.
    save
        File for the explanation (.json, .csv ...).
    chart
        File for a picture (.svg, .png or .html).
    kind
        What is drawn: whether it fits by memory; or how well the same model did on known workloads left out, predicted
        against measured or error by machine family.
    """
    from learnsys.machines.decide.explain import explain as explain_job

    check_output(save, SUFFIXES)
    check_output(chart, CHARTS)
    explanation = explain_job(name, machine, benchmark=benchmark)
    _keep(explanation, save, chart, kind)
    return explanation


def _keep(result: Any, save: Path | None, chart: Path | None, kind: str | None = None) -> None:
    kept: Result = result
    if save is not None:
        kept.save(save)
    if chart is not None:
        save_chart(kept.chart(kind), chart)
