import msgspec
import numpy as np
import pytest
from tests.series.sums.gridded import assert_close, many, spec_of

from learnsys.core.errors import InputError
from learnsys.series.sums import direct, grid, grid_plan
from learnsys.series.types import Samples


def test_a_few_stamps_off_the_grid_are_seen():
    made = many(3, quantum=0.25)
    t = made.t.copy()
    t[17] += 0.01
    off = msgspec.structs.replace(made, t=t)
    assert grid_plan.make_plan(off, spec_of("gaussian"), 1e-6).spreading.width > 1


@pytest.mark.parametrize("gap_s", [30.0, 1e4, 3e8])
@pytest.mark.parametrize("blocks", [1, 3])
def test_long_gaps_cost_no_memory(gap_s, blocks):
    rng = np.random.default_rng(5)
    made = Samples.of(
        {
            name: (np.concatenate([rng.uniform(0, 20, 30), gap_s + rng.uniform(0, 20, 30)]), rng.normal(size=60))
            for name in "ab"
        }
    )
    spec = spec_of("gaussian", blocks=blocks)
    assert len(grid_plan.make_plan(made, spec, 1e-6).layout.starts) < 40
    assert_close(grid.sums(made, spec, tol=1e-6), direct.sums(made, spec), made, 1e-6)


@pytest.mark.parametrize("tol", [0.0, 1.0, -1e-3])
def test_a_tolerance_that_is_none(tol):
    with pytest.raises(InputError, match="tolerance"):
        grid.sums(many(1, n=5), spec_of("gaussian"), tol=tol)


def test_a_span_that_no_grid_can_cover():
    t = np.linspace(0, 1e15, 50) + 0.123 * np.arange(50) ** 2
    made = Samples.of({"a": (t, np.ones(50))})
    with pytest.raises(InputError, match="cells"):
        grid.sums(made, spec_of("gaussian"))
