"""Fragments in a document."""

import pytest
from tests.complete.runtime.models import random_model
from tests.complete.toys import program

from learnsys.complete.fragments.cursor import fragment_at
from learnsys.complete.fragments.cut import Cut
from learnsys.complete.fragments.types import Fragment
from learnsys.complete.fragments.veto import errors
from learnsys.complete.runtime.counts import Counts
from learnsys.complete.runtime.sources import Sources
from learnsys.complete.runtime.spread import Words
from learnsys.complete.runtime.state import Stopped
from learnsys.complete.runtime.typed import Typed
from learnsys.complete.style.near import Near
from learnsys.complete.style.spaces import Spaces


def asked(text, offset, cut=0.0, **options):
    model, _, _, lexicon = random_model()
    sources = Sources(words=Words(model.vocabulary, lexicon), counts=Counts(lexicon), lexicon=lexicon)
    typed = Typed(text, model, lexicon)
    return fragment_at(typed, offset, sources, (Spaces(), Near()), cut=Cut(first=cut, whole=cut), **options)


def test_fragments_of_any_model_keep_the_file_as_whole_as_it_was():
    text = program(2, 8)
    for offset in range(0, len(text), 7):
        fragment = asked(text[:offset] + "\n", offset, 0.01)
        after = text[:offset] + fragment.text + "\n"
        assert errors(after, "js") <= errors(text[:offset] + "\n", "js")


def test_nothing_is_said_in_comments_within_lines_and_when_nothing_is_sure():
    assert asked("a = 1; // b", 11) == Fragment()
    assert asked("a = 1; b + c", 7) == Fragment()
    assert asked("a = ", 4, 1.1) == Fragment()


def test_what_stands_behind_the_cursor_is_not_said_again():
    for rest, word in ((";", ";"), (",", ","), ("),", ")"), ("", None)):
        text = f"a = [f(b{rest}\nc();\n"
        fragment = asked(text, text.index("b") + 1, 1e-6)
        assert not fragment.words or fragment.words[0] != word


def test_a_fragment_can_be_taken_back():
    seen = []
    with pytest.raises(Stopped):
        asked(program(2, 8), len(program(2, 8)), 1e-6, stop=lambda: seen.append(1) or len(seen) > 3)
    assert len(seen) == 4
