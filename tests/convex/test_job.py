import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from learnsys import convex
from learnsys.core.data import Dataset
from learnsys.core.errors import Incompatible, InputError, UnknownName
from learnsys.core.trace import Stop, Target

TO_1E8 = Stop(target=Target.parse("1e-8"), rounds=3000)


def rows(n=200, d=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    return X, X @ rng.normal(size=d) + rng.normal(size=n)


@pytest.mark.parametrize("loss", ["logistic", "hinge", "squared_hinge"])
def test_labels_of_any_type_are_two_classes(threads, loss):
    X, t = rows()
    signs = convex.job(X, np.where(t > 0, 1, -1), loss=loss).run("cocoa+", stop=TO_1E8, engine=threads)[1]
    words = convex.job(X, np.where(t > 0, "late", "early"), loss=loss).run("cocoa+", stop=TO_1E8, engine=threads)[1]
    assert_array_equal(signs.coef, words.coef)
    assert (signs.classes, words.classes) == ((-1, 1), ("early", "late"))


def test_the_model_and_the_trace_say_where_they_come_from(threads):
    X, t = rows()
    job = convex.job(X, t > 0, name="toy", columns=("a", "b", "c", "d"), lam=0.01, fit_intercept=True)
    trace, model = job.run("newton", workers=2, stop=TO_1E8, engine=threads, seed=3)
    assert trace.data == Dataset(name="toy", X=X, y=t > 0).ref == model.data == job.data
    assert trace.params["loss"] == "logistic"
    assert trace.params["lam"] == job.lam == 0.01
    assert trace.params["seed"] == 3
    assert model.columns == ("a", "b", "c", "d")
    assert model.gap == trace.last.gap
    assert model.metrics == {"loss": trace.last.loss, "lower": trace.last.lower}
    assert model.intercept != 0.0


def test_a_given_reference_is_not_computed_again():
    X, t = rows()
    ref = Dataset(name="known", X=X, y=t).ref
    assert convex.job(X, t, loss="squared", ref=ref).data is ref


@pytest.mark.parametrize("method", ["cocoa+", "newton"])
def test_two_runs_make_the_same_model(threads, method):
    X, t = rows()
    job = convex.job(X, t > 0)
    one, two = (job.run(method, workers=2, stop=TO_1E8, engine=threads)[1] for _ in range(2))
    assert one.version == two.version
    assert_array_equal(one.coef, two.coef)


def test_a_share_is_a_sample_with_the_same_weight_of_a_row(threads):
    X, t = rows(n=1000)
    job = convex.job(X, t > 0, C=2.0)
    trace, model = job.run("newton", stop=TO_1E8, engine=threads, share=0.25)
    assert trace.data.share == 0.25
    assert trace.data.n == 1000
    assert_allclose(trace.params["lam"] * 250, job.lam * 1000)
    again = job.run("newton", stop=TO_1E8, engine=threads, share=0.25)[1]
    other = job.run("newton", stop=TO_1E8, engine=threads, share=0.25, seed=1)[1]
    assert_array_equal(model.coef, again.coef)
    assert (model.coef != other.coef).all()


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_a_negative_seed_is_refused(threads, share):
    with pytest.raises(InputError, match="seed is -1, but must be at least 0"):
        convex.job(I6, ONES).run("cocoa+", stop=TO_1E8, engine=threads, share=share, seed=-1)


@pytest.mark.parametrize("share", [0.0, -0.1, 1.5, float("nan")])
def test_a_share_outside_its_range_is_refused(threads, share):
    with pytest.raises(InputError, match=r"share is .*must lie in \(0, 1\]"):
        convex.job(I6, ONES).run("cocoa+", stop=TO_1E8, engine=threads, share=share)


def test_the_intercept_is_a_penalised_constant_column(threads):
    X, t = rows()
    wide = np.column_stack([X, np.full(len(X), 3.0)])
    _, inside = convex.job(X, t + 5, loss="squared", fit_intercept=True, intercept_scaling=3.0).run(
        "newton", stop=TO_1E8, engine=threads
    )
    _, outside = convex.job(wide, t + 5, loss="squared").run("newton", stop=TO_1E8, engine=threads)
    assert_allclose(inside.coef, outside.coef[:-1], rtol=1e-6)
    assert_allclose(inside.intercept, 3.0 * outside.coef[-1], rtol=1e-6)


def test_lists_integers_fortran_order_and_other_sparse_forms_are_converted(threads):
    X = np.array([[1, 0], [0, 2], [3, 1], [1, 1]])
    forms = [X.tolist(), X, np.asfortranarray(X, float), sparse.coo_array(X), sparse.csc_matrix(X.astype(float))]
    found = [
        convex.job(form, [0, 1, 1, 0]).run("newton", stop=TO_1E8, engine=threads)[1].coef for form in forms
    ]  # fmt: skip
    for coef in found[1:]:
        assert_allclose(coef, found[0], rtol=1e-9)


TEXT = np.array([["1", "2"], ["3", "4"]])


@pytest.mark.parametrize("X", [np.eye(2) * 1j, sparse.csr_array(np.eye(2) * 1j), TEXT, TEXT.astype(object)])
def test_what_is_no_real_number_is_refused(X):
    with pytest.raises(InputError, match=r"X is no matrix of numbers: it (is of type|holds text)"):
        convex.job(X, [0, 1])


@pytest.mark.parametrize("loss", ["logistic", "squared"])
def test_complex_targets_are_refused(loss):
    with pytest.raises(InputError, match="y is complex"):
        convex.job(np.eye(2), [0, 1j], loss=loss)


def test_duplicate_entries_of_a_users_matrix_are_left_alone(threads):
    X = sparse.csr_array((np.ones(4), [1, 0, 0, 1], [0, 3, 4]), shape=(2, 2))
    before = X.data.copy(), X.indices.copy(), X.indptr.copy()
    convex.job(X, [0, 1]).run("cocoa+", stop=Stop(rounds=2), engine=threads)
    for array, was in zip((X.data, X.indices, X.indptr), before, strict=True):
        assert_array_equal(array, was)


I6, ONES = np.eye(6), np.arange(6) % 2


def with_nan():
    X = I6.copy()
    X[4, 2], X[5, 0] = np.nan, np.inf
    return X, ONES


BAD = {
    "nan": (lambda: convex.job(*with_nan()), InputError, "X contains 2 NaN or infinite values, .* row 4, column 2"),
    "sparse nan": (lambda: convex.job(sparse.csr_array(with_nan()[0]), ONES), InputError, "first in row 4, column 2"),
    "nan target": (lambda: convex.job(I6, [1, 2, 3, np.nan, 5, 6], loss="squared"), InputError, "y contains 1 NaN"),
    "one class": (lambda: convex.job(I6, np.ones(6)), InputError, "one class, 1.0, where two are needed"),
    "many classes": (lambda: convex.job(I6, np.arange(6)), InputError, "6 classes .* where two are needed"),
    "words for numbers": (lambda: convex.job(I6, list("abcdef"), loss="squared"), InputError, "needs numbers"),
    "loss": (lambda: convex.job(I6, ONES, loss="hing"), UnknownName, r"did you mean hinge\?"),
    "rows": (lambda: convex.job(I6, [0, 1]), InputError, "X has 6 rows, but y has 2"),
    "empty": (lambda: convex.job(np.empty((0, 3)), []), InputError, "shape"),
    "no columns": (lambda: convex.job(np.empty((3, 0)), [0, 1, 0]), InputError, "shape"),
    "a vector": (lambda: convex.job([1.0, 2.0], [0, 1]), InputError, "must be a matrix"),
    "ragged": (lambda: convex.job([[1.0], [1.0, 2.0]], [0, 1]), InputError, "no matrix of numbers"),
    "words": (lambda: convex.job([["a"], ["b"]], [0, 1]), InputError, "no matrix of numbers"),
    "C": (lambda: convex.job(I6, ONES, C=0.0), InputError, "C is 0.0"),
    "lam and C": (lambda: convex.job(I6, ONES, C=1.0, lam=1.0), Incompatible, "both lam=1 and C=1"),
    "passes": (lambda: convex.job(I6, ONES, local_passes=0), InputError, "local_passes is 0"),
    "scaling": (lambda: convex.job(I6, ONES, fit_intercept=True, intercept_scaling=0.0), InputError, "scaling"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_refused_before_any_work(what):
    act, kind, message = BAD[what]
    with pytest.raises(kind, match=message) as caught:
        act()
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def test_bad_choices_of_a_run_are_refused(threads):
    job = convex.job(I6, ONES, loss="hinge")
    for kwargs, kind, message in (
        ({"method": "newtn"}, UnknownName, r"did you mean newton\?"),
        ({"method": "newton"}, Incompatible, "newton needs a second derivative, and the hinge loss has none"),
        ({"method": "cocoa+", "workers": 0}, InputError, "workers is 0"),
        ({"method": "cocoa+", "workers": 7}, InputError, "7 workers have only 6 rows"),
    ):
        with pytest.raises(kind, match=message):
            job.run(**kwargs, stop=TO_1E8, engine=threads)
