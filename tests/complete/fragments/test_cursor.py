"""Fragments in a document."""

from tests.complete.runtime.models import random_model
from tests.complete.toys import program

from learnsys.complete.fragments.cursor import fragment_at
from learnsys.complete.fragments.search import Cut
from learnsys.complete.fragments.types import Fragment
from learnsys.complete.fragments.veto import errors
from learnsys.complete.runtime.counts import Counts
from learnsys.complete.runtime.sources import Sources
from learnsys.complete.runtime.spread import Words
from learnsys.complete.runtime.typed import Typed
from learnsys.complete.style.spaces import Spaces


def asked(text, offset, cut=0.0):
    model, _, _, lexicon = random_model()
    sources = Sources(words=Words(model.vocabulary, lexicon), counts=Counts(lexicon), lexicon=lexicon)
    typed = Typed(text, model, lexicon)
    return fragment_at(typed, offset, sources, Spaces(), cut=Cut(first=cut, whole=cut))


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
