"""The candidates of every symbol of a file: from what stands near it, from votes of its file, and of its project."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import final

from learnsys.complete.names.candidates import Candidate, candidates
from learnsys.complete.names.features import Described
from learnsys.complete.names.spelling import style_of
from learnsys.complete.names.votes import Vote, Votes


def proposals(
    file: Sequence[Described],
    weight: Callable[[str], float],
    language: str,
    *,
    strict: bool = False,
    project: "Project | None" = None,
    path: str = "",
) -> list[list[Candidate]]:
    """Return the candidates of each symbol of a file.

    Parameters
    ----------
    file : sequence of Described
        Its symbols; the others vote on each.
    weight : callable
        Weight of a feature in votes.
    language : str
        Key of the language.
    strict : bool
        Whether no other symbol of the file or project may vote; those of routines of the same name never count.
    project : Project, optional
        Symbols of other files, which vote too.
    path : str
        Of this file: files of that name in the project do not vote, since they may be copies.
    """
    names = [found.symbol.name for found in file]
    features = [found.features for found in file]
    votes, style = Votes(names, features, weight=weight), style_of(names, language)
    beside: defaultdict[int, set[str]] = defaultdict(set)
    for found in file:
        if found.symbol.sort == "variable":
            beside[found.symbol.routine].add(found.symbol.name)
    asked = []
    for i, found in enumerate(file):
        symbol = found.symbol
        banned = symbol.name if symbol.sort == "routine" else ""
        used = frozenset(beside[symbol.routine] - {symbol.name}) if symbol.sort == "variable" else frozenset()
        beyond = project.ask(symbol.sort, features[i], path) if project and not strict else {}
        own = {} if strict else votes.ask(features[i], but=i, banned=banned)
        asked.append(candidates(found, own, project=beyond, style=style, used=used))
    return asked


@final
class Project:
    """The symbols of a project's files, to vote on those of another file.

    Parameters
    ----------
    files : sequence of (path, symbols)
        All files that are known.
    weight : callable
        Weight of a feature in votes.
    """

    def __init__(self, files: Sequence[tuple[str, Sequence[Described]]], weight: Callable[[str], float]) -> None:
        self._votes: dict[str, Votes] = {}
        self._of: dict[str, dict[str, set[int]]] = {}
        for sort in ("variable", "routine"):
            own = [(path, found) for path, file in files for found in file if found.symbol.sort == sort]
            places: defaultdict[str, set[int]] = defaultdict(set)
            for i, (path, _) in enumerate(own):
                places[_stem(path)].add(i)
            self._of[sort] = dict(places)
            self._votes[sort] = Votes(
                [found.symbol.name for _, found in own], [found.features for _, found in own], weight=weight
            )

    def ask(self, sort: str, features: Sequence[str], path: str) -> dict[str, Vote]:
        """Return the votes of symbols of the same sort that no file called like ``path`` declares."""
        without = frozenset(self._of[sort].get(_stem(path), ()))
        return self._votes[sort].ask(features, without=without)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0]
