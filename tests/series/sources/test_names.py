import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.core.errors import InputError
from learnsys.series.sources.names import Choice, Names

WORDS = st.lists(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=20), min_size=1, max_size=6)


@given(WORDS, st.booleans())
def test_numbers_are_those_of_first_occurrence_whatever_the_batches(batches, encoded):
    names, numbered = Names(), []
    for words in batches:
        column = pa.array(words)
        if encoded:  # with words that do not occur
            column = pa.array(["z", *words, "g"]).dictionary_encode().slice(1, len(words))
        numbered += names.codes(column).tolist()
    flat = [word for words in batches for word in words]
    order = list(dict.fromkeys(flat))
    assert names.ids == tuple(order)
    assert numbered == [order.index(word) for word in flat]


@pytest.mark.parametrize("kind", [pa.int8(), pa.uint32(), pa.int64()])
def test_codes_of_any_width(kind):
    column = pa.DictionaryArray.from_arrays(pa.array([1, 0, 1], kind), ["x", "y"])
    assert Names().codes(column).tolist() == [0, 1, 0]


def test_names_may_be_numbers_but_not_null():
    names = Names()
    assert names.codes(pa.array([7, 3])).tolist() == [0, 1]
    assert names.ids == ("7", "3")
    of_bytes = Names()
    of_bytes.codes(pa.array([b"a"]))
    assert of_bytes.ids == ("a",)
    with pytest.raises(InputError, match="row 1"):
        names.codes(pa.array(["7", None]))


@given(st.lists(st.sampled_from("abcd"), unique=True), st.lists(st.sampled_from("abcdefg"), min_size=1))
def test_a_choice_renumbers(chosen, words):
    names = Names()
    codes = names.codes(pa.array(words))
    made = Choice(tuple(chosen)).codes(names.ids, codes).tolist()
    assert made == [chosen.index(word) if word in chosen else -1 for word in words]


def test_a_null_among_the_words_is_a_null_name():
    column = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0]), pa.array(["a", None]))
    with pytest.raises(InputError, match="names of series are null: 1, the first in row 1"):
        Names().codes(column)
    unused = pa.DictionaryArray.from_arrays(pa.array([0, 0]), pa.array(["a", None]))
    assert Names().codes(unused).tolist() == [0, 0]
