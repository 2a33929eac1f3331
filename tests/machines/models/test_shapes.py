"""Seconds over shapes: exact where the law holds, through the runs where it does not, never out of reason."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.machines import naive

from learnsys.core.errors import InputError, TooFewPoints
from learnsys.machines.models.shapes import fit_surface

GIB = float(1 << 30)
CPU = np.array([0.25, 0.5, 1.0, 1.5, 2.0, 0.5, 1.0, 2.0])
MEMORY = np.array([4, 4, 4, 4, 4, 1, 0.5, 1]) * GIB


@given(st.floats(0.0, 5.0), st.floats(0.1, 50.0), st.sampled_from([1.0, 2.0]))
def test_a_job_that_follows_the_law_is_predicted_between_its_shapes(fixed, work, cores):
    surface = fit_surface(CPU, MEMORY, fixed + work / np.minimum(CPU, cores))
    c = np.array([0.3, 0.75, 1.0, 2.0])
    assert_allclose(surface.seconds(c, 2 * GIB), fixed + work / np.minimum(c, cores), rtol=0.02)


@given(st.lists(st.floats(0.1, 10.0), min_size=8, max_size=8))
def test_the_knee_agrees_with_a_search_over_everything(seconds):
    surface = fit_surface(CPU, MEMORY, seconds)
    ours = naive.knee_error(CPU, np.array(seconds), surface.fixed_s, surface.work_s, surface.cores)
    assert ours <= naive.best_knee_error(CPU, np.array(seconds)) * 1.05 + 1e-9


@given(st.lists(st.floats(0.5, 2.0), min_size=8, max_size=8), st.floats(0.1, 10.0))
def test_seconds_scale_with_the_clock(seconds, k):
    a, b = fit_surface(CPU, MEMORY, seconds), fit_surface(CPU, MEMORY, k * np.array(seconds))
    assert_allclose(b.seconds(0.7, GIB), k * a.seconds(0.7, GIB), rtol=1e-6)


def test_what_memory_buys_is_seen():
    seconds = np.where(MEMORY < GIB, 3.0, 1.0) / np.minimum(CPU, 1.0)
    surface = fit_surface(CPU, MEMORY, seconds)
    assert surface.seconds(1.0, 0.5 * GIB) == pytest.approx(3.0, rel=0.15)
    assert surface.seconds(1.0, 4 * GIB) == pytest.approx(1.0, rel=0.15)


def test_shapes_beyond_those_measured_are_told():
    surface = fit_surface(CPU, MEMORY, 1 / CPU)
    assert not surface.extrapolates(0.75, 2 * GIB)
    assert surface.extrapolates(64, 2 * GIB)
    assert surface.extrapolates(1, 64 * GIB)


def test_one_more_core_saves_what_the_law_says_and_costs_what_it_costs():
    surface = fit_surface(CPU, MEMORY, 10 / CPU)
    buys = surface.marginal(1.0, 4 * GIB, usd_core_hour=0.036, usd_gib_hour=0.0036)
    assert buys.seconds == pytest.approx(10, rel=0.01)
    assert buys.core_saves_s == pytest.approx(5, rel=0.05)
    hour = 0.036 + 4 * 0.0036
    assert buys.usd == pytest.approx(buys.seconds * hour / 3600)
    assert buys.core_costs_usd == pytest.approx(
        ((buys.seconds - buys.core_saves_s) * (hour + 0.036) - 10 * hour) / 3600, rel=0.05
    )
    assert buys.gib_costs_usd > 0, "memory that buys nothing costs"


def test_missing_cells_are_left_out():
    seconds = np.where(np.arange(8) == 3, np.nan, 1 / CPU)
    assert fit_surface(CPU, MEMORY, seconds).seconds(1.5, 4 * GIB) == pytest.approx(1 / 1.5, rel=0.05)


def test_one_number_of_cores_says_nothing_of_others():
    with pytest.raises(TooFewPoints, match="--shape"):
        fit_surface([1, 1], [GIB, 2 * GIB], [1.0, 1.0])


def test_times_are_above_zero():
    with pytest.raises(InputError, match="above zero"):
        fit_surface([1, 2], [GIB, GIB], [1.0, 0.0])
