"""Which words and word parts have a number of their own: those that most packages of the training split use."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Final, final

import msgspec

from learnsys.complete.lexing.subtokens import subtokens
from learnsys.complete.lexing.types import Tokens

UNKNOWN: Final = 0
START: Final = 1  # stands before the first token of a file
SPECIAL: Final = ("<unknown>", "<start>")
WORDS: Final = 4096
PARTS: Final = 6144


@final
class Vocabulary(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Words (tokens as written) and parts (sub-tokens in lower case) with numbers; number 0 is unknown, 1 the start."""

    language: str
    words: tuple[str, ...]
    parts: tuple[str, ...]

    @cached_property
    def word_ids(self) -> dict[str, int]:
        """Number of each word."""
        return {word: i for i, word in enumerate(self.words)}

    @cached_property
    def part_ids(self) -> dict[str, int]:
        """Number of each part."""
        return {part: i for i, part in enumerate(self.parts)}


def learn_vocabulary(files: Iterable[tuple[str, Tokens]], *, words: int = WORDS, parts: int = PARTS) -> Vocabulary:
    """Choose the words and parts that most packages use, ties by how often.

    Parameters
    ----------
    files : iterable of (package, Tokens)
        Of the training split, in one language.
    words, parts : int
        Most of each, the special ones included.
    """
    counts: Counter[str] = Counter()
    packages: defaultdict[str, set[str]] = defaultdict(set)
    language = ""
    for package, found in files:
        language = found.language
        counts.update(found.words)
        for word in set(found.words):
            packages[word].add(package)
    part_counts: Counter[str] = Counter()
    part_packages: defaultdict[str, set[str]] = defaultdict(set)
    for word, seen in packages.items():
        for part in subtokens(word):
            part_counts[part] += counts[word]
            part_packages[part] |= seen
    return Vocabulary(
        language=language,
        words=(*SPECIAL, *_widest(counts, packages, words - len(SPECIAL))),
        parts=(*SPECIAL, *_widest(part_counts, part_packages, parts - len(SPECIAL))),
    )


def _widest(counts: Counter[str], packages: dict[str, set[str]], most: int) -> list[str]:
    usual = counts.keys() - set(SPECIAL)  # strings that say "<unknown>" are no second number 0
    return sorted(usual, key=lambda word: (-len(packages[word]), -counts[word], word))[:most]
