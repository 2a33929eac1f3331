"""How unlikely names are, asked one by one as if each were typed; and all that is odd, without leaving anything out."""

import numpy as np

from learnsys.complete.data.vocabulary import UNKNOWN
from learnsys.complete.runtime.answer import answer
from learnsys.complete.runtime.reader import read_file
from learnsys.complete.runtime.state import Reading, Tape, run, states_of
from learnsys.complete.runtime.step import WINDOW
from learnsys.complete.unusual.evidence import FARTHEST, WEIGHTS
from learnsys.complete.unusual.scope import uses
from learnsys.complete.unusual.surprise import FAR, LEAST


class Slow:
    """Probabilities and features at the places of one file."""

    def __init__(self, model, file, lexicon):
        self.model, self.file, self.lexicon, self.words = model, file, lexicon, file.tokens.words
        self.tape, self.reading = Tape.of(file), Reading(model)
        self.reading.follow(self.tape, len(file), same=0)

    def p(self, t, word):
        return self._of(answer(self.model, self._output(self._row(t), t), *self._keys(t)), word)

    def then(self, t, word):
        if t + 1 == len(self.file):
            return 1.0
        model, output, keys = self.model, self._output(self._row(t), t), self._keys(t)
        names, codes = self.lexicon.ids([word]), self.lexicon.codes(model.vocabulary)
        x = model.inputs(codes.words(names), codes.parts(names), self.file.lines[t : t + 1])
        after = run(model, self._row(t)[None], x, np.array([[0], [0], [-1]], np.int32))[0]
        more = np.concatenate([keys[0], model.keys(x, output[None])])
        given = more, np.append(keys[1], codes.words(names)), np.append(keys[2], names)
        return self._of(answer(model, self._output(after, t + 1), *given), self.words[t + 1])

    def features(self, use):
        return np.array([[np.log(self.p(use.t, w)), np.log(self.then(use.t, w)), *self._file(use.t, w)]
                         for w in use.visible])  # fmt: skip

    def odd(self, use, times):
        score = self.features(use) @ WEIGHTS
        p = np.exp(score - score.max())
        p = dict(zip(use.visible, p / p.sum(), strict=True))
        return p if max(p.values()) > times * p[use.word] else None

    def found(self, times):
        """Where each odd name stands, and the name that is likelier."""
        asked = [(use, self.odd(use, times)) for use in uses(self.file.tokens) if len(use.visible) > 1]
        return {(int(self.file.tokens.starts[use.t]), max(p, key=p.get)) for use, p in asked if p is not None}

    def bits(self):
        read = read_file(self.model, self.file)
        return -np.log2(np.maximum(np.where(read.p > 0, read.p, read.unknown), LEAST)).mean()

    def _row(self, t):
        return self.reading.after(self.tape, t)

    def _keys(self, t):
        here = slice(max(t - WINDOW, 0), t)
        return self.reading.keys[here], self.tape.words[here], self.tape.names[here]

    def _output(self, row, t):
        return self.model.outputs(states_of(self.model, row[None]), self.file.lines[t : t + 1])[0]

    def _of(self, given, word):
        name = self.lexicon.ids([word])
        number = int(self.lexicon.codes(self.model.vocabulary).words(name)[0])
        copied = float(given.mass[given.names == name[0]].sum())
        if number == UNKNOWN:
            return max(copied, float(given.vocabulary[UNKNOWN]) * FAR, LEAST)
        return max(float(given.vocabulary[number]) + copied, LEAST)

    def _file(self, t, word):
        words = self.words

        def around(t):
            return words[max(t - 1, 0) : t], words[max(t - 2, 0) : t], words[t + 1 : t + 2], words[t + 1 : t + 3]

        others = [at for at, other in enumerate(words) if other == word and at != t]
        same = [sum(around(at)[i] == around(t)[i] for at in others) for i in range(4)]
        last = max((at for at in others if at < t), default=t - FARTHEST)
        following = min((at for at in others if at > t), default=t + FARTHEST)
        return [*np.log1p(same), len(others) <= 1, np.log(t - last), np.log(following - t)]
