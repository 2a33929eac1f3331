"""Names of other symbols that are used alike: in the same file, or in other files of the project.

Each symbol is a set of features; two are alike by the idf-weighted share of features they have in common. What is
rare in training, such as the third argument of the project's own function, counts most.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final, final

import msgspec

_COMMON: Final = 40  # a feature of more symbols than this tells little, and costs much


@final
class Vote(msgspec.Struct, frozen=True):
    """How strongly a name is voted for: by the most alike symbol, by all together, and how many have that name."""

    best: float
    total: float
    count: int
    nearest: int  # the most alike symbol


class Votes:
    """Symbols of a file or project, ready to vote.

    Parameters
    ----------
    names : sequence of str, length n
        Their names.
    features : sequence of sequences of str, length n
        Their features.
    weight : callable
        Weight (idf) of a feature.
    """

    def __init__(
        self, names: Sequence[str], features: Sequence[Sequence[str]], *, weight: Callable[[str], float]
    ) -> None:
        self.names = names
        self.weight = weight
        self.having: defaultdict[str, list[int]] = defaultdict(list)
        self.norms = [math.sqrt(sum(weight(f) ** 2 for f in own)) or 1.0 for own in features]
        for i, own in enumerate(features):
            for feature in own:
                self.having[feature].append(i)

    def ask(
        self, features: Sequence[str], *, but: int = -1, banned: str = "", without: frozenset[int] = frozenset()
    ) -> dict[str, Vote]:
        """Return the votes for each name by cosine similarity.

        Symbol ``but``, those of ``without``, and those named ``banned`` have none.
        """
        alike: defaultdict[int, float] = defaultdict(float)
        square = 0.0
        for feature in features:
            weight = self.weight(feature) ** 2
            square += weight
            having = self.having.get(feature, ())
            if len(having) <= _COMMON:
                for i in having:
                    alike[i] += weight
        norm = math.sqrt(square) or 1.0
        votes: dict[str, Vote] = {}
        for i, shared in alike.items():
            name = self.names[i]
            if i != but and name != banned and i not in without:
                similarity = shared / (norm * self.norms[i])
                old = votes.get(name)
                if old is None:
                    votes[name] = Vote(similarity, similarity, 1, i)
                else:
                    nearer = similarity > old.best
                    votes[name] = Vote(
                        max(similarity, old.best), old.total + similarity, old.count + 1, i if nearer else old.nearest
                    )
        return votes
