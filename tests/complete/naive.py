"""Slow, obvious twins of the room's fast functions."""

from learnsys.complete.languages import LANGUAGES


class Level:
    """An open bracket or indented block, and the level it stands in."""

    def __init__(self, parent, closers, opener, outside):
        self.parent, self.closers, self.opener, self.outside = parent, closers, opener, outside
        self.depth = parent.depth + 1 if parent else 0


CLOSERS = {"(": ")", "[": "]", "{": "}", "${": "}", "#if": "#endif", "#ifdef": "#endif", "#ifndef": "#endif"}


def nesting(found):
    """(previous, child, depth) of each token, by walking a tree of levels made as one reads."""
    indented = LANGUAGES[found.language].indented
    level, column, rows = Level(None, None, -1, 0), 0, []
    for t, word in enumerate(found.words):
        previous, child = t - 1, -1
        gap = found.gap(t)
        if indented and (t == 0 or "\n" in gap) and level.closers in (None, ""):
            here = len(found.text[: found.starts[t]].split("\n")[-1])
            if here > column and t > 0:
                level, column = Level(level, "", t - 1, column), here
            while here < column and level.closers == "":
                previous, child, column, level = level.opener, t - 1, level.outside, level.parent
        depth = level.depth
        if found.kinds[t] in (1, 2, 3):
            if word in CLOSERS:
                level = Level(level, CLOSERS[word], t, column)
            else:
                match = level
                while match is not None and match.closers != word:
                    match = match.parent
                if match is not None and word in CLOSERS.values():
                    previous, child, column, level = match.opener, t - 1, match.outside, match.parent
                    depth = level.depth
        rows.append((previous, child, depth))
    return rows


def subtokens(name):
    """Words of a name, cut character by character: at signs, and where case or digits change."""
    words, word = [], ""
    for i, c in enumerate(name):
        after = name[i + 1] if i + 1 < len(name) else ""
        if not c.isalnum():
            words, word = [*words, word], ""
            continue
        last = word[-1:]
        new_number = last and c.isdigit() != last.isdigit()
        new_capital = capital(c) and (small(last) or (capital(last) and small(after)))
        if new_number or new_capital:
            words, word = [*words, word], ""
        word += c
    return tuple(w.lower() for w in [*words, word] if w) or (name,)


def capital(c):
    return "A" <= c <= "Z"


def small(c):
    return c.isalpha() and not capital(c)
