"""A model that knows what followed what: the last two tokens, else the last one."""

from collections import Counter, defaultdict

from learnsys.complete.fragments.types import Roller


class Table:
    """What followed the last token in a list of texts; a Roller."""

    def __init__(self, texts, at=(), counts=None):
        self.at = tuple(at)
        if counts is None:
            counts = defaultdict(Counter)
            for words in texts:
                for i, word in enumerate(words):
                    for n in (1, 2, 3):
                        counts[tuple(words[max(i - n, 0) : i])][word] += 1
        self.counts = counts

    def top(self, gap, k, prefix=""):
        row = next((self.counts[self.at[-n:]] for n in (3, 2, 1) if self.at[-n:] in self.counts), Counter())
        fits = {w: c for w, c in row.items() if not prefix or (w.startswith(prefix) and w != prefix)}
        total = sum(fits.values()) or 1
        return [(w, c / total) for w, c in Counter(fits).most_common(k)]

    def advance(self, word, kind, gap):
        return Table((), (*self.at, word), self.counts)


def is_roller(table: Roller) -> bool:
    return callable(table.top) and callable(table.advance)
