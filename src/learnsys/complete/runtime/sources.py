"""All that knows what comes next, one after the other: backbone, caches of file and project, names of the project."""

from typing import final

import msgspec

from learnsys.complete.caches.mixture import NOTHING, Ahead
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.runtime.answer import Answer
from learnsys.complete.runtime.blend import Blend
from learnsys.complete.runtime.counts import Counts
from learnsys.complete.runtime.spread import Spread, Words


@final
class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """What knows the words of a language in a file and its project.

    Attributes
    ----------
    words : Words
        Of the model's vocabulary.
    counts : Counts
        Names of the project.
    lexicon : Lexicon
        Numbers all tokens.
    blend : Blend or None
        Caches and gate; None for a model without a gate.
    """

    words: Words
    counts: Counts
    lexicon: Lexicon
    blend: Blend | None = None

    def spread(self, answer: Answer, line: int, prefix: str = "", ahead: Ahead = NOTHING) -> Spread:
        """Return the probabilities of the next token, which stands on ``line`` and begins with ``prefix``.

        The caches have followed the file; ``ahead`` are the tokens thought of behind it, which ``answer`` knows of.
        """
        spread = self.words.spread(answer)
        if self.blend is not None:
            spread = self.blend.mix(spread, share=answer.share, line=line, ahead=ahead)
        return self.counts.share(spread, prefix)
