"""One edit between what two texts share makes one of the other."""

from hypothesis import given
from hypothesis import strategies as st

from learnsys.complete.lexing.difference import difference, shared

TEXTS = st.text("ab\r\n😀", max_size=12)


@given(TEXTS, TEXTS)
def test_one_edit_makes_one_text_of_another(old, new):
    start, end, piece = difference(old, new)
    assert 0 <= start <= end <= len(old)
    assert old[:start] + piece + old[end:] == new
    assert len(piece) <= len(new)
    if old == new:
        assert (start, end, piece) == (len(old), len(old), "")


def test_an_edit_touches_only_what_differs():
    assert difference("a" * 100_000, "a" * 50_000 + "b" + "a" * 50_000) == (50_000, 50_000, "b")


@given(TEXTS, TEXTS)
def test_what_is_shared_is_as_long_as_it_can_be(old, new):
    n = shared(old, new)
    assert old[:n] == new[:n]
    assert old[n : n + 1] != new[n : n + 1] or n == len(old) == len(new)
    m = shared(old, new, from_end=True)
    assert m == shared(old[::-1], new[::-1])
