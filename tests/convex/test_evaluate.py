from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.metrics import roc_auc_score, roc_curve
from tests.convex import naive
from tests.convex.strategies import quick

from learnsys.convex import LinearModel, evaluate
from learnsys.convex.evaluate import CURVE_POINTS, auc
from learnsys.core.data import Dataset
from learnsys.core.errors import Incompatible, InputError


def data(n=400, seed=0, labels=(0, 1)):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3)).astype(np.float32)
    late = X[:, 0] + rng.normal(size=n) > 0.8
    return Dataset(name="toy", X=X, y=np.where(late, labels[1], labels[0]))


def model(**fields):
    return LinearModel(
        **({"name": "m", "coef": np.array([1.0, 0.2, 0.0]), "intercept": -0.8, "classes": (0, 1)} | fields)
    )


@quick
@given(st.lists(st.tuples(st.sampled_from([-1.0, 0.0, 0.5, 2.0]), st.booleans()), min_size=2, max_size=40))
def test_auc_counts_pairs(scored):
    t, positive = np.array([s for s, _ in scored]), np.array([p for _, p in scored])
    if positive.all() or not positive.any():
        assert np.isnan(auc(t, positive))
    else:
        assert_allclose(auc(t, positive), naive.auc(t, positive))
        assert_allclose(auc(t, positive), roc_auc_score(positive, t))


@pytest.mark.parametrize("loss", ["logistic", "hinge", "squared_hinge"])
def test_metrics_beside_the_base_rate(loss):
    toy = data()
    made = model(loss=loss)
    found = evaluate(made, toy)
    t, y = made.scores(toy.X), np.where(toy.y == 1, 1.0, -1.0)
    assert_allclose(found.loss, naive.loss(loss, t, y).mean())
    assert found.metrics["accuracy"] == np.mean((t > 0) == (y > 0))
    assert_allclose(found.metrics["auc"], roc_auc_score(toy.y, t))
    assert found.base == {"accuracy": max(toy.y.mean(), 1 - toy.y.mean()), "auc": 0.5}
    assert found.metrics["accuracy"] > found.base["accuracy"]
    assert found.n == 400


def test_the_roc_curve_lies_on_scikit_learns():
    toy = data(n=3000)
    found = evaluate(model(), toy).roc
    x, y, _ = roc_curve(toy.y, model().scores(toy.X), drop_intermediate=False)
    known = {(round(a, 12), round(b, 12)) for a, b in zip(x, y, strict=True)}
    ours = [(round(a, 12), round(b, 12)) for a, b in zip(found.false_positive, found.true_positive, strict=True)]
    assert set(ours) <= known
    assert ours[0] == (0.0, 0.0)
    assert ours[-1] == (1.0, 1.0)
    assert len(ours) <= CURVE_POINTS


def test_numbers_have_a_root_mean_square_error():
    toy = data()
    found = evaluate(model(loss="squared", classes=()), toy)
    t = toy.X.astype(float) @ [1.0, 0.2, 0.0] - 0.8
    assert_allclose(found.metrics["rmse"], np.sqrt(np.mean((t - toy.y) ** 2)))
    assert_allclose(found.base["rmse"], toy.y.std())
    assert found.roc is None


def test_text_labels():
    found = evaluate(model(classes=("no", "yes")), data(labels=("no", "yes")))
    assert found.metrics == evaluate(model(), data()).metrics


def test_data_of_another_form_is_refused():
    with pytest.raises(Incompatible, match="toy has 3 columns, and m was trained on 2"):
        evaluate(model(coef=np.ones(2)), data())
    with pytest.raises(InputError, match="label 0 is none of the model's classes"):
        evaluate(model(classes=(1, 2)), data())


@pytest.mark.parametrize("form", [np.array, sparse.csr_array])
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_columns_are_matched_by_name(order, form):
    toy, names, order = data(), np.array(["a", "b", "c"]), list(order)
    named = model(columns=tuple(names))
    moved = Dataset(name="toy", X=form(toy.X[:, order]), y=toy.y, columns=tuple(names[order]))
    assert evaluate(named, moved) == evaluate(model(), toy)


def test_other_columns_are_refused_by_name():
    toy, named = data(), model(columns=("a", "b", "c"))
    with pytest.raises(Incompatible, match="toy lacks column 'b' of m"):
        evaluate(named, Dataset(name="toy", X=toy.X, y=toy.y, columns=("a", "z", "c")))
    with pytest.raises(Incompatible, match="toy has column 'z', and m was trained without it"):
        evaluate(named, Dataset(name="toy", X=toy.X[:, [0, 1, 2, 0]], y=toy.y, columns=("c", "a", "b", "z")))
    assert evaluate(named, toy) == evaluate(model(), toy), "data without names are matched by place"


def test_an_evaluation_prints_draws_and_saves_itself(tmp_path):
    found = evaluate(model(), data())
    assert [row[0] for row in found.table().rows] == ["loss", "accuracy", "auc"]
    for suffix in ("json", "csv", "md", "svg"):
        assert found.save(tmp_path / f"e.{suffix}").stat().st_size > 0
    assert "AUC" in (tmp_path / "e.svg").read_text()
    number = evaluate(model(loss="squared", classes=()), data())
    assert "rmse" in number.save(tmp_path / "n.svg").read_text()
