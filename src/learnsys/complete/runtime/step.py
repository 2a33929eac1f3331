# Numba has no types for its decorators.
# mypy: disable-error-code="untyped-decorator"
"""The recurrent steps and the distribution over the next token, compiled: what a keystroke waits for.

Single precision, one thread. A state is one row of numbers: h and c of the sequence LSTM, then h and c of the stack
LSTM. Rows say which earlier row each step goes on from, so a document, an edit in its middle and a search over
continuations are all the same loop.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from learnsys.complete.compiled import jit

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

WINDOW: Final = 512  # places that the pointer looks back on, as in training
BUCKETS: Final = 16
_FAST: Final = {"reassoc", "contract", "nsz", "arcp"}  # sums in any order, but NaN stays NaN


def buckets() -> NDArray[np.intp]:
    """Return the bucket of each distance 1 ... WINDOW, shape (WINDOW + 1,); entry 0 is not used."""
    distances = np.maximum(np.arange(WINDOW + 1, dtype=np.float32), 1)
    return np.minimum((np.log2(distances) * np.float32(BUCKETS - 1) / np.float32(9.5)).astype(np.intp), BUCKETS - 1)


@jit(fastmath=_FAST)
def _add_product(gates: Floats, h: Floats, weight: Floats) -> None:
    """Add ``h @ weight`` to ``gates``, four rows of the weights at a time."""
    n, m = weight.shape
    k = 0
    while k + 4 <= n:
        a, b, c, d = h[k], h[k + 1], h[k + 2], h[k + 3]
        first, second, third, fourth = weight[k], weight[k + 1], weight[k + 2], weight[k + 3]
        for j in range(m):
            gates[j] += a * first[j] + b * second[j] + c * third[j] + d * fourth[j]
        k += 4
    while k < n:
        for j in range(m):
            gates[j] += h[k] * weight[k, j]
        k += 1


@jit(fastmath=_FAST)
def _cell(gates: Floats, c_before: Floats, h: Floats, c: Floats) -> None:
    """Write h and c of one step; ``gates`` are i, f, g, o before their functions."""
    size = len(h)
    one = np.float32(1)
    for j in range(size):
        i = one / (one + np.exp(-gates[j]))
        f = one / (one + np.exp(-gates[size + j]))
        o = one / (one + np.exp(-gates[3 * size + j]))
        c[j] = f * c_before[j] + i * np.tanh(gates[2 * size + j])
        h[j] = o * np.tanh(c[j])


@jit()
def advance(rows: Floats, links: Ints, sequence: Floats, stack: Floats, weights: tuple[Floats, Floats, Floats]) -> None:
    """Fill the last n of ``rows``, one step each.

    Parameters
    ----------
    rows : (m + n, 2H + 2G)
        States; the first m are given.
    links : (3, n)
        Rows that each step goes on from: that of the token before, ``previous`` and ``child`` of the nesting; the
        last may be -1.
    sequence, stack : (n, 4H), (n, 4G)
        What the inputs add to the gates, biases included. They are overwritten.
    weights : three of (H, 4H), (G, 4G), (G, 4G)
        Of the sequence, the stack and the closing levels.
    """
    n, h, g = links.shape[1], len(weights[0]), len(weights[1])
    m = len(rows) - n
    for t in range(n):
        row, before, outer, inner = rows[m + t], rows[links[0, t]], rows[links[1, t]], links[2, t]
        _add_product(sequence[t], before[:h], weights[0])
        _cell(sequence[t], before[h : 2 * h], row[:h], row[h : 2 * h])
        _add_product(stack[t], outer[2 * h : 2 * h + g], weights[1])
        if inner >= 0:
            _add_product(stack[t], rows[inner, 2 * h : 2 * h + g], weights[2])
        _cell(stack[t], outer[2 * h + g :], row[2 * h : 2 * h + g], row[2 * h + g :])


@jit(fastmath=_FAST)
def softmax(scores: Floats) -> None:
    """Turn scores into probabilities in place."""
    top = scores.max()
    total = np.float32(0)
    for j in range(len(scores)):
        scores[j] = np.exp(scores[j] - top)
        total += scores[j]
    scores *= np.float32(1) / total


@jit(fastmath=_FAST)
def attend(query: Floats, keys: Floats, distance: Floats, bucket: NDArray[np.intp]) -> Floats:
    """Return the probability of copying each place (n,), n >= 1; the last of ``keys`` (n, K) is at distance 1."""
    n, size = keys.shape
    mass = np.empty(n, np.float32)
    for i in range(n):
        total = distance[bucket[n - i]]
        for j in range(size):
            total += query[j] * keys[i, j]
        mass[i] = total
    softmax(mass)
    return mass


@jit()
def likeliest(p: Floats, most: int) -> NDArray[np.intp]:
    """Return the places of the ``most`` largest of ``p`` that are not 0, in order; of equal ones the first first."""
    best, values = np.empty(most, np.intp), np.empty(most, np.float32)
    n = 0
    for j in range(len(p)):
        if p[j] > 0 and (n < most or p[j] > values[n - 1]):
            at = min(n, most - 1)
            while at > 0 and values[at - 1] < p[j]:
                values[at], best[at] = values[at - 1], best[at - 1]
                at -= 1
            values[at], best[at] = p[j], j
            n = min(n + 1, most)
    return best[:n]


@jit(fastmath=_FAST)
def entropy(p: Floats) -> float:
    """Return the share of probabilities ``p`` in an entropy, in bits."""
    total = np.float32(0)
    for j in range(len(p)):
        if p[j] > 0:
            total -= p[j] * np.log2(p[j])
    return float(total)


@jit()
def merge(mass: Floats, words: Ints, names: Ints) -> tuple[Ints, Ints, Floats, Ints]:
    """Add up the masses of equal tokens.

    Parameters
    ----------
    mass, words, names : (n,)
        Of the places: what is copied, the word's number in the vocabulary, and in the lexicon.

    Returns
    -------
    words, names, mass, last : (u,)
        Of the different tokens, in the order of their last places ``last``, the latest first. Equal names are equal
        tokens.
    """
    n = len(mass)
    size = 1
    while size < 2 * n:
        size *= 2
    table = np.full(size, -1, np.int32)  # open addressing: names are any numbers, and more of them than places
    found_words, found_names = np.empty(n, np.int32), np.empty(n, np.int32)
    found_mass, last = np.zeros(n, np.float32), np.empty(n, np.int32)
    count = 0
    for i in range(n - 1, -1, -1):
        at = (names[i] * 40503) & (size - 1)
        while table[at] >= 0 and found_names[table[at]] != names[i]:
            at = (at + 1) & (size - 1)
        if table[at] < 0:
            table[at] = count
            found_words[count], found_names[count], last[count] = words[i], names[i], i
            count += 1
        found_mass[table[at]] += mass[i]
    return found_words[:count], found_names[:count], found_mass[:count], last[:count]
