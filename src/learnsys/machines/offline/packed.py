"""A benchmark in one file that opens in milliseconds: MessagePack, arrays as their bytes in the smallest integer type.

Tables as they come need Polars and seconds; what was read once is kept so under its identity.
"""

from pathlib import Path
from typing import Any, Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import BadFile
from learnsys.core.files import existing, write_atomic
from learnsys.core.machine import Catalog
from learnsys.machines.benchmark import Benchmark, Workload

VERSION: Final = 1
ARRAYS: Final = ("machine", "workload", "elapsed_s", "outcome", "counters", "features")


@final
class _Array(msgspec.Struct, frozen=True, array_like=True):
    """An array as it lies in memory."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes


@final
class _Packed(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    name: str
    note: str
    catalog: Catalog
    workloads: tuple[Workload, ...]
    counter_names: tuple[str, ...]
    feature_names: tuple[str, ...]
    arrays: dict[str, _Array]


def write_packed(benchmark: Benchmark, path: Path | str) -> Path:
    """Write ``benchmark`` to one file."""
    packed = _Packed(
        version=VERSION, name=benchmark.name, note=benchmark.note, catalog=benchmark.catalog,
        workloads=benchmark.workloads, counter_names=benchmark.counter_names, feature_names=benchmark.feature_names,
        arrays={name: _pack(getattr(benchmark, name)) for name in ARRAYS},
    )  # fmt: skip
    return write_atomic(path, msgspec.msgpack.encode(packed))


def read_packed(path: Path | str) -> Benchmark:
    """Read what ``write_packed`` wrote.

    Raises
    ------
    BadFile
        If the file is missing, cut short or of another version.
    """
    try:
        packed = msgspec.msgpack.decode(existing(path).read_bytes(), type=_Packed)
        arrays: dict[str, Any] = {name: _unpack(array) for name, array in packed.arrays.items()}
    except (msgspec.MsgspecError, ValueError) as error:
        raise BadFile.unreadable(path, error) from error
    if packed.version != VERSION:
        raise BadFile(f"{path} has version {packed.version}, not {VERSION}", value=packed.version, next="delete it")
    return Benchmark(
        name=packed.name, note=packed.note, catalog=packed.catalog, workloads=packed.workloads,
        counter_names=packed.counter_names, feature_names=packed.feature_names, **arrays,
    )  # fmt: skip


def _pack(array: NDArray[Any]) -> _Array:
    if array.dtype == np.intp:
        array = array.astype(np.min_scalar_type(int(array.max(initial=0))))
    return _Array(array.dtype.str, array.shape, np.ascontiguousarray(array).tobytes())


def _unpack(packed: _Array) -> NDArray[Any]:
    array = np.frombuffer(packed.data, np.dtype(packed.dtype)).reshape(packed.shape)
    return array.astype(np.intp) if array.dtype.kind == "u" else array
