"""Conditions on rows: tested on batches, and on the bounds of parts of a file, which then need no reading."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.sources.arrow import arrow
from learnsys.series.sources.types import OPS, Condition

_COMPUTE = {"==": "equal", "!=": "not_equal", "<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal"}


def check_conditions(conditions: Iterable[Condition], columns: Iterable[str]) -> None:
    """Refuse conditions on columns that are not there, and operators that are none.

    Raises
    ------
    UnknownName
        Suggesting the nearest.
    """
    columns = list(columns)
    for condition in conditions:
        if condition.column not in columns:
            raise UnknownName.of("column", condition.column, columns)
        if condition.op not in OPS:
            raise UnknownName.of("operator", condition.op, OPS)


def holding(batch: Any, conditions: Iterable[Condition]) -> Any:
    """Keep the rows of a record batch that satisfy all conditions.

    Raises
    ------
    InputError
        If a value cannot be compared with its column.

    Examples
    --------
    >>> batch = arrow().record_batch({"q": [0, 1, None], "x": [1.0, 2.0, 3.0]})
    >>> holding(batch, [Condition(column="q", op="==", value=0)]).column("x").to_pylist()
    [1.0]
    """
    compute = arrow("compute")
    mask = None
    for condition in conditions:
        one = _test(batch.column(condition.column), condition)
        mask = one if mask is None else compute.and_(mask, one)
    return batch if mask is None or compute.all(mask.fill_null(False)).as_py() else batch.filter(mask)


def possible(condition: Condition, least: Any, greatest: Any) -> bool:
    """Tell whether a value from ``least`` to ``greatest`` can satisfy a condition; True where that cannot be told.

    Examples
    --------
    >>> possible(Condition(column="q", op=">", value=5), 0, 5)
    False
    """
    value = condition.value
    try:
        match condition.op:
            case "==":
                return bool(least <= value <= greatest)
            case "!=":
                return bool(not least == value == greatest)
            case "<":
                return bool(least < value)
            case "<=":
                return bool(least <= value)
            case ">":
                return bool(greatest > value)
            case ">=":
                return bool(greatest >= value)
            case "in":
                return any(least <= one <= greatest for one in value)
    except TypeError:
        return True


def _test(column: Any, condition: Condition) -> Any:
    pa, compute = arrow(), arrow("compute")
    kind = column.type
    if pa.types.is_dictionary(kind):  # the words are tested, once each
        words = _test(column.dictionary, condition)
        return words.take(column.indices)
    try:
        many = condition.op == "in"
        values = _as(list(condition.value) if many else [condition.value], kind)
        if many:
            return compute.is_in(column.cast(values.type), value_set=values)
        return getattr(compute, _COMPUTE[condition.op])(column, values[0])
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, TypeError, ValueError) as error:
        raise InputError(
            f"column {condition.column!r} is of type {kind}, and cannot be compared with {condition.value!r}",
            value=str(condition.value),
            next="give a value of its type",
        ) from error


def _as(values: list[Any], kind: Any) -> Any:
    """Make values comparable with a column: of its type, or as fractions where it has whole numbers only."""
    pa = arrow()
    if pa.types.is_temporal(kind) and all(isinstance(v, str) for v in values):
        values = [datetime.fromisoformat(v) for v in values]
    fractions = pa.types.is_integer(kind) and any(isinstance(v, float) for v in values)
    return pa.array(values, pa.float64() if fractions else kind)
