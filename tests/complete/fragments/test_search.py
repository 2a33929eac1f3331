"""Fragments of a model that is known by heart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.complete.fragments.tables import Table
from tests.complete.toys import program

from learnsys.complete.fragments.brackets import Brackets
from learnsys.complete.fragments.cut import Cut
from learnsys.complete.fragments.fits import Fits
from learnsys.complete.fragments.search import Start, Style, search, shown
from learnsys.complete.fragments.types import Fragment
from learnsys.complete.fragments.veto import errors
from learnsys.complete.fragments.words import open_quote
from learnsys.complete.lexing.edits import Document
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.runtime.state import Stopped
from learnsys.complete.style.spaces import Spaces, before

TEXT = "const total = count(own1, [left, 1]);\nconst total = count(own1, [left, 1]);\n"
SPACES = Spaces()
SPACES.read(tokens(program(1, 60), "js"))


def found_at(text, rest, table, cut, prefix="", follows="", **options):
    here = tokens(text, "js")
    n = len(here) - bool(prefix)
    whole = tokens(text + rest, "js")
    place, own = before(here, "  ", n)
    gap = here.gap(n)
    roller = Table((), here.words[:n], table.counts)
    at = Start(roller, place, Brackets.at(whole, n), open_quote(whole, n), gap, prefix, follows)
    return search(at, "js", Style(spaces=SPACES, own=own), cut, **options)


def test_what_is_certain_is_found_to_the_end_of_the_line():
    table = Table([tokens(TEXT, "js").words])
    found = found_at("const total = ", "", table, Cut(first=0.5, whole=0.3))
    assert found[0].text == "count(own1, [left, 1]);"
    assert found[0].words[0] == "count"


def test_a_token_that_is_typed_in_part_is_completed():
    table = Table([tokens(TEXT, "js").words])
    found = found_at("const total = co", "", table, Cut(first=0.1, whole=0.1), prefix="co")
    assert found[0].text.startswith("unt(own1")


def test_probabilities_fall_and_none_is_below_the_cut():
    table = Table([tokens(program(seed, 30), "js").words for seed in range(4)])
    for fragment in found_at("if (total > ", "", table, Cut(first=0.05, whole=0.02)):
        assert all(a >= b for a, b in zip(fragment.p, fragment.p[1:], strict=False))
        assert fragment.p[-1] >= 0.02
        assert fragment.expected == sum(fragment.p)


def test_a_higher_threshold_shows_less():
    table = Table([tokens(program(seed, 30), "js").words for seed in range(4)])
    few = found_at("const total = ", "", table, Cut(first=0.2, whole=0.2))
    assert {f.words for f in few} <= {
        f.words for f in found_at("const total = ", "", table, Cut(first=0.05, whole=0.05))
    }


def test_what_the_file_closes_is_not_closed_again():
    table = Table([tokens(TEXT, "js").words])
    found = found_at("const total = count(own1", ");", table, Cut(first=0.1, whole=0.1))
    assert found
    assert all(f.text.count(")") <= f.text.count("(") for f in found)


def test_what_follows_on_the_line_ends_a_fragment():
    table = Table([tokens(TEXT, "js").words])
    cut = Cut(first=0.1, whole=0.1)
    assert found_at("const total = ", "", table, cut)[0].words[-1] == ";"
    assert found_at("const total = ", ";", table, cut, follows=";")[0].words[-1] == ")"
    assert found_at("const total = count(own1, ", ");", table, cut, follows=")")[0].text == "[left, 1]"


def test_a_search_asks_whether_to_stop():
    table = Table([tokens(TEXT, "js").words])
    asked = []
    found = found_at("const total = ", "", table, Cut(first=0.5, whole=0.5), stop=lambda: bool(asked.append(1)))
    assert len(asked) >= len(found[0].words)
    with pytest.raises(Stopped):
        found_at("const total = ", "", table, Cut(first=0.5, whole=0.5), stop=lambda: True)


@given(st.integers(0, 20), st.integers(1, 60), st.floats(0.02, 0.6))
def test_shown_fragments_leave_no_more_errors(seed, cut_at, threshold):
    text = program(seed, 15)
    found = tokens(text, "js")
    offset = int(found.starts[min(cut_at, len(found) - 1)])
    table = Table([tokens(program(s, 30), "js").words for s in range(3)])
    fragments = found_at(text[:offset], "\n", table, Cut(first=threshold, whole=threshold))
    fragment = shown(fragments, Fits(Document(text[:offset], "js"), offset))
    assert errors(text[:offset] + fragment.text, "js") <= errors(text[:offset], "js")


def test_nothing_sure_is_nothing_shown():
    assert shown([], Fits(Document("a", "js"), 1)) == Fragment()
    assert shown([Fragment(text=")", words=(")",), p=(0.9,))], Fits(Document("a", "js"), 1)) == Fragment()
    assert Fragment(text="a", words=("a",), p=(0.5,)).table().rows == (("a", 0.5),)
