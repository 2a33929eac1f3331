import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.series.strategies import samples, with_weights

from learnsys.core.errors import Incompatible, InputError
from learnsys.series.estimate.types import CoefficientsSpec
from learnsys.series.sums import nufft, projection
from learnsys.series.sums.projection import project
from learnsys.series.types import Samples

SPEC = CoefficientsSpec(period_s=60.0, modes=90)
ARRAYS = ("X", "W", "n", "first_s", "last_s", *projection.TOTALS)


def assert_close(a, b, atol=1e-9):
    for name in ARRAYS:
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), atol=atol, err_msg=name)


def part(made, keep):
    """Keep some of the samples."""
    starts = np.concatenate([[0], np.cumsum(np.bincount(made.series[keep], minlength=len(made)))])
    return msgspec.structs.replace(made, t=made.t[keep], x=made.x[keep], w=made.w[keep], starts=starts)


@settings(deadline=None, max_examples=40)
@given(samples(), st.sampled_from([1e-3, 1e-9, 1e-12]))
def test_equals_the_sums(made, tol):
    found = project(made, SPEC, tol=tol)
    for d in range(len(made)):
        t, x, w = made.one(d)
        waves = np.exp(-1j * np.outer(found.omega, t))
        np.testing.assert_allclose(found.X[d], waves @ (w * x), atol=2 * tol * max(np.abs(w * x).sum(), 1e-9))
        np.testing.assert_allclose(found.W[d], waves @ w, atol=2 * tol * max(w.sum(), 1e-9))
        assert found.n[d] == t.size
        sums = [w, w * x, w * x**2, w**2, w**2 * x, w**2 * x**2]
        for name, s in zip(projection.TOTALS, sums, strict=True):
            assert getattr(found, name)[d] == pytest.approx(s.sum(), abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(samples(), st.integers(2, 5), st.randoms(use_true_random=False))
def test_parts_add_up_in_any_order(made, parts, random):
    which = np.array([random.randrange(parts) for _ in made.t], int)
    pieces = [project(part(made, which == p), SPEC, tol=1e-12) for p in random.sample(range(parts), parts)]
    total = pieces[0]
    for piece in pieces[1:]:
        total = total + piece
    assert_close(total, project(made, SPEC, tol=1e-12))


@settings(deadline=None, max_examples=30)
@given(samples())
def test_a_mean_removed_after_is_a_mean_removed_before(made):
    if (made.sums(made.w) > 0).all():
        assert_close(project(made, SPEC).centred(), project(made.centred(), SPEC))


@pytest.mark.parametrize("threads", [1, 2])
def test_series_of_the_same_stamps_share_the_coefficients_of_these(threads):
    rng = np.random.default_rng(2)
    t = rng.uniform(0, 50, 80)
    made = with_weights(Samples.of({f"s{d}": (t, rng.normal(size=80)) for d in range(11)}), rng)
    shared = msgspec.structs.replace(made, w=np.tile(made.w[:80], 11))
    found = project(shared, SPEC, threads=threads)
    assert found.W.strides[0] == 0
    other = project(made, SPEC, threads=threads)
    assert other.W.strides[0] > 0
    for d in range(11):
        name = f"s{d}"
        alone = msgspec.structs.replace(Samples.of({name: shared.one(d)[:2]}), w=shared.one(d)[2])
        np.testing.assert_allclose(found.X[d], project(alone, SPEC).X[0], atol=1e-9)
        np.testing.assert_allclose(found.W[d], project(alone, SPEC).W[0], atol=1e-9)
    assert_close(found + other, other + found)


def test_no_samples_are_zeros():
    found = project(Samples.of({"a": ([], [])}), SPEC)
    assert not found.X.any()
    assert np.isnan(found.first_s).all()
    assert not found.centred().X.any()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ids": ("z",)}, "ids"),
        ({"t0_ns": 5}, "t0_ns"),
        ({"period_s": 61.0}, "period_s"),
        ({"X": np.zeros((1, 9))}, "modes 90 do not add to some with 9"),
    ],
)
def test_what_does_not_match_is_refused(change, says):
    one = project(Samples.of({"a": ([1.0], [2.0])}), SPEC)
    with pytest.raises(Incompatible, match=says):
        one + msgspec.structs.replace(one, **change)


def test_windows_reach_the_tolerance_or_are_refused():
    assert projection.window_for(1e-3) is nufft.SINGLE
    assert projection.window_for(1e-3, "float64") is nufft.DOUBLE
    assert projection.window_for(1e-9) is nufft.FINER
    assert projection.window_for(1e-15) is nufft.FINEST
    with pytest.raises(Incompatible, match="float64"):
        projection.window_for(1e-9, "float32")


@pytest.mark.parametrize("spec", [CoefficientsSpec(period_s=0.0, modes=3), CoefficientsSpec(period_s=1.0, modes=0)])
def test_no_period_and_no_modes_are_refused(spec):
    with pytest.raises(InputError, match="give"):
        project(Samples.of({"a": ([1.0], [2.0])}), spec)
