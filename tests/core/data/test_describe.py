"""A description counts what is there: checked number by number by a twin."""

import json
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from tests.core import naive
from tests.core.strategies import matrices, quick

from learnsys.core.data import Dataset, describe
from learnsys.core.data.dataset import as_features

describe_module = sys.modules["learnsys.core.data.describe"]  # in the door, its function has its name
moderate = st.floats(-1e6, 1e6)


def made(X, y, **more):
    return Dataset(name="toy", X=as_features(X), y=np.asarray(y), **more)


@pytest.mark.parametrize("form", [np.array, sparse.csr_array])
@quick
@given(X=matrices(elements=moderate), block=st.sampled_from([1, 5, 8192]))
def test_columns_agree_with_the_twin(form, X, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(describe_module, "ROWS_A_BLOCK", block)
        found = describe(made(form(X), np.zeros(len(X)))).summary
    means, sds, lows, highs, counts = naive.moments(X)
    scale = max(1.0, np.abs(X).max())
    assert [c.name for c in found] == [str(j) for j in range(X.shape[1])]
    assert [c.mean for c in found] == pytest.approx(means, abs=1e-12 * scale)
    assert [c.sd for c in found] == pytest.approx(sds, rel=1e-9, abs=1e-9 * scale)
    assert [c.low for c in found] == lows
    assert [c.high for c in found] == highs
    assert [c.nonzero_share for c in found] == [k / len(X) for k in counts]


def test_a_stored_zero_is_no_non_zero():
    X = sparse.csr_array((np.array([0.0, 2.0]), np.array([0, 1]), np.array([0, 2])), shape=(1, 2))
    assert [c.nonzero_share for c in describe(made(X, [0])).summary] == [0.0, 1.0]


@quick
@given(st.lists(st.sampled_from(["late", "early"]), min_size=2, max_size=9).filter(lambda y: len(set(y)) == 2))
def test_two_classes_have_a_positive_share(y):
    found = describe(made(np.ones((len(y), 1)), y))
    assert found.classes == ("early", "late")
    assert found.positive_share == y.count("late") / len(y)
    assert {b.label: b.count for b in found.balance} == {"early": y.count("early"), "late": y.count("late")}
    assert (found.y_low, found.y_high) == (None, None)


@quick
@given(st.lists(moderate, min_size=1, max_size=30).filter(lambda y: any(x != round(x) for x in y)))
def test_an_amount_has_a_range_and_a_histogram_of_every_row(y):
    found = describe(made(np.ones((len(y), 1)), y))
    assert (found.classes, found.positive_share) == ((), None)
    assert (found.y_low, found.y_high) == (min(y), max(y))
    assert sum(b.count for b in found.balance) == len(y)


@pytest.mark.parametrize(
    ("y", "classes"),
    [([1.0, -1.0], ("-1", "1")), ([3, 1, 2], ("1", "2", "3")), (np.arange(21), ()),
     (np.arange(20), tuple(map(str, range(20))))],
)  # fmt: skip
def test_few_whole_numbers_are_classes_and_many_an_amount(y, classes):
    assert describe(made(np.ones((len(y), 1)), y)).classes == classes


def test_of_a_wide_table_the_fullest_columns_are_shown(monkeypatch):
    monkeypatch.setattr(describe_module, "MOST_COLUMNS", 2)
    found = describe(made(np.array([[1.0, 0, 1, 0], [1, 0, 1, 1]]), [0, 1], columns=("a", "b", "c", "d")))
    assert [c.name for c in found.summary] == ["a", "c"]
    assert found.columns == 4
    assert "only the 2 fullest columns are shown" in found.table().notes


def test_the_table_and_the_charts_say_it(tmp_path):
    data = made(np.eye(2), ["b", "a"], columns=("u", "v"), target="class", source="a test", licence="CC0")
    found = describe(data)
    notes = " ".join(found.table().notes)
    for words in (
        "2 non-zeros, dense float64",
        "class: b in 50.0 % of rows, else a",
        "a test, licence CC0",
        data.ref.digest[:12],
    ):
        assert words in notes
    assert [row[0] for row in found.table().rows] == ["u", "v"]
    assert [v["rows"] for v in found.chart().to_dict()["data"]["values"]] == [1, 1]
    assert {v["column"] for v in found.chart("columns").to_dict()["data"]["values"]} == {"u", "v"}
    assert json.loads(found.save(tmp_path / "d.json").read_text())["digest"] == data.ref.digest
    assert found.save(tmp_path / "d.svg").read_text().startswith("<svg")


def test_a_file_is_described_as_its_data_is(tmp_path):
    (tmp_path / "t.csv").write_text("x,y\n1,0\n2,1\n")
    found = describe(tmp_path / "t.csv", target="x")
    assert (found.name, found.target, found.rows, found.columns) == ("t.csv", "x", 2, 1)
