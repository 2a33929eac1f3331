"""Write made-up series with a known truth to a file, so that everything can be tried without data.

followers    series that repeat a common process after delays, with processes and noise of their own
motions      correlated Brownian motions as prices are, each seen after a delay; difference them
vector       a process x' = -decay x + noise, whose VAR matrix at any distance is known
"""

import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError, UnknownName
from learnsys.core.files import check_output, write_atomic
from learnsys.core.frames import polars
from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table
from learnsys.core.units import format_duration
from learnsys.series.simulate import stamps as at
from learnsys.series.simulate.brownian import Motions
from learnsys.series.simulate.gaussian import Followers, Wave
from learnsys.series.simulate.vector import VectorProcess
from learnsys.series.types import Floats, Samples

if TYPE_CHECKING:
    import altair as alt

Kind = Literal["followers", "motions", "vector"]
StampKind = Literal["poisson", "regular", "jittered", "on-off", "bursty"]
KINDS: Final[tuple[Kind, ...]] = ("followers", "motions", "vector")
STAMPS: Final[tuple[StampKind, ...]] = ("poisson", "regular", "jittered", "on-off", "bursty")
SUFFIXES: Final = (".parquet", ".csv", ".arrow")
START: Final = datetime(2026, 1, 5, tzinfo=UTC)
_NS: Final = 1_000_000_000


@final
class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be made.

    Attributes
    ----------
    kind : {"followers", "motions", "vector"}
    series, samples : int
        How many series, and about how many samples each has.
    gap_s, delay_s : float
        Mean seconds between samples, and from one series to the next.
    stamps : {"poisson", "regular", "jittered", "on-off", "bursty"}
    correlation : float
        Between motions, or the share of the common process in the variance of a follower.
    noise : float
        Standard deviation of the error of each sample.
    seed : int
    """

    kind: Kind = "followers"
    series: int = 4
    samples: int = 2000
    gap_s: float = 1.0
    delay_s: float = 2.0
    stamps: StampKind = "poisson"
    correlation: float = 0.7
    noise: float = 0.1
    seed: int = 0


@final
class Simulation(AbstractResult, frozen=True, kw_only=True):
    """A file of made-up series, and the truth about them.

    Attributes
    ----------
    path, truth : str
        The samples, and a JSON file of how they were made.
    made : Made
    ids : tuple of str
    n : ndarray of int64, shape (D,)
        Samples of each series.
    delays_s : ndarray, shape (D,)
        By how much each series is behind the first.
    """

    path: str
    truth: str
    made: Made
    ids: tuple[str, ...]
    n: NDArray[np.int64]
    delays_s: Floats

    def table(self) -> Table:
        """Show the series."""
        columns = (Column(name="series"), Column(name="samples", kind="integer"), Column(name="behind the first"))
        rows = tuple(
            (name, int(n), format_duration(float(delay)))
            for name, n, delay in zip(self.ids, self.n, self.delays_s, strict=True)
        )
        notes = (f"samples: {self.path}", f"the truth: {self.truth}")
        return Table(columns=columns, rows=rows, title=f"Simulated: {self.made.kind}", notes=notes)

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw where samples are and what they say."""
        from learnsys.series.charts import simulation_chart

        return simulation_chart(self, kind)


def simulate(path: Path, made: Made) -> Simulation:
    """Make series, write them in long form (time, series, value), and the truth beside them.

    Parameters
    ----------
    path : Path
        A file that ends with .parquet, .csv or .arrow.
    made : Made

    Raises
    ------
    InputError
        If the suffix is none of these, or a number is out of range.
    UnknownName
        If there is no such kind.
    """
    check_output(path, SUFFIXES)
    check_output(beside := path.with_suffix(".truth.json"))
    samples, truth = draw(made)
    write_atomic(path, _encoded(samples, path.suffix))
    facts = {"made": made, "start": START, **truth}
    write_atomic(beside, msgspec.json.format(msgspec.json.encode(facts, enc_hook=np.ndarray.tolist), indent=2))
    return Simulation(
        path=str(path), truth=str(beside), made=made, ids=samples.ids, n=np.diff(samples.starts),
        delays_s=np.asarray(truth.get("delays_s", np.zeros(made.series)), float),
    )  # fmt: skip


def draw(made: Made) -> tuple[Samples, dict[str, Any]]:
    """Draw the samples, in seconds since ``START``, and tell the truth about them."""
    _check(made)
    rng = np.random.default_rng(made.seed)
    return _DRAWS[made.kind](made, [_stamps(made, rng) for _ in range(made.series)])


def _check(made: Made) -> None:
    if made.kind not in KINDS:
        raise UnknownName.of("kind of process", made.kind, KINDS)
    if made.stamps not in STAMPS:
        raise UnknownName.of("kind of stamps", made.stamps, STAMPS)
    for name, least in (("series", 1), ("samples", 2), ("seed", 0), ("noise", 0), ("delay_s", 0)):
        if getattr(made, name) < least:
            raise InputError.below(name, getattr(made, name), least)
    if not made.gap_s > 0:
        raise InputError(f"the gap is {made.gap_s:g} s, but must be more than 0", value=made.gap_s)
    if not 0 <= made.correlation <= 1:
        raise InputError(f"the correlation is {made.correlation:g}, but must be in [0, 1]", value=made.correlation)


def _stamps(made: Made, rng: np.random.Generator) -> Floats:
    span, rate = made.samples * made.gap_s, 1 / made.gap_s
    draws: Mapping[StampKind, Callable[[], Floats]] = {
        "poisson": lambda: at.poisson(rng, span, rate),
        "regular": lambda: at.regular(span, made.gap_s),
        "jittered": lambda: at.jittered(rng, span, made.gap_s),
        "on-off": lambda: at.on_off(rng, 3 * span, rate, on_s=span / 6, off_s=span / 3),
        "bursty": lambda: at.bursty(rng, span, rate, length_s=2 * made.gap_s),
    }
    return draws[made.stamps]()


def _delays(made: Made) -> Floats:
    return made.delay_s * np.arange(made.series, dtype=float)


def _followers(made: Made, stamps: list[Floats]) -> tuple[Samples, dict[str, Any]]:
    decay = 0.15 / made.gap_s
    share = made.correlation
    process = Followers(
        common=(Wave(decay=decay, omega=2 * decay),), delays_s=tuple(_delays(made).tolist()),
        loads=(float(np.sqrt(share)),) * made.series, noise=(made.noise,) * made.series,
        own=((Wave(variance=1 - share, decay=decay),),) * made.series,
    )  # fmt: skip
    return process.sample(stamps, seed=made.seed + 1), {"delays_s": _delays(made), "process": process}


def _motions(made: Made, stamps: list[Floats]) -> tuple[Samples, dict[str, Any]]:
    correlation = np.full((made.series, made.series), made.correlation)
    np.fill_diagonal(correlation, 1.0)
    process = Motions(correlation=correlation, delays_s=_delays(made), noise=made.noise)
    names = {f"s{d}": t for d, t in enumerate(stamps)}
    return process.draw(names, seed=made.seed + 1), {"delays_s": _delays(made), "process": process}


def _vector(made: Made, stamps: list[Floats]) -> tuple[Samples, dict[str, Any]]:
    """Each series is driven by the one before: a chain that decays at one rate."""
    decay = np.eye(made.series) - np.diag(np.full(made.series - 1, 0.8), -1)
    process = VectorProcess.ornstein_uhlenbeck(decay * 0.5 / made.gap_s, np.eye(made.series) / made.gap_s)
    truth = {"process": process, "var_dt_s": made.gap_s, "var_matrix": process.transition(np.array(made.gap_s))}
    return process.sample(stamps, noise=made.noise, seed=made.seed + 1), truth


_DRAWS: Final[Mapping[Kind, Callable[[Made, list[Floats]], tuple[Samples, dict[str, Any]]]]] = {
    "followers": _followers,
    "motions": _motions,
    "vector": _vector,
}


def _encoded(samples: Samples, suffix: str) -> bytes:
    """Write the samples in order of time, with stamps in nanoseconds."""
    pl = polars()
    start = int(START.timestamp()) * _NS
    frame = pl.DataFrame(
        {
            "time": start + np.round(samples.t * _NS).astype(np.int64),
            "series": np.asarray(samples.ids)[samples.series],
            "value": samples.x,
        }
    ).with_columns(pl.col("time").cast(pl.Datetime("ns", "UTC")))
    frame = frame.sort("time", maintain_order=True)
    if suffix == ".csv":
        return str(frame.with_columns(pl.col("time").dt.strftime("%Y-%m-%dT%H:%M:%S%.9fZ")).write_csv()).encode()
    (frame.write_parquet if suffix == ".parquet" else frame.write_ipc)(out := io.BytesIO())
    return out.getvalue()
