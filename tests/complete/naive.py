"""Slow, obvious twins of the room's fast functions."""

import numpy as np

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


def backbone(tensors, file):
    """p of each token of a file, written as the equations are, a token at a time, in double precision."""
    w = {name: tensor.astype(np.float64) for name, tensor in tensors.items()}
    tree = file.nesting
    zero = {"sequence": (0.0, 0.0), "stack": (0.0, 0.0)}
    states, xs, outputs, found = [], [], [], []
    for t in range(-1, len(file)):  # -1 is the start token
        x = w["word"][1 if t < 0 else file.words[t]] + w["line"][0 if t < 0 else file.lines[t]]
        if t >= 0 and file.parts[t].any():
            x = x + w["part"][file.parts[t][file.parts[t] > 0]].mean(0)
        before = states[t] if t >= 0 else zero
        outer = states[tree.previous[t] + 1] if t >= 0 else zero
        inner = states[tree.child[t] + 1] if t >= 0 and tree.child[t] >= 0 else zero
        state = {}
        for name, (h, c) in (("sequence", before["sequence"]), ("stack", outer["stack"])):
            gates = w[f"{name}.weight_ih"] @ x + w[f"{name}.bias"] + (w[f"{name}.weight_hh"] * h).sum(1)
            if name == "stack":
                gates = gates + (w["stack.weight_child"] * inner["stack"][0]).sum(1)
            i, f, g, o = np.split(gates, 4)
            after = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            state[name] = (sigmoid(o) * np.tanh(after), after)
        states.append(state)
        if t + 1 < len(file):
            joined = np.concatenate([state["sequence"][0], state["stack"][0]])
            output = np.tanh(w["head.weight"] @ joined + w["head.bias"] + w["next_line"][file.lines[t + 1]])
            if t >= 0:
                xs.append(w["pointer.key_word"] @ x + w["pointer.key_context"] @ outputs[-1])
            outputs.append(output)
            found.append(mixed(w, file, t + 1, output, xs))
    return np.array(found)


def mixed(w, file, t, output, keys):
    """p of token t from the vocabulary and from copying."""
    vocabulary = softmax(w["word"] @ output + w["vocabulary_bias"])
    if not keys:
        return vocabulary[file.words[t]]
    scores = []
    for i in range(max(t - 512, 0), t):
        bucket = min(int(np.float32(np.log2(np.float32(t - i))) * np.float32(15) / np.float32(9.5)), 15)
        scores.append((w["pointer.query"] @ output) @ keys[i] / len(keys[i]) ** 0.5 + w["pointer.distance"][bucket])
    same = file.names[max(t - 512, 0) : t] == file.names[t]
    share = sigmoid(w["pointer.gate"] @ output + w["pointer.gate_bias"])
    return (1 - share) * vocabulary[file.words[t]] + share * softmax(np.array(scores))[same].sum()


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def softmax(a):
    return np.exp(a - a.max()) / np.exp(a - a.max()).sum()


class Followers:
    """Tokens after each context, in plain lists: what chains of places are to find."""

    def __init__(self):
        self.files = {}

    def add(self, key, names, hashes):
        self.files.pop(key, None)
        self.files[key] = list(zip(names.tolist(), hashes.tolist(), strict=True))

    def remove(self, key):
        self.files.pop(key, None)

    def find(self, kind, value, most):
        places = [place for file in self.files.values() for place in file]
        return [name for name, row in reversed(places) if row[kind] == value][:most]
