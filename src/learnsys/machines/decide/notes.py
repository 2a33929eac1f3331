"""What is to be known of a ranking: what was left out and why, where prices are of, what the answer rests on."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from learnsys.machines.decide.evidence import Evidence
from learnsys.machines.decide.rates import unsold
from learnsys.machines.predictions import Columns

if TYPE_CHECKING:
    from learnsys.machines.decide.rank import Question

FEW: Final = 10  # known workloads: fewer say little of how large errors are


def notes(
    evidence: Evidence, question: "Question", columns: Columns, able: NDArray[np.bool_], *, feasible: int, unpriced: int
) -> tuple[str, ...]:
    """Write the notes of a ranking.

    Parameters
    ----------
    evidence : Evidence
    question : Question
    columns : Columns
        Of V machines in the order of the ranking.
    able : ndarray of bool, shape (V,)
        Whether their memory counts as enough.
    feasible : int
        How many meet every condition.
    unpriced : int
        Machines left out for want of a price.
    """
    said = []
    if not able.all():
        said.append(
            _too_small(evidence, sorted(m.key for m, fits in zip(columns.machines, able, strict=True) if not fits))
        )
    if unpriced:
        said.append(f"{unpriced:,} types without a price{within(question.where.region)} are left out")
    if not feasible and able.any():
        said.append(f"no type ends in time with probability {question.p:g}; the likeliest come first")
    known = int(np.isfinite(evidence.fitted.model.residuals).any(axis=1).sum())
    few = [f"intervals were calibrated on {known} known workloads only"] if known < FEW else []
    outline = evidence.fitted.outline
    rests = f"rests on {outline.name} ({outline.note or outline.catalog.source}, {outline.catalog.as_of})"
    return (
        *said, *_prices(question, columns), *_architecture(evidence, columns), *few, *evidence.notes,
        f"{rests}, measured on {', '.join(evidence.references)}",
    )  # fmt: skip


def within(region: str | None) -> str:
    """Name a region in a sentence, if there is one."""
    return "" if region is None else f" in {region}"


def _too_small(evidence: Evidence, keys: list[str]) -> str:
    types = f"{len(keys):,} types cannot" if len(keys) > 1 else "1 type cannot"
    return f"{types} hold {evidence.need} (learnsys machines explain {evidence.fingerprint.name} {keys[0]})"


def _prices(question: "Question", columns: Columns) -> list[str]:
    """Say what cores and memory cost, what of it is not sold, and where prices are of if types differ."""
    said = []
    if (r := question.rates) is not None:
        said.append(f"a core costs ${r.usd_core_hour:g}, a GiB ${r.usd_gib_hour:g} an hour ({r.source}, {r.as_of})")
        offers = zip(columns.machines, columns.prices, strict=True)
        said += unsold(r, [machine for machine, price in offers if price is not None and price.source == r.source])
    regions = [price.region for price in columns.prices if price is not None]
    if question.where.region is None and any(region != regions[0] for region in regions):
        first = f", {price.region} for the first" if (price := columns.prices[0]) is not None else ""
        said.append(f"each type at the price of its cheapest region{first}; --region for one")
    return said


def _architecture(evidence: Evidence, columns: Columns) -> list[str]:
    """Warn where the best machine may not run the program that was measured."""
    machines = evidence.fitted.outline.catalog.machines
    ran = sorted({machines[i].arch for i in evidence.observed.machines.tolist() if i >= 0} - {""})
    first = columns.machines[0].arch
    if not ran or first in ("", *ran):
        return []
    return [f"the first is {first}, and the job was measured on {' and '.join(ran)}: --arch {ran[0]} if it cannot move"]
