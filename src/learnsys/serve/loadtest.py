"""Load a server and report what its clients would see."""

import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal
from zipfile import BadZipFile

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.check import check_seed
from learnsys.core.console import progress
from learnsys.core.errors import BadFile, InputError
from learnsys.core.files import existing
from learnsys.core.predictor import DTYPES, TensorSpec, check_batch
from learnsys.core.units import format_size, parse_duration
from learnsys.serve.app import MAX_BODY
from learnsys.serve.client import Endpoint, find
from learnsys.serve.latency import Percentiles, histogram, slices
from learnsys.serve.openloop import LOST, TIMEOUT, Arrivals, OpenLoop, Outcomes, schedule
from learnsys.serve.tensors import to_binary, to_json
from learnsys.serve.types import LoadReport, StatusLatency

Encoding = Literal["json", "binary"]
Tensors = Mapping[str, NDArray[Any]]
DISTINCT: Final = 256
RANDOM_BYTES: Final = 64 << 20  # of requests with random rows, however many are wanted


def load(
    url: str,
    *,
    model: str | None = None,
    rate: float = 200.0,
    seconds: float | None = None,
    requests: int | None = None,
    rows: int = 1,
    inputs: Tensors | None = None,
    encoding: Encoding = "json",
    slo: str | float = "10ms",
    arrivals: Arrivals = "poisson",
    seed: int = 0,
    connections: int = 32,
    timeout: str | float = "5s",
) -> LoadReport:
    """Send requests at a given rate, whatever the answers, and report latency from when each was due.

    Parameters
    ----------
    url : str
        A server of the Open Inference Protocol, such as ``http://127.0.0.1:8000``.
    model : str, optional
        Which of its models; not needed if it has one.
    rate : float
        Requests a second.
    seconds, requests : float, int, optional
        When to end, whichever comes first; 10 seconds if neither is given.
    rows : int
        Rows a request.
    inputs : mapping of arrays, optional
        Rows to send, in turn; random ones if None.
    encoding : {"json", "binary"}
        How tensors travel, there and back.
    slo : str or float
        Latency up to which an answer counts as good.
    arrivals : {"poisson", "uniform"}
        How requests fall in time.
    seed : int
        Of the arrivals and the random rows.
    connections : int
        Connections kept open; a request that finds none free waits, and the wait counts.
    timeout : str or float
        When an answer is given up; the test ends this long after the last request is due.

    Raises
    ------
    Unreachable
        If no server answers at ``url``.
    UnknownName
        If the server has no such model.
    InputError
        If a number is out of range, ``inputs`` are not what the model takes, or a request would be larger than a
        server reads.
    """
    slo_s, timeout_s = parse_duration(slo), parse_duration(timeout)
    for name, value in (("rows", rows), ("connections", connections)):
        if value < 1:
            raise InputError.below(name, value, 1)
    check_seed(seed)
    if seconds is None and requests is None:
        seconds = 10.0
    due = schedule(rate, seconds=seconds, requests=requests, arrivals=arrivals, seed=seed)
    endpoint = find(url, model)
    messages = _messages(endpoint, inputs, rows=rows, encoding=encoding, most=min(DISTINCT, due.size), seed=seed)
    loop = OpenLoop(endpoint.host, endpoint.port, messages, due, connections=connections, timeout_s=timeout_s)
    cpu = time.process_time()
    with progress(f"{due.size:,} requests to {endpoint.model}", due.size) as update:
        outcomes = loop.run(lambda done: update(done, f"{done:,}"))
    cpu = time.process_time() - cpu
    return LoadReport(
        url=url, model=endpoint.model, version=endpoint.version, rows=rows, encoding=encoding, arrivals=arrivals,
        seed=seed, connections=connections, rate=rate, requests=due.size, slo_s=slo_s, client_cpu_s=cpu,
        **_summary(outcomes, slo_s),
    )  # fmt: skip


def read_rows(path: Path) -> Tensors:
    """Read rows to send from a ``.npz`` file, an array for each input of the model.

    Raises
    ------
    BadFile
        If it is missing or no such file.
    """
    try:
        with np.load(existing(path), allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError, TypeError, BadZipFile) as error:
        raise BadFile.unreadable(path, error) from error


def _summary(o: Outcomes, slo_s: float) -> dict[str, Any]:
    latency, good = o.done_s - o.due_s, o.status == 200
    lag = (o.sent_s - o.due_s)[~np.isnan(o.sent_s)]
    names = {LOST: "lost", TIMEOUT: "timeout"}
    # What never came has no time of its own: when this client gave it up says nothing of the server's rate.
    elapsed_s = max(o.due_s.max(), o.done_s[o.status > 0].max(initial=0.0))
    return {
        "elapsed_s": float(elapsed_s or o.done_s.max()),
        "within": int((latency[good] <= slo_s).sum()),
        "statuses": tuple(
            StatusLatency(
                status=names.get(int(s), str(s)),
                count=int((o.status == s).sum()),
                latency=Percentiles.of(latency[o.status == s]),
            )
            for s in sorted(set(o.status.tolist()), key=lambda s: (s <= 0, s))
        ),
        "bins": histogram(latency[good]),
        "timeline": slices(o.due_s, latency, good, slo_s=slo_s),
        "send_lag": Percentiles.of(lag),
    }


def _messages(
    endpoint: Endpoint, inputs: Tensors | None, *, rows: int, encoding: Encoding, most: int, seed: int
) -> list[bytes]:
    """Write up to ``most`` different requests of ``rows`` rows each."""
    least = rows * sum(_least_bytes(spec, encoding) for spec in endpoint.inputs)
    _check_body(least, rows)
    if inputs is None:
        most = max(1, min(most, RANDOM_BYTES // max(least, 1)))
        inputs = _random(endpoint.inputs, rows * most, np.random.default_rng(seed))
    have = check_batch(inputs, endpoint.inputs)
    if have < rows:
        raise InputError(f"the inputs have {have} rows, but a request takes {rows}", value=have, next="give more rows")
    starts = range(0, min(have // rows, most) * rows, rows)
    return [_message(endpoint, {k: v[i : i + rows] for k, v in inputs.items()}, encoding) for i in starts]


def _least_bytes(spec: TensorSpec, encoding: Encoding) -> int:
    """Bound the bytes of one row from below: a number takes a digit and a comma in JSON, a text its length (4)."""
    dtype = np.dtype(DTYPES[spec.dtype])
    each = 2 if encoding == "json" else 4 if dtype.kind == "O" else dtype.itemsize
    return each * math.prod(n or 1 for n in spec.shape[1:])


def _check_body(size: int, rows: int) -> None:
    """Refuse a request that the server would."""
    if size > MAX_BODY:
        raise InputError(
            f"a request of {rows:,} rows takes at least {format_size(size)}, "
            f"and the server reads {format_size(MAX_BODY)}",
            value=rows,
            next="send fewer --rows",
        )


def _random(specs: tuple[TensorSpec, ...], rows: int, rng: np.random.Generator) -> Tensors:
    arrays = {}
    for spec in specs:
        dtype = np.dtype(DTYPES[spec.dtype])
        shape = (rows, *(n or 1 for n in spec.shape[1:]))
        draw = rng.standard_normal(shape) if dtype.kind == "f" else rng.integers(0, 2, shape)
        arrays[spec.name] = draw.astype(dtype)
    return arrays


def _message(endpoint: Endpoint, tensors: Tensors, encoding: Encoding) -> bytes:
    wire, tail = [], b""
    rows = len(next(iter(tensors.values())))
    datatypes = {s.name: s.dtype for s in endpoint.inputs}
    for name, array in tensors.items():
        tensor: dict[str, Any] = {"name": name, "shape": array.shape, "datatype": datatypes[name]}
        if encoding == "binary":
            data = to_binary(array)
            tensor["parameters"] = {"binary_data_size": len(data)}
            tail += data
        else:
            tensor["data"] = to_json(array)
        wire.append(tensor)
    body: dict[str, Any] = {"inputs": wire}
    if encoding == "json":
        text = msgspec.json.encode(body)
        _check_body(len(text), rows)
        return endpoint.message(text)
    head = msgspec.json.encode(body | {"parameters": {"binary_data_output": True}})
    _check_body(len(head) + len(tail), rows)
    return endpoint.message(head + tail, len(head))
