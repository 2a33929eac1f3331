"""C3O: Spark jobs on clusters of 2 to 12 machines (Will et al., IEEE Big Data 2020, github dos-group/c3o-experiments).

A row is a run: instance_count, machine_type, slots and memory [MB] of the whole cluster, data_size_MB, gross_runtime
[s] and the job's own parameters. One table with a column ``job``, or a table a job, as the source has it: grep.tsv.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.core.machine import Catalog, Machine
from learnsys.machines.benchmark import Benchmark, Workload
from learnsys.machines.models.scaleout import Clusters
from learnsys.machines.offline.fetch import digest, local
from learnsys.machines.offline.frames import numbers, positions, positive, read_frame

if TYPE_CHECKING:
    from polars import DataFrame

Floats = NDArray[np.float64]

SOURCE: Final = "github dos-group/c3o-experiments"
LICENCE: Final = "none stated"
AS_OF: Final = date(2020, 12, 1)
COLUMNS: Final = ("instance_count", "machine_type", "slots", "memory", "data_size_MB", "gross_runtime")
FEATURES: Final = ("log nodes", "log cores", "log memory")


def read_c3o(*sources: Path | str) -> dict[str, tuple[Clusters, Floats]]:
    """Read the runs of each job.

    Parameters
    ----------
    *sources : Path or str
        One table of all jobs, or one a job named after it; by path or URL.

    Returns
    -------
    dict of str to (Clusters, ndarray)
        For each job where its runs took place and their seconds. Parameters that never vary are left out.

    Raises
    ------
    BadFile
        If a table cannot be read or fetched.
    InputError
        If a column is missing, or a size or time is not above zero.
    """
    return {job: _job(frame, source) for source in sources for job, frame in _jobs(source)}


def read_c3o_benchmark(*sources: Path | str) -> Benchmark:
    """Read C3O as workloads on clusters: a machine is ``aws/m4.2xlarge*4``, a workload a job with its input."""
    jobs = read_c3o(*sources)
    clusters: dict[str, tuple[float, float, float]] = {}
    rows: list[tuple[str, str, str, float, float]] = []
    for job, (where, seconds) in jobs.items():
        for i, t in enumerate(seconds):
            key = f"{where.machines[i]}*{where.nodes[i]:g}"
            clusters[key] = (where.nodes[i], where.cores[i], where.memory_bytes[i])
            values = dict(zip(where.parameter_names, where.parameters[i], strict=True))
            said = ",".join(f"{k}={v:g}" for k, v in {"size": where.size_bytes[i] / 1e6, **values}.items())
            rows.append((f"{job}/{said}", job, key, float(t), float(where.size_bytes[i])))
    known = {name: Workload(name=name, group=job, size=size) for name, job, _, _, size in rows}
    keys, elapsed_s = sorted(clusters), np.array([t for *_, t, _ in rows])
    sizes = np.array([clusters[k] for k in keys])
    return Benchmark(
        name="c3o",
        catalog=Catalog(
            machines=tuple(
                Machine(key=k, vcpus=float(n * c), memory_bytes=int(n * m), family=k.partition(".")[0])
                for k, (n, c, m) in zip(keys, sizes, strict=True)
            ),
            source=SOURCE, licence=LICENCE, as_of=AS_OF, sha256=digest(local(sources[0])),
        ),
        workloads=tuple(known.values()), workload=positions([r[0] for r in rows], list(known)),
        machine=positions([r[2] for r in rows], keys), elapsed_s=elapsed_s, outcome=np.zeros(elapsed_s.size, np.int8),
        counters=np.empty((elapsed_s.size, 0)), features=np.log(sizes), feature_names=FEATURES,
    )  # fmt: skip


def _jobs(source: Path | str) -> Iterator[tuple[str, "DataFrame"]]:
    frame = read_frame(source, COLUMNS)
    if "job" not in frame.columns:
        yield Path(str(source)).name.partition(".")[0], frame
        return
    for job in frame["job"].unique(maintain_order=True):
        yield str(job), frame.filter(frame["job"] == job)


def _job(frame: "DataFrame", source: Path | str) -> tuple[Clusters, Floats]:
    nodes = positive(frame["instance_count"], source)
    own = {c: numbers(frame[c], source) for c in frame.columns if c not in ("job", *COLUMNS)}
    own = {c: v for c, v in own.items() if np.isfinite(v).any() and np.nanmin(v) < np.nanmax(v)}
    for name, values in own.items():
        if np.isnan(values).any():
            raise InputError(
                f"{source}, row {int(np.isnan(values).argmax())}: {name} is missing",
                value=name,
                next="fill it in, or drop the row",
            )
    clusters = Clusters(
        machines=tuple(f"aws/{t}" for t in frame["machine_type"]),
        nodes=nodes,
        cores=positive(frame["slots"], source) / nodes,
        memory_bytes=positive(frame["memory"], source) * 1e6 / nodes,
        size_bytes=positive(frame["data_size_MB"], source) * 1e6,
        parameters=np.column_stack(list(own.values())) if own else np.empty((len(nodes), 0)),
        parameter_names=tuple(own),
    )
    return clusters, positive(frame["gross_runtime"], source)
