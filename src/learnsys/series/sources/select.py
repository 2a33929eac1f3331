"""Conditions on rows: tested on batches, and on the bounds of parts of a file, which then need no reading."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

import numpy as np

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
                return isinstance(least, float) or not least == value == greatest  # NaN is in no bounds
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


def on_numbers(conditions: Iterable[Condition], schema: Any) -> list[Condition]:
    """Choose the conditions that compare a column of numbers with one finite number: all engines agree on those.

    Examples
    --------
    >>> schema = arrow().schema([("q", "int8"), ("s", "string")])
    >>> both = Condition(column="q", op="<", value=3), Condition(column="s", op="==", value=3)
    >>> [one.column for one in on_numbers(both, schema)]
    ['q']
    """
    return [
        one
        for one in conditions
        if isinstance(one.value, int | float)
        and not isinstance(one.value, bool)
        and isfinite(one.value)
        and _is_number(schema.field(one.column).type)
    ]


def _is_number(kind: Any) -> bool:
    types = arrow().types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))


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
    except (
        pa.ArrowInvalid,
        pa.ArrowTypeError,
        pa.ArrowNotImplementedError,
        TypeError,
        ValueError,
        InvalidOperation,
    ) as error:
        raise InputError(
            f"column {condition.column!r} is of type {kind}, and cannot be compared with {condition.value!r}",
            value=str(condition.value),
            next="give a value of its type",
        ) from error


def _as(values: list[Any], kind: Any) -> Any:
    """Make values comparable with a column: of its type, or of one that holds both."""
    pa = arrow()
    if pa.types.is_temporal(kind) and all(isinstance(v, str) for v in values):
        values = [datetime.fromisoformat(v) for v in values]
    if pa.types.is_integer(kind) and not all(_fits(v, kind) for v in values):
        return pa.array(values, pa.float64())
    if pa.types.is_decimal(kind):
        exact = pa.array([Decimal(str(v)) for v in values])
        return exact.cast(pa.decimal128(38, max(kind.scale, exact.type.scale)))
    return pa.array(values, kind)


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value is a whole number that a type of whole numbers can hold, or no number at all."""
    ends = np.iinfo(kind.to_pandas_dtype())
    return not isinstance(value, float) and (not isinstance(value, int) or ends.min <= value <= ends.max)
