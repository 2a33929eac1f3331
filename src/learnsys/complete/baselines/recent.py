"""The word list of an editor: the identifiers of the file, the last one first, then those of the project.

What Vim's CTRL-P and the word-based suggestions of other editors offer without a language server: everything that
stands in the open files, in no order but nearness. It knows no keyword, no sign, and no probability.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import final

import numpy as np

from learnsys.complete.data.encode import Encoded
from learnsys.complete.lexing.types import Kind
from learnsys.complete.score.types import SHOWN, Scored


@final
class RecentWords:
    """The scorer: each identifier of file and project once, the one that was written last first.

    Examples
    --------
    >>> from learnsys.complete.data.encode import Lexicon, encode
    >>> from learnsys.complete.data.vocabulary import Vocabulary
    >>> empty = Vocabulary(language="js", words=("<unknown>", "<start>"), parts=("<unknown>", "<start>"))
    >>> file = encode("a = b + a", empty, Lexicon())
    >>> (found,) = RecentWords().score([file], [()])
    >>> found.rank.tolist()  # at the last token stood b, a: a is second
    [5, 5, 5, 5, 1]
    """

    name = "recent words"

    def score(self, files: Sequence[Encoded], known: Sequence[Sequence[Encoded]]) -> list[Scored]:
        """Answer for every token of ``files`` from what stands before it; its bits and its confidence are NaN."""
        return [self._file(file, others) for file, others in zip(files, known, strict=True)]

    def _file(self, file: Encoded, others: Sequence[Encoded]) -> Scored:
        rank, nothing = np.full(len(file), SHOWN, np.uint8), np.full(len(file), np.nan, np.float32)
        project = list(islice(_last_first(others), SHOWN))
        recent: dict[int, None] = {}  # the one that was written last is last
        for t in np.flatnonzero(file.tokens.kinds == Kind.NAME).tolist():
            name = int(file.names[t])
            shown = list(islice(dict.fromkeys(chain(reversed(recent), project)), SHOWN))
            rank[t] = shown.index(name) if name in shown else SHOWN
            recent.pop(name, None)
            recent[name] = None
        return Scored(p=nothing, rank=rank, confidence=nothing)


def _last_first(files: Sequence[Encoded]) -> Iterator[int]:
    """Return the identifiers of files, those that stand last first, each once."""
    names = (file.names[file.tokens.kinds == Kind.NAME][::-1].tolist() for file in files)
    yield from dict.fromkeys(chain.from_iterable(names))
