"""Code of a shipped or own model, from nothing or from the text of a file."""

from learnsys.complete.caches.project import Project
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.fragments.brackets import Brackets
from learnsys.complete.fragments.rolling import Rolling
from learnsys.complete.fragments.search import Style
from learnsys.complete.fragments.veto import errors
from learnsys.complete.generate.sample import Sampling, Standing, sample
from learnsys.complete.generate.types import Generated
from learnsys.complete.runtime.blend import Blend
from learnsys.complete.runtime.branch import Branch
from learnsys.complete.runtime.counts import Counts
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.sources import Sources
from learnsys.complete.runtime.spread import Words
from learnsys.complete.runtime.typed import Typed
from learnsys.complete.style.indents import unit_of
from learnsys.complete.style.shipped import shipped_counts
from learnsys.complete.style.spaces import Spaces, before


def generate(model: Model, sampling: Sampling, given: str = "") -> Generated:
    """Sample code that goes on from ``given``.

    Parameters
    ----------
    model : Model
        Whose language it is.
    sampling : Sampling
        How much, and how boldly.
    given : str
        Text before; it is not in the result.
    """
    key, lexicon = model.vocabulary.language, Lexicon()
    typed = Typed(given, model, lexicon)
    found = typed.document.tokens
    n = len(found)
    typed.read(found, n)
    place, own = before(found, unit_of(found), n)
    words = Words(model.vocabulary, lexicon)
    blend = None if model.gate is None else Blend(model.gate, lexicon, Project(lexicon), words)
    if blend is not None:
        blend.follow(typed.prefix.tape, n)
    sources = Sources(words=words, counts=Counts(lexicon), lexicon=lexicon, blend=blend)
    roller = Rolling(Branch.at(typed, lexicon, n), sources)
    style = Style(spaces=Spaces(shipped_counts(key)), own=own)
    text = sample(Standing(roller, place, Brackets.at(found, n)), key, style, sampling, given=given)
    return Generated(language=key, text=text, errors=errors(given + text, key))
