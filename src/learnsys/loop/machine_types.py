"""What the tour found about machines: the job predicted on shapes of a host, and one prediction checked by a run."""

from collections.abc import Callable
from statistics import fmean
from typing import TYPE_CHECKING, Any, Final, final

from learnsys.core.chart import altair, styled
from learnsys.core.estimate import Estimate
from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table
from learnsys.core.units import format_duration, format_money
from learnsys.machines.predictions import FITS, Prediction

if TYPE_CHECKING:
    import altair as alt

SHOWN: Final = 12  # rows of the table


@final
class MachineChoice(AbstractResult, frozen=True, kw_only=True):
    """The training job on machines of an offline benchmark.

    Attributes
    ----------
    fingerprint : Fingerprint
        Its runs on the references.
    label : str
        What the benchmark is, as "shapes of one host".
    isolation : str
        What kept other work away from the runs; ``weak`` is almost nothing.
    predictions : tuple of Prediction
        The best first: by dollars of a run, those whose memory is too small last.
    front : tuple of str
        Machines that no other beats in both time and cost.
    to_verify : str, optional
        The machine whose prediction is checked, chosen before it runs; None where this host can be no other shape.
    verified : tuple of Run
        The job on that machine; empty before.
    notes : tuple of str
        What is to be known of the answer.
    """

    fingerprint: Fingerprint
    label: str
    isolation: str
    predictions: tuple[Prediction, ...]
    front: tuple[str, ...]
    to_verify: str | None
    verified: tuple[Run, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def best(self) -> Prediction:
        """The cheapest for a run."""
        return self.predictions[0]

    @property
    def fitting(self) -> tuple[Prediction, ...]:
        """Those whose memory is likely to suffice."""
        return tuple(p for p in self.predictions if p.p_fits >= FITS) or self.predictions

    @property
    def least_an_hour(self) -> Prediction:
        """The cheapest for an hour, among those whose memory suffices; of equals the faster."""
        return min(self.fitting, key=lambda p: (_usd_hour(p), p.time_s.median))

    @property
    def expected(self) -> Prediction | None:
        """The prediction that is checked."""
        return next((p for p in self.predictions if p.machine == self.to_verify), None)

    @property
    def measured_s(self) -> float | None:
        """Mean seconds of the runs that check it, those that count if some do; None if none ended well."""
        seconds = [r.elapsed_s for r in _quiet(self.verified) if r.elapsed_s is not None]
        return fmean(seconds) if seconds else None

    @property
    def inside(self) -> bool | None:
        """Whether what was measured lies in the interval that was predicted; None if nothing was measured."""
        if (p := self.expected) is None or not self.verified:
            return None
        return self.measured_s is not None and p.time_s.low <= self.measured_s <= p.time_s.high

    def table(self) -> Table:
        """Show the first machines with time and cost."""
        return Table(
            title=f"{self.fingerprint.name}: least dollars of a run",
            columns=(
                Column(name="machine"), Column(name="time", unit="s", kind="duration"), Column(name="time (90 %)"),
                Column(name="per hour", unit="USD", kind="money"), Column(name="cost/run", unit="USD", kind="money"),
                Column(name="cost/run (90 %)"), Column(name="Pareto"), Column(name="source"),
            ),
            rows=tuple(self._row(p) for p in self.predictions[:SHOWN]),
            notes=(*self._more(), *self.notes),
        )  # fmt: skip

    def _row(self, p: Prediction) -> tuple[Any, ...]:
        t, c = p.time_s, p.cost_usd
        return (
            p.machine, t.median, f"{format_duration(t.low)} - {format_duration(t.high)}", _usd_hour(p),
            c and c.median, c and f"{format_money(c.low)} - {format_money(c.high)}",
            "yes" if p.machine in self.front else "", p.source,
        )  # fmt: skip

    def _more(self) -> tuple[str, ...]:
        hidden = len(self.predictions) - SHOWN
        return (f"{hidden} more in the file of the prediction",) if hidden > 0 else ()

    def lines(self) -> list[tuple[str, str]]:
        """Answer the tour's questions, a line each."""
        best, slow = self.best, self.least_an_hour
        assert best.cost_usd is not None
        assert slow.cost_usd is not None
        more, longer = slow.cost_usd.median / best.cost_usd.median, slow.time_s.median / best.time_s.median
        said = [
            ("machine", f"{best.machine} is the cheapest of {len(self.predictions)} shapes for this training: "
             f"{_span(best.time_s, format_duration)}, {_span(best.cost_usd, format_money)}"),
            ("cheapest per hour", f"{slow.machine} at {format_money(_usd_hour(slow))} against "
             f"{format_money(_usd_hour(best))} an hour: "
             + (f"{more:.2f}x the dollars of a run, {longer:.1f}x its time" if slow != best else "the same machine")),
        ]  # fmt: skip
        if (p := self.expected) is not None:
            said.append(("verified", f"{p.machine}: predicted {_span(p.time_s, format_duration)}, {self._came()}"))
        return said

    def _came(self) -> str:
        if not self.verified:
            return "not run yet"
        if self.measured_s is None:
            return f"did not end well ({self.verified[-1].outcome})"
        weak = ", weakly isolated" if self.isolation == "weak" else ""
        return f"ran {format_duration(self.measured_s)} ({'inside' if self.inside else 'outside'} the interval{weak})"

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw dollars against seconds of a run, with intervals, and what was measured as crosses."""
        draw = altair()
        base = draw.Chart(
            draw.Data(values=[_point(p) for p in self.predictions if p.p_fits >= FITS]), width=520, height=340
        )
        x = draw.X("time:Q", title="seconds of a run", scale=draw.Scale(type="log"))
        y = draw.Y("cost:Q", title="US dollars of a run", scale=draw.Scale(type="log"), axis=draw.Axis(format="~g"))
        colour = draw.Color("cores:N", title="cores")
        tips = [f"{name}:{type_}" for name, type_ in _TIPS]
        across = base.mark_rule(opacity=0.35).encode(x="low:Q", x2="high:Q", y=y, color=colour)
        up = base.mark_rule(opacity=0.35).encode(x=x, y="cost low:Q", y2="cost high:Q", color=colour)
        dots = base.mark_point(filled=True, size=60).encode(x=x, y=y, color=colour, tooltip=tips)
        ran = draw.Chart(draw.Data(values=self._measured()))
        crosses = ran.mark_point(shape="cross", filled=True, size=110, color="#1c2429", angle=45).encode(
            x=x, y=y, tooltip=["what:N", *tips[:2]]
        )
        names = ran.mark_text(align="left", dx=9, dy=-9, color="#1c2429").encode(x=x, y=y, text="what:N")
        chart: alt.Chart = styled(across + up + dots + crosses + names)
        return chart

    def _measured(self) -> list[dict[str, Any]]:
        """Place what was measured: on the references, and where the prediction was checked."""
        rates = {p.machine: _usd_hour(p) / 3600 for p in self.predictions}
        runs = [("reference", r) for r in _quiet(self.fingerprint.runs)] + [("check", r) for r in _quiet(self.verified)]
        return [
            {"what": what, "machine": r.machine, "time": r.elapsed_s, "cost": r.elapsed_s * rates[r.machine]}
            for what, r in runs
            if r.elapsed_s is not None
        ]


_TIPS: Final = (("machine", "N"), ("time", "Q"), ("low", "Q"), ("high", "Q"), ("cost", "Q"), ("source", "N"))


def _quiet(runs: tuple[Run, ...]) -> list[Run]:
    """Keep the runs that count, and all of a machine where none does: a busy host gets an answer too."""
    quiet = {r.machine for r in runs if r.rejected is None}
    return [r for r in runs if r.rejected is None or r.machine not in quiet]


def _span(e: Estimate, form: Callable[[float], str]) -> str:
    return f"{form(e.median)} [{form(e.low)} - {form(e.high)}]"


def _usd_hour(p: Prediction) -> float:
    assert p.price is not None
    return p.price.usd_hour


def _point(p: Prediction) -> dict[str, Any]:
    assert p.cost_usd is not None
    return {
        "machine": p.machine, "cores": p.machine.partition("cpu=")[2].partition(",")[0], "time": p.time_s.median,
        "low": p.time_s.low, "high": p.time_s.high, "cost": p.cost_usd.median, "cost low": p.cost_usd.low,
        "cost high": p.cost_usd.high, "source": p.source,
    }  # fmt: skip
