"""Worker counts as people write them: ``8``, ``1,2,4`` or ``1-64``."""

import re
from collections.abc import Iterable
from operator import index

from learnsys.core.errors import InputError


def parse_workers(text: str | int | Iterable[int]) -> tuple[int, ...]:
    """Read worker counts.

    A range stands for its two ends and the powers of two between them: seconds and rounds change smoothly with
    the logarithm of the count, so that more of them would only make the answer longer.

    Parameters
    ----------
    text : str, int or iterable of int
        ``"8"``, ``"1,2,4"``, ``"1-64"``, ``"1,3,8-32"``, or the counts themselves.

    Returns
    -------
    tuple of int
        In increasing order, each once.

    Raises
    ------
    InputError
        If there is none, one is below 1, one is no whole number, or the text is none of these forms.

    Examples
    --------
    >>> parse_workers("1-12"), parse_workers("4,2,1"), parse_workers(8)
    ((1, 2, 4, 8, 12), (1, 2, 4), (8,))
    """
    if isinstance(text, str):
        counts = {p for part in text.split(",") for p in _range(part.strip(), text)}
    else:
        counts = {_count(p) for p in ([text] if isinstance(text, int) else text)}
    if not counts:
        raise InputError("no worker count is given", value=str(text), next="write 8, 1,2,4 or 1-64")
    if min(counts) < 1:
        raise InputError.below("workers", min(counts), 1)
    return tuple(sorted(counts))


def _count(p: int) -> int:
    try:
        return index(p)
    except TypeError as error:
        raise InputError(
            f"{p!r} is no number of workers", value=str(p), next="give whole numbers, as [1, 2, 4]"
        ) from error


def _range(part: str, text: str) -> set[int]:
    match = re.fullmatch(r"(-?\d+)(?:\s*-\s*(\d+))?", part)
    if match is None:
        raise InputError(f"{text!r} is no list of worker counts", value=text, next="write 8, 1,2,4 or 1-64")
    low, high = int(match[1]), int(match[2] or match[1])
    if low > high:
        raise InputError(f"the range {part} of workers runs backwards", value=part, next=f"write {high}-{low}")
    return {low, high, *(1 << k for k in range(high.bit_length()) if low <= 1 << k <= high)}
