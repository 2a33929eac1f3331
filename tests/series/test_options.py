"""Words of a command line become the query that a program would write."""

import pytest

from learnsys.core.errors import InputError
from learnsys.series.options import Reading, pairs, query, symmetric


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("options") / "px.csv"
    rows = [f"{t},{sym},{q},{p}" for t, sym, q, p in [(0, "A", 0, 1), (1, "B", 0, 2), (2, "A", 1, 3), (3, "A", 0, 4)]]
    path.write_text("\n".join(["t,sym,quality,px", *rows]) + "\n")
    return str(path)


def values(file, **options):
    return query((file,), Reading(time="t", series="sym", value="px", **options)).samples().x.tolist()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [1, 3, 4, 2]),
        ({"where": ["quality=0"]}, [1, 4, 2]),
        ({"where": ["quality == 0", "px > 1.5"]}, [2, 4]),
        ({"where": ["sym in B,C"]}, [2]),
        ({"where": ["sym != 'A'"]}, [2]),
        ({"between": "1,3"}, [2, 3]),
        ({"between": "2,"}, [3, 4]),
        ({"between": ",1"}, [1]),
        ({"select": "B"}, [2]),
        ({"select": "B, A"}, [2, 1, 3, 4]),
        ({"log": True, "select": "A", "between": ",1"}, [0]),
        ({"difference": True, "select": "A"}, [2, 1]),
    ],
)
def test_each_option_does_what_its_method_does(file, options, expected):
    assert values(file, **options) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"where": ["quality"]}, "is no condition"),
        ({"between": "1"}, "is no range of time"),
        ({"between": "1,2,3"}, "is no range of time"),
    ],
)
def test_what_does_not_read_is_refused_with_the_next_step(file, options, words):
    with pytest.raises(InputError, match=words) as refused:
        values(file, **options)
    assert refused.value.next


@pytest.mark.parametrize("text", ["A", "A:", "A:B:C", ",", ":B"])
def test_pairs_that_are_none_are_refused(text):
    with pytest.raises(InputError, match="no list of pairs"):
        pairs(text)


def test_no_file_is_refused():
    with pytest.raises(InputError, match="no file is given"):
        query((), Reading())


def test_a_largest_lag_below_zero_is_refused_as_what_it_is():
    with pytest.raises(InputError, match="the largest lag is '-10m'"):
        symmetric("-10m", None)
