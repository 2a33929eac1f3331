"""``learnsys series simulate``: a file of series whose truth is known."""

from pathlib import Path

from learnsys.core.units import parse_duration
from learnsys.series.simulate.dataset import Kind, Made, Simulation, StampKind
from learnsys.series.simulate.dataset import simulate as make


def simulate(
    out: Path = Path("series.parquet"),
    /,
    *,
    kind: Kind = "followers",
    series: int = 4,
    samples: int = 2000,
    gap: str = "1s",
    delay: str = "2s",
    stamps: StampKind = "poisson",
    correlation: float = 0.7,
    noise: float = 0.1,
    seed: int = 0,
) -> Simulation:
    """Make series with a known truth and write them to a file (time, series, value).

    Parameters
    ----------
    out
        File to write (.parquet, .csv or .arrow); the truth is written beside it (.truth.json).
    kind
        followers repeat a common process, motions are like prices, vector is a linear process whose VAR is known.
    series
        How many.
    samples
        About how many samples each has.
    gap
        Mean time between samples of a series.
    delay
        By how much each series is behind the one before.
    stamps
        Where samples are.
    correlation
        Of motions, or the share of the common process in a follower's variance.
    noise
        Standard deviation of the error of each sample.
    seed
        Of the random numbers.
    """
    made = Made(
        kind=kind, series=series, samples=samples, gap_s=parse_duration(gap), delay_s=parse_duration(delay),
        stamps=stamps, correlation=correlation, noise=noise, seed=seed,
    )  # fmt: skip
    return make(out, made)
