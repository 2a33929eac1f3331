"""Two simple ways to name a symbol, from the same facts as the model: ask what training called alike, or copy."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from learnsys.complete.names.features import Described
from learnsys.complete.names.spelling import Style, joined, singular, words_of

VERBS = frozenset(
    [
        "get",
        "create",
        "make",
        "find",
        "load",
        "read",
        "parse",
        "to",
        "new",
        "build",
        "fetch",
        "query",
        "select",
        "as",
        "from",
        "of",
        "the",
        "init",
    ]
)
SOURCES = ("init", "over", "passed", "callback.on", "type", "again")  # of a variable, the nearest first
RESULTS = ("returns", "calls", "doc")  # of a routine


class ContextVote:
    """Each fact votes for the names that symbols with that fact had in training, by their share; the most votes win."""

    def __init__(self, files: Sequence[Sequence[Described]]) -> None:
        self.names: defaultdict[str, defaultdict[tuple[str, str], Counter[str]]] = defaultdict(
            lambda: defaultdict(Counter)
        )
        for file in files:
            for found in file:
                for fact in found.facts:
                    self.names[found.symbol.sort][fact][found.symbol.name] += 1

    def name(self, found: Described, style: Style) -> str:
        """Return the name with the most votes, empty without any."""
        votes: Counter[str] = Counter()
        for fact in found.facts:
            own = self.names[found.symbol.sort].get(fact)
            if own is not None:
                total = own.total()
                for name, count in own.most_common(20):
                    votes[name] += count / total
        return votes.most_common(1)[0][0] if votes else ""


class CopyTheInitialiser:
    """The word at the head of what a variable is made from, without its verb; the element of what is looped over."""

    def name(self, found: Described, style: Style) -> str:
        """Return that word, empty where there is none."""
        for role in SOURCES if found.symbol.sort == "variable" else RESULTS:
            for told, word in found.facts:
                parts = words_of(word) if told == role else ()
                if parts:
                    kept = parts[1:] if len(parts) > 1 and parts[0] in VERBS else parts
                    if role in ("over", "callback.on") and (one := singular(kept[-1])):
                        kept = (*kept[:-1], one)
                    return joined(kept[:4], style)
        return ""
