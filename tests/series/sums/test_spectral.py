import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.series import naive
from tests.series.strategies import samples, sums_specs

from learnsys.core.errors import InputError
from learnsys.series.sums import direct, spectral
from learnsys.series.sums.kernels import transform
from learnsys.series.sums.projection import project
from learnsys.series.types import KERNELS, Kernel, Lags, Samples, SumsSpec, lags

FIELDS = ("ww", "xy", "xw", "wx")
SMOOTH = tuple(name for name in KERNELS if name != "box")


def assert_close(ours, theirs, tol):
    """Sums differ by ``tol`` times those of values that are as large as the largest."""
    for a, b in zip(ours, theirs, strict=True):
        for name in FIELDS:
            x, y = getattr(a, name), getattr(b, name)
            assert (x is None) == (y is None)
            if x is not None:
                assert x.shape == y.shape
                scale = np.abs(y).max(axis=(1, 2, 3), keepdims=True, initial=0)
                assert (np.abs(x - y) <= tol * np.maximum(1, scale)).all(), name


def ratios(sums):
    """Covariances, where there are pairs of samples, and the square of the largest."""
    with np.errstate(invalid="ignore", divide="ignore"):
        c = sums.xy[0].sum(axis=0) / sums.ww[0].sum(axis=0)
    return np.where(sums.ww[0].sum(axis=0) > 8 / sums.kernel.h, c, np.nan)


@settings(deadline=None, max_examples=60)
@given(samples(), sums_specs(kernels=SMOOTH))
def test_equals_the_sum_over_all_pairs(made, spec):
    assert_close(spectral.sums(made, spec, tol=1e-12), naive.kernel_sums(made, spec), 1e-9)


@settings(deadline=None, max_examples=30)
@given(samples(), sums_specs(kernels=("box",)))
def test_a_box_is_its_truncated_series(made, spec):
    chosen = spectral.frequencies(made, spec, 1e-12)
    k = np.arange(1, chosen.modes)[:, None]

    def density(kernel, u, p):
        angle = 2 * np.pi / chosen.period_s * k
        return (1 + 2 * (transform(kernel, angle).real * np.cos(angle * u.ravel())).sum(axis=0)).reshape(
            u.shape
        ) / chosen.period_s

    assert_close(spectral.sums(made, spec, tol=1e-12), naive.kernel_sums(made, spec, density), 1e-9)


@pytest.mark.parametrize("name", SMOOTH)
def test_covariances_are_exact_at_unmasked_lags(name):
    rng = np.random.default_rng(6)
    t = np.sort(rng.uniform(0, 3000, 2000))
    made = Samples.of({"a": (t, np.sin(t)), "b": (t + 0.2, rng.normal(size=2000))}).centred()
    spec = SumsSpec(pairs="all", kernels=(Kernel(name=name, h=0.5),), lags=lags(-20, 20, 0.25), blocks=2)
    found, wanted = (ratios(way(made, spec)[0]) for way in (lambda *a: spectral.sums(*a, tol=1e-12), direct.sums))
    assert np.isfinite(wanted).all()
    assert np.nanmax(np.abs(found - wanted)) < 1e-9 * np.nanmax(np.abs(wanted))


@settings(deadline=None, max_examples=15)
@given(st.sampled_from([1e-2, 1e-3, 1e-4, 1e-6, 1e-9]), st.integers(0, 2**32 - 1))
def test_errors_stay_below_the_tolerance(tol, seed):
    rng = np.random.default_rng(seed)
    made = Samples.of({name: (rng.uniform(0, 1000, 1500), rng.normal(size=1500)) for name in "ab"})
    spec = SumsSpec(pairs="all", kernels=(Kernel(name="k4", h=1.0),), lags=Lags(first_s=-9, step_s=0.5, count=60))
    assert_close(spectral.sums(made, spec, tol=tol), direct.sums(made, spec), tol)


@settings(deadline=None, max_examples=20)
@given(samples(), sums_specs(kernels=SMOOTH), st.integers(2, 4), st.randoms(use_true_random=False))
def test_coefficients_of_parts_give_the_same_in_any_order(made, spec, parts, random):
    spec = SumsSpec(pairs=spec.pairs, kernels=spec.kernels, lags=spec.lags, cross=spec.cross)
    chosen = spectral.frequencies(made, spec, 1e-12)
    which = np.array([random.randrange(parts) for _ in made.t], int)
    total = None
    for p in random.sample(range(parts), parts):
        kept = which == p
        series = {name: tuple(v[which[part(made, d)] == p] for v in made.one(d)) for d, name in enumerate(made.ids)}
        assert sum(v[0].size for v in series.values()) == kept.sum()
        piece = project(weighted(series, made.t0_ns), chosen, tol=1e-12)
        total = piece if total is None else total + piece
    found = spectral.of_coefficients((total,), total, spec, tol=1e-12)
    assert_close(found, naive.kernel_sums(made, spec), 1e-9)


def part(made, d):
    return slice(made.starts[d], made.starts[d + 1])


def weighted(series, t0_ns):
    import msgspec

    made = Samples.of({name: (t, x) for name, (t, x, _) in series.items()}, t0_ns=t0_ns)
    return msgspec.structs.replace(made, w=np.concatenate([w for *_, w in series.values()]))


@pytest.mark.parametrize("count", [1, 2, 5000])
@pytest.mark.parametrize("first", [-3.0, 0.0, 40.0])
def test_few_and_many_lags_anywhere(first, count):
    rng = np.random.default_rng(7)
    made = Samples.of({"a": (rng.uniform(0, 60, 50), rng.normal(size=50))})
    spec = SumsSpec(
        pairs="auto", kernels=(Kernel(name="gaussian", h=0.5),), lags=Lags(first_s=first, step_s=0.01, count=count)
    )
    assert_close(spectral.sums(made, spec, tol=1e-12), direct.sums(made, spec), 1e-9)


def test_a_bandwidth_too_small_for_memory_is_refused():
    made = Samples.of({"a": ([0.0, 1e9], [1.0, 2.0])})
    spec = SumsSpec(pairs="auto", kernels=(Kernel(name="gaussian", h=1e-3),), lags=Lags(first_s=0, step_s=1, count=1))
    with pytest.raises(InputError, match="larger bandwidth"):
        spectral.sums(made, spec)


def test_no_samples_are_no_sums():
    spec = SumsSpec(pairs="auto", kernels=(Kernel(name="gaussian", h=1.0),), lags=Lags(first_s=0, step_s=1, count=2))
    assert not spectral.sums(Samples.of({"a": ([], [])}), spec)[0].ww.any()
