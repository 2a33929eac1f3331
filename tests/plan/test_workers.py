import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.plan.strategies import quick

from learnsys.core.errors import InputError
from learnsys.plan.workers import parse_workers


@pytest.mark.parametrize(
    ("text", "counts"),
    [("8", (8,)), ("1,2,4", (1, 2, 4)), ("1-64", (1, 2, 4, 8, 16, 32, 64)), ("3 - 20", (3, 4, 8, 16, 20)),
     ("1,6-9", (1, 6, 8, 9)), (5, (5,)), ([4, 1, 4], (1, 4))],
)  # fmt: skip
def test_reads(text, counts):
    assert parse_workers(text) == counts


@quick
@given(st.integers(1, 500), st.integers(0, 500))
def test_a_range_has_its_ends_and_powers_of_two(low, more):
    counts = parse_workers(f"{low}-{low + more}")
    assert {counts[0], counts[-1]} == {low, low + more}
    assert all(p & (p - 1) == 0 for p in counts[1:-1])
    assert list(counts) == sorted(set(counts))


@pytest.mark.parametrize("text", ["0", "-3", "1,0", 0, [2, -1]])
def test_less_than_one_is_refused(text):
    with pytest.raises(InputError, match="must be at least 1"):
        parse_workers(text)


@pytest.mark.parametrize("text", ["", "many", "1-", "1..4", "2.5", "1,,2"])
def test_other_words_are_refused_with_the_forms(text):
    with pytest.raises(InputError, match="1-64"):
        parse_workers(text)


def test_a_range_that_runs_backwards_is_refused():
    with pytest.raises(InputError, match="write 4-8"):
        parse_workers("8-4")


def test_no_counts_are_refused():
    with pytest.raises(InputError, match="no worker count"):
        parse_workers([])


@pytest.mark.parametrize("counts", [[1.5], ["2"], [1, None]])
def test_counts_that_are_no_whole_numbers_are_refused(counts):
    with pytest.raises(InputError, match="no number of workers"):
        parse_workers(counts)
