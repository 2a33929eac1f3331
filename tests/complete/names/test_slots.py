"""What a composed name is made from, and what it is written as."""

import numpy as np
import pytest
from tests.complete.names.toys import sources

from learnsys.complete.names.features import describe
from learnsys.complete.names.flat import flat
from learnsys.complete.names.slots import (
    END,
    MARKS,
    SLOTS,
    STEPS,
    UNKNOWN,
    fill,
    learn_parts,
    read,
    slots,
    spell,
    written,
)


@pytest.fixture(scope="module")
def routines():
    files = [(source.package, describe(flat(source.text, "js"), path=source.path)) for source in sources()]
    return [(package, found) for package, file in files for found in file if found.symbol.sort == "routine"]


@pytest.mark.parametrize(
    ("name", "style"),
    [("_getUser", "camel"), ("__get_user", "snake"), ("Point", "camel"), ("_Point", "snake"), ("parse", "snake")],
)
def test_a_name_is_read_as_it_was_written(name, style):
    assert read(written(name), style) == name


def test_a_name_without_letters_is_not_written():
    assert written("$") == ()
    assert read(("_",), "camel") == ""


def test_slots_are_sub_tokens_of_facts_and_hide_the_name(routines):
    (_, found), *_ = routines
    own = slots(found)
    assert ("sibling", "draw") in own
    assert ("returns", "open") in own
    assert len(own) == len(set(own)) <= SLOTS
    assert "load" not in {word for _, word in own}


def test_known_words_have_numbers_and_others_are_copied(routines):
    vocabulary = learn_parts(routines)
    assert vocabulary.parts[: len(MARKS)] == MARKS
    filled = fill([[("reads", "width"), ("reads", "zebra"), ("calls", "zebra")], []], vocabulary)
    known, zebra = vocabulary.part_ids["width"], len(vocabulary.parts)
    assert filled.words[0, :4].tolist() == [known, zebra, zebra, -1]
    assert filled.parts[0, :3].tolist() == [known, UNKNOWN, UNKNOWN]
    assert filled.fresh == [("zebra",), ()]
    assert (filled.roles[1] == 0).all()
    told = spell(["widthZebra", "zebra"], filled.fresh, vocabulary)
    assert told.shape == (2, STEPS)
    assert told[0, :4].tolist() == [known, zebra, END, -1]
    assert told[1, :2].tolist() == [UNKNOWN, END]


def test_the_longest_name_has_an_end(routines):
    told = spell(["a_b_c_d_e_f_g_h"], [()], learn_parts(routines))
    assert told[0, -1] == END
    assert np.all(told >= 0)
