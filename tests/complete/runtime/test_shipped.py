import os

import pytest
from tests.complete.runtime.models import saved_model

from learnsys.complete.runtime import shipped
from learnsys.complete.runtime.shipped import model_of, shipped_file, shipped_gate
from learnsys.core.errors import BadFile, Incompatible, UnknownName


def test_a_model_is_loaded_once_until_its_file_is_written_anew(tmp_path):
    path = saved_model(tmp_path / "js.safetensors")
    first = model_of("js", {"js": path})
    assert model_of("js", {"js": str(path)}) is first
    saved_model(path, seed=1)
    os.utime(path, ns=(1, 1))
    assert model_of("js", {"js": path}) is not first


def test_what_does_not_ship_says_how_to_train_it(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    with pytest.raises(BadFile, match=r"no model of C\+\+ .* learnsys complete train FOLDER --language cpp"):
        model_of("cpp")
    with pytest.raises(UnknownName):
        model_of("cobol")


def test_a_model_of_another_language_a_damaged_or_missing_one_is_refused(tmp_path):
    path = saved_model(tmp_path / "js.safetensors")
    with pytest.raises(Incompatible, match="'js', and 'py'"):
        model_of("py", {"py": path})
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(BadFile, match="sha256"):
        model_of("js", {"js": path})
    with pytest.raises(BadFile, match="no file"):
        model_of("js", {"js": tmp_path / "none.safetensors"})


def test_the_gate_that_ships_is_that_of_the_model(tmp_path, monkeypatch):
    assert shipped_gate("py") is model_of("py").gate is not None
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    assert shipped_gate("py") is None


def test_the_file_that_ships_is_named(tmp_path, monkeypatch):
    assert model_of("js", {"js": shipped_file("js")}) is model_of("js")
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    with pytest.raises(BadFile, match="no model of Python"):
        shipped_file("py")
