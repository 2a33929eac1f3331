"""A VAR is drawn by its matrices, or by what a shock does."""

import numpy as np
from tests.series.pictures.made import shown

from learnsys.series.results.var import VectorAutoregression
from learnsys.series.simulate.vector import VectorProcess


def var(d=3, p=2):
    matrices = np.zeros((p, d, d))
    matrices[0] = 0.5 * np.eye(d)
    matrices[0, 1, 0] = 0.25
    process = VectorProcess.ornstein_uhlenbeck(np.eye(d), np.eye(d))
    return VectorAutoregression(
        ids=tuple(f"v{i}" for i in range(d)), dt_s=60.0, matrices=matrices, low=matrices, high=matrices, level=None,
        residual=np.eye(d), nugget=np.zeros(d), mean=np.zeros(d), process=process, log_likelihood=0.0, aic=(),
        method="whittle",
    )  # fmt: skip


def test_a_map_a_matrix_and_the_radius():
    words, _ = shown(var().chart())
    assert "60 s back" in words or "1 min back" in words
    assert "0.25" in words
    assert "radius 0.500" in words


def test_of_many_the_first_are_drawn_and_the_others_told():
    words, _ = shown(var(45, 6).chart())
    assert "40 of 45 series" in words
    assert "4 of 6 matrices" in words


def test_responses_have_a_panel_for_each_shock_and_series():
    words, svg = shown(var().chart("impulse"))
    assert "shock of 1 in" in words
    assert "v2" in words
    assert svg.count("mark-line") >= 9
    words, _ = shown(var(8).chart("impulse"))
    assert "5 of 8 series" in words
