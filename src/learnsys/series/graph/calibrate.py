"""Measure what elementary operations take on this machine: once, in about 20 ms, and kept in the user's folder."""

import time
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from learnsys.core.errors import BadFile
from learnsys.core.files import write_atomic
from learnsys.core.host import this_host
from learnsys.core.store import default_root
from learnsys.series.sums.cost import CostModel, UnitCosts
from learnsys.series.types import Kernel, Lags, Samples, SumsSpec

FILE: Final = "series-costs.json"
REPEATS: Final = 3  # the best of so many: what disturbs a measurement only adds to it
N: Final = 100


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    host: str
    units: UnitCosts


@cache
def model() -> CostModel:
    """Give this machine's cost model: kept, or measured and then kept where the user's folder can be written."""
    path, host = default_root() / FILE, host_digest()
    if (kept := _read(path)) is not None and kept.host == host:
        return CostModel(units=kept.units)
    units = measured()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, msgspec.json.format(msgspec.json.encode(_Kept(host=host, units=units)), indent=2))
    except (BadFile, OSError):
        pass  # a folder that cannot be written costs 20 ms each time
    return CostModel(units=units)


def host_digest() -> str:
    """Tell machines, and versions of libraries, apart."""
    return sha256(msgspec.json.encode(this_host(), order="deterministic")).hexdigest()[:16]


def measured() -> UnitCosts:
    """Measure."""
    pair, lag = _direct()
    return UnitCosts(pair=pair, lag=lag, cell=_cell(), fft=_fft(), flop=_flop(), product=_product(), sort=_sort())


def _read(path: Path) -> _Kept | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Kept)
    except (OSError, msgspec.DecodeError):
        return None


def _best(run: Callable[[], object]) -> float:
    """Seconds of the fastest of a few runs, after one that compiles."""
    run()
    taken = []
    for _ in range(REPEATS):
        start = time.process_time()
        run()
        taken.append(time.process_time() - start)
    return max(min(taken), 1e-7)


def _direct() -> tuple[float, float]:
    """Meet all pairs of two series at one lag and at many."""
    from learnsys.series.sums import direct

    t = np.linspace(0.0, 1.0, N)
    samples = Samples.of({"a": (t, t), "b": (t, t)})

    def run(count: int) -> float:
        lags = Lags(first_s=0.0, step_s=1e-3, count=count)
        spec = SumsSpec(pairs=((0, 1),), kernels=(Kernel(name="gaussian", h=1.0),), lags=lags)
        return _best(lambda: direct.sums(samples, spec)) / N**2

    one, many = run(1), run(17)
    lag = max((many - one) / 16, 1e-11)
    return max(one - lag, 1e-11), lag


def _cell() -> float:
    """Add numbers at scattered places."""
    place = np.random.default_rng(0).integers(0, 1 << 14, 1 << 16)
    return _best(lambda: np.bincount(place)) / place.size / 2


def _fft() -> float:
    from scipy import fft

    x = np.ones((16, 4096), np.float32)
    return _best(lambda: fft.rfft(x)) / (x.size * 12)


def _flop() -> float:
    a = np.ones((192, 192), np.float32)
    return _best(lambda: a @ a) / 192**3


def _product() -> float:
    """Multiply coefficients of two series and a factor, and add them up."""
    a = np.ones(1 << 15, np.complex64)
    return _best(lambda: (a.conj() * a * a).sum()) / a.size


def _sort() -> float:
    codes = np.random.default_rng(0).integers(0, 100, 1 << 16).astype(np.uint16)
    return 2 * _best(lambda: np.argsort(codes, kind="stable")) / codes.size
