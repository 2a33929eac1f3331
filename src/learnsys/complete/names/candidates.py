"""Names that could be copied: words that stand near a symbol, whole, in part, in the singular or plural, shortened.

Each candidate keeps where it comes from, a role and a transform, since ``user`` from ``user = getUser()`` is a better
guess than from a string somewhere in the function.
"""

from collections.abc import Iterator, Sequence
from typing import Final, final

import msgspec

from learnsys.complete.names.features import Described
from learnsys.complete.names.spelling import Style, joined, plural, singular, words_of
from learnsys.complete.names.usage import Fact
from learnsys.complete.names.votes import Vote

MOST: Final = {"variable": 40, "routine": 96}  # routines are seldom called by one word
_WEIGHT: Final = 8  # sources that a vote by an equal counts for
# Roles that tell shapes or places, not words.
_MUTE: Final = frozenset(
    {
        "sort", "how", "uses", "place", "wrapped", "unpacked", "in", "op", "unary", "form", "parameters", "returned",
        "thrown", "yielded", "augment", "slot", "callback", "routine.place",
    }
)  # fmt: skip
_VERBS: Final = ("get", "set", "is", "has", "create", "add", "remove", "on", "to", "update")
_NOUNS: Final = frozenset({"returns", "reads", "puts", "taken.init", "parameter", "taken.to"})


@final
class Candidate(msgspec.Struct, frozen=True):
    """A name, its words, the sources it has as role and transform, and the votes for it in its file and its project."""

    name: str
    words: tuple[str, ...]
    sources: tuple[str, ...]
    vote: Vote | None
    project: Vote | None
    used: bool  # another symbol of the same routine is called so


def candidates(
    found: Described, votes: dict[str, Vote], *, project: dict[str, Vote], style: Style, used: frozenset[str]
) -> list[Candidate]:
    """Return what the symbol could be called from what stands near it, those with the most sources first."""
    sources: dict[str, dict[str, None]] = {}
    for role, word in found.facts:
        if role not in _MUTE and not role.endswith((".shape", ".wrapped")):
            for transform, name in _transformed(word, style):
                sources.setdefault(name, {})[f"{role}~{transform}"] = None
    if found.symbol.sort == "routine":
        for source, name in _phrases(found.facts, style):
            sources.setdefault(name, {})[source] = None
    for name in votes:
        sources.setdefault(name, {})["vote"] = None
    for name in project:
        sources.setdefault(name, {})["project"] = None
    ranked = sorted(
        sources, key=lambda name: -len(sources[name]) - _WEIGHT * (_best(votes, name) + _best(project, name))
    )
    return [
        Candidate(name, words_of(name), tuple(sources[name]), votes.get(name), project.get(name), name in used)
        for name in ranked[: MOST[found.symbol.sort]]
    ]


def _best(votes: dict[str, Vote], name: str) -> float:
    return votes[name].best if name in votes else 0.0


def _transformed(word: str, style: Style) -> Iterator[tuple[str, str]]:
    parts = words_of(word)
    if not parts or len(parts) > 7:
        return
    yield "whole", joined(parts, style)
    if word[:1] == "_" and word.isidentifier():
        yield "as", word
    if len(parts) > 1:
        yield "rest", joined(parts[1:], style)
        yield "last", parts[-1]
        yield "first", parts[0]
        if len(parts) > 2:
            yield "tail", joined(parts[-2:], style)
            yield "start", joined(parts[:-1], style)
    if one := singular(parts[-1]):
        yield "one", joined((*parts[:-1], one), style)
        if len(parts) > 1:
            yield "last one", one
    else:
        yield "many", joined((*parts[:-1], plural(parts[-1])), style)
    yield "letter", parts[0][0]
    if len(parts) > 1:
        yield "letters", "".join(part[0] for part in parts)


def _phrases(facts: Sequence[Fact], style: Style) -> Iterator[tuple[str, str]]:
    """Yield what routines are called: a verb and a noun, or two words of the comment above."""
    told = [word.lower() for role, word in facts if role == "doc" and word.isalpha()][:8]
    for i, word in enumerate(told[:6]):
        verb = singular(word) or word
        for j in range(i + 1, min(i + 4, len(told))):
            yield f"doc~pair{j - i}", joined((verb, told[j]), style)
        if i + 2 < len(told):
            yield "doc~three", joined((verb, told[i + 1], told[i + 2]), style)
    nouns = 0
    for role, word in facts:
        parts = words_of(word)
        if role in _NOUNS and parts and len(parts) < 4 and nouns < 8:
            nouns += 1
            for verb in _VERBS:
                yield f"{role}~{verb}", joined((verb, *parts), style)
