"""Durations, sizes and money: the one place that reads and writes them with units.

Sizes: ``k m g`` and ``KiB MiB GiB`` are 1024-based, ``kB MB GB`` 1000-based.
"""

import math
import re
from math import inf
from typing import Final

from learnsys.core.errors import InputError

_SECONDS: Final = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0,
}  # fmt: skip
_BYTES: Final = {"": 1, "b": 1}
_BYTES_1024: Final = {"k": 1, "m": 2, "g": 3, "t": 4, "kib": 1, "mib": 2, "gib": 3, "tib": 4}
_BYTES_1000: Final = {"kb": 1, "mb": 2, "gb": 3, "tb": 4}
_NUMBER: Final = r"(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)"


def parse_duration(text: str | float) -> float:
    """Read a duration in seconds.

    Parameters
    ----------
    text : str or float
        ``"10ms"``, ``"2h"``, ``"1h30m"``, or seconds as a number.

    Returns
    -------
    float
        Seconds, >= 0.

    Raises
    ------
    InputError
        If the text is no duration, or negative.

    Examples
    --------
    >>> parse_duration("10ms"), parse_duration("1h30m"), parse_duration(2)
    (0.01, 5400.0, 2.0)
    """
    if not isinstance(text, str):
        return _not_negative("duration", float(text))
    parts = re.findall(_NUMBER + r"\s*(ns|us|µs|ms|min|s|m|h|d)(?![a-zµ])", text := text.strip())
    if parts and re.sub(r"\s", "", text) == "".join(n + u for n, u in parts):
        return _not_negative("duration", sum(float(n) * _SECONDS[u] for n, u in parts))
    if re.fullmatch(_NUMBER, text):
        return _not_negative("duration", float(text))
    raise InputError(f"{text!r} is no duration", value=text, next="write 10ms, 1.5s, 30m, 2h or seconds")


def parse_size(text: str | float) -> int:
    """Read a size in bytes.

    Parameters
    ----------
    text : str or float
        ``"2GiB"``, ``"512m"`` (1024-based), ``"2GB"`` (1000-based), or bytes as a number.

    Raises
    ------
    InputError
        If the text is no size, or negative.

    Examples
    --------
    >>> parse_size("2g"), parse_size("2GB"), parse_size("1.5KiB")
    (2147483648, 2000000000, 1536)
    """
    if not isinstance(text, str):
        return round(_not_negative("size", float(text)))
    match = re.fullmatch(_NUMBER + r"\s*([a-zA-Z]*)", text.strip())
    unit = match[2].lower() if match else None
    if match is None or unit is None:
        factor = None
    elif unit in _BYTES:
        factor = 1
    elif unit in _BYTES_1024:
        factor = int(1024 ** _BYTES_1024[unit])
    else:
        factor = int(1000 ** _BYTES_1000[unit]) if unit in _BYTES_1000 else None
    if match is None or factor is None:
        raise InputError(f"{text!r} is no size", value=text, next="write 512MiB, 2g, 2GB or bytes")
    return round(_not_negative("size", float(match[1]) * factor))


def parse_money(text: str | float) -> float:
    """Read an amount of US dollars.

    Raises
    ------
    InputError
        If the text is no amount in dollars, or negative.

    Examples
    --------
    >>> parse_money("$0.40"), parse_money("0.4 USD"), parse_money(3)
    (0.4, 0.4, 3.0)
    """
    if not isinstance(text, str):
        return _not_negative("amount", float(text))
    match = re.fullmatch(r"(?:\$\s*)?" + _NUMBER + r"\s*(?:USD|usd)?", text.strip())
    if match is None:
        raise InputError(f"{text!r} is no amount of dollars", value=text, next="write $0.40 or 0.40")
    return float(match[1])


def format_duration(seconds: float) -> str:
    """Write seconds with the unit a reader would choose.

    Examples
    --------
    >>> format_duration(0.00321), format_duration(42.0), format_duration(5400)
    ('3.2 ms', '42 s', '1.5 h')
    """
    if not seconds:
        return "0 s"
    size = abs(seconds)
    for unit, scale, below in (("us", 1e-6, 1e-3), ("ms", 1e-3, 1.0), ("s", 1.0, 120.0), ("min", 60.0, 3600.0)):
        if size < below:
            return f"{_short(seconds / scale)} {unit}"
    return f"{_short(seconds / 3600)} h"


def format_size(size: float) -> str:
    """Write bytes with a 1024-based unit.

    Examples
    --------
    >>> format_size(1536), format_size(3 * 1024**3)
    ('1.5 KiB', '3 GiB')
    """
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(size) < 1024:
            return f"{_short(size)} {unit}"
        size /= 1024
    return f"{_short(size)} TiB"


def format_money(usd: float) -> str:
    """Write dollars: cents above one dollar, below it three figures after the point, or as many as show two digits.

    Examples
    --------
    >>> format_money(0.0421), format_money(12.5), format_money(0.0000563)
    ('$0.042', '$12.50', '$0.000056')
    """
    if abs(usd) >= 1 or usd == 0 or not math.isfinite(usd):
        return f"${usd:.2f}"
    return f"${usd:.{max(3, 1 - math.floor(math.log10(abs(usd))))}f}"


def _short(x: float) -> str:
    return f"{x:.2g}" if abs(x) < 10 else f"{x:.0f}"


def _not_negative(name: str, value: float) -> float:
    if not value >= 0:
        raise InputError.below(name, value, 0)
    if value == inf:
        raise InputError(f"{name} is infinite", value=value, next="give a finite number")
    return value
