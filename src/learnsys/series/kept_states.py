"""States in files: kept with a summary, put together whatever their origins and series, and asked."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from learnsys.core.errors import Incompatible, InputError
from learnsys.core.result import Result

if TYPE_CHECKING:
    from learnsys.series.results.kept import Kept
    from learnsys.series.state import State

STATE: Final = ".state"


def keep(state: "State", path: Path) -> "Kept":
    """Write a state and say what is in it."""
    from learnsys.series.results.kept import Kept

    state.save(path)
    facts = state.facts()
    return Kept(
        path=str(path), size_bytes=path.stat().st_size, ids=facts.ids, n=facts.n, mean=facts.mean,
        sd=np.sqrt(facts.variance), span_s=state.span_s, period_s=state.coefficients.period_s,
        bandwidth_s=state.bandwidth_s, sources=len(state.sources),
    )  # fmt: skip


def merged(paths: Sequence[Path | str]) -> "State":
    """Read states and add them, counted from the origin of the first.

    Raises
    ------
    InputError
        If there is none.
    Incompatible
        If two have the same data, or numbers that mean different things.
    """
    from learnsys.series.scale import together
    from learnsys.series.state import load_state

    if not paths:
        raise InputError("no state is given", value=None, next="give files that learnsys series partial wrote")
    states = [load_state(path) for path in paths]
    for i, state in enumerate(states):
        for other in states[:i]:
            _check_disjoint(state, other)
    origin = states[0].coefficients.t0_ns
    return together([s if s.coefficients.t0_ns == origin else s.moved(origin) for s in states])


def _check_disjoint(one: "State", other: "State") -> None:
    """Refuse parts of one source that overlap in time and have a series in common: samples would count twice."""
    shared = {s.partition(" ")[0] for s in one.sources} & {s.partition(" ")[0] for s in other.sources}
    if not shared or not set(one.facts().ids) & set(other.facts().ids):
        return
    (first, last), (begin, end) = (_span_ns(state) for state in (one, other))
    if first <= end and begin <= last:
        raise Incompatible(
            "two states have the same samples of a source", value=min(shared), next="leave one of them out"
        )


def _span_ns(state: "State") -> tuple[int, int]:
    facts = state.facts()
    first, last = np.nanmin(facts.first_s), np.nanmax(facts.last_s)
    return facts.t0_ns + round(float(first) * 1e9), facts.t0_ns + round(float(last) * 1e9)


def ask_states(paths: Sequence[Path | str], options: dict[str, Any]) -> Result:
    """Ask for covariances of states; what they can not tell, intervals and pairs by name, is left out or looked up."""
    state = merged(paths)
    asked = {**options, "ci": None, "weights": state.weights}
    if asked["bandwidth"] == "auto":
        asked["bandwidth"] = state.bandwidth_s
    if not isinstance(asked["pairs"], str):
        place = {name: d for d, name in enumerate(state.facts().ids)}
        unknown = [name for pair in asked["pairs"] for name in pair if name not in place]
        if unknown:
            raise InputError(
                f"the states have no series {unknown[0]!r}", value=unknown[0], next=f"of {', '.join(place)}"
            )
        asked["pairs"] = tuple((place[a], place[b]) for a, b in asked["pairs"])
    return state.xcov(**asked)
