import msgspec
import numpy as np
import pytest
from scipy.integrate import quad
from tests.series.strategies import with_weights

from learnsys.core.errors import Incompatible, InputError
from learnsys.series.estimate.design import Design, sketch, sums
from learnsys.series.sums import direct
from learnsys.series.types import Kernel, Samples, SumsSpec, lags

SMOOTH = ("gaussian", "k4", "local-linear")
FIELDS = ("ww", "xy", "xw", "wx")


def made(n=150, seed=14):
    rng = np.random.default_rng(seed)
    t = rng.uniform(0, 40, n)
    series = {"a": (t, np.sin(t)), "b": (rng.uniform(0, 40, n), rng.normal(size=n))}
    return with_weights(Samples.of(series, t0_ns=7), rng)


def spec(*kernels):
    return SumsSpec(pairs="all", kernels=kernels, lags=lags(-3, 3, 1), cross=True)


@pytest.mark.parametrize("name", SMOOTH)
def test_densities_integrate_to_one_and_draws_follow_them(name):
    design = Design(kernel=Kernel(name=name, h=0.5), count=2000)
    assert quad(lambda w: float(design.density(np.array(w))), 0, 20)[0] == pytest.approx(1, abs=1e-6)
    for q in (0.2, 0.5, 0.9):
        below = quad(lambda w: float(design.density(np.array(w))), 0, np.quantile(design.omega, q))[0]
        assert below == pytest.approx(q, abs=1e-3)


@pytest.mark.parametrize("how", ["stratified", "random"])
@pytest.mark.parametrize("name", SMOOTH)
def test_sums_are_unbiased(name, how):
    kernels = Kernel(name=name, h=0.8), Kernel(name="gaussian", h=1.1)
    wanted = direct.sums(made(), spec(*kernels))
    draws = []
    for seed in range(150):
        design = Design(kernel=kernels[0], count=40, how=how, seed=seed)
        draws.append(sums(sketch(made(), design), spec(*kernels)))
    for k, exact in enumerate(wanted):
        for field in FIELDS:
            found = np.array([getattr(draw[k], field) for draw in draws])
            z = (found.mean(axis=0) - getattr(exact, field)) / (found.std(axis=0) / np.sqrt(len(draws)) + 1e-9)
            assert np.abs(z).max() < 4


def test_strata_reduce_the_variance():
    kernel = Kernel(name="gaussian", h=0.8)
    variance = {}
    for how in ("stratified", "random"):
        draws = [
            sums(sketch(made(), Design(kernel=kernel, count=60, how=how, seed=seed)), spec(kernel))[0].xy
            for seed in range(80)
        ]
        variance[how] = np.var(draws, axis=0).mean()
    assert variance["stratified"] < 0.9 * variance["random"]


def test_variance_falls_with_the_number_of_frequencies():
    kernel = Kernel(name="k4", h=0.8)
    exact = direct.sums(made(), spec(kernel))[0].xy

    def error(count):
        designs = (Design(kernel=kernel, count=count, how="random", seed=seed) for seed in range(20))
        return np.mean([(sums(sketch(made(), design), spec(kernel))[0].xy - exact) ** 2 for design in designs])

    errors = error(50), error(800)
    assert 8 < errors[0] / errors[1] < 32


def test_sketches_of_parts_add():
    whole, design = made(), Design(kernel=Kernel(name="k4", h=0.8), count=90)
    series = {name: whole.one(d) for d, name in enumerate(whole.ids)}
    parts = []
    for keep in (lambda t: t < 16, lambda t: t >= 16):
        chosen = {name: [v[keep(given[0])] for v in given] for name, given in series.items()}
        part = Samples.of({name: (t, x) for name, (t, x, _) in chosen.items()}, t0_ns=7)
        weights = np.concatenate([w for *_, w in chosen.values()])
        parts.append(sketch(msgspec.structs.replace(part, w=weights), design))
    total = parts[1] + parts[0]
    for name in ("X", "W", "own"):
        np.testing.assert_allclose(getattr(total, name), getattr(sketch(whole, design), name), rtol=2e-4, atol=2e-3)
    assert total.X.nbytes + total.W.nbytes == 16 * 2 * 90


@pytest.mark.parametrize(
    "change", [{"ids": ("z", "y")}, {"t0_ns": 0}, {"design": Design(kernel=Kernel(name="k4", h=1.0), count=9, seed=1)}]
)
def test_sketches_of_other_things_are_refused(change):
    one = sketch(made(), Design(kernel=Kernel(name="k4", h=1.0), count=9))
    with pytest.raises(Incompatible, match=next(iter(change))):
        one + msgspec.structs.replace(one, **change)


def test_what_a_design_cannot_do_is_refused():
    with pytest.raises(InputError, match="box"):
        Design(kernel=Kernel(name="box", h=1.0), count=9)
    with pytest.raises(InputError, match="count"):
        Design(kernel=Kernel(name="k4", h=1.0), count=0)
    one = sketch(made(), Design(kernel=Kernel(name="k4", h=1.0), count=9))
    for kernel in (Kernel(name="k4", h=0.5), Kernel(name="box", h=2.0)):
        with pytest.raises(Incompatible, match="narrowest"):
            sums(one, spec(kernel))
    with pytest.raises(Incompatible, match="blocks"):
        sums(one, msgspec.structs.replace(spec(Kernel(name="k4", h=1.0)), blocks=3))


def test_no_samples_are_no_sums():
    one = sketch(Samples.of({"a": ([], [])}), Design(kernel=Kernel(name="k4", h=1.0), count=9))
    assert not sums(one, SumsSpec(pairs="auto", kernels=(Kernel(name="k4", h=1.0),), lags=lags(0, 2, 1)))[0].ww.any()
