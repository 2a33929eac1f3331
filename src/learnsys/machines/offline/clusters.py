"""Which machine type, and how many of it: a job's runs on a few clusters, asked for all others.

Runs come in the form of C3O, which is one's own form for clusters too. Machines of a public cloud are sized and priced
by the catalogue; those that were measured need no catalogue, but have no price then.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, final

import msgspec
import numpy as np

from learnsys.core.chart import altair, styled
from learnsys.core.errors import InputError, UnknownMachine, UnknownName
from learnsys.core.estimate import Estimate
from learnsys.core.machine import Catalog, Machine, Price
from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table
from learnsys.core.units import format_size
from learnsys.machines.models.scaleout import Clusters, fit_scaleout, grid
from learnsys.machines.offline.c3o import read_c3o
from learnsys.machines.offline.libcloud import list_prices

if TYPE_CHECKING:
    import altair as alt

SHOWN: Final = 15


@final
class ClusterChoice(msgspec.Struct, frozen=True, kw_only=True):
    """One cluster: time and dollars of a run on it. ``price`` is that of one machine."""

    machine: str
    nodes: int
    time_s: Estimate
    price: Price | None
    cost_usd: float | None


@final
class ClusterRanking(AbstractResult, frozen=True, kw_only=True):
    """Clusters in order: cheapest first where all have prices, else fastest. Of ``runs``, ``learned`` were drawn."""

    job: str
    size_bytes: float
    runs: int
    learned: int
    choices: tuple[ClusterChoice, ...]

    def table(self) -> Table:
        """Show the first of them."""
        dated = {c.price.source: c.price.as_of for c in self.choices if c.price is not None}
        return Table(
            title=f"{self.job}, {format_size(round(self.size_bytes))} of input, by {self.runs} runs on clusters",
            columns=(
                Column(name="machine"),
                Column(name="nodes", kind="integer"),
                Column(name="time", unit="s", kind="duration"),
                Column(name="from", unit="s", kind="duration"),
                Column(name="to", unit="s", kind="duration"),
                Column(name="cost/run", unit="USD", kind="money"),
            ),
            rows=tuple(
                (c.machine, c.nodes, c.time_s.median, c.time_s.low, c.time_s.high, c.cost_usd)
                for c in self.choices[:SHOWN]
            ),
            notes=(
                *self._unpriced(),
                *((f"learned from {self.learned} of the runs, drawn at random",) if self.learned < self.runs else ()),
                f"from and to: {self.choices[0].time_s.level:.0%} intervals; {len(self.choices)} clusters asked for",
                *(f"prices on demand of {source}, {day}" for source, day in dated.items()),
            ),
        )

    def _unpriced(self) -> tuple[str, ...]:
        without = sorted({c.machine for c in self.choices if c.price is None})
        return (f"the fastest first: no price of {', '.join(without)}",) if without else ()

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw time against nodes, a line a machine type, its interval as a band."""
        alt = altair()
        values = [
            {"machine": c.machine, "nodes": c.nodes, "s": c.time_s.median, "low": c.time_s.low, "high": c.time_s.high}
            for c in self.choices
        ]
        base = alt.Chart(alt.Data(values=values)).encode(x=alt.X("nodes:Q", title="machines"), color="machine:N")
        band = base.mark_area(opacity=0.2).encode(y=alt.Y("low:Q", title="seconds"), y2="high:Q")
        return styled(band + base.mark_line(point=True).encode(y="s:Q"))


def rank_clusters(
    *tables: Path | str,
    size_bytes: float,
    nodes: Sequence[int],
    job: str | None = None,
    machines: Sequence[str] = (),
    parameters: dict[str, float] | None = None,
    region: str | None = None,
) -> ClusterRanking:
    """Predict a job on every machine type with every number of nodes.

    Parameters
    ----------
    *tables : Path or str
        Runs in the form of C3O: see ``learnsys.machines.offline.c3o``.
    size_bytes : float
        Of the input to be processed.
    nodes : sequence of int
        Numbers of machines.
    job : str, optional
        Which job, where the tables hold several.
    machines : sequence of str, optional
        Machine types, those that were measured if not given.
    parameters : dict of str to float, optional
        Values of the job's own parameters.
    region : str, optional
        Where prices are of; the cheapest region if not given.

    Raises
    ------
    UnknownName
        If there is no such job or region.
    UnknownMachine
        If a machine was neither measured nor is in the catalogue.
    InputError
        If a parameter is missing, or the tables hold several jobs and none was chosen.
    """
    jobs = read_c3o(*tables)
    if job is None and len(jobs) > 1:
        raise InputError(f"the runs are of {len(jobs)} jobs", value=len(jobs), next=f"choose: --job {'|'.join(jobs)}")
    job = next(iter(jobs)) if job is None else job
    if job not in jobs:
        raise UnknownName.of("job", job, jobs)
    where, seconds = jobs[job]
    given = parameters or {}
    if strange := sorted(set(given) ^ set(where.parameter_names)):
        raise InputError(
            f"{job} has the parameters {', '.join(where.parameter_names) or '(none)'}; "
            f"{strange[0]} is {'missing' if strange[0] in where.parameter_names else 'none of them'}",
            value=strange[0],
            next="give each of them once: --param " + " --param ".join(f"{n}=VALUE" for n in where.parameter_names),
        )
    types = _types(where, machines)
    if region is not None and region not in (known := {p.region for m in list_prices().machines for p in m.prices}):
        raise UnknownName.of("region with a price", region, sorted(known))
    model = fit_scaleout(where, seconds)
    asked = grid(types, nodes, size_bytes=size_bytes, parameters={n: given[n] for n in where.parameter_names})
    forecast = model.predict(asked)
    prices = {m.key: m.cheapest(region) for m in types}
    choices = [
        _choice(key, int(n), forecast.estimate(i), prices[key])
        for i, (key, n) in enumerate(zip(asked.machines, asked.nodes, strict=True))
    ]
    return ClusterRanking(
        job=job, size_bytes=size_bytes, runs=len(where), learned=model.runs, choices=tuple(_in_order(choices))
    )


def _types(where: Clusters, wanted: Sequence[str]) -> list[Machine]:
    """Sizes as measured, prices from the catalogue; sizes too for machines that were not measured."""
    catalog = list_prices()
    listed = {m.key: m for m in catalog.machines}
    rows = {key: i for i, key in enumerate(where.machines)}
    return [_type(key, where, rows, listed, catalog) for key in wanted or sorted(rows)]


def _type(
    key: str, where: Clusters, rows: dict[str, int], listed: dict[str, Machine], catalog: Catalog
) -> Machine:  # fmt: skip
    if (i := rows.get(key)) is None:
        if key not in listed:
            raise UnknownMachine.of("machine", key, [*rows, *listed])
        return catalog.get(key)
    prices = listed[key].prices if key in listed else ()
    return Machine(
        key=key, vcpus=float(where.cores[i]), memory_bytes=int(np.round(where.memory_bytes[i])), prices=prices
    )


def _choice(key: str, nodes: int, time_s: Estimate, price: Price | None) -> ClusterChoice:
    cost = None if price is None else nodes * price.usd_hour * time_s.mean / 3600
    return ClusterChoice(machine=key, nodes=nodes, time_s=time_s, price=price, cost_usd=cost)


def _in_order(choices: Iterable[ClusterChoice]) -> list[ClusterChoice]:
    choices = list(choices)
    if all(c.cost_usd is not None for c in choices):
        return sorted(choices, key=lambda c: (c.cost_usd or 0.0, c.time_s.mean))
    return sorted(choices, key=lambda c: c.time_s.mean)
