"""``learnsys plan choose`` on traces; what needs data to train on is in ``learnsys.loop.cli``."""

from pathlib import Path

from cyclopts import App

from learnsys.core.chart import save_chart
from learnsys.core.trace_file import read_traces
from learnsys.plan.choose import choose as choose_from
from learnsys.plan.types import Plan

app = App(name="plan", help="Choose algorithm and workers to reach a loss soonest.")


@app.command
def choose(
    *traces: Path,
    target: str | None = None,
    budget: str | None = None,
    workers: str | None = None,
    slots: int | None = None,
    network: str | None = None,
    save: Path | None = None,
    chart: Path | None = None,
) -> Plan:
    """Choose method and workers from traces that were recorded before.

    Parameters
    ----------
    traces
        Files of traces (jsonl, parquet), or folders of them.
    target
        Quality to reach soonest: 1e-4 (relative gap), gap=1e-6 or loss=0.42.
    budget
        Time of training in which to get as far as possible, as 10m; exactly one of target and budget.
    workers
        Worker counts to compare, as 1-64 or 1,2,4; those of the traces if not given.
    slots
        Workers that run at once; as in the traces if neither this nor a network is given.
    network
        Predict for a cluster with this network: 10gbps, or 50us,10gbps.
    save
        File for the plan: json, csv, md, or a picture.
    chart
        File for a picture of the decision: svg, png or html.
    """
    plan = choose_from(
        [trace for path in traces for trace in read_traces(path)],
        target=target, budget=budget, workers=workers, slots=slots, network=network,
    )  # fmt: skip
    if save is not None:
        plan.save(save)
    if chart is not None:
        save_chart(plan.chart(), chart)
    return plan
