"""What speaks for a name at a place: the model before and behind it, and how the rest of the file uses that name.

The features of all names that could stand there are weighed and turned into probabilities (conditional logit, McFadden
1974), with weights fitted on validation packages.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from learnsys.complete.unusual.scope import Use
from learnsys.complete.unusual.surprise import Surprise

WEIGHTS: Final = np.array([0.266, 0.518, 0.08, 0.92, 0.308, 1.234, 1.57, -0.342, -0.017])
FARTHEST: Final = 4000  # tokens
_THEN: Final = 1  # the feature of the token behind
_ROUNDED: Final = 1e-9  # what sums in another order may differ by
_Around = tuple[int | str, ...]


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
        self._around: defaultdict[_Around, Counter[str]] = defaultdict(Counter)  # names by what stands around them
        for t, word in enumerate(words):
            self._places[word].append(t)
            for around in _around(words, t):
                self._around[around][word] += 1

    def p(self, use: Use) -> dict[str, float]:
        """Return the probability of each visible name at the place of a use; they sum to one."""
        score = self.features(use) @ WEIGHTS
        p = np.exp(score - score.max())
        return dict(zip(use.visible, (p / p.sum()).tolist(), strict=True))

    def odd(self, use: Use, times: float) -> dict[str, float] | None:
        """Return what `p` says if another name is more than ``times`` likelier than that of the use, None if none is.

        The token behind is asked about only for names that would be likelier if it were sure to follow them.
        """
        most = self._before(use) @ WEIGHTS  # WEIGHTS[_THEN] > 0, and no logarithm of a probability is
        own = use.visible.index(use.word)
        bar = most[own] + WEIGHTS[_THEN] * np.log(self._surprise.then(use.t, [use.word])[0]) + np.log(times) - _ROUNDED
        over = [i for i in np.flatnonzero(most > bar).tolist() if i != own]
        if not over:
            return None
        then = np.log(self._surprise.then(use.t, [use.visible[i] for i in over]))
        if (most[over] + WEIGHTS[_THEN] * then).max() <= bar:
            return None
        p = self.p(use)
        return p if max(p.values()) > times * p[use.word] else None

    def features(self, use: Use) -> NDArray[np.float64]:
        """Return what speaks for each visible name, shape (names, 9).

        Log-probabilities of the name and of the token behind it; logarithms of how often the file has the name
        elsewhere behind the same one and two tokens, and before the same one and two; whether it is used nowhere else;
        and of how far its next occurrences before and behind are.
        """
        rows = self._before(use)
        rows[:, _THEN] = np.log(self._surprise.then(use.t, use.visible))
        return rows

    def _before(self, use: Use) -> NDArray[np.float64]:
        """Return the features but for the token behind, which is left 0."""
        t, visible = use.t, use.visible
        rows = np.zeros((len(visible), len(WEIGHTS)))
        rows[:, 0] = np.log(self._surprise.p(t, visible))
        for column, around in enumerate(_around(self._words, t), 2):
            seen = self._around[around]
            rows[:, column] = [seen[word] for word in visible]
        rows[visible.index(use.word), 2:6] -= 1
        rows[:, 2:6] = np.log1p(rows[:, 2:6])
        rows[:, 6:] = [self._elsewhere(t, word) for word in visible]
        rows[:, 7:] = np.log(rows[:, 7:])
        return rows

    def _elsewhere(self, t: int, word: str) -> tuple[bool, int, int]:
        """Return whether a name stands nowhere else, and how far its last and its next place are."""
        places = self._places[word]
        i = bisect_left(places, t)
        j = i + (i < len(places) and places[i] == t)
        last = places[i - 1] if i else t - FARTHEST
        following = places[j] if j < len(places) else t + FARTHEST
        return len(places) - (j - i) <= 1, t - last, following - t


def _around(words: Sequence[str], t: int) -> tuple[_Around, ...]:
    """Return what stands right before and behind a token: one and two tokens each."""
    sides = words[max(t - 1, 0) : t], words[max(t - 2, 0) : t], words[t + 1 : t + 2], words[t + 1 : t + 3]
    return tuple((i, *side) for i, side in enumerate(sides))
