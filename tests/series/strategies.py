"""Random samples and specifications of sums."""

import numpy as np
from hypothesis import strategies as st

from learnsys.series.types import KERNELS, Kernel, Lags, Samples, SumsSpec


@st.composite
def samples(draw, *, most_series=3, most=40, span_s=50.0):
    """Up to ``most_series`` series of up to ``most`` samples at stamps anywhere, in bursts, or on a grid."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    series = {}
    for d in range(draw(st.integers(1, most_series))):
        n = draw(st.integers(0 if d else 2, most))
        t = rng.uniform(0, span_s, n)
        match draw(st.sampled_from(["anywhere", "bursts", "grid"])):
            case "bursts":
                t = 5 * np.floor(t / 5) + 0.02 * t
            case "grid":
                t = np.round(t)
        series[f"s{d}"] = (t, rng.normal(size=n) + 0.3 * np.sin(t))
    made = Samples.of(series, t0_ns=1_700_000_000_000_000_000)
    return made if draw(st.booleans()) else with_weights(made, rng)


def with_weights(made, rng):
    """Give the samples weights from 0.2 to 2."""
    import msgspec

    return msgspec.structs.replace(made, w=rng.uniform(0.2, 2.0, made.t.size))


@st.composite
def sums_specs(draw, kernels=KERNELS):
    """Any kernel with any bandwidth, lags on both sides of 0 or on one."""
    first, step = draw(st.floats(-8, 2)), draw(st.floats(0.2, 1.5))
    return SumsSpec(
        pairs=draw(st.sampled_from(["all", "auto"])),
        kernels=tuple(Kernel(name=draw(st.sampled_from(kernels)), h=draw(st.floats(0.3, 2.0))) for _ in range(2)),
        lags=Lags(first_s=first, step_s=step, count=draw(st.integers(1, 12))),
        blocks=draw(st.sampled_from([1, 3])),
        cross=draw(st.booleans()),
    )
