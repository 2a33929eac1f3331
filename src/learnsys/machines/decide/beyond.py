"""Machines that nobody ran a workload on: a forecast carried on from the benchmark's machines by public scores.

What a job takes on machines that are in both tables says, by their scores, what it would take on every other machine
that was scored (``models.transfer``). Both errors count there: of the forecast, and of carrying it on.
"""

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.decide.evidence import Evidence
from learnsys.machines.models.conformal import Ladder
from learnsys.machines.models.forecast import Forecast
from learnsys.machines.models.transfer import fit_transfer, scored, with_configuration

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

REACH: Final = 2.0  # times the sizes of the machines in both tables: beyond, nothing tells how times grow
WIDTH: Final = (0.05, 0.95)  # between which the errors of two ladders are compared


def beyond(evidence: Evidence, scores: Benchmark) -> Evidence:
    """See a job on all servers that were scored, about as large as those it can be predicted on.

    Servers that are machines of the benchmark keep their own forecast.

    Parameters
    ----------
    evidence : Evidence
        The job, seen through a benchmark of runs.
    scores : Benchmark
        Public scores of servers, as Spare Cores' are read.

    Raises
    ------
    InputError
        If too few machines of the benchmark were scored to speak of others.
    """
    outline, f = evidence.fitted.outline, evidence.forecast
    ours, theirs = scored(outline, scores)
    sized = np.isin(theirs, with_configuration(scores))
    ours, theirs = ours[sized], theirs[sized]
    if not ours.size or outline.name == scores.name:
        raise InputError(
            f"no machine of {outline.name} is known by other scores of {scores.name}", value=scores.name,
            next="rest on runs and add scores, as: --benchmark lumos --scores sparecores",
        )  # fmt: skip
    servers = _within_reach(scores, theirs)
    log_s = np.vstack([evidence.fitted.log_s[:, ours].astype(float), f.log_s[ours]])
    transfer, placed = fit_transfer(scores, theirs, log_s, servers=servers)
    carried = transfer.predict(np.searchsorted(placed, servers))[-1]
    at = np.searchsorted(servers, theirs)
    known = np.zeros(servers.size, bool)
    known[at] = True
    own = f.scale[ours] * _width(f.ladder) / _width(transfer.ladder)  # as the other ladder counts
    forecast = Forecast(
        log_s=_put(carried.log_s, at, f.log_s[ours]),
        scale=_put(np.hypot(carried.scale, np.sqrt(np.mean(own**2))), at, own),
        ladder=transfer.ladder,
        log_p90=_put(carried.log_p90, at, f.log_p90[ours]),
    )
    places = dict(zip(ours.tolist(), at.tolist(), strict=True))
    return _on_servers(
        evidence, scores, servers, forecast, known,
        np.array([places.get(v, -1) for v in evidence.observed.machines.tolist()], np.intp),
    )  # fmt: skip


def _within_reach(scores: Benchmark, theirs: Indices) -> Indices:
    """List the servers, in order, whose cores and memory are within REACH of those of ``theirs``."""
    servers = with_configuration(scores)
    sizes = np.array([[scores.catalog.machines[v].vcpus, scores.catalog.machines[v].memory_bytes] for v in servers])
    seen = sizes[np.searchsorted(servers, theirs)]
    near = (sizes >= seen.min(axis=0) / REACH) & (sizes <= seen.max(axis=0) * REACH)
    kept: Indices = servers[near.all(axis=1)]
    return kept


def _width(ladder: Ladder) -> float:
    return float(np.ptp(ladder.quantile(list(WIDTH))))


def _put(values: Floats, at: Indices, own: Floats) -> Floats:
    out = values.copy()
    out[at] = own
    return out


def _on_servers(
    evidence: Evidence, scores: Benchmark, servers: Indices, forecast: Forecast, known: NDArray[np.bool_],
    places: Indices,
) -> Evidence:  # fmt: skip
    """Put the servers in the place of the benchmark's machines."""
    outline, catalog = evidence.fitted.outline, scores.catalog
    about = f"{outline.note or outline.catalog.source}, {outline.catalog.as_of}; servers and prices of {scores.name}"
    seen = msgspec.structs.replace(
        outline, features=np.zeros((servers.size, 0)), feature_names=(), note=about,
        catalog=msgspec.structs.replace(catalog, machines=tuple(catalog.machines[v] for v in servers.tolist())),
    )  # fmt: skip
    note = (
        f"{(~known).sum():,} types are told by the scores of {scores.name} alone: {outline.name} has no run there; "
        f"{len(scores.keys) - servers.size:,} of unknown size, or {REACH:g} times larger or smaller, are left out"
    )
    return msgspec.structs.replace(
        evidence, fitted=msgspec.structs.replace(evidence.fitted, outline=seen), forecast=forecast,
        observed=msgspec.structs.replace(evidence.observed, machines=places), scored=~known,
        notes=(note, *evidence.notes),
    )  # fmt: skip
