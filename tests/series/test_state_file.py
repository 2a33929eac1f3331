import msgspec
import numpy as np
import pytest

from learnsys.core.errors import BadFile
from learnsys.series import state_file
from learnsys.series.state import load_state, make_state
from learnsys.series.types import Samples


@pytest.fixture
def path(tmp_path):
    made = make_state(Samples.of({"a": ([0, 1, 2], [1, 2, 4])}), bandwidth=1.0, period=50.0)
    return made.save(tmp_path / "a.state")


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_state_that_was_cut_short_is_refused(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(BadFile, match=r"cannot read .*a\.state"):
        load_state(path)


def test_a_state_of_which_any_byte_changed_is_refused(path):
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    for at in rng.integers(0, len(content), 60):
        changed = bytearray(content)
        changed[at] ^= 1 << rng.integers(0, 8)
        path.write_bytes(changed)
        try:
            again = load_state(path)
        except BadFile:
            continue
        path.write_bytes(content)  # blanks that pad the header mean nothing
        same = load_state(path)
        np.testing.assert_array_equal(again.coefficients.X, same.coefficients.X)
        assert again.coefficients.ids == same.coefficients.ids


@pytest.mark.parametrize("content", [b"garbage", b"PAR1" * 100, b"\xff" * 64, bytes(64)])
def test_what_is_no_state_is_refused(tmp_path, content):
    (path := tmp_path / "x.state").write_bytes(content)
    with pytest.raises(BadFile, match=r"x\.state"):
        load_state(path)


def test_other_safetensors_and_kinds_that_are_none_are_refused(tmp_path):
    from safetensors.numpy import save

    path = tmp_path / "x.state"
    path.write_bytes(save({"a": np.zeros(3)}))
    with pytest.raises(BadFile):
        load_state(path)

    class Other(msgspec.Struct):
        a: int

    state_file.write(path, Other(1))
    with pytest.raises(BadFile, match="Other"):
        load_state(path)
    with pytest.raises(BadFile, match="no file"):
        load_state(tmp_path / "y.state")


def test_a_state_is_written_whole_or_not_at_all(path, tmp_path):
    before = path.read_bytes()
    with pytest.raises(BadFile, match="cannot write"):
        load_state(path).save(tmp_path / "nowhere" / "a.state")
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.state"]


def test_a_packed_state_is_smaller_and_the_same():
    rng = np.random.default_rng(0)
    samples = Samples.of({"a": (rng.uniform(0, 40, 500), rng.normal(size=500))})
    for tol in (1e-3, 1e-9):
        made = make_state(samples, bandwidth=0.01, period=50.0, tol=tol)
        packed = state_file.pack(made)
        assert len(packed) < 0.98 * (made.coefficients.X.nbytes + made.coefficients.W.nbytes)
        again = state_file.unpack(packed)
        np.testing.assert_array_equal(again.coefficients.X, made.coefficients.X)
        assert again.coefficients.X.dtype == made.coefficients.X.dtype
