"""The tour as one self-contained page."""

from pathlib import Path
from typing import TYPE_CHECKING

from learnsys.core.report import Text, write_report
from learnsys.core.table import Column, Table
from learnsys.core.units import format_duration
from learnsys.loop.tour_code import CLIENT
from learnsys.loop.tour_types import Tour

if TYPE_CHECKING:
    import altair as alt

    from learnsys.series.results.lead_lag import LeadLagResult


def tour_report(tour: Tour, leaders: "LeadLagResult", path: Path) -> Path:
    """Write ``report.html``: curves predicted and measured, I(p), the decision, who leads, latency, machines, code."""
    host = tour.trace.host
    blocks: list[Text | Table | alt.Chart] = [
        Text(
            body=f"{tour.rows:,} flights out of New York in 2013 to learn from, {tour.positive:.1%} of them more than "
            f"15 minutes late, with {tour.columns} features known before departure; {tour.held_out:,} flights of the "
            "25th and later of each month are held out. From raw files to a model that answers within its deadline."
        ),
        tour.table(),
        Text(
            heading="Probes",
            body="Short runs on a sample of the flights. Seconds of a round and progress of a round are modelled "
            "apart, so that each can be predicted for other rows and other workers.",
        ),
        tour.profile.table(),
        tour.profile.chart(),
        Text(
            heading="The decision",
            body="Which method on how many workers reaches the target soonest on all flights?",
        ),
        tour.plan.table(),
        tour.plan.chart("decision"),
        Text(
            heading="Rounds a second, by workers",
            body="Hemingway's I(p): Ernest's terms fitted to the probes by relative errors.",
        ),
        tour.plan.chart("throughput"),
        Text(
            heading="Predicted and measured",
            body="The prediction was written to disk before training began, and the run it is compared with was not "
            "among its inputs. What is certified after a round lags behind what was reached: the best bound of the run "
            "shows that in hindsight.",
        ),
        tour.validation.table(),
        tour.validation.chart(),
        Text(
            heading="The certificate",
            body="The duality gap bounds how far the loss can be above the minimum, whatever the minimum is.",
        ),
        tour.trace.table(),
        tour.trace.chart("time"),
        Text(heading="On held-out days"),
        _scores(tour),
        Text(
            heading="Who leads?",
            body="Delays of airports when flights leave, of carriers when they land, and the weather, on the days that "
            "are not held out, without their course of the day: correlations at lags, straight from the flights as "
            "they come. So the last model above was told what was known half an hour before each flight was due: "
            "delays of other flights over the last one and four hours, what was overdue, the aircraft's flight before.",
        ),
        leaders.chart("network"),
        leaders.chart("profiles"),
        Text(
            heading="Served",
            body="Requests were sent when they were due, whether or not earlier ones had been answered; latency counts "
            "from when a request was due.",
        ),
        tour.load.table(),
        tour.load.chart("latency"),
        Text(
            heading="Which machine should train?",
            body="The training was run as a command of its own on the references, and predicted on the other shapes "
            "from known programs that were measured on all of them. One prediction was written to disk and then "
            "checked by a run. The machine that is cheapest an hour need not be the cheapest for the job: it is paid "
            "for longer. Bars are 90 % intervals, crosses what was measured.",
        ),
        _answers(tour),
        tour.machine.table(),
        tour.machine.chart(),
        Text(
            heading="What code comes next?",
            body="The model of Python that ships, two megabytes, asked at the end of a client that somebody writes, "
            f"“{CLIENT.rpartition(': ')[2]}”: each suggestion with its probability, and whether it is copied from the "
            "file or comes from what the model learned. It is a predictor too: learnsys serve run serves it.",
        ),
        tour.code.table(),
        tour.code.chart(),
    ]
    footer = (
        f"Measured on {host.cpu}, {host.cores} cores, Python {host.python}; it took {format_duration(tour.elapsed_s)}, "
        f"of which compiling {format_duration(tour.compile_s)}."
    )
    return write_report(path, "learnsys: will this flight be late?", blocks, footer=footer)


def _answers(tour: Tour) -> Table:
    return Table(columns=(Column(name="question"), Column(name="answer")), rows=tuple(tour.machine.lines()))


def _scores(tour: Tour) -> Table:
    return Table(
        columns=(
            Column(name="model"),
            Column(name="AUC", kind="number"),
            Column(name="accuracy", kind="percent"),
            Column(name="training cpu", unit="s", kind="duration"),
        ),
        rows=tuple((s.model, s.auc, s.accuracy, s.cpu_s) for s in tour.scores),
        notes=("scikit-learn: LogisticRegression(C=1, solver='newton-cholesky') at its default tolerance",),
    )
