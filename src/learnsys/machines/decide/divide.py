"""Divisible resources: any shape of cores and memory, as GCE's custom machines and Kubernetes' requests allow.

A surface through the seconds predicted for the benchmark's machines answers for shapes between them; away from them the
intervals widen.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from learnsys.core.errors import InputError
from learnsys.core.machine import Machine
from learnsys.core.units import format_duration, format_money, format_size, parse_size
from learnsys.machines.decide.evidence import Evidence
from learnsys.machines.decide.rates import Rates
from learnsys.machines.models.forecast import Forecast
from learnsys.machines.models.shapes import Surface, fit_surface

WIDER: Final = 0.5  # of the interval's width, for each doubling away from the nearest machine
MOST: Final = 4096  # shapes: more are a mistake


def parse_shapes(text: str) -> tuple[Machine, ...]:
    """Read shapes, in doublings from the least to the most.

    Raises
    ------
    InputError
        If it is not of the form ``cpu=1..64,mem=2g..512g``.

    Examples
    --------
    >>> [m.key for m in parse_shapes("cpu=1..3,mem=2g")]
    ['shape/cpu=1,mem=2GiB', 'shape/cpu=2,mem=2GiB', 'shape/cpu=3,mem=2GiB']
    """
    parts = dict(part.partition("=")[::2] for part in text.replace(" ", "").split(","))
    if set(parts) != {"cpu", "mem"}:
        raise _unreadable(text)
    try:
        cpus = _doublings(*(float(x) for x in parts["cpu"].split("..")))
        sizes = _doublings(*(float(parse_size(x)) for x in parts["mem"].split("..")))
    except (TypeError, ValueError) as error:
        raise _unreadable(text) from error
    if len(cpus) * len(sizes) > MOST:
        raise InputError(f"{text!r} are {len(cpus) * len(sizes):,} shapes", value=text, next="narrow the ranges")
    return tuple(
        Machine(key=f"shape/cpu={c:g},mem={format_size(m).replace(' ', '')}", vcpus=c, memory_bytes=round(m))
        for c in cpus
        for m in sizes
    )


def over(evidence: Evidence, shapes: Sequence[Machine]) -> tuple[Evidence, Surface]:
    """See a job on shapes, instead of the benchmark's machines.

    Raises
    ------
    TooFewPoints
        If the machines all have the same number of cores.
    InputError
        If fewer than two of them have a known size.
    """
    fleet, f = evidence.fitted.fleet, evidence.forecast
    known = np.isfinite(fleet.vcpus) & np.isfinite(fleet.memory) & (evidence.p_fits >= 0.5)
    if known.sum() < 2:
        raise InputError(
            f"fewer than two machines of {evidence.fitted.outline.name} have a known size and hold the job",
            value=int(known.sum()), next="use another benchmark: --benchmark lab",
        )  # fmt: skip
    surface = fit_surface(fleet.vcpus[known], fleet.memory[known], np.exp(f.log_s[known]))
    cpu = np.array([m.vcpus for m in shapes])
    memory = np.array([m.memory_bytes for m in shapes], float)
    place = np.log2(np.column_stack([cpu, memory]))
    seen = np.log2(np.column_stack([fleet.vcpus[known], fleet.memory[known]]))
    distance = np.abs(place[:, None] - seen[None]).sum(axis=2)
    nearest = distance.argmin(axis=1)
    log_s = np.log(surface.seconds(cpu, memory))
    forecast = Forecast(
        log_s=log_s, ladder=f.ladder, log_p90=log_s + (f.log_p90 - f.log_s)[known][nearest],
        scale=f.scale[known][nearest] * (1 + WIDER * distance.min(axis=1)),
    )  # fmt: skip
    outline = msgspec.structs.replace(
        evidence.fitted.outline,
        catalog=msgspec.structs.replace(evidence.fitted.outline.catalog, machines=tuple(shapes)),
        features=np.zeros((len(shapes), 0)), feature_names=(),
    )  # fmt: skip
    fitted = msgspec.structs.replace(evidence.fitted, outline=outline)
    observed = msgspec.structs.replace(evidence.observed, machines=np.full(len(evidence.references), -1))
    return msgspec.structs.replace(evidence, fitted=fitted, forecast=forecast, observed=observed), surface


def what_more_buys(surface: Surface, machine: Machine, rates: Rates | None) -> tuple[str, ...]:
    """Say what one more core and one more GiB would buy for one shape."""
    core, gib = (0.0, 0.0) if rates is None else (rates.usd_core_hour, rates.usd_gib_hour)
    m = surface.marginal(machine.vcpus, machine.memory_bytes, usd_core_hour=core, usd_gib_hour=gib)
    said = [
        f"one more {what} {_change(seconds, 'saves', 'adds', format_duration)}"
        + ("" if rates is None else f" and {_change(-usd, 'saves', 'costs', format_money)} a run")
        for what, seconds, usd in (
            ("core", m.core_saves_s, m.core_costs_usd), ("GiB", m.gib_saves_s, m.gib_costs_usd)
        )
    ]  # fmt: skip
    beyond = surface.extrapolates(machine.vcpus, machine.memory_bytes)
    far = ("the first lies beyond all machines of the benchmark: measure there",) if beyond else ()
    return (f"from {machine.key.partition('/')[2]}: {'; '.join(said)}", *far)


def _change(saved: float, saves: str, adds: str, write: object) -> str:
    assert callable(write)
    return f"{saves if saved >= 0 else adds} {write(abs(saved))}"


def _doublings(least: float, most: float | None = None) -> list[float]:
    if most is None:
        most = least
    if not 0 < least <= most < np.inf:
        raise ValueError
    out = [least]
    while out[-1] < most:
        out.append(min(2 * out[-1], most))
    return out


def _unreadable(text: str) -> InputError:
    return InputError(f"{text!r} are no shapes", value=text, next="write cpu=1..64,mem=2g..512g")
