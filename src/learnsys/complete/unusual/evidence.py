"""What speaks for a name at a place: the model before and behind it, and how the rest of the file uses that name.

The features of all names that could stand there are weighed and turned into probabilities (conditional logit, McFadden
1974), with weights fitted on validation packages.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from learnsys.complete.unusual.scope import Use
from learnsys.complete.unusual.surprise import Surprise

WEIGHTS: Final = np.array([0.266, 0.518, 0.08, 0.92, 0.308, 1.234, 1.57, -0.342, -0.017])
FARTHEST: Final = 4000  # tokens


@final
class Evidence:
    """Weighs names at the places of one file.

    Parameters
    ----------
    words : sequence of str
        The tokens of the file.
    surprise : Surprise
        The model that has read it.
    """

    def __init__(self, words: Sequence[str], surprise: Surprise) -> None:
        self._words, self._surprise = words, surprise
        self._places: dict[str, list[int]] = defaultdict(list)
        for t, word in enumerate(words):
            self._places[word].append(t)

    def p(self, use: Use) -> dict[str, float]:
        """Return the probability of each visible name at the place of a use; they sum to one."""
        score = self.features(use) @ WEIGHTS
        p = np.exp(score - score.max())
        return dict(zip(use.visible, (p / p.sum()).tolist(), strict=True))

    def features(self, use: Use) -> NDArray[np.float64]:
        """Return what speaks for each visible name, shape (names, 9).

        Log-probabilities of the name and of the token behind it; logarithms of how often the file has the name
        elsewhere behind the same one and two tokens, and before the same one and two; whether it is used nowhere else;
        and of how far its next occurrences before and behind are.
        """
        before = self._surprise.p(use.t, use.visible, behind=False)
        both = self._surprise.p(use.t, use.visible, behind=True)
        rows = [
            [np.log(before[word]), np.log(both[word] / before[word]), *self._elsewhere(use.t, word)]
            for word in use.visible
        ]
        return np.array(rows)

    def _elsewhere(self, t: int, word: str) -> list[float]:
        others = [at for at in self._places[word] if at != t]
        around = [self._around(at) for at in others]
        here = self._around(t)
        same = [sum(one[i] == here[i] for one in around) for i in range(4)]
        last = max((at for at in others if at < t), default=t - FARTHEST)
        following = min((at for at in others if at > t), default=t + FARTHEST)
        return [*np.log1p(same).tolist(), float(len(others) <= 1), np.log(t - last), np.log(following - t)]

    def _around(self, t: int) -> tuple[Sequence[str], ...]:
        words = self._words
        return words[max(t - 1, 0) : t], words[max(t - 2, 0) : t], words[t + 1 : t + 2], words[t + 1 : t + 3]
