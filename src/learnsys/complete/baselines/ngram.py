"""6-grams of the training files with nested caches of project and file: the strongest model of code that only counts.

Hellendoorn & Devanbu 2017 ("Are deep neural networks the best choice for modeling source code?", section 4): a global
model, one of the project and one of the file, each interpolated over its orders after Witten & Bell 1991, and mixed by
how much each knows of the context, the nearer one first.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import nlargest
from typing import Final, final

import numpy as np

from learnsys.complete.data.encode import Encoded
from learnsys.complete.score.types import SHOWN, Scored

ORDER: Final = 6
LISTED: Final = 10  # followers of a context that are looked at
_START: Final = -1
_UNIFORM: Final = 1e-6

Context = tuple[int, ...]


@final
class Counts:
    """How often each token followed each context of up to ORDER - 1 tokens and the line; files come and go.

    Examples
    --------
    >>> counts = Counts()
    >>> counts.add([1, 2, 1, 2, 1], [0] * 5)
    >>> counts.p((0, 1), 2) > counts.p((0, 1), 1)
    True
    """

    def __init__(self) -> None:
        self._after: dict[Context, dict[int, int]] = {}
        self._total: dict[Context, int] = {}
        self._first: dict[Context, list[int]] = {}  # the most frequent followers, where they were asked for

    def add(self, names: Sequence[int], lines: Sequence[int], times: int = 1) -> None:
        """Count a file; ``times`` -1 takes it back."""
        for t in range(len(names)):
            self.count(context(names, lines, t), names[t], times)

    def count(self, longest: Context, name: int, times: int = 1) -> None:
        """Count one token after its longest context, (line, last token, the one before, ...)."""
        for short in _shorter(longest):
            after = self._after.setdefault(short, {})
            after[name] = after.get(name, 0) + times
            self._total[short] = self._total.get(short, 0) + times
            self._first.pop(short, None)
            if not after[name]:
                del after[name]
            if not after:
                del self._after[short], self._total[short]

    def p(self, longest: Context, name: int, base: float = _UNIFORM) -> float:
        """Return p(name | context), each order falling back on the shorter one by its number of different followers."""
        p = base
        for short in reversed(list(_shorter(longest))):
            if after := self._after.get(short):
                total, kinds = self._total[short], len(after)
                p = (after.get(name, 0) + kinds * p) / (total + kinds)
        return p

    def confidence(self, longest: Context) -> float:
        """Return how much is known of the context: 1 less what the orders leave to a uniform distribution."""
        left = 1.0
        for short in _shorter(longest):
            if after := self._after.get(short):
                total, kinds = self._total[short], len(after)
                left *= kinds / (total + kinds)
        return 1 - left

    def followers(self, longest: Context) -> Iterator[int]:
        """Return the likely tokens: the most frequent after each order of the context."""
        for short in _shorter(longest):
            if after := self._after.get(short):
                if short not in self._first:
                    self._first[short] = nlargest(LISTED, after, key=after.__getitem__)
                yield from self._first[short]


def context(names: Sequence[int], lines: Sequence[int], t: int) -> Context:
    """Return the line of token t and the ORDER - 1 tokens before it, the last first."""
    return (lines[t], *(names[i] if i >= 0 else _START for i in range(t - 1, t - ORDER, -1)))


def _shorter(longest: Context) -> Iterator[Context]:
    """Go from the longest context to that of no token."""
    for size in range(len(longest), 0, -1):
        yield longest[:size]


@final
class Ngram:
    """The scorer: training files, then what is known of the project, then the file itself.

    Parameters
    ----------
    train : iterable of Encoded
        Files of the training split.
    spelling : callable
        Probability of a word's spelling, for words that no count has seen.
    """

    name = "6-gram + nested cache"

    def __init__(self, train: Iterable[Encoded], spelling: Callable[[str], float]) -> None:
        self._spelling = spelling
        self._all = Counts()
        self._seen = set[int]()
        for file in train:
            self._all.add(file.names.tolist(), file.lines.tolist())
            self._seen.update(file.names.tolist())

    def score(self, files: Sequence[Encoded], known: Sequence[Sequence[Encoded]]) -> list[Scored]:
        """Answer for every token of ``files``; the lists of ``known`` that are alike are counted once."""
        project, inside = Counts(), dict[int, Encoded]()
        answers = []
        for file, others in zip(files, known, strict=True):
            wanted = {id(other): other for other in others}
            for changed, times in ((inside.keys() - wanted.keys(), -1), (wanted.keys() - inside.keys(), 1)):
                for key in changed:
                    other = wanted.get(key) or inside[key]
                    project.add(other.names.tolist(), other.lines.tolist(), times)
            inside = wanted
            seen = self._seen.union(*(set(other.names.tolist()) for other in others))
            answers.append(self._file(file, project, seen))
        return answers

    def _file(self, file: Encoded, project: Counts, seen: set[int]) -> Scored:
        own, names, lines = Counts(), file.names.tolist(), file.lines.tolist()
        n = len(file)
        answer = Scored(p=np.empty(n, np.float32), rank=np.empty(n, np.uint8), confidence=np.empty(n, np.float32))
        for t, name in enumerate(names):
            longest = context(names, lines, t)
            models = (self._all, project, own)
            trust = [model.confidence(longest) for model in models]
            candidates = dict.fromkeys(follower for model in reversed(models) for follower in model.followers(longest))
            p = {one: _nested(models, trust, longest, one) for one in candidates}
            known = name in seen
            here = p[name] if name in p else _nested(models, trust, longest, name)
            # A word that was never counted has what all contexts leave over, and its spelling.
            answer.p[t] = max(here if known else here / _UNIFORM * self._spelling(file.tokens.words[t]), 1e-30)
            better = sum(value > here for one, value in p.items() if one != name)
            answer.rank[t] = min(better, SHOWN) if name in p else SHOWN
            answer.confidence[t] = max(p.values(), default=0.0)
            own.count(longest, name)
            seen.add(name)
        return answer


def _nested(models: Sequence[Counts], trust: Sequence[float], longest: Context, name: int) -> float:
    """Mix from the farthest model to the nearest, each by how much it knows of the context."""
    p = _UNIFORM
    for model, known in zip(models, trust, strict=True):
        if known:
            p = known * model.p(longest, name, p) + (1 - known) * p
    return p
