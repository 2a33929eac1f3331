"""``learnsys machines lab``: measure the programs on this host, or on every node of a cluster."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from learnsys.core.chart import SUFFIXES as CHARTS
from learnsys.core.chart import save_chart
from learnsys.core.console import ERR, progress
from learnsys.core.errors import InputError, UnknownName
from learnsys.core.files import check_output
from learnsys.machines.lab.grid import REPS, Cell, cells
from learnsys.machines.lab.journal import Journal, Measured, default_path
from learnsys.machines.lab.programs import PROGRAMS
from learnsys.machines.lab.runner import run_lab
from learnsys.machines.lab.types import Lab, Point
from learnsys.machines.measure.shape import Shape


def lab(
    *,
    minutes: float | None = None,
    programs: str | None = None,
    shapes: str | None = None,
    reps: int = REPS,
    file: Path | None = None,
    ray: Annotated[
        str | None, Parameter(help="Measure on every node of this Ray cluster (host:port, or auto).")
    ] = None,
    save: Path | None = None,
    chart: Path | None = None,
) -> Lab:
    """Measure small programs on shapes of this host, to predict other jobs from. Go on where the last call ended.

    Parameters
    ----------
    minutes
        Begin no run after this long; without it, all of the lab, which takes about an hour.
    programs
        Only these, as words.json_trip,arrays.fft, or a part of their names.
    shapes
        Only these in place of the grid, as cpu=1,mem=2g;cpu=2,mem=512m.
    reps
        Runs of each cell; long ones get fewer.
    file
        Where runs are kept; in the user's folder if not given.
    ray
        Measure on every node of this Ray cluster, each as a host of its own; auto finds a running one.
    save
        File for the table of runs that count (.parquet), for learnsys machines rank --benchmark FILE.
    chart
        File for the memory cliff of each program (.svg, .png or .html).
    """
    check_output(save, (".parquet",))
    check_output(chart, CHARTS)
    if reps < 1:
        raise InputError.below("reps", reps, 1)
    if minutes is not None and not minutes > 0:
        raise InputError(f"minutes is {minutes:g}, but must be above 0", value=minutes, next="write --minutes 5")
    chosen = _programs(programs)
    missing = {name: lack for name in chosen if (lack := PROGRAMS[name].lacks())}
    for name, lack in missing.items():
        ERR.print(f"skipped {name}: {lack} is not installed", markup=False)
    places = None if shapes is None else [Shape.parse(text) for text in shapes.split(";")]
    grid = cells([name for name in chosen if name not in missing], places)
    if shapes is None and ray is None:
        host = Shape.of_host()
        if large := sum(not cell.shape.within(host) for cell in grid):
            ERR.print(f"skipped {large} cells: their shapes are larger than {host.key}", markup=False)
        grid = [cell for cell in grid if cell.shape.within(host)]
    (path := file or default_path()).parent.mkdir(parents=True, exist_ok=True)
    journal = Journal(path)
    _measure(journal, grid, reps, None if minutes is None else 60 * minutes, ray)
    if save is not None:
        from learnsys.machines.lab.table import write_table

        write_table(save, journal.all_runs(), journal.sites)
    result = _summary(journal, grid, reps, missing)
    if chart is not None:
        save_chart(result.chart(), chart)
    return result


def _measure(journal: Journal, grid: Sequence[Cell], reps: int, seconds: float | None, ray: str | None) -> None:
    with progress("measuring the lab", total=1.0) as update:

        def report(done: int, left: int, measured: Measured) -> None:
            run = measured.run
            update(done / (done + left), f"{left} left, {measured.program} on {run.machine}: {run.outcome}")

        if ray is None:
            run_lab(journal, grid, reps=reps, seconds=seconds, report=report)
            return
        from learnsys.core.engine import ray as open_cluster
        from learnsys.machines.lab.fan import run_on_nodes

        with open_cluster(address=ray) as engine:
            run_on_nodes(engine, journal, grid, reps=reps, seconds=seconds, report=report)


def _programs(text: str | None) -> list[str]:
    if text is None:
        return list(PROGRAMS)
    found = []
    for word in text.split(","):
        if not (some := [name for name in PROGRAMS if word.strip() in name]):
            raise UnknownName.of("program", word.strip(), PROGRAMS)
        found += some
    return list(dict.fromkeys(found))


def _summary(journal: Journal, grid: Sequence[Cell], reps: int, missing: dict[str, str]) -> Lab:
    runs = journal.all_runs()
    points = tuple(
        Point(
            program=m.program, size=m.size, cpu=m.cell.shape.cpu, memory_bytes=m.cell.shape.memory_bytes,
            outcome=m.run.outcome, elapsed_s=m.run.elapsed_s, peak_bytes=m.run.peak_bytes,
        )
        for m in runs if m.run.rejected is None
    )  # fmt: skip
    return Lab(
        file=journal.path, sites=journal.sites, points=points, rejected=len(runs) - len(points), missing=missing,
        left=sum(len(journal.todo(label, grid, reps)) for label in journal.sites),
    )  # fmt: skip
