import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.series.strategies import samples

from learnsys.core.errors import InputError
from learnsys.series.estimate.types import CoefficientsSpec
from learnsys.series.sums.projecting import Projecting
from learnsys.series.sums.projection import project

SPEC = CoefficientsSpec(period_s=60.0, modes=40)


@given(samples(), st.integers(0, 99), st.booleans(), st.sampled_from([2e-4, 1e-9]))
@settings(max_examples=30)
def test_chunks_in_any_order_are_projected_as_the_whole(whole, seed, clock, tol):
    whole = msgspec.structs.replace(whole, w=np.ones_like(whole.w), x=whole.x + 100, t=np.round(whole.t, 6))
    rng = np.random.default_rng(seed)
    made = Projecting(SPEC, t0_ns=whole.t0_ns, tol=tol)
    t = whole.t0_ns + np.rint(whole.t * 1e9).astype(np.int64) if clock else whole.t
    codes = whole.series.astype(np.int32)
    for part in np.array_split(rng.permutation(t.size), 3):
        known = int(max(codes[part].max(initial=-1) + 1, len(made.ids)))
        made.add(whole.ids[:known], codes[part], t[part], whole.x[part])
    made.add(whole.ids, codes[:0], t[:0], whole.x[:0])
    ours, theirs = made.finish(), project(whole, SPEC, tol=1e-12)
    for field in msgspec.structs.fields(ours):
        a, b = getattr(ours, field.name), getattr(theirs, field.name)
        if field.name in ("X", "W"):  # single precision is relative to the values that are spread
            scale = max(np.sqrt(np.mean(np.abs(b) ** 2)), 1e-300)
            assert np.abs(a - b).max(initial=0) <= 10 * tol * scale
        elif isinstance(a, np.ndarray):
            np.testing.assert_allclose(a, b, rtol=1e-9)
        else:
            assert a == b


def test_what_varies_is_not_drowned_in_what_is_constant():
    rng = np.random.default_rng(0)
    t, x = np.sort(rng.uniform(0, 50, 20_000)), rng.normal(size=20_000)
    found = []
    for mean in (0.0, 1e4):
        made = Projecting(SPEC, tol=2e-4)
        made.add(("a",), np.zeros(t.size, np.int32), t, x + mean)
        found.append(made.finish().centred().X)
    scale = np.sqrt(np.mean(np.abs(found[0]) ** 2))
    assert np.abs(found[1] - found[0]).max() < 0.05 * scale


@pytest.mark.parametrize(
    "t", [[0.0], [5.0] * 7, [-3.0, -1e-18, -59.9], [0.0, 59.999999999, 60.0, 120.0], [-1e-300, 1e5, 1e6]]
)
def test_edges(t):
    """One sample, equal stamps, stamps before the origin, at the period's end and far apart; a series without any."""
    t, x = np.array(t), np.arange(len(t)) + 1.0
    made = Projecting(SPEC, tol=1e-9)
    made.add(("a", "b"), np.zeros(t.size, np.int32), t, x)
    found = made.finish()
    waves = np.exp(-2j * np.pi * np.arange(SPEC.modes)[:, None] * t / SPEC.period_s)
    np.testing.assert_allclose(found.X[0], waves @ x, atol=1e-7)
    np.testing.assert_allclose(found.W[0], waves.sum(axis=1), atol=1e-7)
    assert not found.X[1].any()
    assert np.isnan(found.first_s[1])
    assert (found.first_s[0], found.last_s[0]) == (t.min(), t.max())


def test_what_cannot_be_is_refused():
    for spec in (CoefficientsSpec(period_s=0.0, modes=4), CoefficientsSpec(period_s=1.0, modes=0)):
        with pytest.raises(InputError):
            Projecting(spec)
    made = Projecting(CoefficientsSpec(period_s=1.0, modes=10_000))
    with pytest.raises(InputError, match="select fewer series"):
        made._grow(tuple(map(str, range(10**6))))
