"""A model folder is whole or refused, and a batch has the form the model wants or is refused by name."""

from hashlib import sha256
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.strategies import quick

from learnsys.core import predictor
from learnsys.core.errors import BadFile, InputError, UnknownName
from learnsys.core.predictor import CARD_VERSION, DTYPES, ModelCard, TensorSpec, check_batch, load, read_card

INPUTS = (TensorSpec(name="x", dtype="FP32", shape=(None, 3)), TensorSpec(name="k", dtype="INT64", shape=(None,)))
GOOD = {"x": np.zeros((2, 3), np.float32), "k": np.zeros(2, np.int64)}


def save(folder, numbers=b"numbers", **changes):
    """A model folder by hand."""
    fields = {"room": "toy", "kind": "linear", "name": "m", "version": "1", "inputs": INPUTS, "outputs": ()}
    card = ModelCard(**{**fields, "sha256": sha256(b"numbers").hexdigest(), **changes})
    folder.mkdir(exist_ok=True)
    (folder / "model.json").write_bytes(msgspec.json.encode(card))
    (folder / "model.safetensors").write_bytes(numbers)
    return folder


@pytest.fixture
def toy_room(monkeypatch):
    """A room whose predictor is the path it was given."""
    monkeypatch.setattr(predictor, "ROOMS", {"toy": "toys"})
    monkeypatch.setattr(predictor, "import_module", {"toys": SimpleNamespace(load_predictor=lambda path: path)}.get)


def test_load_asks_the_room_that_made_it(tmp_path, toy_room):
    assert load(save(tmp_path / "m")) == tmp_path / "m"


def test_a_card_is_read_as_it_was_written(tmp_path):
    card = read_card(save(tmp_path / "m", gap=1e-4, metrics={"auc": 0.7}, data={"name": "flights"}))
    assert (card.gap, card.metrics, card.data, card.inputs) == (1e-4, {"auc": 0.7}, {"name": "flights"}, INPUTS)


def test_a_room_in_the_file_is_looked_up_and_never_imported(tmp_path, toy_room):
    with pytest.raises(UnknownName, match="did you mean toy"):
        load(save(tmp_path / "m", room="tooy"))
    with pytest.raises(UnknownName):
        load(save(tmp_path / "n", room="os"))


def test_what_is_no_whole_model_is_refused(tmp_path):
    with pytest.raises(BadFile, match="no file"):
        read_card(tmp_path / "nowhere")
    with pytest.raises(BadFile, match="sha256"):
        read_card(save(tmp_path / "changed", numbers=b"other numbers"))
    with pytest.raises(BadFile, match=f"version {CARD_VERSION + 1}"):
        read_card(save(tmp_path / "newer", v=CARD_VERSION + 1))
    for missing in ("model.json", "model.safetensors"):
        (save(tmp_path / missing) / missing).unlink()
        with pytest.raises(BadFile, match=missing):
            read_card(tmp_path / missing)


@pytest.mark.parametrize("text", [b"", b"{}", b'{"v": 1}', b"\xff", b"[1]"])
def test_a_malformed_card_is_refused(tmp_path, text):
    (save(tmp_path / "m") / "model.json").write_bytes(text)
    with pytest.raises(BadFile, match=r"model\.json"):
        read_card(tmp_path / "m")


def test_an_unknown_dtype_is_refused_where_it_is_named(tmp_path):
    with pytest.raises(UnknownName, match="did you mean FP32"):
        TensorSpec(name="x", dtype="FP31", shape=(None,))
    text = (save(tmp_path / "m") / "model.json").read_text()
    (tmp_path / "m" / "model.json").write_text(text.replace("FP32", "FP31"))
    with pytest.raises(UnknownName, match="FP31"):
        read_card(tmp_path / "m")


def test_a_good_batch_gives_its_rows():
    assert check_batch(GOOD, INPUTS) == 2


BAD = {
    "missing": ({"x": GOOD["x"]}, "'k' is missing; send x, k"),
    "unknown": ({**GOOD, "y": GOOD["k"]}, "unknown input 'y'"),
    "dtype": ({**GOOD, "x": np.zeros((2, 3))}, "'x' is float64, but must be FP32"),
    "width": ({**GOOD, "x": np.zeros((2, 4), np.float32)}, r"shape \[2, 4\], but must have \[-1, 3\]"),
    "axes": ({**GOOD, "x": np.zeros(2, np.float32)}, r"shape \[2\]"),
    "rows": ({**GOOD, "k": np.zeros(3, np.int64)}, "same number of rows"),
    "no rows": ({"x": np.zeros((0, 3), np.float32), "k": np.zeros(0, np.int64)}, "at least one"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_batch_is_refused_by_name(case):
    batch, says = BAD[case]
    with pytest.raises((InputError, UnknownName), match=says):
        check_batch(batch, INPUTS)


@quick
@given(
    st.sampled_from(sorted(DTYPES)),
    st.sampled_from(sorted(DTYPES)),
    st.lists(st.integers(0, 3), max_size=3),
    st.lists(st.none() | st.integers(0, 3), max_size=3),
)
def test_a_tensor_passes_if_and_only_if_dtype_and_every_named_length_agree(have, want, shape, wanted):
    spec = TensorSpec(name="t", dtype=want, shape=tuple(wanted))
    same = len(shape) == len(wanted) and all(b is None or a == b for a, b in zip(shape, wanted, strict=False))
    if have == want and same:
        spec.check(np.zeros(shape, DTYPES[have]))
    else:
        with pytest.raises(InputError, match="'t'"):
            spec.check(np.zeros(shape, DTYPES[have]))
