import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.special import expit
from tests.convex.strategies import quick

from learnsys import convex
from learnsys.convex.model import LinearModel, load_predictor
from learnsys.core import predictor
from learnsys.core.errors import BadFile, InputError, UnknownName
from learnsys.core.trace import DataRef


def model(**fields):
    given = {"name": "toy", "coef": np.array([1.0, -2.0]), "intercept": 0.5, "classes": (0, 1)}
    return LinearModel(**(given | fields))


X = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], np.float32)
T = np.array([1.5, -1.5, 0.5])


def test_each_loss_has_its_outputs():
    assert_allclose(model().predict({"x": X})["probability"], expit(T))
    assert model().predict({"x": X})["label"].tolist() == [1, 0, 1]
    for loss in ("hinge", "squared_hinge"):
        assert_allclose(model(loss=loss).predict({"x": X})["margin"], T)
    number = model(loss="squared", classes=())
    assert_allclose(number.predict({"x": X})["value"], T)


@pytest.mark.parametrize("classes", [(0, 1), (-1.0, 1.0), ("early", "late"), (0.5, 1.5)])
@pytest.mark.parametrize("loss", ["logistic", "hinge", "squared"])
def test_outputs_are_what_they_are_declared(loss, classes):
    made = model(loss=loss, classes=() if loss == "squared" else classes)
    found = made.predict({"x": X})
    assert set(found) == {spec.name for spec in made.outputs}
    for spec in made.outputs:
        spec.check(found[spec.name])
        assert len(found[spec.name]) == 3


def test_text_labels_are_text():
    assert model(classes=("early", "late")).predict({"x": X})["label"].tolist() == ["late", "early", "late"]


def test_extreme_scores_give_probabilities_without_warnings():
    found = model(coef=np.array([1e6, 0.0])).predict({"x": np.array([[1.0, 0.0], [-1.0, 0.0]], np.float32)})
    assert found["probability"].tolist() == [1.0, 0.0]


@quick
@given(st.integers(1, 50), st.integers(0, 100))
def test_a_row_is_scored_alike_alone_and_in_a_batch(n, seed):
    rows = np.random.default_rng(seed).normal(size=(n, 2)).astype(np.float32)
    together = model().predict({"x": rows})["probability"]
    alone = [model().predict({"x": row[None]})["probability"][0] for row in rows]
    assert_allclose(together, alone, rtol=1e-14)


def test_many_threads_may_predict_at_once():
    rows = np.random.default_rng(0).normal(size=(64, 2)).astype(np.float32)
    made, before = model(), rows.copy()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: made.predict({"x": rows})["probability"], range(50)))
    assert_array_equal(rows, before)
    for other in found[1:]:
        assert_array_equal(other, found[0])


def test_dense_and_sparse_rows_score_alike():
    assert_allclose(model().scores(sparse.csr_array(X)), model().scores(X))


@pytest.mark.parametrize(
    ("batch", "kind"),
    [({}, InputError), ({"x": X, "z": X}, UnknownName), ({"x": X.astype(float)}, InputError),
     ({"x": X[:, :1]}, InputError), ({"x": X[:0]}, InputError), ({"x": X[0]}, InputError)],
)  # fmt: skip
def test_batches_of_another_form_are_refused(batch, kind):
    with pytest.raises(kind):
        model().predict(batch)


def full():
    return model(
        columns=("a", "b"), data=DataRef(name="d", digest="0" * 64, n=3, d=2, nnz=2), metrics={"loss": 0.25}, gap=1e-9,
        params={"lam": 0.1, "seed": 3, "method": "newton"},
    )  # fmt: skip


@pytest.mark.parametrize("load", [load_predictor, predictor.load], ids=["room", "core"])
def test_a_saved_model_comes_back_whole(tmp_path, load):
    folder = full().save(tmp_path / "m")
    back = load(folder)
    for name in LinearModel.__struct_fields__:
        assert_array_equal(getattr(back, name), getattr(full(), name))
    assert back.version == full().version
    assert_array_equal(back.predict({"x": X})["probability"], full().predict({"x": X})["probability"])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m"], "nothing else is left behind"


def test_saving_twice_replaces_and_gives_the_same_bytes(tmp_path):
    first = {p.name: p.read_bytes() for p in full().save(tmp_path / "m").iterdir()}
    model(coef=np.array([9.0, 9.0])).save(tmp_path / "m")
    assert load_predictor(tmp_path / "m").coef.tolist() == [9.0, 9.0]
    again = {p.name: p.read_bytes() for p in full().save(tmp_path / "m").iterdir()}
    assert first == again
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m"]


def test_other_numbers_are_another_version():
    assert model().version != model(intercept=0.6).version


def test_what_is_no_model_is_not_overwritten(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("...")
    with pytest.raises(BadFile, match="thesis exists and is no model"):
        full().save(tmp_path / "thesis")
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadFile, match="file exists and is no model"):
        full().save(tmp_path / "file")
    with pytest.raises(BadFile, match="no folder"):
        full().save(tmp_path / "missing" / "m")
    assert (tmp_path / "thesis" / "chapter1.tex").read_text() == "..."


def test_a_failed_save_leaves_the_old_model(tmp_path, monkeypatch):
    full().save(tmp_path / "m")

    def no_disk(path, content):
        raise BadFile("cannot write: no space left")

    monkeypatch.setattr("learnsys.core.model_folder.write_atomic", no_disk)
    with pytest.raises(BadFile, match="no space"):
        model(coef=np.zeros(2)).save(tmp_path / "m")
    assert load_predictor(tmp_path / "m").coef.tolist() == [1.0, -2.0]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m"]


def tamper(folder, **changes):
    card = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(card | changes))


def test_a_damaged_model_is_refused(tmp_path):
    folder = full().save(tmp_path / "m")
    numbers = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(numbers[:-1] + b"\x01")
    with pytest.raises(BadFile, match="sha256"):
        load_predictor(folder)
    (folder / "model.safetensors").unlink()
    with pytest.raises(BadFile, match="no file"):
        load_predictor(folder)


@pytest.mark.parametrize(
    "changes",
    [{"params": {}}, {"params": {"loss": "nope", "classes": [], "columns": []}}, {"inputs": []},
     {"data": {"name": 3}}, {"room": "serve"}, {"kind": "tree"},
     {"params": {"loss": "squared", "classes": [], "columns": []}}],
)  # fmt: skip
def test_a_card_that_does_not_fit_is_refused(tmp_path, changes):
    folder = full().save(tmp_path / "m")
    tamper(folder, **changes)
    with pytest.raises(BadFile, match="cannot read"):
        load_predictor(folder)


def test_a_model_that_is_swapped_while_it_is_read_is_read_again(tmp_path, monkeypatch):
    folder = full().save(tmp_path / "m")
    calls = []

    def swapped(path, times):
        calls.append(path)
        if len(calls) <= times:
            raise FileNotFoundError(2, "No such file or directory")
        return predictor.read_card(path)

    monkeypatch.setattr("learnsys.convex.model.read_card", lambda path: swapped(path, 1))
    assert load_predictor(folder).coef.tolist() == [1.0, -2.0]
    monkeypatch.setattr("learnsys.convex.model.read_card", lambda path: swapped(path, 99))
    with pytest.raises(BadFile, match=r"cannot read .*m: No such file"):
        load_predictor(folder)


SAVER = """
import sys
import numpy as np
from learnsys.convex.model import LinearModel
for k in range(50):
    LinearModel(name="toy", coef=np.full(2, float(sys.argv[2])), classes=(0, 1)).save(sys.argv[1])
"""


def test_two_processes_that_save_to_one_folder_leave_one_whole_model(tmp_path):
    folder = full().save(tmp_path / "m")
    command = [sys.executable, "-c", SAVER, str(folder)]
    savers = [subprocess.Popen([*command, k], stderr=subprocess.PIPE, text=True) for k in "37"]
    seen = set()
    while any(saver.poll() is None for saver in savers):
        seen.add(load_predictor(folder).coef[0])
    assert [saver.communicate()[1] for saver in savers] == ["", ""]
    assert seen <= {1.0, 3.0, 7.0}
    assert load_predictor(folder).coef.tolist() in ([3.0, 3.0], [7.0, 7.0])
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


def test_a_swap_that_fails_puts_the_old_model_back(tmp_path, monkeypatch):
    folder, rename = full().save(tmp_path / "m"), os.rename

    def failing(old, new):
        if old.name == "new":
            raise OSError(28, "No space left on device")
        rename(old, new)

    monkeypatch.setattr("os.rename", failing)
    with pytest.raises(BadFile, match=r"cannot write .*m: No space left"):
        model().save(folder)
    assert_array_equal(load_predictor(folder).coef, full().coef)
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


def test_a_trained_model_predicts_what_it_learned(threads):
    from learnsys.core.trace import Stop, Target

    rng = np.random.default_rng(0)
    rows = rng.normal(size=(500, 3)).astype(np.float32)
    late = rows @ [2.0, -1.0, 0.5] > 0
    stop = Stop(target=Target.parse("1e-4"))
    _, made = convex.job(rows, late).run("newton", stop=stop, engine=threads)
    assert (made.predict({"x": rows})["label"] == late).mean() > 0.95
