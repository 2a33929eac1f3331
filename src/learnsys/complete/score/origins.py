"""Where a token could have been known from: its file so far, its project, the training files, or nowhere."""

from collections.abc import Container, Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from learnsys.complete.data.encode import Encoded

ORIGINS: Final = ("file", "project", "training", "new")


def origins(file: Encoded, known: Iterable[Encoded], trained: Container[str]) -> NDArray[np.uint8]:
    """Return, for each of the n tokens of a file, the nearest place that it occurred in, as a number in `ORIGINS`.

    Parameters
    ----------
    file : Encoded
        Of n tokens.
    known : iterable of Encoded
        The other files of its project, encoded with the same lexicon.
    trained : container of str
        Words of the training files.

    Examples
    --------
    >>> from learnsys.complete.data.encode import Lexicon, encode
    >>> from learnsys.complete.data.vocabulary import learn_vocabulary
    >>> from learnsys.complete.lexing.leaves import tokens
    >>> vocabulary, lexicon = learn_vocabulary([("p", tokens("total", "js"))]), Lexicon()
    >>> file, other = (encode(text, vocabulary, lexicon) for text in ("total = count + total", "count"))
    >>> [ORIGINS[i] for i in origins(file, [other], {"=", "+"})]
    ['new', 'training', 'project', 'training', 'file']
    """
    project = set[int]().union(*(set(other.names.tolist()) for other in known))
    seen, found = set[int](), np.empty(len(file), np.uint8)
    for t, (name, word) in enumerate(zip(file.names.tolist(), file.tokens.words, strict=True)):
        found[t] = _nearest((name in seen, name in project, word in trained))
        seen.add(name)
    return found


def _nearest(there: Sequence[bool]) -> int:
    return there.index(True) if True in there else len(there)
