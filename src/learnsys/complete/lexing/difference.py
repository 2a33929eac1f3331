"""Where two texts differ: all between what they share at both ends."""


def difference(old: str, new: str) -> tuple[int, int, str]:
    """Return one edit (start, end, text) that makes ``new`` of ``old``: all between what they share at both ends.

    Examples
    --------
    >>> difference("let a = 1;", "let total = 1;")
    (4, 5, 'total')
    """
    start = shared(old, new)
    rest = shared(old, new, most=min(len(old), len(new)) - start, from_end=True)
    return start, len(old) - rest, new[start : len(new) - rest]


def shared(old: str, new: str, *, most: int | None = None, from_end: bool = False) -> int:
    """Return how many characters, at ``most``, two texts share at their beginning or end, by halving.

    Examples
    --------
    >>> shared("total", "tower"), shared("later", "tower", from_end=True)
    (2, 2)
    """
    low, high = 0, min(len(old), len(new)) if most is None else most
    while low < high:
        middle = (low + high + 1) // 2
        if from_end:
            same = old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]
        else:
            same = old[low:middle] == new[low:middle]
        low, high = (middle, high) if same else (low, middle - 1)
    return low
