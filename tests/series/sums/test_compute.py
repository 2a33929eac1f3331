import numpy as np
import pytest
from tests.series import naive

from learnsys.core.errors import UnknownName
from learnsys.series.sums import compute
from learnsys.series.types import Kernel, Lags, Samples, SumsSpec

SPEC = SumsSpec(pairs="all", kernels=(Kernel(name="gaussian", h=1.0),), lags=Lags(first_s=-2, step_s=1, count=5))


def made():
    rng = np.random.default_rng(5)
    return Samples.of({name: (rng.uniform(0, 40, 30), rng.normal(size=30)) for name in "ab"})


@pytest.mark.parametrize("how", compute.WAYS)
def test_all_ways_give_the_same(how):
    found, wanted = compute.sums(made(), SPEC, how=how, tol=1e-9), naive.kernel_sums(made(), SPEC)
    np.testing.assert_allclose(found[0].xy, wanted[0].xy, atol=1e-6)
    np.testing.assert_allclose(found[0].ww, wanted[0].ww, atol=1e-6)


def test_another_way_is_refused_with_the_known_ones():
    with pytest.raises(UnknownName, match="direct"):
        compute.sums(made(), SPEC, how="directly")
