"""Guards before arrays that grow with pairs of series times lags, or with frequencies, to more than memory holds."""

from typing import Final

from learnsys.core.errors import InputError, UnknownName
from learnsys.core.host import this_host
from learnsys.core.units import format_size
from learnsys.series.types import Pairs

SHARE: Final = 0.5  # of this machine's memory that sums may take
FIELDS: Final = 4  # arrays of a result: numerators, denominators, and what is made of them


def count_pairs(pairs: Pairs, d: int) -> int:
    """Count the pairs asked for of ``d`` series, without making them.

    Raises
    ------
    InputError
        If they are named neither "all" nor "auto", or are of series that there are not.

    Examples
    --------
    >>> count_pairs("all", 1000), count_pairs(((0, 1),), 2)
    (500500, 1)
    """
    if isinstance(pairs, str):
        if pairs not in ("all", "auto"):
            raise UnknownName.of("choice of pairs", pairs, ("all", "auto"))
        return d if pairs == "auto" else d * (d + 1) // 2
    for a, b in pairs:
        if not (0 <= a < d and 0 <= b < d):
            raise InputError(
                f"there is no pair ({a}, {b}) of {d} series", value=(a, b),
                next=f"give names, or numbers from 0 to {d - 1}",
            )  # fmt: skip
    return len(pairs)


def check_cardinality(
    d: int,
    lags: int,
    *,
    pairs: int | None = None,
    blocks: int = 1,
    fields: int = FIELDS,
    budget_bytes: int | None = None,
) -> int:
    """Refuse sums over pairs of series that would not fit in memory.

    Parameters
    ----------
    d : int
        Series.
    lags : int
        Lags of each pair.
    pairs : int, optional
        Pairs; all d (d + 1) / 2 if not given.
    blocks : int
        Blocks of time that are kept apart.
    fields : int
        Arrays of float64 in that shape.
    budget_bytes : int, optional
        What may be taken; half of this machine's memory if not given.

    Returns
    -------
    int
        Bytes that will be taken.

    Raises
    ------
    InputError
        If that is more than the budget.

    Examples
    --------
    >>> check_cardinality(1000, 81, budget_bytes=2 * 1024**3)
    1297296000
    """
    pairs = d * (d + 1) // 2 if pairs is None else pairs
    apart = f" in {blocks} blocks" if blocks > 1 else ""
    return _within(
        budget_bytes, pairs * lags * blocks * fields * 8, f"{pairs:,} pairs of {d:,} series at {lags:,} lags{apart}",
        next="select fewer series, ask for pairs='auto' or some pairs, or give fewer lags",
    )  # fmt: skip


def check_modes(d: int, modes: int, *, itemsize: int, budget_bytes: int | None = None) -> int:
    """Refuse coefficients of values and of weights that would not fit in memory.

    Parameters
    ----------
    d : int
        Series.
    modes : int
        Frequencies.
    itemsize : int
        Bytes of a coefficient.
    budget_bytes : int, optional
        What may be taken; half of this machine's memory if not given.

    Returns
    -------
    int
        Bytes that will be taken.

    Raises
    ------
    InputError
        If that is more than the budget.

    Examples
    --------
    >>> check_modes(10, 2**20, itemsize=8, budget_bytes=2**30)
    167772160
    """
    return _within(
        budget_bytes, 2 * d * modes * itemsize, f"{d:,} series at {modes:,} frequencies",
        next="select fewer series, a larger bandwidth or a lower highest frequency",
    )  # fmt: skip


def _within(budget: int | None, size: int, what: str, *, next: str) -> int:
    """Refuse ``what`` if it takes more bytes than the budget, or than half of this machine's memory."""
    most = int(SHARE * this_host().memory_bytes) if budget is None else budget
    if size > most:
        raise InputError(f"{what} take {format_size(size)}, more than {format_size(most)}", value=size, next=next)
    return size
