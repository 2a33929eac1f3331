"""The whole model on whole files: what is compared with other models, and what the gate learns from."""

from collections.abc import Callable, Sequence
from typing import Final, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.caches.contexts import marks, rows
from learnsys.complete.caches.gate import Gate
from learnsys.complete.caches.mixture import Scratch, mix_file
from learnsys.complete.caches.occurrences import Occurrences
from learnsys.complete.caches.project import Project
from learnsys.complete.caches.ranker import ABOUT, RANKED
from learnsys.complete.caches.voting import EXPERTS, FEATURES
from learnsys.complete.data.encode import Encoded
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.reader import read_file
from learnsys.complete.score.types import Scored

LEAST: Final = 1e-12


@final
class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """What gate and ranker see at n tokens, and what would have been right.

    Attributes
    ----------
    features : (n, FEATURES) float32
        What the experts show of themselves.
    shares : (n, EXPERTS) float32
        What each of them gave to the token that stood there.
    about : (n, RANKED, ABOUT) float16
        Features of the likeliest candidates.
    count, right : (n,) int16
        How many there are; which of them stood there, -1 if none.
    """

    features: NDArray[np.float32]
    shares: NDArray[np.float32]
    about: NDArray[np.float16]
    count: NDArray[np.int16]
    right: NDArray[np.int16]

    @classmethod
    def empty(cls, n: int) -> Self:
        """Return room for ``n`` tokens."""
        return cls(
            features=np.zeros((n, FEATURES), np.float32), shares=np.zeros((n, EXPERTS), np.float32),
            about=np.zeros((n, RANKED, ABOUT), np.float16), count=np.zeros(n, np.int16), right=np.zeros(n, np.int16),
        )  # fmt: skip


@final
class MixtureScorer:
    """Backbone, caches and gate as the harness sees them.

    Parameters
    ----------
    name : str
        What tables call it.
    model : Model
        The backbone.
    gate : Gate
        How far each is to be believed.
    lexicon : Lexicon
        That the files were encoded with.
    spelling : callable
        Probability of a word's spelling, for those that have no number: multiplies p(unknown).
    """

    def __init__(
        self, name: str, model: Model, gate: Gate, *, lexicon: Lexicon, spelling: Callable[[str], float]
    ) -> None:
        self._name, self._model, self._gate = name, model, gate
        self._lexicon, self._spelling = lexicon, spelling
        self._words = lexicon.ids(model.vocabulary.words)
        self._project, self._known = Project(lexicon), set[int]()

    @property
    def name(self) -> str:
        """What tables call it."""
        return self._name

    def score(self, files: Sequence[Encoded], known: Sequence[Sequence[Encoded]]) -> list[Scored]:
        """Answer for every token of ``files`` from what stands before it and from the files that are known."""
        return [self._file(file, others, asked=False)[0] for file, others in zip(files, known, strict=True)]

    def observe(self, files: Sequence[Encoded], known: Sequence[Sequence[Encoded]]) -> list[Observed]:
        """Return what a gate learns from, of each file."""
        return [self._file(file, others, asked=True)[1] for file, others in zip(files, known, strict=True)]

    def _file(self, file: Encoded, others: Sequence[Encoded], *, asked: bool) -> tuple[Scored, Observed]:
        self._know(others)
        n, found = len(file), read_file(self._model, file)
        size = len(self._words)
        ids = np.where(found.best < size, self._words[np.clip(found.best, 0, size - 1)], found.best - size)
        told = np.stack([found.unknown, found.entropy, found.share], 1)
        p = found.p + found.unknown * self._spelled(file)
        answer = Scored(p=np.empty(n, np.float32), rank=np.empty(n, np.uint8), confidence=np.empty(n, np.float32))
        seen = Observed.empty(n if asked else 0)
        about = seen.about.astype(np.float32)  # kernels have no half precision
        mix_file(
            (file.names, file.lines, rows(file.names, file.lines, marks(self._lexicon))[0]),
            Occurrences(max(n, 16)).arrays, self._project.arrays, (ids.astype(np.int32), found.best_p, told, p),
            self._gate.arrays, Scratch().arrays,
            (answer.p, answer.rank, answer.confidence, (seen.features, seen.shares, about, seen.count, seen.right)),
        )  # fmt: skip
        np.maximum(answer.p, np.float32(LEAST), out=answer.p)
        return answer, msgspec.structs.replace(seen, about=about.astype(np.float16))

    def _spelled(self, file: Encoded) -> NDArray[np.float32]:
        pairs = zip(file.words.tolist(), file.tokens.words, strict=True)
        return np.array([0.0 if number else self._spelling(word) for number, word in pairs], np.float32)

    def _know(self, others: Sequence[Encoded]) -> None:
        """Let the project be these files; of two projects alike only the difference is read."""
        wanted = {id(file): file for file in others}
        for key in self._known - wanted.keys():
            self._project.remove(key)
        for key in [key for key in wanted if key not in self._known]:
            self._project.add(key, wanted[key].names, wanted[key].lines)
        self._known = set(wanted)
