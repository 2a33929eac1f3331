import numpy as np
from tests.complete.toys import encoded

from learnsys.complete.caches.contexts import KINDS, ORDERS, advance, marks, row, rows
from learnsys.complete.data.encode import encode


def contexts(text):
    _, vocabulary, lexicon = encoded(2)
    file = encode(text, vocabulary, lexicon)
    return file, rows(file.names, file.lines, marks(lexicon))[0]


def test_n_grams_are_equal_where_the_tokens_before_are():
    files, _, lexicon = encoded(1, statements=30)
    file = files[0]
    found = rows(file.names, file.lines, marks(lexicon))[0]
    for order in range(ORDERS):
        seen = {}
        for t in range(order + 1, len(file)):
            context = (int(file.lines[t]), *file.names[t - 1 - order : t].tolist())
            assert seen.setdefault(context, found[t, order]) == found[t, order]
        assert len(set(seen.values())) == len(seen)


def test_a_call_and_its_argument_make_a_context_after_any_argument():
    file, found = contexts("; draw(a, b(1), c); draw(x, [2, 3], d);")
    words = file.tokens.words
    assert found[words.index("c"), ORDERS + 2] == found[words.index("d"), ORDERS + 2]
    assert found[words.index("a"), ORDERS + 2] != found[words.index("c"), ORDERS + 2]


def test_no_kind_of_context_is_another():
    _, found = contexts("if (a) {\n  b(c);\n}\nif (d) {\n  e(f, g);\n}\n")
    assert all(len(set(place)) == KINDS for place in found[8:].tolist())


def test_the_token_itself_and_later_ones_change_nothing():
    file, _ = contexts("if (a) {\n  b(c);\n}\n\nif (d)\n{\n  e(f, g);\n}\n")
    signs = np.zeros(8, np.int32)
    found = rows(file.names, file.lines, signs)[0]
    for t in range(len(file)):
        other = file.names.copy()
        other[t:] = 10_000
        assert np.array_equal(rows(other, file.lines, signs)[0][t], found[t])


def test_token_by_token_is_as_all_at_once():
    files, _, lexicon = encoded(1)
    file, signs = files[0], marks(lexicon)
    found, layout = rows(file.names, file.lines, signs)
    again, here = np.full_like(layout, -1), np.zeros(KINDS, np.uint32)
    again[0] = layout[0]
    for t in range(len(file)):
        row(t, int(file.lines[t]), file.names[:t], again, here)
        assert np.array_equal(here, found[t])
        advance(t, file.names, file.lines, again, signs)
    assert np.array_equal(again, layout)
