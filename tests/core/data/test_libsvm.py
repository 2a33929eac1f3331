"""The reader agrees with scikit-learn on good files, and with a slow twin on every other, to the line."""

import gzip

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.datasets import dump_svmlight_file, load_svmlight_file
from tests.core import naive
from tests.core.strategies import libsvm_text, matrices, quick

from learnsys.core.data import libsvm
from learnsys.core.data.libsvm import read_libsvm
from learnsys.core.errors import BadFile
from learnsys.core.host import this_host

blocks = st.sampled_from([1, 7, 64, libsvm.BLOCK_BYTES])


@pytest.fixture
def written(tmp_path):
    def write(text, name="t.libsvm"):
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


@quick
@given(
    X=matrices(elements=st.floats(-1e300, 1e300)),
    block=blocks,
    gz=st.booleans(),
    comment=st.none() | st.just("by scikit-learn"),
)
def test_agrees_with_scikit_learn(tmp_path_factory, X, block, gz, comment):
    X[0, -1] = 1.0  # so that the file knows the width
    path = tmp_path_factory.getbasetemp() / ("t.libsvm.gz" if gz else "t.libsvm")
    labels = np.random.default_rng(0).standard_normal(len(X))
    with gzip.open(path, "wb") if gz else path.open("wb") as file:
        dump_svmlight_file(X, labels, file, zero_based=False, comment=comment)
    theirs, their_labels = load_svmlight_file(str(path), zero_based=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(libsvm, "BLOCK_BYTES", block)
        ours = read_libsvm(path)
    assert np.array_equal(ours.X.toarray(), theirs.toarray())
    assert np.array_equal(ours.y, their_labels)


@example(text="", block=1)
@example(text="1 1:2\n\n2 3:1 2:1", block=1)
@example(text="1 1: 2", block=64)
@example(text="1 1:1-2 3:", block=64)
@example(text="1:2 3\n", block=64)
@example(text="0 1:0.0 2147483647:1", block=1)
@settings(quick, max_examples=300)
@given(text=libsvm_text, block=blocks)
def test_agrees_with_the_twin_on_whatever_text(tmp_path_factory, text, block):
    path = tmp_path_factory.getbasetemp() / "twin.libsvm"
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(libsvm, "BLOCK_BYTES", block)
        patch.setattr(libsvm, "_most_columns", lambda: 2**31)  # that bound has a test of its own
        try:
            labels, rows = naive.libsvm(text)
        except naive.BadLine as bad:
            with pytest.raises(BadFile, match=rf"twin\.libsvm, line {bad.args[0]}:"):
                read_libsvm(path)
            return
        if not any(rows):
            with pytest.raises(BadFile, match="no row"):
                read_libsvm(path)
            return
        data = read_libsvm(path)
    assert data.y.tolist() == labels
    assert [dict(zip((r.indices + 1).tolist(), r.data.tolist(), strict=True)) for r in parts(data.X)] == rows
    assert data.X.shape[1] == max(j for row in rows for j in row)


def parts(X):
    """The rows of a matrix, each with its stored entries."""
    return [sparse.csr_array(X[[i]]) for i in range(X.shape[0])]


def test_ordinary_text_is_never_read_line_by_line(written, monkeypatch):
    def never(*args):
        raise AssertionError("the slow reader was asked")

    monkeypatch.setattr(libsvm, "_exact", never)
    data = read_libsvm(written("# header\n+1 1:0.5 7:-2e-3\n\n-1\t2:.5  # a note\r\n1.5\n"))
    assert data.y.tolist() == [1.0, -1.0, 1.5]
    assert data.X.toarray().tolist() == [[0.5, 0, 0, 0, 0, 0, -0.002], [0, 0.5, 0, 0, 0, 0, 0], [0] * 7]


MISTAKES = {
    "1 a:1": "'a:1' is no index:value pair", "1 1:": "'1:' is no index:value pair", "1 7": "'7' is no index:value pair",
    "1 1.0:2": "'1.0:2' is no index:value pair", "1 +1:2": "'+1:2' is no index:value pair", "1:2 3": "label '1:2'",
    "1 1e0:2": "'1e0:2' is no index:value pair", "1 :2": "':2' is no index:value pair", "1 1:2:3 4": "index 1 '2:3'",
    "1 0:1": "index 0 is not between 1 and 2147483647", "1 2147483648:1": "index 2147483648 is not between",
    "1 3:1 2:1": "index 2 comes after 3", "1 2:1 2:1": "index 2 comes after 2", "late 1:1": "label 'late' is no number",
    "1,2 1:1": "label '1,2' is no number", "1 2:x": "value of index 2 'x' is no number",
    "1 2:nan": "value of index 2 'nan' is not finite", "1 2:1e999": "'1e999' is not finite", "inf 1:1": "label 'inf'",
    "1 qid:3 1:1": "'qid:3' groups rows for ranking", "1 2:1_0": "'1_0' is no number",
}  # fmt: skip


@pytest.mark.parametrize("line", MISTAKES)
@pytest.mark.parametrize("before", [0, 6])
def test_a_mistake_is_named_with_file_line_and_words(written, line, before):
    path = written("# data\n" * before + line + "\n1 1:1\n")
    with pytest.raises(BadFile) as caught:
        read_libsvm(path)
    assert str(caught.value).startswith(f"{path}, line {before + 1}: ")
    assert MISTAKES[line] in str(caught.value)
    assert caught.value.value == before + 1


def test_a_mistake_far_into_a_file_of_many_blocks_has_its_line(written, monkeypatch):
    monkeypatch.setattr(libsvm, "BLOCK_BYTES", 100)
    with pytest.raises(BadFile, match="line 501:"):
        read_libsvm(written("1 1:1 2:2\n" * 500 + "1 2:oops\n" + "1 1:1\n" * 50))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.libsvm", b"", "no rows"), ("notes.libsvm", b"# nothing\n\n", "no rows"),
        ("labels.libsvm", b"1\n-1\n", "no row has an index:value pair"),
        ("plain.libsvm.gz", b"1 1:1\n", r"plain\.libsvm\.gz"),
        ("cut.libsvm.gz", gzip.compress(b"1 1:1\n" * 99, mtime=0)[:-9], r"cut\.libsvm\.gz"),
        ("bent.libsvm.gz", gzip.compress(b"1 1:1\n", mtime=0)[:12] + b"xxxxxxxxxx", r"bent\.libsvm\.gz"),
        ("binary.libsvm", bytes(range(256)), "line 1"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_refused(written, name, content, says):
    with pytest.raises(BadFile, match=says):
        read_libsvm(written(content, name))


@pytest.mark.parametrize("text", ["# data\n\n1 1:1\n1 2:1 11:1 # far\n1 12:1\n", "# data\n\n1 1:1\n1\f11:1\n"])
def test_an_index_that_memory_does_not_suffice_for_is_refused_with_its_line(written, monkeypatch, text):
    monkeypatch.setattr(libsvm, "_most_columns", lambda: 10)
    with pytest.raises(BadFile, match=r"line 4: index 11 makes weights of 88 B, .* suffices for 10 columns"):
        read_libsvm(written(text))
    assert read_libsvm(written(text.replace("11:", "10:").replace("12:", "10:"))).X.shape[1] == 10


def test_the_widest_row_is_that_of_this_hosts_memory():
    assert libsvm._most_columns() * 4 * 8 == pytest.approx(this_host().memory_bytes)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadFile, match="no file"):
        read_libsvm(tmp_path / "none.libsvm")


def test_a_digest_does_not_depend_on_how_a_number_is_written(written):
    a = read_libsvm(written("1 1:0.5 2:1\n", "a.libsvm"))
    b = read_libsvm(written("+1.0\t1:5e-1   2:1.0 # note\r\n", "b.libsvm"))
    assert a.ref.digest == b.ref.digest
