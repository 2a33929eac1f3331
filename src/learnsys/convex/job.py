"""A training job: data, loss and penalty are fixed, method, workers and engine are chosen run by run."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, final

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from learnsys.convex.losses import Loss, find_loss
from learnsys.convex.methods import best, find_method, fitting
from learnsys.convex.model import LinearModel
from learnsys.convex.problem import Problem, Settings, penalty_weight
from learnsys.convex.rows import Matrix, Vector
from learnsys.convex.solver import solve
from learnsys.core.check import binary_labels, check_finite, check_rows, check_seed
from learnsys.core.data import Dataset
from learnsys.core.data.dataset import as_features
from learnsys.core.engine import Engine
from learnsys.core.errors import InputError
from learnsys.core.trace import DataRef, Step, Stop, Trace


def job(
    X: Any,
    y: ArrayLike,
    *,
    loss: str = "logistic",
    lam: float | None = None,
    C: float | None = None,
    name: str = "linear",
    ref: DataRef | None = None,
    columns: Sequence[str] = (),
    fit_intercept: bool = False,
    intercept_scaling: float = 1.0,
    local_passes: int = 1,
) -> "Job":
    """Set up the training of a linear model: minimise 1/n sum loss + lam/2 |w|^2.

    Parameters
    ----------
    X : array_like or sparse matrix, shape (n, d)
        Features; float32 stays float32, any other number becomes float64.
    y : array_like, shape (n,)
        Two classes of any type, the second in order is the positive one; for the squared loss numbers.
    loss : {"logistic", "hinge", "squared_hinge", "squared"}
        What is summed.
    lam : float, optional
        Weight of the penalty, > 0. Or give C.
    C : float, optional
        Weight of the losses, lam = 1 / (C n); 1 if neither is given.
    name : str
        Name of the job and of the models it makes.
    ref : DataRef, optional
        Which data this is; computed from X and y when first asked for if not given.
    columns : sequence of str, optional
        Names of the features, kept in the model.
    fit_intercept : bool
        Add a constant column. Its weight is penalised like the others, divided by ``intercept_scaling``.
    intercept_scaling : float
        Value of the constant column: the larger, the weaker the penalty on the intercept.
    local_passes : int
        Passes over its rows that a worker of cocoa+ makes in a round, >= 1.

    Raises
    ------
    UnknownName
        If there is no such loss.
    InputError
        If X or y has NaN or infinity, no rows, rows that do not match, or not exactly two classes where they are
        needed, or a number is out of range.
    Incompatible
        If both lam and C are given.

    Examples
    --------
    >>> toy = job([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], ["early", "late", "late"], C=10.0)
    >>> toy.methods, round(toy.lam, 4)
    (('cocoa+', 'newton'), 0.0333)
    """
    chosen = find_loss(loss)
    matrix, targets = as_matrix(X), np.asarray(y)
    check_rows(matrix, targets)
    check_finite(matrix)
    classes, signed = as_targets(targets, chosen)
    n = signed.size
    if local_passes < 1:
        raise InputError.below("local_passes", local_passes, 1)
    if fit_intercept and not intercept_scaling > 0:
        raise InputError(f"intercept_scaling is {intercept_scaling}", value=intercept_scaling, next="give a value > 0")
    settings = Settings(
        loss=chosen, lam=penalty_weight(n, lam=lam, C=C), n=n, bias=intercept_scaling if fit_intercept else 0.0,
        local_passes=local_passes,
    )  # fmt: skip
    return Job(Problem(X=matrix, y=signed, settings=settings), targets, classes, name=name, ref=ref, columns=columns)


@final
class Job:
    """Data, loss and penalty of a training; made by ``job``. Fulfils ``learnsys.core.trainable.Trainable``."""

    def __init__(
        self,
        problem: Problem,
        labels: NDArray[Any],
        classes: NDArray[Any] | None,
        *,
        name: str,
        ref: DataRef | None,
        columns: Sequence[str],
    ) -> None:
        self.problem, self.name = problem, name
        self._labels, self._classes, self._columns = labels, classes, tuple(columns)
        self._ref = ref

    @cached_property
    def data(self) -> DataRef:
        """What it trains on."""
        return self._ref or Dataset(name=self.name, X=self.problem.X, y=self._labels).ref

    @property
    def lam(self) -> float:
        """Weight of the penalty on all rows."""
        return self.problem.settings.lam

    @property
    def methods(self) -> tuple[str, ...]:
        """Methods that can solve it."""
        return fitting(self.problem.settings.loss, self.problem.d)

    @property
    def best_method(self) -> str:
        """The method that solves problems of this loss and shape soonest."""
        settings = self.problem.settings
        return best(settings.loss, self.problem.X)

    def run(
        self,
        method: str,
        *,
        workers: int = 1,
        stop: Stop,
        engine: Engine,
        share: float = 1.0,
        seed: int = 0,
        on_step: Callable[[Step], bool] | None = None,
    ) -> tuple[Trace, LinearModel]:
        """Train once.

        Parameters
        ----------
        method : {"cocoa+", "newton"}
            One of ``methods``.
        workers : int
            Logical partitions p, 1 <= p <= rows.
        stop : Stop
            When to end. A run that no longer progresses in float64 ends with "rounds".
        engine : Engine
            Where to run.
        share : float
            Fraction of the rows, in (0, 1], drawn by the seed; lam n stays what it is on all rows.
        seed : int
            Seed of sample, partition and method, >= 0: the same seed makes the same model, on every engine.
        on_step : callable, optional
            Called with every step; True ends the run.

        Raises
        ------
        UnknownName
            If there is no such method.
        Incompatible
            If the method does not go with the loss or the number of columns.
        InputError
            If ``workers``, ``share`` or ``seed`` is out of range.

        References
        ----------
        ``cocoa+``: Ma et al., ICML 2015, algorithm 1. ``newton``: see ``learnsys.convex.newton``.
        """
        find_method(method, self.problem.settings.loss, self.problem.d)
        check_seed(seed)
        problem = _sample(self.problem, share, seed)
        settings = problem.settings
        w, trace = solve(
            problem, method, workers=workers, stop=stop, engine=engine, seed=seed, job=self.name, on_step=on_step,
            data=msgspec.structs.replace(self.data, share=share),
            params={
                "loss": settings.loss.name, "penalty": "l2", "lam": settings.lam, "bias": settings.bias, "seed": seed,
                "local_passes": settings.local_passes,
            },
        )  # fmt: skip
        return trace, self._model(w, trace)

    def _model(self, w: Vector, trace: Trace) -> LinearModel:
        last = trace.last
        bounds = {} if last.lower is None else {"lower": last.lower}
        return LinearModel(
            name=self.name, coef=w[:-1].copy(), intercept=float(w[-1] * self.problem.settings.bias),
            loss=self.problem.settings.loss.name, columns=self._columns, data=trace.data, gap=last.gap,
            classes=() if self._classes is None else tuple(self._classes.tolist()),
            metrics={"loss": last.loss, **bounds}, params={**trace.params, "method": trace.method},
        )  # fmt: skip


def as_matrix(X: Any) -> Matrix:
    """Store features as the kernels want them.

    Raises
    ------
    InputError
        If X is no matrix of numbers.
    """
    try:
        matrix = X if hasattr(X, "dtype") and hasattr(X, "astype") else np.asarray(X)
        return as_features(matrix)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"X is no matrix of numbers: {error}", next="give one row of numbers for every example"
        ) from error


def as_targets(y: NDArray[Any], loss: Loss) -> tuple[NDArray[Any] | None, Vector]:
    """Check targets and make them float64: -1 and +1 with the two classes, or numbers without classes.

    Raises
    ------
    InputError
        If there are not exactly two classes, or a target is complex or no finite number.
    """
    if y.dtype.kind == "c":
        raise InputError("y is complex", value=str(y.dtype), next="give real numbers or labels")
    if loss.task == "classes":
        return binary_labels(y)
    try:
        numbers = y.astype(np.float64)
    except ValueError as error:
        raise InputError(f"the {loss.name} loss needs numbers: {error}", next="use loss=logistic for labels") from error
    check_finite(numbers, "y")
    return None, numbers


def _sample(problem: Problem, share: float, seed: int) -> Problem:
    """Draw a share of the rows."""
    if not 0 < share <= 1:
        raise InputError(f"share is {share}, but must lie in (0, 1]", value=share, next="write for example 0.05")
    if share == 1:
        return problem
    settings = problem.settings
    m = max(1, round(share * settings.n))
    chosen = np.sort(np.random.default_rng([seed, 1]).choice(settings.n, m, replace=False))
    fewer = msgspec.structs.replace(settings, n=m, lam=settings.lam * settings.n / m)
    return Problem(X=problem.X[chosen], y=problem.y[chosen], settings=fewer)
