"""How good a model is on somebody's code: each token asked for from what stands before it in its file."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, final

from learnsys.complete.corpus.types import Source
from learnsys.complete.data.encode import Encoded, encode
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.data.vocabulary import SPECIAL
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.reader import RuntimeScorer
from learnsys.complete.score.measures import Figures, figures, outcome
from learnsys.complete.score.spelling import Spelling
from learnsys.core.errors import InputError
from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table

if TYPE_CHECKING:
    import altair as alt

TOKENS: Final = 60_000


@final
class Evaluation(AbstractResult, frozen=True, kw_only=True):
    """What a model got right on files that it knew nothing of but what stood before."""

    name: str
    language: str
    files: int
    figures: Figures

    def table(self) -> Table:
        """Return a row for all tokens and one for identifiers."""
        f = self.figures
        return Table(
            columns=(
                Column(name="tokens"), Column(name="first is right", kind="percent"),
                Column(name="among five", kind="percent"),
            ),
            rows=(("all", f.top1, f.top5), ("identifiers", f.names_top1, f.names_top5)),
            notes=(
                f"{self.files:,} files of {self.name}, {f.tokens:,} tokens; each file alone, from its beginning",
                f"{f.bits_token:.2f} bits a token, {f.bits_char:.3f} a character; calibrated to {f.calibration:.3f}",
            ),
        )  # fmt: skip

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw both rows."""
        from learnsys.complete.charts import evaluation_chart

        return evaluation_chart(self)


def evaluate(
    sources: Sequence[Source],
    model: Model,
    *,
    name: str,
    tokens: int = TOKENS,
    notice: Callable[[float, str], None] = lambda share, note: None,
) -> Evaluation:
    """Ask ``model`` for the tokens of files, in an order that no name rules, until there are ``tokens``.

    The spelling of words that it does not know is learned from those it knows.

    Raises
    ------
    InputError
        If no file has two tokens.
    """
    scorer = RuntimeScorer("model", model, Spelling(model.vocabulary.words[len(SPECIAL) :]))
    lexicon, total = Lexicon(), 0
    files: list[Encoded] = []
    scored = []
    for source in sorted(sources, key=lambda source: sha256(source.path.encode()).digest()):
        if total >= tokens:
            break
        file = encode(source.text, model.vocabulary, lexicon)
        if len(file) < 2:
            continue
        notice(total / tokens, Path(source.path).name)
        scored += scorer.score([file], [()])
        files.append(file)
        total += len(file)
    if not files:
        raise InputError("no file has two tokens or more", value=len(sources), next="give a folder with source files")
    found = outcome(files, scored, [name] * len(files))
    return Evaluation(name=name, language=model.vocabulary.language, files=len(files), figures=figures(found))
