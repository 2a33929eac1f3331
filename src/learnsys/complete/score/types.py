"""What a model said about each token of a file, so that all models are compared on the same terms."""

from collections.abc import Sequence
from typing import Final, Protocol, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.data.encode import Encoded

SHOWN: Final = 5  # suggestions in a list


@final
class Scored(msgspec.Struct, frozen=True, kw_only=True):
    """A model's answers for the n tokens of a file.

    Attributes
    ----------
    p : (n,) float32
        Probability given to the token that stands there, > 0: with the spelling of words that the model does not know.
        NaN for all tokens, and ``confidence`` too, from what makes a list without probabilities.
    rank : (n,) uint8
        Place of that token in the ranked list, 0 the first; SHOWN if it is not among the first five.
    confidence : (n,) float32
        Probability of the first suggestion.
    """

    p: NDArray[np.float32]
    rank: NDArray[np.uint8]
    confidence: NDArray[np.float32]


class Scorer(Protocol):
    """A model as the harness sees it."""

    @property
    def name(self) -> str:
        """What tables call it."""
        ...

    def score(self, files: Sequence[Encoded], known: Sequence[Sequence[Encoded]]) -> list[Scored]:
        """Answer for every token of ``files`` from what stands before it.

        ``known[i]`` are the other files of file i's project, all open to the model; empty for a cold project.
        """
        ...
