import numpy as np
import pytest
from tests.complete.runtime.models import saved_model
from tests.complete.toys import program

from learnsys.complete import predictor as module
from learnsys.complete.predictor import SHOWN, CodeModel, load_predictor
from learnsys.core.errors import BadFile, InputError
from learnsys.core.predictor import load


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return saved_model(tmp_path_factory.mktemp("models") / "js.safetensors")


@pytest.fixture
def model(file):
    return CodeModel.of(file)


def texts(*values):
    batch = np.empty(len(values), object)
    batch[:] = values
    return {"text": batch}


def test_rows_are_completed_each_by_itself(model):
    text = "const zebra = 1;\nf(ze"
    found = model.predict(texts(text.encode(), text + "x", ""))
    assert found["suggestion"][0].tolist() == ["zebra", "", "", "", ""]
    assert found["p"][0, 0] > 0
    assert found["p"][1].tolist() == [0] * SHOWN
    assert found["suggestion"].shape == found["p"].shape == (3, SHOWN)
    for spec in model.outputs:
        spec.check(found[spec.name])


def test_what_was_asked_before_does_not_matter(model, file, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 2)
    text = program(1, 40)
    asked = [text[:300], text[:310], program(2, 30), text[:295], "a", text[:310]]
    for one in asked:
        got, fresh = model.predict(texts(one)), CodeModel.of(file).predict(texts(one))
        assert got["suggestion"].tolist() == fresh["suggestion"].tolist()
        np.testing.assert_allclose(got["p"], fresh["p"], rtol=1e-3)


def test_words_that_were_seen_are_let_go_in_time(model, monkeypatch):
    monkeypatch.setattr(module, "MOST_WORDS", 40)
    for i in range(60):
        found = model.predict(texts(f"let zeb{i} = 1; ze"))
        assert found["suggestion"][0, 0] == f"zeb{i}"


def test_of_a_long_text_the_end_counts_from_a_line_on():
    lines = [f"let a{i} = {i};" for i in range(2000)]
    text = "\n".join(lines)
    seen = set()
    for n in range(len(text) - 2000, len(text), 100):
        end = module._end(text[:n])
        assert text[:n].endswith(end)
        assert text[: n - len(end)].endswith("\n")
        assert module.LOOKED_AT - 20 < len(end) <= module.LOOKED_AT + module.STEP
        seen.add(n - len(end))
    assert len(seen) <= 2
    assert module._end("short") == "short"


def test_a_saved_model_is_found_by_its_room(model, tmp_path):
    folder = model.save(tmp_path / "m")
    found = load(folder)
    assert isinstance(found, CodeModel)
    assert (found.name, found.version) == (model.name, model.version) == ("complete-js", model.version)
    text = program(1, 20)
    assert found.predict(texts(text))["suggestion"].tolist() == model.predict(texts(text))["suggestion"].tolist()


def test_the_model_that_ships_is_a_predictor_too():
    model = CodeModel.shipped("py")
    assert model.name == "complete-py"
    found = model.predict(texts("def area(width, height):\n    return wi"))
    assert found["suggestion"][0, 0] == "width"
    assert CodeModel.shipped("js", "mine").name == "mine"


def test_bad_folders_and_bad_rows_are_refused(model, tmp_path):
    folder = model.save(tmp_path / "m")
    card = (folder / "model.json").read_text()
    for old, new in (('"code"', '"tree"'), ('"FP32"', '"FP64"')):
        (folder / "model.json").write_text(card.replace(old, new))
        with pytest.raises(BadFile, match="cannot read"):
            load_predictor(folder)
    with pytest.raises(InputError, match="UTF-8"):
        model.predict(texts(b"\xff"))
    with pytest.raises(InputError, match="missing"):
        model.predict({})
