"""A fit that is kept: in this process, and as a file under what it depends on.

The file is found by the identity of the benchmark, the machines measured, and the code of models and readers, so that
it cannot be stale; it holds numbers and names, no code.
"""

from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property, lru_cache
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import BadFile, LearnsysError
from learnsys.core.files import write_atomic
from learnsys.core.store import default_root
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.decide.select import Fleet
from learnsys.machines.models.model import Model, fit

KEPT: Final = 16  # files; a fit of thousands of machines takes tens of megabytes


@final
class Fitted(msgspec.Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """A model with what it takes to answer by name; the runs it was fitted to are left behind.

    Attributes
    ----------
    outline : Benchmark
        The benchmark without its runs: machines, prices, names of workloads and counters.
    model : Model
    log_s : ndarray, shape (W, V)
        Log mean seconds of the known workloads, NaN where nothing was measured: what the model's errors are errors of.
    """

    outline: Benchmark
    model: Model
    log_s: NDArray[np.float32]

    @property
    def references(self) -> list[str]:
        """Keys of the machines that the model was fitted for."""
        return [self.outline.keys[v] for v in self.model.references]

    @cached_property
    def fleet(self) -> Fleet:
        """The machines as columns."""
        return Fleet(self.outline.catalog.machines)


def fit_for(benchmark: Benchmark, references: Sequence[str], counters: Sequence[str] | None = None) -> Fitted:
    """Fit a model for new workloads that were measured on ``references``.

    Parameters
    ----------
    benchmark : Benchmark
    references : sequence of str
        Keys of machines.
    counters : sequence of str, optional
        What was counted of a new workload, by bare names; all that the benchmark has if not given. A model that leans
        on counters that are not there would be worse than it believes.

    Raises
    ------
    UnknownMachine
        If one is not in the benchmark.
    InputError
        If one has no offline data.
    """
    if counters is not None:
        benchmark = counting(benchmark, counters)
    none, one = np.zeros(0, np.intp), np.zeros(0)
    outline = msgspec.structs.replace(
        benchmark, machine=none, workload=none, elapsed_s=one, outcome=np.zeros(0, np.int8),
        counters=np.zeros((0, len(benchmark.counter_names))),
    )  # fmt: skip
    model = fit(benchmark, benchmark.index(references))
    log_s = np.log(benchmark.seconds).astype(np.float32)
    return Fitted(outline=outline, model=model, log_s=log_s)


def counting(benchmark: Benchmark, counters: Sequence[str]) -> Benchmark:
    """Keep the counters of these bare names."""
    kept = [i for i, name in enumerate(benchmark.counter_names) if name.rpartition("|")[2] in counters]
    names = tuple(benchmark.counter_names[i] for i in kept)
    return msgspec.structs.replace(benchmark, counter_names=names, counters=benchmark.counters[:, kept])


def kept_fit(identity: str, measured: Sequence[str]) -> Fitted | None:
    """Find a fit that was kept for a benchmark and what was measured, if there is one."""
    path = _path(identity, measured)
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else None


def keep_fit(identity: str, measured: Sequence[str], fitted: Fitted) -> None:
    """Keep a fit for next time; a folder that cannot be written costs only that."""
    path = _path(identity, measured)
    with suppress(BadFile, OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in sorted(path.parent.glob("*.fit"), key=lambda p: p.stat().st_mtime)[: -KEPT + 1]:
            old.unlink()
        write_atomic(path, msgspec.msgpack.encode(fitted, enc_hook=_pack))


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Fitted | None:
    with suppress(OSError, msgspec.MsgspecError, LearnsysError, ValueError, TypeError, KeyError):  # damaged: fit again
        return msgspec.msgpack.decode(path.read_bytes(), type=Fitted, dec_hook=_unpack)
    return None


def _path(identity: str, measured: Sequence[str]) -> Path:
    key = sha256(repr((identity, tuple(measured), _code())).encode()).hexdigest()
    return default_root() / "fits" / f"{key}.fit"


@lru_cache(maxsize=1)
def _code() -> str:
    """Digest of the modules that make a fit, and the benchmark it is of, what they are."""
    room = Path(__file__).parents[1]
    parts = (sorted((room / part).glob("*.py")) for part in ("models", "offline"))
    files = [room / "benchmark.py", room / "lab" / "table.py", Path(__file__), *chain.from_iterable(parts)]
    return sha256(b"".join(f.read_bytes() for f in files)).hexdigest()


def _pack(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {"dtype": value.dtype.str, "shape": value.shape, "data": value.tobytes()}
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be kept in a fit")


def _unpack(kind: type, value: Any) -> Any:
    if getattr(kind, "__origin__", kind) is np.ndarray:
        return np.frombuffer(value["data"], value["dtype"]).reshape(value["shape"])
    raise TypeError(f"{kind} is not part of a fit")
