"""Names are cut where a reader would cut them."""

import re

from hypothesis import given
from hypothesis import strategies as st
from tests.complete import naive

from learnsys.complete.lexing.subtokens import subtokens


@given(st.text(st.sampled_from("abXYZ019_$-éß名"), max_size=12))
def test_parts_are_those_of_the_slow_twin(name):
    assert subtokens(name) == naive.subtokens(name)


@given(st.text(max_size=12))
def test_parts_are_cut_from_the_name_in_order(name):
    parts = subtokens(name)
    assert parts
    assert parts == (name,) or "".join(parts) == "".join(c.lower() for c in re.sub(r"[\W_]", "", name))


def test_letters_of_other_scripts_are_letters():
    assert subtokens("größe_名前2") == ("größe", "名前", "2")
