"""How good a linear model is on data it has not seen, beside what is reached without looking at the features."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnsys.convex import kernels
from learnsys.convex.losses import find_loss
from learnsys.convex.model import LinearModel
from learnsys.convex.rows import Matrix, Vector
from learnsys.convex.types import Curve, Evaluation
from learnsys.core.data import Dataset
from learnsys.core.errors import Incompatible, InputError

CURVE_POINTS = 200


def evaluate(model: LinearModel, data: Dataset) -> Evaluation:
    """Measure a model on data.

    Parameters
    ----------
    model : LinearModel
        What to measure.
    data : Dataset
        Rows with the columns that it was trained on, and their true targets. Where both have names the columns are
        matched by name, in whatever order they come.

    Raises
    ------
    Incompatible
        If the data has other columns, or another number of them.
    InputError
        If a label is none of the model's classes.
    """
    loss, t = find_loss(model.loss), model.scores(_columns(model, data))
    y = _signs(data.y, model) if model.classes else data.y.astype(np.float64)
    mean_loss = kernels.total_loss(loss.code, t, y) / y.size
    found: dict[str, Any] = _classes(t, y) if model.classes else _number(t, y)
    return Evaluation(model=model.name, data=data.name, n=y.size, loss=mean_loss, **found)


def auc(t: Vector, positive: NDArray[np.bool_]) -> float:
    """Compute the probability that a positive row scores above a negative one, ties counted half.

    Returns NaN if all rows are of one class.

    References
    ----------
    Hanley, McNeil: The Meaning and Use of the Area under a ROC Curve, Radiology 1982.

    Examples
    --------
    >>> auc(np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, False, True, True]))
    0.875
    """
    _, group, counts = np.unique(t, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - 0.5 * (counts - 1)
    p = int(positive.sum())
    pairs = p * (t.size - p)
    return float((ranks[group][positive].sum() - 0.5 * p * (p + 1)) / pairs) if pairs else float("nan")


def _columns(model: LinearModel, data: Dataset) -> Matrix:
    """Put the columns of the data in the order of the model's weights."""
    fits = data.X.shape[1] == model.coef.size
    named = bool(model.columns and data.columns)
    if fits and (model.columns == data.columns or not named):
        return data.X
    next_step = "give data with the columns of its training"
    if named:
        wanted, given = Counter(model.columns), Counter(data.columns)
        for name in wanted - given:
            raise Incompatible(f"{data.name} lacks column {name!r} of {model.name}", value=name, next=next_step)
        for name in given - wanted:
            raise Incompatible(
                f"{data.name} has column {name!r}, and {model.name} was trained without it", value=name, next=next_step
            )
    if not fits:
        raise Incompatible(
            f"{data.name} has {data.X.shape[1]} columns, and {model.name} was trained on {model.coef.size}",
            value=data.X.shape[1],
            next=next_step,
        )
    order = np.empty(model.coef.size, np.intp)
    order[np.argsort(model.columns, kind="stable")] = np.argsort(data.columns, kind="stable")
    reordered: Matrix = data.X[:, order]
    return reordered


def _signs(y: NDArray[Any], model: LinearModel) -> Vector:
    negative, positive = (y == c for c in model.classes)
    if not (negative | positive).all():
        strange = y[~(negative | positive)][0]
        raise InputError(f"label {strange} is none of the model's classes", value=strange, next=f"use {model.classes}")
    return np.where(positive, 1.0, -1.0)


def _classes(t: Vector, y: Vector) -> dict[str, Any]:
    positive = y > 0
    rate = float(positive.mean())
    return {
        "metrics": {"accuracy": float(((t > 0) == positive).mean()), "auc": auc(t, positive)},
        "base": {"accuracy": max(rate, 1.0 - rate), "auc": 0.5},
        "roc": _roc(t, positive),
    }


def _roc(t: Vector, positive: NDArray[np.bool_]) -> Curve | None:
    """Thin the ROC curve out to points evenly spread over its length."""
    if positive.all() or not positive.any():
        return None
    order = np.argsort(-t, kind="stable")
    hits = np.cumsum(positive[order])
    ends = np.flatnonzero(np.diff(t[order], append=-np.inf))  # between rows of one score there is no threshold
    x = np.concatenate([[0.0], (ends + 1 - hits[ends]) / (t.size - hits[-1])])
    y = np.concatenate([[0.0], hits[ends] / hits[-1]])
    wanted = np.linspace(0.0, 2.0, CURVE_POINTS)
    at = np.unique(np.searchsorted(x + y, wanted).clip(0, x.size - 1))
    return Curve(false_positive=tuple(x[at].tolist()), true_positive=tuple(y[at].tolist()))


def _number(t: Vector, y: Vector) -> dict[str, Any]:
    return {
        "metrics": {"rmse": float(np.sqrt(np.mean((t - y) ** 2)))},
        "base": {"rmse": float(np.std(y))},
    }
