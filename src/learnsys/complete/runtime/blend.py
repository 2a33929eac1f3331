"""Backbone, file and project at a cursor: the caches follow what is typed, the gate weighs who is to be believed."""

from typing import final

import numpy as np

from learnsys.complete.caches.gate import Gate
from learnsys.complete.caches.mixture import NOTHING, Ahead, Mixture, Said
from learnsys.complete.caches.project import Project
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.runtime.reader import BEST
from learnsys.complete.runtime.spread import Spread, Words
from learnsys.complete.runtime.state import Tape
from learnsys.complete.runtime.step import entropy, likeliest


@final
class Blend:
    """The caches of one open file, and those of its project.

    Parameters
    ----------
    gate : Gate
        Of the model.
    lexicon : Lexicon
        Numbers all tokens.
    project : Project
        All other files.
    words : Words
        The vocabulary's.
    """

    def __init__(self, gate: Gate, lexicon: Lexicon, project: Project, words: Words) -> None:
        self._mixture = Mixture(gate, lexicon, project)
        self._words = words
        self._seen = np.zeros((2, 0), np.int32)

    def follow(self, tape: Tape, n: int) -> None:
        """Take in exactly the first ``n`` tokens of a tape; those that are the same as before are kept."""
        new = np.stack([tape.names[:n], tape.lines[:n]])
        both = min(n, self._seen.shape[1])
        differs = (new[:, :both] != self._seen[:, :both]).any(0)
        keep = int(differs.argmax()) if differs.any() else both
        self._mixture.forget(keep)
        self._mixture.extend(tape.names[keep:n], tape.lines[keep:n])
        self._seen = new

    def mix(self, spread: Spread, *, share: float, line: int, ahead: Ahead = NOTHING) -> Spread:
        """Weigh what the backbone says against the caches, for a token that stands on ``line``.

        ``share`` is what the backbone copies; tokens ``ahead`` are thought of behind those that were followed.
        """
        found = self._mixture.candidates(said(spread, share=share), line, ahead)
        p, origins = spread.p * np.float32(found.weight), spread.origins.copy()
        own = {int(name): i + len(self._words.names) for i, name in enumerate(spread.names[len(self._words.names) :])}
        new = []
        for c, name in enumerate(found.ids.tolist()):
            place = self._words.place(name)
            place = own.get(name) if place is None else place
            if place is None:
                new.append(c)
            else:
                p[place] = found.p[c]
                origins[place] = found.origins[c] or origins[place]
        mixed = Spread(names=spread.names, p=p, origins=origins, unknown=spread.unknown * found.weight)
        return mixed.more(found.ids[new], found.p[new], found.origins[new], unknown=mixed.unknown)


def said(spread: Spread, *, share: float) -> Said:
    """Return what the gate looks at of the backbone: its likeliest tokens and its entropy in bits."""
    best = likeliest(spread.p, BEST)
    ids, p = np.full(BEST, -1, np.int32), np.zeros(BEST, np.float32)
    ids[: len(best)], p[: len(best)] = spread.names[best], spread.p[best]
    bits = entropy(spread.p) + entropy(np.array([spread.unknown], np.float32))
    return Said(ids=ids, p=p, unknown=spread.unknown, entropy=bits, share=share)
