"""Code of a shipped or own model, from nothing or from the text of a file, alone or as one of a project."""

from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.fragments.brackets import Brackets
from learnsys.complete.fragments.rolling import Rolling
from learnsys.complete.fragments.search import Style
from learnsys.complete.fragments.veto import errors
from learnsys.complete.fragments.words import open_quote
from learnsys.complete.generate.sample import Sampling, Standing, sample
from learnsys.complete.generate.types import Generated
from learnsys.complete.runtime.blend import Blend
from learnsys.complete.runtime.branch import Branch
from learnsys.complete.runtime.memory import ProjectMemory
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.sources import Sources
from learnsys.complete.runtime.spread import Words
from learnsys.complete.runtime.typed import Typed
from learnsys.complete.style.near import Near


def generate(model: Model, sampling: Sampling, given: str = "", *, memory: ProjectMemory | None = None) -> Generated:
    """Sample code that goes on from ``given``.

    Parameters
    ----------
    model : Model
        Whose language it is.
    sampling : Sampling
        How much, and how boldly.
    given : str
        Text before; it is not in the result.
    memory : ProjectMemory, optional
        Of the project that the text belongs to: its words, what stands together there, its white space.
    """
    key = model.vocabulary.language
    memory = ProjectMemory(Lexicon(), key) if memory is None else memory
    lexicon, words = memory.lexicon, Words(model.vocabulary, memory.lexicon)
    blend = None if model.gate is None else Blend(model.gate, lexicon, memory.caches, words)
    typed = Typed(given, model, lexicon)
    found = typed.document.tokens
    n = len(found)
    typed.read(found, n)
    if blend is not None:
        blend.follow(typed.prefix.tape, n)
    sources = Sources(words=words, counts=memory.counts, lexicon=lexicon, blend=blend)
    place, own = Near().follow(found, n)
    ended = n > 0 and ("\n" in found.gap(n) or bool(found.gap(n).strip()))
    at = Standing(
        Rolling(Branch.at(typed, lexicon, n), sources), place, Brackets.at(found, n), open_quote(found, n), ended=ended
    )
    text = sample(at, key, Style(spaces=memory.spaces, own=own), sampling, given=given.rstrip())
    white = given[len(given.rstrip()) :]
    if n and "\n" in white:  # stands there already
        text = text.removeprefix("\n").removeprefix(white.rsplit("\n", 1)[1])
    return Generated(language=key, text=text, errors=errors(given + text, key))
