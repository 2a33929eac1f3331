"""Oddities found in texts."""

import pytest
from tests.complete.runtime.models import random_model
from tests.complete.toys import program
from tests.complete.unusual.slow import Slow

from learnsys.complete.data.encode import encode
from learnsys.complete.unusual.find import find_unusual, merged
from learnsys.core.errors import InputError

LINES = "let item = 1;\nlet index = 2;\n" + "use(item.name);\ncount(index + 1);\n" * 12


def test_a_swapped_name_is_more_surprising_than_the_right_one():
    model = random_model()[0]
    at = LINES.rindex("item")
    swapped = LINES[:at] + "index" + LINES[at + 4 :]
    found = find_unusual(swapped, model, times=2.0, path="a.js")
    first = found.items[0]
    assert (first.word, first.usual, first.start) == ("index", "item", at)
    assert swapped[first.start : first.end] == first.word
    assert swapped.split("\n")[first.line - 1] == "use(index.name);"
    assert not [one for one in find_unusual(LINES, model, times=2.0).items if one.start == at]


@pytest.mark.parametrize("times", [1.2, 2.0, 20.0])
def test_nothing_is_left_out(times):
    model, _, _, lexicon = random_model()
    text = program(3, 80).replace("value", "node", 7)
    found = find_unusual(text, model, times=times, lexicon=lexicon)
    slow = Slow(model, encode(text, model.vocabulary, lexicon), lexicon)
    assert {(one.start, one.usual) for one in found.items} == slow.found(times)
    assert found.items or times > 2


def test_a_higher_bar_shows_less_and_all_are_over_it():
    model, text = random_model()[0], program(1, 40)
    many, few = find_unusual(text, model, times=1.5), find_unusual(text, model, times=5.0)
    assert {one.start for one in few.items} <= {one.start for one in many.items}
    assert all(one.times > 1.5 for one in many.items)
    times = [one.times for one in many.items]
    assert times == sorted(times, reverse=True)


def test_empty_texts_and_wrong_bars():
    model = random_model()[0]
    assert find_unusual("", model, path="a.js").bits == {"a.js": 0.0}
    with pytest.raises(InputError, match="likelier"):
        find_unusual("a", model, times=1.0)


def test_results_of_files_are_put_together():
    model = random_model()[0]
    both = merged([find_unusual(LINES, model, path="a.js"), find_unusual(program(1), model, path="b.js")])
    assert set(both.bits) == {"a.js", "b.js"}
    assert len(both.table().rows) == len(both.items)
