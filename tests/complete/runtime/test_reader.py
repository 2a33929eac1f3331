import numpy as np
import pytest
from tests.complete.runtime.models import random_model

from learnsys.complete.data.vocabulary import START, UNKNOWN
from learnsys.complete.runtime.answer import ask
from learnsys.complete.runtime.reader import BEST, RuntimeScorer, read_file
from learnsys.complete.runtime.state import Reading, Tape
from learnsys.complete.score.types import SHOWN

MODEL, TENSORS, FILES, _ = random_model(count=2, statements=110)
V = len(MODEL.vocabulary.words)


def column(word, name):
    return int(word) if word != UNKNOWN else V + int(name)


@pytest.fixture(scope="module")
def asked():
    """For each token of a file: the distribution by column, and p of all unknown words."""
    file, reading, found = FILES[0], Reading(MODEL), []
    tape = Tape.of(file)
    for t in range(len(file)):
        given = ask(reading, tape, int(file.lines[t]))
        spread = {j: float(p) for j, p in enumerate(given.vocabulary) if j not in {UNKNOWN, START}}
        for word, name, mass in zip(given.words, given.names, given.mass, strict=True):
            spread[column(word, name)] = spread.get(column(word, name), 0.0) + float(mass)
        found.append((spread, float(given.vocabulary[UNKNOWN]), given.share))
        reading.follow(tape, t + 1, same=t)
    return found


def test_a_file_read_at_once_is_that_read_a_token_at_a_time(asked):
    file, found = FILES[0], read_file(MODEL, FILES[0])
    assert len(file) > 600  # longer than the pointer's window
    for t, (spread, unknown, share) in enumerate(asked):
        p = spread.get(column(file.words[t], file.names[t]), 0.0)
        np.testing.assert_allclose([found.p[t], found.unknown[t], found.share[t]], [p, unknown, share], rtol=2e-3)
        order = sorted(spread.values(), reverse=True)
        np.testing.assert_allclose(found.best_p[t], (order + [0] * BEST)[:BEST], rtol=2e-3)
        np.testing.assert_allclose([spread[c] for c in found.best[t].tolist()], found.best_p[t], rtol=2e-3)
        likelier = sum(value > p * (1 + 1e-3) for value in order)
        near = sum(value > p * (1 - 1e-3) for value in order)
        assert min(likelier, SHOWN) <= found.rank[t] <= min(near, SHOWN) or p == 0
        values = np.array([v for v in [*order, unknown] if v > 0])
        np.testing.assert_allclose(found.entropy[t], -(values * np.log2(values)).sum(), rtol=1e-3)


def test_words_that_no_part_knows_cost_their_spelling():
    file = FILES[0]
    cheap, dear = (RuntimeScorer("model", MODEL, lambda word, c=cost: c).score([file], [[]])[0] for cost in (0.5, 0.01))
    found = read_file(MODEL, file)
    fresh = (file.words == UNKNOWN) & (found.p == 0)
    assert fresh.any()
    assert (found.rank[fresh] == SHOWN).all()
    np.testing.assert_allclose(cheap.p[fresh] / dear.p[fresh], 50, rtol=1e-3)
    known = file.words != UNKNOWN
    np.testing.assert_array_equal(cheap.p[known], dear.p[known])
    np.testing.assert_array_equal(cheap.confidence, found.best_p[:, 0])
