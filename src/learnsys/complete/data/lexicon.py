"""Numbers for every token ever seen, and what a vocabulary makes of each: looked up once a word, not once a token."""

from collections.abc import Iterable
from threading import Lock
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from learnsys.complete.data.vocabulary import UNKNOWN, Vocabulary
from learnsys.complete.lexing.subtokens import subtokens

SLOTS: Final = 5  # parts of a name that are looked at


@final
class Lexicon:
    """Numbers every token ever seen, so that copying and caches compare integers; it only grows, from any thread.

    Examples
    --------
    >>> lexicon = Lexicon()
    >>> lexicon.ids(["a", "=", "a"]).tolist(), lexicon.words
    ([0, 1, 0], ['a', '='])
    """

    def __init__(self) -> None:
        self.words: list[str] = []
        self._ids: dict[str, int] = {}
        self._lock = Lock()
        self._codes: list[Codes] = []

    def __len__(self) -> int:
        return len(self.words)

    def id(self, word: str) -> int:
        """Return the number of a word, a new one if it is new."""
        found = self._ids.get(word)
        return self._add(word) if found is None else found

    def ids(self, words: Iterable[str]) -> NDArray[np.int32]:
        """Return the numbers of words, shape (n,)."""
        return np.fromiter((self.id(word) for word in words), np.int32)

    def codes(self, vocabulary: Vocabulary) -> "Codes":
        """Return what ``vocabulary`` makes of every word of the lexicon; the same object each time."""
        for codes in self._codes:
            if codes.vocabulary is vocabulary:
                return codes
        self._codes.append(codes := Codes(self, vocabulary))
        return codes

    def _add(self, word: str) -> int:
        with self._lock:
            found = self._ids.get(word)
            if found is None:  # no other thread was faster
                self.words.append(word)
                found = self._ids[word] = len(self.words) - 1
            return found


@final
class Codes:
    """The numbers that a vocabulary gives to words of a lexicon and to their parts, made when they are first asked."""

    def __init__(self, lexicon: Lexicon, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._lexicon = lexicon
        self._lock = Lock()
        self._made = np.zeros(1024, np.bool_)
        self._words = np.zeros(1024, np.int32)
        self._parts = np.zeros((1024, SLOTS), np.int32)

    def words(self, names: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the words (n,) of lexicon numbers (n,); 0 is unknown."""
        self._make(names)
        return self._words[names]

    def parts(self, names: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the parts (n, SLOTS) of lexicon numbers (n,); 0 where there is none or it is unknown."""
        self._make(names)
        return self._parts[names]

    def _make(self, names: NDArray[np.int32]) -> None:
        with self._lock:
            self._grow(int(names.max(initial=0)) + 1)
            for i in np.unique(names[~self._made[names]]).tolist():
                word = self._lexicon.words[i]
                self._words[i] = self.vocabulary.word_ids.get(word, UNKNOWN)
                for slot, part in enumerate(subtokens(word)[:SLOTS]):
                    self._parts[i, slot] = self.vocabulary.part_ids.get(part, UNKNOWN)
                self._made[i] = True

    def _grow(self, n: int) -> None:
        if (more := n - len(self._made)) > 0:
            more = max(more, len(self._made))
            self._made = np.concatenate([self._made, np.zeros(more, np.bool_)])
            self._words = np.concatenate([self._words, np.zeros(more, np.int32)])
            self._parts = np.concatenate([self._parts, np.zeros((more, SLOTS), np.int32)])
