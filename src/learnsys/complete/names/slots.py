"""What a composed name is made from and what it is written as: sub-tokens, those of the facts and those of the name.

Each sub-token of a fact fills a slot with the role of the fact. A name is written as its words, after marks for what
words do not tell: leading underscores and a capital at the beginning.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.lexing.subtokens import subtokens
from learnsys.complete.names.features import Described
from learnsys.complete.names.spelling import Style, joined, words_of
from learnsys.complete.names.usage import Fact

SLOTS: Final = 96
STEPS: Final = 7  # words and marks of a name, the end among them
PARTS: Final = 3072
ROLES: Final = 144
MARKS: Final = ("<unknown>", "<begin>", "<end>", "_", "__", "^")
UNKNOWN, BEGIN, END = range(3)
_OFTEN: Final = 5  # a word of a name counts for so many of a fact

Numbers = NDArray[np.int64]


@final
class PartVocabulary(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Words and roles that have a number: `MARKS` are the first words, and role 0 is an empty slot."""

    parts: tuple[str, ...]
    roles: tuple[str, ...]

    @cached_property
    def part_ids(self) -> dict[str, int]:
        """Number of each word."""
        return {word: i for i, word in enumerate(self.parts)}

    @cached_property
    def role_ids(self) -> dict[str, int]:
        """Number of each role."""
        return {role: i for i, role in enumerate(self.roles)}


@final
class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """The slots of n routines.

    Attributes
    ----------
    roles, parts : (n, SLOTS) int64
        Number of the role (0: empty) and of the word (0: unknown).
    words : (n, SLOTS) int64
        What copying the slot writes: the number of the word, for an unknown one its place in ``fresh`` after all known
        words; -1 if the slot is empty.
    fresh : list of tuple of str
        The unknown words of each routine.
    """

    roles: Numbers
    parts: Numbers
    words: Numbers
    fresh: list[tuple[str, ...]]


def slots(found: Described) -> list[Fact]:
    """Return roles and sub-tokens of what is known about a routine, each once, where it stands first."""
    kept: dict[Fact, None] = {}
    for role, word in (*found.kin, *found.facts):
        kept.update(((role, part), None) for part in subtokens(word)[:5])
        if len(kept) >= SLOTS:
            break
    return list(kept)[:SLOTS]


def written(name: str) -> tuple[str, ...]:
    """Return the marks and words of a name, none if it has no letter.

    Examples
    --------
    >>> written("_getUser"), written("Point")
    (('_', 'get', 'user'), ('^', 'point'))
    """
    words = words_of(name)
    bare = name.lstrip("_")
    lead = ("", "_", "__")[min(len(name) - len(bare), 2)]
    marks = (lead,) * bool(lead) + ("^",) * bare[:1].isupper()
    return (*marks, *words)[: STEPS - 1] if words else ()


def read(parts: Sequence[str], style: Style) -> str:
    """Return the name that is written so, empty without a word.

    Examples
    --------
    >>> read(("_", "get", "user"), "camel"), read(("^", "point"), "snake")
    ('_getUser', 'Point')
    """
    words = [part for part in parts if part not in MARKS]
    if not words:
        return ""
    name = joined(words, style)
    lead = "__" if "__" in parts else "_" if "_" in parts else ""
    return lead + (name[:1].upper() + name[1:] if "^" in parts else name)


def learn_parts(routines: Sequence[tuple[str, Described]]) -> PartVocabulary:
    """Choose the words and roles that have a number from routines of training packages: the most widely used."""
    packages: defaultdict[str, set[str]] = defaultdict(set)
    counts: Counter[str] = Counter()
    roles: Counter[str] = Counter()
    for package, found in routines:
        own = slots(found)
        roles.update(role for role, _ in own)
        counts.update(word for _, word in own)
        counts.update(dict.fromkeys(written(found.symbol.name), _OFTEN))
        for word in (*(word for _, word in own), *written(found.symbol.name)):
            packages[word].add(package)
    wide = [word for word, own_packages in packages.items() if len(own_packages) > 1 and word not in MARKS]
    wide.sort(key=lambda word: (-len(packages[word]), -counts[word], word))
    known = sorted(roles, key=lambda role: (-roles[role], role))
    return PartVocabulary(parts=(*MARKS, *wide[: PARTS - len(MARKS)]), roles=("", *known[: ROLES - 1]))


def fill(asked: Sequence[Sequence[Fact]], vocabulary: PartVocabulary) -> Filled:
    """Turn slots into numbers."""
    roles, parts = np.zeros((2, len(asked), SLOTS), np.int64)
    words = np.full((len(asked), SLOTS), -1, np.int64)
    fresh = []
    for i, own in enumerate(asked):
        new: dict[str, int] = {}
        for j, (role, word) in enumerate(own):
            known = vocabulary.part_ids.get(word, UNKNOWN)
            roles[i, j], parts[i, j] = vocabulary.role_ids.get(role, 0), known
            words[i, j] = known or len(vocabulary.parts) + new.setdefault(word, len(new))
        fresh.append(tuple(new))
    return Filled(roles=roles, parts=parts, words=words, fresh=fresh)


def spell(names: Sequence[str], fresh: Sequence[tuple[str, ...]], vocabulary: PartVocabulary) -> Numbers:
    """Return the numbers that each name is written with, (n, STEPS), then its end, then -1.

    A word that is neither known nor among the ``fresh`` ones of its routine is `UNKNOWN`.
    """
    told = np.full((len(names), STEPS), -1, np.int64)
    for i, (name, own) in enumerate(zip(names, fresh, strict=True)):
        new = {word: len(vocabulary.parts) + j for j, word in enumerate(own)}
        for j, word in enumerate(words := written(name)):
            told[i, j] = vocabulary.part_ids.get(word) or new.get(word, UNKNOWN)
        told[i, len(words)] = END
    return told
