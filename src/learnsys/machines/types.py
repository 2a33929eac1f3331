"""What the room answers: predictions for machines, in order; the machine to measure next; why."""

from typing import TYPE_CHECKING, Any, Final, final

import msgspec

from learnsys.core.errors import UnknownMachine
from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table
from learnsys.core.units import format_duration, format_money
from learnsys.machines.predictions import Objective, Prediction, Rows

if TYPE_CHECKING:
    import altair as alt

SHOWN: Final = 20  # rows of a table on a terminal


@final
class Ranking(AbstractResult, frozen=True, kw_only=True):
    """Machines for one job, the best first.

    Attributes
    ----------
    name : str
        The job.
    benchmark, label : str
        The offline benchmark that the answer rests on, and what is to be known of it, as "shapes of one host".
    objective : str
        What is least: cost or time.
    deadline_s, p : float
        A run is to end within ``deadline_s`` with probability ``p``.
    nodes : int
        Machines of the type that run the job together.
    references : tuple of str
        Machines on which the job was measured.
    rows : sequence of Prediction
        Those that meet every condition first; then those that miss the deadline; then those whose memory is too small.
    feasible : int
        How many meet every condition.
    front : tuple of str
        Machines that no other beats in both time and cost (Pareto), from fast to cheap.
    notes : tuple of str
        What was left out and why; what the answer leans on.
    """

    name: str
    benchmark: str
    label: str
    objective: Objective
    deadline_s: float | None
    p: float
    level: float
    nodes: int
    references: tuple[str, ...]
    rows: Rows
    feasible: int
    front: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def best(self) -> Prediction:
        """The first machine."""
        return self.rows[0]

    def __getitem__(self, key: str) -> Prediction:
        """Look the prediction for one machine up by its key.

        Raises
        ------
        UnknownMachine
            If it is not among those that were ranked; near keys are suggested.
        """
        keys = [m.key for m in self.rows.columns.machines]
        if key not in keys:
            raise UnknownMachine.of("machine in this ranking", key, keys)
        return self.rows[keys.index(key)]

    def table(self) -> Table:
        """Show the first machines with time, cost and probability."""
        interval = f"{100 * self.level:.4g} %"
        columns = [
            Column(name="rank", kind="integer"), Column(name="vm"), Column(name="time", unit="s", kind="duration"),
            Column(name=f"time ({interval})"),
        ]  # fmt: skip
        if self._has_costs():
            columns += [
                Column(name="cost/run", unit="USD", kind="money"), Column(name=f"cost/run ({interval})"),
                Column(name="Pareto"),
            ]  # fmt: skip
        if self.deadline_s is not None:
            columns.append(Column(name=f"P(<={format_duration(self.deadline_s)})", kind="percent"))
        return Table(
            title=self.title,
            columns=(*columns, Column(name="why")),
            rows=tuple(self._row(i, r) for i, r in enumerate(self.rows[:SHOWN], 1)),
            notes=self._more() + self.notes,
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw ``"pareto"`` (cost against time, with intervals) or ``"families"`` (time by machine family)."""
        from learnsys.machines.charts import ranking_chart

        return ranking_chart(self, kind or "pareto")

    @property
    def title(self) -> str:
        """The question in a line."""
        goal = f"least {self.objective}"
        if self.deadline_s is not None:
            goal += f" within {format_duration(self.deadline_s)} with probability {self.p:g}"
        return f"{self.name}: {goal}" + (f", {self.nodes} nodes" if self.nodes > 1 else "")

    def _has_costs(self) -> bool:
        return any(p is not None for p in self.rows.columns.prices)

    def _row(self, rank: int, r: Prediction) -> tuple[Any, ...]:
        t, c = r.time_s, r.cost_usd
        cells: list[Any] = [rank, r.machine, t.median, f"{format_duration(t.low)} - {format_duration(t.high)}"]
        if self._has_costs():
            cells += [c and c.median, c and f"{format_money(c.low)} - {format_money(c.high)}"]
            cells.append("yes" if r.machine in self.front else "")
        if self.deadline_s is not None:
            cells.append(r.p_deadline)
        return (*cells, r.why)

    def _more(self) -> tuple[str, ...]:
        hidden = len(self.rows) - SHOWN
        return (f"{hidden:,} more: --save FILE keeps all",) if hidden > 0 else ()


@final
class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What measuring one more machine would cost and buy; regrets are shares of the least cost."""

    machine: str
    usd: float | None
    time_s: float
    regret_after: float
    worth: float


@final
class Proposal(AbstractResult, frozen=True, kw_only=True):
    """The machine to measure next, or the advice to stop.

    Attributes
    ----------
    name : str
        The job.
    benchmark : str
        The offline benchmark that the answer rests on.
    objective : str
        What the decision minimises.
    references : tuple of str
        Machines measured so far.
    regret : float
        Expected regret of deciding now: how much more than the best, as a share of the best. A run that misses the
        deadline, if there is one, counts as 1 / (1 - p) runs more.
    enough : float
        Expected regret at which measuring stops.
    runs : float, optional
        How often the job will run on the machine chosen; measuring also stops where it costs more than it saves.
    choice : str
        What one would choose now; empty with nothing measured.
    next : str, optional
        The machine to measure, None to stop.
    trials : tuple of Trial
        The best candidates, the most worth first.
    why : str
        The advice in a sentence.
    """

    name: str
    benchmark: str
    objective: Objective
    references: tuple[str, ...]
    regret: float
    enough: float
    runs: float | None
    choice: str
    next: str | None
    trials: tuple[Trial, ...]
    why: str
    notes: tuple[str, ...] = ()

    def table(self) -> Table:
        """Show the candidates, or the advice alone where no more is to be known."""
        if not self.trials or self.regret <= self.enough:
            return Table(columns=(Column(name="advice"),), rows=((self.why,),), notes=self.notes)
        cost = [Column(name="run cost", unit="USD", kind="money")] if self.objective == "cost" else []
        return Table(
            title=self.why,
            columns=(
                Column(name="measure"), Column(name="run time", unit="s", kind="duration"), *cost,
                Column(name="regret after", kind="percent"),
            ),
            rows=tuple((t.machine, t.time_s, *([t.usd] if cost else []), t.regret_after) for t in self.trials),
            notes=self.notes,
        )  # fmt: skip

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw what each candidate buys against what it costs."""
        from learnsys.machines.charts import proposal_chart

        return proposal_chart(self)


@final
class HeldOut(msgspec.Struct, frozen=True, kw_only=True):
    """A known workload on one machine, predicted while it was left out, and measured."""

    workload: str
    machine: str
    family: str
    measured_s: float
    predicted_s: float


@final
class Explanation(AbstractResult, frozen=True, kw_only=True):
    """Why the answer for one job, or one machine, is as it is: facts by name.

    ``memory`` has pairs of bytes and the probability that the job fits; ``held_out`` how well the same model did on
    known workloads that it had not seen.
    """

    name: str
    machine: str | None
    summary: str
    facts: tuple[tuple[str, str], ...]
    memory: tuple[tuple[float, float], ...] = ()
    held_out: tuple[HeldOut, ...] = ()

    def table(self) -> Table:
        """Show the facts."""
        return Table(title=self.summary, columns=(Column(name="what"), Column(name="is")), rows=self.facts)

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw ``"memory"`` (the cliff), ``"predicted"`` (against measured) or ``"families"`` (errors by family)."""
        from learnsys.machines.charts import explanation_chart

        return explanation_chart(self, kind or "memory")
