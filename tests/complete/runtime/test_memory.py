import numpy as np

from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.runtime import memory as module
from learnsys.complete.runtime.memory import ProjectMemory
from learnsys.complete.runtime.spread import Spread


def test_what_was_learned_of_a_file_is_taken_back():
    lexicon = Lexicon()
    memory = ProjectMemory(lexicon, "js")
    kept = memory.add(tokens("let a = 1;", "js"))
    learned = memory.add(tokens("let b = 2; f(b)", "js"))
    assert len(memory.caches) == 14
    memory.remove(learned)
    assert len(memory.caches) == 5
    memory.remove(kept)
    assert len(memory.caches) == 0


def test_white_space_is_learned_from_the_first_files_only(monkeypatch):
    monkeypatch.setattr(module, "STYLED", 14)
    memory = ProjectMemory(Lexicon(), "js")
    code = tokens("f( a );", "js")
    before = memory.spaces.names(code)
    learned = [memory.add(tokens("f( b );g( c );", "js")) for _ in range(2)]
    assert memory.spaces.names(code) != before
    memory.remove(learned[1])
    assert memory.spaces.names(code) != before
    memory.remove(learned[0])
    assert memory.spaces.names(code) == before


def test_of_files_beyond_the_bound_the_names_are_known(monkeypatch):
    monkeypatch.setattr(module, "CACHED", 5)
    monkeypatch.setattr(module, "NEAR", 5)
    lexicon = Lexicon()
    memory = ProjectMemory(lexicon, "js")
    memory.add(tokens("let a = 1;", "js"))
    learned = memory.add(tokens("let zebra = 123;", "js"))
    nothing = Spread(names=np.zeros(0, np.int32), p=np.zeros(0, np.float32), origins=np.zeros(0, np.uint8), unknown=1.0)
    assert len(memory.caches) == 5
    assert len(memory.counts.share(nothing, "ze").names) == 1
    assert memory.partly == 1
    assert "123" not in lexicon.words
    memory.remove(memory.add(tokens("let zebra = 456;", "js"), near=True))
    assert "456" in lexicon.words
    memory.remove(learned)
    assert (len(memory.caches), memory.partly) == (5, 0)
    assert len(memory.counts.share(nothing, "ze").names) == 0
