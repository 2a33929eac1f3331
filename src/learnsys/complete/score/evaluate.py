"""How good a model is on somebody's code: each token asked for from what stands before it."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, final

import msgspec
import numpy as np

from learnsys.complete.caches.scorer import MixtureScorer
from learnsys.complete.corpus.types import Source, counted
from learnsys.complete.data.encode import Encoded, encode
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.data.vocabulary import SPECIAL
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.reader import RuntimeScorer
from learnsys.complete.score.measures import Figures, figures, outcome
from learnsys.complete.score.spelling import Spelling
from learnsys.complete.score.types import Scored
from learnsys.core.errors import InputError
from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table

if TYPE_CHECKING:
    import altair as alt

TOKENS: Final = 60_000


@final
class Evaluation(AbstractResult, frozen=True, kw_only=True):
    """What a model got right on files of which it knew what stood before.

    Attributes
    ----------
    name, language : str
        Of the folder; of its files.
    files : int
        That were asked for.
    alone : Figures
        Where each was the only file.
    project : Figures or None
        Where all other files were known; None of a model without caches.
    left_out : dict of str to int
        Files of the folder that are no sources, by reason.
    """

    name: str
    language: str
    files: int
    alone: Figures
    project: Figures | None = None
    left_out: dict[str, int] = msgspec.field(default_factory=dict)

    @property
    def settings(self) -> tuple[tuple[str, Figures], ...]:
        """What was known, and the figures."""
        return (("file", self.alone), *((("project", self.project),) if self.project is not None else ()))

    def table(self) -> Table:
        """Return a row for all tokens and one for identifiers, of each setting."""
        return Table(
            columns=(
                Column(name="known"), Column(name="tokens"), Column(name="first is right", kind="percent"),
                Column(name="among five", kind="percent"),
            ),
            rows=tuple(
                row
                for known, f in self.settings
                for row in ((known, "all", f.top1, f.top5), (known, "identifiers", f.names_top1, f.names_top5))
            ),
            notes=(
                f"{self.files:,} file{'s' * (self.files != 1)} of {self.name}, {self.alone.tokens:,} tokens, "
                "each file from its beginning",
                *((f"left out: {counted(self.left_out)}",) if self.left_out else ()),
                *(
                    f"{known}: {f.bits_token:.2f} bits a token, {f.bits_char:.3f} a character; "
                    f"calibrated to {f.calibration:.3f}"
                    for known, f in self.settings
                ),
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

    Each file is asked for twice: as the only one, and with all other files known.

    The spelling of words that it does not know is learned from those it knows.

    Raises
    ------
    InputError
        If no file has two tokens.
    """
    spelling, lexicon = Spelling(model.vocabulary.words[len(SPECIAL) :]), Lexicon()
    encoded = [(source.path, encode(source.text, model.vocabulary, lexicon)) for source in _drawn(sources)]
    encoded = [(path, file) for path, file in encoded if len(file) > 1]
    if not encoded:
        raise InputError("no file has two tokens or more", value=len(sources), next="give a folder with source files")
    everything = [file for _, file in encoded]
    asked = encoded[: 1 + int(np.searchsorted(np.cumsum([len(file) for file in everything]), tokens))]
    files, gate = everything[: len(asked)], model.gate
    scorer = (
        RuntimeScorer("model", model, spelling)
        if gate is None
        else MixtureScorer("model", model, gate, lexicon=lexicon, spelling=spelling)
    )
    alone: list[Scored] = []
    project: list[Scored] = []
    for i, (path, file) in enumerate(asked):
        notice(i / len(asked) / (1 if gate is None else 2), Path(path).name)
        alone += scorer.score([file], [()])
    for i, (path, file) in enumerate(asked if gate is not None else ()):
        notice(0.5 + i / len(asked) / 2, f"{Path(path).name}, with the others known")
        project += scorer.score([file], [[other for other in everything if other is not file]])
    return Evaluation(
        name=name, language=model.vocabulary.language, files=len(files), alone=_figures(name, files, alone),
        project=_figures(name, files, project) if project else None,
    )  # fmt: skip


def _drawn(sources: Sequence[Source]) -> list[Source]:
    """Order files as no name rules."""
    return sorted(sources, key=lambda source: sha256(source.path.encode()).digest())


def _figures(name: str, files: Sequence[Encoded], scored: Sequence[Scored]) -> Figures:
    return figures(outcome(files, scored, [name] * len(files)))
