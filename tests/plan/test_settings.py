import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.plan.simulated import SimulatedJob
from tests.plan.strategies import quick

from learnsys.plan.settings import WEIGHT, differing, settings_from, settings_of

FULL = {"loss": "logistic", "penalty": "l2", "bias": 1.0, "lam": 1e-3, "seed": 4, "local_passes": 2}


@quick
@given(st.integers(10, 10**7), st.floats(1e-3, 1), st.floats(1e-8, 10))
def test_a_sample_that_keeps_lam_n_is_the_same_problem(n, share, lam):
    (trace,) = SimulatedJob(n=n).probes(methods=["newton"], workers=(1,), rounds=1, share=share)
    rows = max(1, round(n * share))
    sample = replace(trace, params={**FULL, "lam": lam * n / rows})
    assert differing(settings_of(sample), settings_from({**FULL, "lam": lam}, n)) is None


@pytest.mark.parametrize(
    ("change", "name"), [({"loss": "hinge"}, "loss"), ({"penalty": "l1"}, "penalty"), ({"bias": 0.0}, "bias"),
                         ({"lam": 1.01e-3}, WEIGHT), ({"seed": 5}, None), ({"local_passes": 9}, None)],
)  # fmt: skip
def test_only_what_changes_the_minimum_differs(change, name):
    assert differing(settings_from(FULL, 100), settings_from({**FULL, **change}, 100)) == name


def test_what_one_side_does_not_tell_cannot_differ():
    assert differing({}, settings_from(FULL, 100)) is None
    assert differing(settings_from(FULL, 100), {"loss": "logistic"}) is None
