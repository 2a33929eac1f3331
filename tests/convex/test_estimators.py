import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import estimator_checks_generator
from tests.convex import naive

from learnsys.convex import LinearClassifier, LinearRegressor
from learnsys.core.errors import Incompatible, InputError, UnknownName

# This check skips itself unless the environment variable SCIPY_ARRAY_API is set.
LEFT_OUT = "check_array_api_input"
CHECKS = [
    pair
    for estimator in (LinearClassifier(), LinearRegressor())
    for pair in estimator_checks_generator(estimator)
    if getattr(pair[1], "func", pair[1]).__name__ != LEFT_OUT
]


@pytest.mark.parametrize(
    ("estimator", "check"), CHECKS, ids=[f"{type(e).__name__}-{getattr(c, 'func', c).__name__}" for e, c in CHECKS]
)
def test_scikit_learn_accepts_it(estimator, check):
    check(estimator)


def cancer():
    X, y = load_breast_cancer(return_X_y=True)
    return (X - X.mean(axis=0)) / X.std(axis=0), y


METHODS = [("logistic", "newton"), ("logistic", "cocoa+"), ("squared_hinge", "newton"), ("squared_hinge", "cocoa+"),
           ("hinge", "cocoa+")]  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("loss", "method"), METHODS)
def test_the_optimum_is_scikit_learns(loss, method, dtype):
    X, y = cancer()
    X, C = X.astype(dtype), 0.05
    ours = LinearClassifier(loss, C=C, method=method, tol=1e-7, max_iter=20_000, fit_intercept=False, random_state=0)
    ours.fit(X, y)
    if loss == "logistic":
        peer = LogisticRegression(C=C, fit_intercept=False, tol=1e-10, max_iter=10_000, solver="newton-cg")
    else:
        peer = LinearSVC(C=C, loss=loss, fit_intercept=False, tol=1e-10, max_iter=10**6, dual=True)
    theirs = peer.fit(X.astype(float), y).coef_[0]
    signs, lam = np.where(y == 1, 1.0, -1.0), 1 / (C * len(y))
    P = naive.objective(loss, X.astype(float), signs, lam, ours.coef_[0])
    assert_allclose(P, naive.objective(loss, X.astype(float), signs, lam, theirs), rtol=1e-6)
    assert_allclose(P, ours.lower_ + ours.gap_, rtol=1e-9)
    assert ours.gap_ <= 1e-7 * ours.lower_
    if loss != "hinge":
        assert_allclose(ours.coef_[0], theirs, atol=2e-3 * np.abs(theirs).max())


@pytest.mark.parametrize("method", ["newton", "cocoa+"])
def test_the_optimum_is_ridges(method):
    X, y = load_diabetes(return_X_y=True)
    ours = LinearRegressor(C=10.0, method=method, tol=1e-9, max_iter=20_000, fit_intercept=False, random_state=0)
    assert_allclose(ours.fit(X, y).coef_, Ridge(alpha=0.1, fit_intercept=False, tol=1e-12).fit(X, y).coef_, rtol=1e-3)


def test_a_weakly_penalised_intercept_is_scikit_learns():
    X, y = cancer()
    ours = LinearClassifier(C=0.1, tol=1e-10, intercept_scaling=1e3, random_state=0).fit(X, y)
    theirs = LogisticRegression(C=0.1, tol=1e-10, max_iter=10_000).fit(X, y)
    assert_allclose(ours.coef_, theirs.coef_, rtol=1e-4)
    assert_allclose(ours.intercept_, theirs.intercept_, rtol=1e-4)
    X, y = load_diabetes(return_X_y=True)
    line = LinearRegressor(tol=1e-12, intercept_scaling=1e3, random_state=0).fit(X, y)
    ridge = Ridge(alpha=1.0).fit(X, y)
    assert_allclose(line.coef_, ridge.coef_, rtol=1e-3)
    assert_allclose(line.intercept_, ridge.intercept_, rtol=1e-4)


def test_many_classes_are_taken_one_against_the_rest():
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    ours = LinearClassifier(C=10.0, tol=1e-6, random_state=0).fit(X, names)
    assert ours.coef_.shape == (3, 4)
    assert ours.gap_.shape == ours.lower_.shape == ours.n_iter_.shape == (3,)
    for k, name in enumerate(ours.classes_):
        one = LinearClassifier(C=10.0, tol=1e-6, random_state=0).fit(X, names == name)
        assert_allclose(ours.coef_[k], one.coef_[0])
    assert ours.score(X, names) > 0.94
    p = ours.predict_proba(X)
    assert_allclose(p.sum(axis=1), 1.0)
    assert (ours.classes_[p.argmax(axis=1)] == ours.predict(X)).all()


def test_probabilities_come_with_the_logistic_loss_only():
    X, y = cancer()
    model = LinearClassifier(random_state=0).fit(X, y)
    p = model.predict_proba(X)
    assert_allclose(p.sum(axis=1), 1.0)
    assert ((p[:, 1] > 0.5) == (model.predict(X) == 1)).all()
    assert not hasattr(LinearClassifier("hinge").fit(X, y), "predict_proba")


@pytest.mark.parametrize("loss", ["logistic", "hinge"])
def test_dense_and_sparse_rows_give_the_same(loss):
    X, y = cancer()
    X = np.where(np.abs(X) > 1, X, 0.0)
    dense, thin = (
        LinearClassifier(loss, C=0.1, method="cocoa+", workers=2, random_state=0).fit(form, y)
        for form in (X, sparse.csr_matrix(X))
    )
    assert_allclose(dense.coef_, thin.coef_, rtol=1e-7)
    assert_allclose(dense.decision_function(X), thin.decision_function(sparse.csr_matrix(X)), rtol=1e-7)


def test_the_same_seed_gives_the_same_bits():
    X, y = cancer()
    one, two = (LinearClassifier("hinge", C=0.1, workers=2, random_state=4).fit(X, y) for _ in range(2))
    assert_array_equal(one.coef_, two.coef_)


def test_too_few_rounds_warn_with_what_was_reached():
    X, y = cancer()
    with pytest.warns(ConvergenceWarning, match=r"the relative gap is .* after 2 rounds, above tol=1e-09"):
        LinearClassifier("hinge", tol=1e-9, max_iter=2).fit(X, y)


def test_verbose_tells_every_round(capsys):
    X, y = cancer()
    LinearClassifier(verbose=1).fit(X, y)
    told = capsys.readouterr()
    assert told.err.startswith("round 0: loss ")
    assert told.out == ""


@pytest.mark.parametrize(
    ("estimator", "kind", "message"),
    [
        (LinearClassifier("logistik"), UnknownName, r"did you mean logistic\?"),
        (LinearClassifier("squared"), Incompatible, "use LinearRegressor"),
        (LinearClassifier("hinge", method="newton"), Incompatible, "the hinge loss has none"),
        (LinearClassifier(method="newt"), UnknownName, r"did you mean newton\?"),
        (LinearClassifier(C=-1), InputError, "C is -1"),
        (LinearClassifier(tol=0.0), InputError, "target"),
        (LinearClassifier(max_iter=0), InputError, "max_iter is 0"),
        (LinearClassifier(workers=0), InputError, "workers is 0"),
        (LinearClassifier(engine="dask"), UnknownName, "unknown engine 'dask'"),
    ],
    ids=str,
)
def test_bad_parameters_are_refused_in_fit(estimator, kind, message):
    with pytest.raises(kind, match=message):
        estimator.fit(*cancer())


@pytest.mark.parametrize("estimator", [LinearClassifier, LinearRegressor])
def test_a_negative_seed_is_refused(estimator):
    with pytest.raises(InputError, match="seed is -1, but must be at least 0"):
        estimator(random_state=-1).fit([[0.0], [1.0]], [0, 1])
