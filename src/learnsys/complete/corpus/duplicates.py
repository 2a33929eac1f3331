"""Files that are copies of each other, exact or near, so that no test file was seen in training.

Exact: equal but for white space (SHA-1). Near: Jaccard similarity of shingles of five words at least .8, found by
MinHash with locality-sensitive hashing (Broder 1997), as in Allamanis 2019, "The adverse effects of code duplication".
"""

import re
from collections.abc import Callable, Iterable
from hashlib import sha1
from typing import Any, Final

from learnsys.complete.corpus.types import Source
from learnsys.core.errors import MissingExtra

JACCARD: Final = 0.8
PERMUTATIONS: Final = 64
_WORD: Final = re.compile(r"\w+|[^\w\s]")
_ORDER: Final = {"test": 0, "valid": 1, "train": 2}


def without_copies(sources: Iterable[Source], *, on_file: Callable[[int], None] = lambda done: None) -> list[Source]:
    """Leave out files that copy an earlier one; what is left has no two alike, in one split or across.

    Test files win over validation and these over training, so that a held-out package stays whole.

    Returns
    -------
    list of Source
        In the order test, valid, train.

    Raises
    ------
    MissingExtra
        If datasketch is not installed.
    """
    index, seen = _index(), set[bytes]()
    kept: list[Source] = []
    for done, source in enumerate(sorted(sources, key=lambda source: _ORDER[source.split])):
        on_file(done)
        digest = sha1("".join(source.text.split()).encode(), usedforsecurity=False).digest()
        if digest in seen:
            continue
        seen.add(digest)
        sketch = _sketch(source.text)
        if index.query(sketch):
            continue
        index.insert(str(len(kept)), sketch)
        kept.append(source)
    return kept


def _datasketch() -> Any:
    try:
        import datasketch
    except ImportError as error:
        raise MissingExtra.of("datasketch", "corpus") from error
    return datasketch


def _index() -> Any:
    return _datasketch().MinHashLSH(threshold=JACCARD, num_perm=PERMUTATIONS)


def _sketch(text: str) -> Any:
    words = _WORD.findall(text)
    shingles = {" ".join(words[i : i + 5]).encode() for i in range(max(len(words) - 4, 1))}
    sketch = _datasketch().MinHash(num_perm=PERMUTATIONS)
    sketch.update_batch(list(shingles))
    return sketch
