"""Sources say what their parts say, one after the other."""

import numpy as np
from tests.complete.runtime.models import random_model
from tests.complete.toys import program

from learnsys.complete.caches.gate import Gate
from learnsys.complete.caches.project import Project
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.runtime.blend import Blend
from learnsys.complete.runtime.counts import Counts
from learnsys.complete.runtime.sources import Sources
from learnsys.complete.runtime.spread import Words
from learnsys.complete.runtime.typed import Typed

MODEL, _, _, LEXICON = random_model()


def made(*, gated):
    words, counts = Words(MODEL.vocabulary, LEXICON), Counts(LEXICON)
    counts.add(tokens("theirs(theirs, others);", "js"))
    blend = Blend(Gate.plain(), LEXICON, Project(LEXICON), words) if gated else None
    return Sources(words=words, counts=counts, lexicon=LEXICON, blend=blend)


def asked(text):
    return Typed(text, MODEL, LEXICON).ask(len(text))


def test_without_a_gate_it_is_the_backbone_and_the_names_of_the_project():
    found, sources = asked(program(1, 5)), made(gated=False)
    spread, backbone = sources.spread(found.answer, found.line), sources.words.spread(found.answer)
    n = len(backbone.p)
    np.testing.assert_array_equal(spread.p[:n], backbone.p)
    assert [LEXICON.words[name] for name in spread.names[n:]] == ["theirs", "others"]
    assert spread.p[n] > spread.p[n + 1] > 0


def test_with_a_gate_all_add_up_to_one_at_most():
    found, sources = asked(program(1, 5)), made(gated=True)
    spread = sources.spread(found.answer, found.line)
    assert len(set(spread.names.tolist())) == len(spread.names)
    assert 0.5 < spread.p.sum() + spread.unknown <= 1 + 1e-4


def test_only_names_that_begin_so_are_taken_from_the_project():
    found, sources = asked("a = th"), made(gated=True)
    names = sources.spread(found.answer, found.line, "th").names
    assert "others" not in {LEXICON.words[name] for name in names}
