"""The solvers behind scikit-learn's interface: ``LinearClassifier`` and ``LinearRegressor``."""

import sys
import warnings
from collections.abc import Callable
from typing import Any, Literal, Self, final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from learnsys.convex.losses import find_loss
from learnsys.convex.methods import best
from learnsys.convex.problem import Problem, Settings, penalty_weight
from learnsys.convex.rows import Matrix, Vector
from learnsys.convex.solver import solve
from learnsys.core.check import check_seed
from learnsys.core.engine import open_engine
from learnsys.core.errors import Incompatible, InputError
from learnsys.core.host import this_host
from learnsys.core.trace import Step, Stop, Target, Trace

_FLOATS = [np.float64, np.float32]


def _has_probabilities(estimator: "LinearClassifier") -> bool:
    return estimator.loss == "logistic"


@final
class LinearClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Linear classifier with a certificate; more than two classes are taken one against the rest.

    It minimises 1/n sum loss + 1/(2 C n) |w|^2, which has the same solution as scikit-learn's C sum loss + |w|^2 / 2.

    Parameters
    ----------
    loss : {"logistic", "hinge", "squared_hinge"}
        What is summed.
    C : float
        Weight of the losses against the penalty, > 0.
    method : {"auto", "cocoa+", "newton"}
        How; auto chooses by loss and shape.
    tol : float
        Training ends when the gap is below ``tol`` times the lower bound, and that is certain, not an estimate.
    max_iter : int
        Most rounds.
    workers : int
        Logical partitions of the rows.
    engine : {"local", "ray"}
        Where they run.
    fit_intercept : bool
        Add a constant column; its weight is penalised, the less the larger ``intercept_scaling``.
    intercept_scaling : float
        Value of the constant column.
    random_state : int, RandomState or None
        Seed of partition and method, >= 0; None draws one.
    verbose : int
        1 tells every round on stderr.

    Attributes
    ----------
    coef_ : ndarray, shape (1, d) or (classes, d)
        Weights.
    intercept_ : ndarray, shape (1,) or (classes,)
        What is added to the scores.
    classes_ : ndarray
        Labels in order.
    gap_, lower_ : ndarray, shape (1,) or (classes,)
        Certificate: no weights have an objective below ``lower_``, and those found are within ``gap_`` of it.
    n_iter_ : ndarray of int, shape (1,) or (classes,)
        Rounds.
    compile_s_ : float
        Seconds of compilation in this fit, 0 when the kernels were compiled before.

    Examples
    --------
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], ["early", "early", "late", "late"]
    >>> LinearClassifier(C=100.0, random_state=0).fit(X, y).predict([[0.2], [2.6]]).tolist()
    ['early', 'late']
    """

    def __init__(
        self,
        loss: Literal["logistic", "hinge", "squared_hinge"] = "logistic",
        *,
        C: float = 1.0,
        method: str = "auto",
        tol: float = 1e-4,
        max_iter: int = 1000,
        workers: int = 1,
        engine: str = "local",
        fit_intercept: bool = True,
        intercept_scaling: float = 1.0,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.loss, self.C, self.method, self.tol, self.max_iter = loss, C, method, tol, max_iter
        self.workers, self.engine = workers, engine
        self.fit_intercept, self.intercept_scaling = fit_intercept, intercept_scaling
        self.random_state, self.verbose = random_state, verbose

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train.

        Parameters
        ----------
        X : array_like or sparse matrix, shape (n, d)
            Features; float32 and float64 are used as they are, in rows (C order).
        y : array_like, shape (n,)
            Labels of two or more classes.

        Raises
        ------
        InputError
            If there is one class only, or a number is out of range.
        UnknownName, Incompatible
            If loss or method do not exist or do not go together.
        """
        if find_loss(self.loss).task != "classes":
            raise Incompatible(f"the {self.loss} loss is for numbers", value=self.loss, next="use LinearRegressor")
        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=_FLOATS, order="C")
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        if self.classes_.size == 1:
            raise InputError.one_class(self.classes_.tolist()[0])
        positives = self.classes_[1:] if self.classes_.size == 2 else self.classes_
        targets = [np.where(y == label, 1.0, -1.0) for label in positives]
        self.coef_, self.intercept_, traces = _fit(self, X, targets)
        _certify(self, traces, each=np.array)
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[Any]:
        """Score rows: shape (n,) for two classes, > 0 for the second; else (n, classes)."""
        t = _scores(self, X)
        return t.ravel() if self.classes_.size == 2 else t

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Tell the class of each row, shape (n,)."""
        t = self.decision_function(X)
        chosen: NDArray[Any] = self.classes_[(t > 0).astype(np.intp) if t.ndim == 1 else t.argmax(axis=1)]
        return chosen

    @available_if(_has_probabilities)  # type: ignore[untyped-decorator]  # as above
    def predict_proba(self, X: ArrayLike) -> NDArray[Any]:
        """Tell the probability of each class, shape (n, classes); only with the logistic loss.

        More than two classes: those of each class against the rest, scaled to sum to one.
        """
        t = self.decision_function(X)
        if t.ndim == 1:
            return np.column_stack([_sigmoid(-t), _sigmoid(t)])
        p = _sigmoid(t)
        p /= np.maximum(p.sum(axis=1, keepdims=True), np.finfo(float).tiny)
        return p


@final
class LinearRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Ridge regression with a certificate.

    It minimises 1/n sum (x.w - y)^2 / 2 + 1/(2 C n) |w|^2: scikit-learn's Ridge with alpha = 1/C.

    Parameters
    ----------
    C, method, tol, max_iter, workers, engine, fit_intercept, intercept_scaling, random_state, verbose
        As in ``LinearClassifier``.

    Attributes
    ----------
    coef_ : ndarray, shape (d,)
        Weights.
    intercept_, gap_, lower_, n_iter_, compile_s_ : float or int
        As in ``LinearClassifier``.

    Examples
    --------
    >>> model = LinearRegressor(C=1e6, random_state=0).fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    >>> round(float(model.coef_[0]), 3), round(model.intercept_, 3)
    (2.0, 1.0)
    """

    loss = "squared"

    def __init__(
        self,
        C: float = 1.0,
        *,
        method: str = "auto",
        tol: float = 1e-4,
        max_iter: int = 1000,
        workers: int = 1,
        engine: str = "local",
        fit_intercept: bool = True,
        intercept_scaling: float = 1.0,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.C, self.method, self.tol, self.max_iter = C, method, tol, max_iter
        self.workers, self.engine = workers, engine
        self.fit_intercept, self.intercept_scaling = fit_intercept, intercept_scaling
        self.random_state, self.verbose = random_state, verbose

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train on numbers y, shape (n,).

        Raises
        ------
        InputError
            If a number is out of range.
        UnknownName, Incompatible
            If the method does not exist or does not go with the number of columns.
        """
        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=_FLOATS, order="C", y_numeric=True)
        coef, intercept, traces = _fit(self, X, [np.asarray(y, np.float64)])
        self.coef_, self.intercept_ = coef[0], float(intercept[0])
        _certify(self, traces, each=lambda values: values[0])
        return self

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Tell the value of each row, shape (n,)."""
        return _scores(self, X).ravel()


Estimator = LinearClassifier | LinearRegressor


def _fit(estimator: Estimator, X: Any, targets: list[Vector]) -> tuple[Vector, Vector, list[Trace]]:
    """Solve one problem for each vector of targets: weights, shape (problems, d), intercepts and traces."""
    matrix: Matrix = X if isinstance(X, np.ndarray) else sparse.csr_array(X)
    n, loss = matrix.shape[0], find_loss(estimator.loss)
    settings = Settings(
        loss=loss, n=n, lam=penalty_weight(n, lam=None, C=estimator.C),
        bias=float(estimator.intercept_scaling) if estimator.fit_intercept else 0.0,
    )  # fmt: skip
    method = best(loss, matrix) if estimator.method == "auto" else estimator.method
    if estimator.max_iter < 1:
        raise InputError.below("max_iter", estimator.max_iter, 1)
    stop = Stop(target=Target.parse(estimator.tol), rounds=estimator.max_iter)
    slots = min(max(estimator.workers, 1), this_host().cores)
    seeds = [_seed(estimator.random_state) for _ in targets]
    with open_engine(estimator.engine, slots) as engine:
        solved = [
            solve(
                Problem(X=matrix, y=y, settings=settings), method, workers=estimator.workers, stop=stop, engine=engine,
                seed=seed, job=type(estimator).__name__,
                on_step=_tell if estimator.verbose else None,
            )
            for y, seed in zip(targets, seeds, strict=True)
        ]  # fmt: skip
    weights = np.array([w for w, _ in solved])
    return weights[:, :-1], settings.bias * weights[:, -1], [trace for _, trace in solved]


def _certify(estimator: Estimator, traces: list[Trace], each: Callable[[list[Any]], Any]) -> None:
    """Keep the certificates, and warn of those that are not good enough."""
    estimator.gap_ = each([trace.last.gap for trace in traces])
    estimator.lower_ = each([trace.last.lower for trace in traces])
    estimator.n_iter_ = each([trace.rounds for trace in traces])
    estimator.compile_s_ = sum(trace.compile_s for trace in traces)
    if late := [trace for trace in traces if trace.ended != "target"]:
        warnings.warn(
            f"the relative gap is {late[0].last.rel:.2g} after {late[0].rounds} rounds, above tol={estimator.tol:g}; "
            "raise max_iter or tol",
            ConvergenceWarning,
            stacklevel=3,
        )


def _scores(estimator: Estimator, X: Any) -> NDArray[Any]:
    check_is_fitted(estimator)
    X = validate_data(estimator, X, accept_sparse="csr", dtype=_FLOATS, reset=False)
    coef = np.atleast_2d(estimator.coef_)
    t: NDArray[Any] = X @ coef.T + estimator.intercept_
    return t


def _seed(random_state: Any) -> int:
    if isinstance(random_state, int | np.integer):
        check_seed(int(random_state))
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))


def _sigmoid(t: NDArray[Any]) -> NDArray[Any]:
    e = np.exp(-np.abs(t))
    p: NDArray[Any] = np.where(t >= 0, 1.0, e) / (1.0 + e)
    return p


def _tell(step: Step) -> bool:
    print(f"round {step.iteration}: loss {step.loss:.8g}, relative gap {step.rel or 0.0:.2e}", file=sys.stderr)
    return False
