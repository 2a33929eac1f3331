"""The white space before a token as a cursor shows it: on the same line, or after how the new line is indented."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from learnsys.complete.lexing.nesting import line_columns
from learnsys.complete.lexing.types import Tokens


class Line(IntEnum):
    """Where a token stands against the line before it.

    Whether a space stands before it on the same line is left open: at a cursor it may not be typed yet.
    """

    SAME = 0
    NEW = 1
    DEEPER = 2
    BACK = 3


def lines(found: Tokens) -> NDArray[np.uint8]:
    """Return the `Line` of each token, shape (n,)."""
    columns = line_columns(found)
    marks = np.zeros(len(found), np.uint8)
    first = np.flatnonzero(columns >= 0)
    change = np.diff(columns[first], prepend=0)
    marks[first] = np.where(change > 0, Line.DEEPER, np.where(change < 0, Line.BACK, Line.NEW))
    return marks


def mark(gap: str, column: int, *, first: bool) -> tuple[Line, int]:
    """Return the `Line` of one token and the column in which its line begins.

    Parameters
    ----------
    gap : str
        White space and comments before it.
    column : int
        In which the line of the token before begins, 0 before the first one.
    first : bool
        Whether it is the first token.
    """
    end = gap.rfind("\n")
    if end < 0 and not first:
        return Line.SAME, column
    here = len(gap) - end - 1
    return Line.DEEPER if here > column else Line.BACK if here < column else Line.NEW, here
