"""Figures are the shares and means that they are named after."""

import numpy as np
import pytest
from tests.complete.toys import encoded

from learnsys.complete.score.measures import calibration_error, figures, outcome
from learnsys.complete.score.types import SHOWN, Scored

FILES, _, _ = encoded(3)


def scored(rng, n):
    return Scored(
        p=rng.random(n).astype(np.float32) * 0.9 + 0.05, rank=rng.integers(0, SHOWN + 1, n).astype(np.uint8),
        confidence=rng.random(n).astype(np.float32),
    )  # fmt: skip


def test_figures_are_those_of_a_loop():
    rng = np.random.default_rng(0)
    answers = [scored(rng, len(file)) for file in FILES]
    found = figures(outcome(FILES, answers, ["a", "b", "a"]))
    first = names = names_shown = 0
    bits = chars = 0.0
    for file, one in zip(FILES, answers, strict=True):
        for t, word in enumerate(file.tokens.words):
            first += one.rank[t] == 0
            bits -= np.log2(one.p[t])
            chars += len(word) + 1  # and a space
            if file.tokens.kinds[t] == 0:
                names += 1
                names_shown += one.rank[t] < 5
    n = sum(map(len, FILES))
    assert found.tokens == n
    assert found.top1 == pytest.approx(first / n)
    assert found.names_top5 == pytest.approx(names_shown / names)
    assert found.bits_token == pytest.approx(bits / n, rel=1e-5)
    assert found.bits_char == pytest.approx(bits / chars, rel=1e-5)


def test_packages_keep_their_files_together():
    rng = np.random.default_rng(1)
    found = outcome(FILES, [scored(rng, len(file)) for file in FILES], ["a", "b", "a"])
    assert np.bincount(found.package).tolist() == [len(FILES[0]) + len(FILES[2]), len(FILES[1])]


def test_a_model_that_is_as_right_as_it_says_has_no_error_and_one_that_boasts_has_its_boast():
    rng = np.random.default_rng(2)
    confidence = rng.random(200_000).astype(np.float32)
    assert calibration_error(confidence, rng.random(200_000) < confidence) < 0.01
    assert calibration_error(np.full(1000, 0.9, np.float32), np.arange(1000) % 2 == 0) == pytest.approx(0.4, abs=1e-3)


def test_a_list_without_probabilities_has_neither_bits_nor_a_calibration_error():
    n = len(FILES[0])
    nothing = np.full(n, np.nan, np.float32)
    listed = Scored(p=nothing, rank=np.zeros(n, np.uint8), confidence=nothing)
    found = figures(outcome(FILES[:1], [listed], ["a"]))
    assert found.top1 == 1
    assert np.isnan([found.bits_token, found.bits_char, found.calibration]).all()
