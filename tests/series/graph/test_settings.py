from learnsys.series.graph.settings import described
from learnsys.series.types import Kernel, Lags, SumsSpec


def test_sums_are_described():
    spec = SumsSpec(
        pairs="all", kernels=(Kernel(name="k4", h=0.5),), lags=Lags(first_s=0, step_s=1, count=3), blocks=24
    )
    assert described(spec, "grid", 3) == "grid sums of 6 pairs at 3 lags for k4 0.5 s, 24 blocks"
