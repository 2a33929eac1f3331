"""Fourier coefficients that serve several questions: a shift is a phase, a map a factor, many frequencies serve few."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from learnsys.series.estimate.types import CoefficientsSpec
from learnsys.series.graph.view import View
from learnsys.series.types import Samples

if TYPE_CHECKING:
    from learnsys.series.sums.projection import Coefficients


def project(samples: Samples, spec: CoefficientsSpec, *, tol: float) -> "Coefficients":
    """Compute the coefficients of every series."""
    from learnsys.series.sums import projection

    return projection.project(samples, spec, tol=tol)


def merged(specs: Sequence[CoefficientsSpec]) -> tuple[CoefficientsSpec, ...]:
    """One projection for each period, with the most frequencies that are wanted of it."""
    most: dict[float, int] = {}
    for spec in specs:
        most[spec.period_s] = max(most.get(spec.period_s, 0), spec.modes)
    return tuple(CoefficientsSpec(period_s=period, modes=modes) for period, modes in most.items())


def described(spec: CoefficientsSpec) -> str:
    """Write a projection for people."""
    return f"projection on {spec.modes:,} frequencies of a period of {spec.period_s:g} s"


def taken(shared: "Coefficients", view: View, spec: CoefficientsSpec) -> "Coefficients":
    """Make a question's coefficients, of centred values, of shared ones."""
    part: dict[str, Any] = {
        f.name: value[view.numbers] if isinstance(value := getattr(shared, f.name), np.ndarray) else value
        for f in msgspec.structs.fields(shared)
    }
    turn = np.exp(-1j * view.shift_s[:, None] * shared.omega[: spec.modes])
    a = view.a
    part |= {
        "ids": view.ids, "W": part["W"][:, : spec.modes] * turn, "X": a[:, None] * part["X"][:, : spec.modes] * turn,
        "first_s": part["first_s"] + view.shift_s, "last_s": part["last_s"] + view.shift_s,
        "sum_wx": a * part["sum_wx"], "sum_w2x": a * part["sum_w2x"],
        "sum_wx2": a**2 * part["sum_wx2"], "sum_w2x2": a**2 * part["sum_w2x2"],
    }  # fmt: skip
    return type(shared)(**part)
