"""What the commands of this part answer: the runs just measured or read, and the list of what is kept."""

from typing import TYPE_CHECKING, Final, final

from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table
from learnsys.machines.measure.charts import runs_chart

if TYPE_CHECKING:
    import altair as alt

TIMEOUT_CODE: Final = 124  # as timeout(1)
SIGNALLED: Final = 128  # plus the number, as shells


@final
class Measured(AbstractResult, frozen=True, kw_only=True):
    """Runs that were just added to the fingerprint ``name``, which now has ``kept`` in all."""

    name: str
    command: tuple[str, ...]
    runs: tuple[Run, ...]
    kept: int

    @property
    def exit_code(self) -> int:
        """The code of the last run, as a shell would tell it: 124 after a timeout, 137 when out of memory."""
        last = self.runs[-1]
        if last.outcome in ("ok", "timeout", "oom"):
            return {"ok": 0, "timeout": TIMEOUT_CODE, "oom": SIGNALLED + 9}[last.outcome]
        code = last.exit_code or 0
        return SIGNALLED - code if code < 0 else code

    def table(self) -> Table:
        """Show the runs."""
        table = Fingerprint(name=self.name, command=self.command, runs=self.runs).table()
        return Table(
            title=table.title,
            columns=table.columns,
            rows=table.rows,
            notes=(f"runs kept as {self.name!r}: {self.kept}",),
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw the time of each run."""

        return runs_chart(self.name, self.runs)


@final
class Shown(AbstractResult, frozen=True, kw_only=True):
    """Fingerprints that are kept: one of them, or all."""

    fingerprints: tuple[Fingerprint, ...]

    def table(self) -> Table:
        """Show the runs of the one, or a row for each of several."""
        if len(self.fingerprints) == 1:
            return self.fingerprints[0].table()
        return Table(
            columns=(
                Column(name="name"), Column(name="command"), Column(name="machines", kind="integer"),
                Column(name="runs", kind="integer"), Column(name="rejected", kind="integer"),
            ),
            rows=tuple(
                (
                    f.name, " ".join(f.command), len({run.machine for run in f.runs}), len(f.runs),
                    sum(run.rejected is not None for run in f.runs),
                )
                for f in self.fingerprints
            ),
            notes=() if self.fingerprints else ("none yet: learnsys machines fingerprint --name NAME -- COMMAND",),
        )  # fmt: skip

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw the time of each run of the first."""

        first = self.fingerprints[0] if self.fingerprints else Fingerprint(name="", command=(), runs=())
        return runs_chart(first.name, first.runs)
