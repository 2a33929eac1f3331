import numpy as np
from numpy.testing import assert_allclose

from learnsys.series.estimate.types import Facts
from learnsys.series.graph import tolerance
from learnsys.series.sums import direct, grid
from learnsys.series.types import Kernel, Lags, Samples, SumsSpec

KERNEL = Kernel(name="k4", h=5.0)
SPEC = SumsSpec(pairs="all", kernels=(KERNEL,), lags=Lags(first_s=-60.0, step_s=5.0, count=25))


def made(n, span_s, gap_s=0.0):
    rng = np.random.default_rng(0)
    stamps = {k: np.sort(rng.uniform(0, span_s, n)) for k in "ab"}
    return Samples.of({k: (np.where(t > span_s / 2, t + gap_s, t), rng.normal(size=n)) for k, t in stamps.items()})


def covariance_error(s, tol):
    (got,), (wanted,) = grid.sums(s, SPEC, tol=tol), direct.sums(s, SPEC)
    return np.abs(got.xy / got.ww - wanted.xy / wanted.ww).max()


def test_dense_samples_do_with_single_precision_and_sparse_ones_do_not():
    for s, single in ((made(5000, 5e3), True), (made(5000, 5e6), False)):
        facts = Facts.of(s)
        tol = tolerance.first_try(facts, (KERNEL,))
        assert (tol == tolerance.SINGLE) == single
        assert covariance_error(s, tol) < 1e-5


def test_sums_that_came_out_too_coarse_are_found():
    dense, sparse = made(5000, 5e3), made(5000, 5e6)
    for s, holds in ((dense, True), (sparse, False)):
        sums = grid.sums(s, SPEC, tol=tolerance.SINGLE)
        assert tolerance.holds(sums, Facts.of(s), tolerance.SINGLE) == holds
        assert tolerance.holds(sums, Facts.of(s), tolerance.tight(Facts.of(s)))


def test_no_samples_need_no_single_precision():
    facts = Facts.of(Samples.of({"a": ([], [])}))
    assert_allclose(tolerance.first_try(facts, (KERNEL,)), tolerance.tight(facts))
