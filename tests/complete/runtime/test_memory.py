from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.runtime.memory import ProjectMemory


def test_what_was_learned_of_a_file_is_taken_back():
    lexicon = Lexicon()
    memory = ProjectMemory(lexicon)
    kept = memory.add(tokens("let a = 1;", "js"))
    learned = memory.add(tokens("let b = 2; f(b)", "js"))
    assert len(memory.caches) == 14
    memory.remove(learned)
    assert len(memory.caches) == 5
    memory.remove(kept)
    assert len(memory.caches) == 0
