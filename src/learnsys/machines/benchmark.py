"""The offline half of PARIS: runs of known workloads on known machines.

W workloads by V machines, one row a run as measured, failures too. Models read it as cells: the mean of a cell's runs,
its 90th percentile, its counters (Yadwadkar et al., SoCC 2017, sec. 4.1).
"""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Final, Literal, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError, UnknownName
from learnsys.core.machine import Catalog
from learnsys.core.table import Column, Table

OUTCOMES: Final = ("ok", "oom", "timeout", "failed")
FEWEST_FOR_P90: Final = 3  # a percentile of fewer runs says nothing
USUAL_NOISE: Final = 0.05  # sd of one run's log seconds where there are no repeats to tell
FEW: Final = 10  # repeats by which a machine's noise is drawn towards that of all
LEAST_NOISE: Final = 0.002  # no two runs are as alike as rounded or made-up times may be
WITHIN_90: Final = 1.6449  # standard deviations from the middle within which 90 % of a normal distribution lies

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@final
class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """A known job. Workloads of one ``group`` are held out together; ``size`` is that of its input, in any unit."""

    name: str
    group: str
    size: float | None = None


@final
class Benchmark(msgspec.Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """Runs of W workloads on V machines, N rows in all.

    Attributes
    ----------
    name : str
        What it is, as shown: ``lab``, ``lumos``, ``sparecores`` ...
    note : str
        A label that goes with every answer, as "shapes of one host"; may be empty.
    catalog : Catalog
        The machines, in the order of the axis V, with source, licence and date.
    workloads : tuple of Workload
        In the order of the axis W.
    counter_names : tuple of str
        Names of the C counters of a run.
    machine, workload : ndarray of int, shape (N,)
        Indices of each run's machine and workload.
    elapsed_s : ndarray, shape (N,)
        Seconds of each run, NaN where it did not end well.
    outcome : ndarray of int, shape (N,)
        Index into ``OUTCOMES``.
    counters : ndarray, shape (N, C)
        NaN where not measured.
    feature_names : tuple of str
        Names of the F features of a machine.
    features : ndarray, shape (V, F)
        Configuration and public scores, comparable by differences (logarithms of sizes and speeds); NaN where unknown.
    """

    name: str
    catalog: Catalog
    workloads: tuple[Workload, ...]
    machine: Indices
    workload: Indices
    elapsed_s: Floats
    outcome: NDArray[np.int8]
    counters: Floats
    features: Floats
    counter_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        n, bad = self.elapsed_s.size, self.elapsed_s[self.outcome == 0]
        if not (self.machine.size == self.workload.size == self.outcome.size == len(self.counters) == n):
            raise InputError("a benchmark needs one machine, workload, outcome and row of counters for each run")
        if not np.all(bad > 0):
            at = int(np.flatnonzero(self.outcome == 0)[~(bad > 0)][0])
            raise InputError(
                f"row {at}: elapsed_s must be above zero where the outcome is ok, not {self.elapsed_s[at]}"
            )

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Keys of the machines, in the order of the axis V."""
        return tuple(m.key for m in self.catalog.machines)

    @cached_property
    def shape(self) -> tuple[int, int]:
        """W and V."""
        return len(self.workloads), len(self.catalog.machines)

    @cached_property
    def groups(self) -> NDArray[np.str_]:
        """Group of each workload, shape (W,)."""
        return np.array([w.group for w in self.workloads])

    @cached_property
    def seconds(self) -> Floats:
        """Mean seconds of each cell's good runs, shape (W, V); NaN where there is none."""
        return self._mean(self.elapsed_s[:, None])[:, :, 0]

    @cached_property
    def runs(self) -> Indices:
        """Number of good runs in each cell, shape (W, V)."""
        counts = np.zeros(self.shape, np.intp)
        np.add.at(counts, self._cells, 1)
        return counts

    @cached_property
    def p90_s(self) -> Floats:
        """Linear 90th percentile of each cell, shape (W, V); NaN below three runs."""
        out = np.full(self.shape, np.nan)
        for w, v in np.argwhere(self.runs >= FEWEST_FOR_P90):
            out[w, v] = np.percentile(self.elapsed_s[self.of(int(w), int(v))], 90)
        return out

    @cached_property
    def cell_counters(self) -> Floats:
        """Mean counters of each cell, shape (W, V, C)."""
        return self._mean(self.counters)

    @cached_property
    def oom(self) -> NDArray[np.bool_]:
        """Whether some run of the cell ran out of memory, shape (W, V)."""
        out = np.zeros(self.shape, bool)
        killed = self.outcome == OUTCOMES.index("oom")
        out[self.workload[killed], self.machine[killed]] = True
        return out

    @cached_property
    def run_log_sd(self) -> float:
        """Typical standard deviation of one run's log seconds within its cell: the noise floor.

        That of a normal distribution with as wide a middle 90 %, for a few noisy workloads would rule a root mean
        square; 0.05 where nothing was repeated.
        """
        apart = self._apart[1]
        return max(float(np.quantile(apart, 0.9) / WITHIN_90), LEAST_NOISE) if apart.size else USUAL_NOISE

    @cached_property
    def machine_log_sd(self) -> Floats:
        """The same on each machine, shape (V,): some vendors' vary several times as much as others'.

        Drawn towards that of all machines, by ``FEW`` repeats' worth.
        """
        machine, apart = self._apart
        sd = np.full(self.shape[1], self.run_log_sd)
        for v in np.unique(machine):
            own = apart[machine == v]
            variance = max(float(np.quantile(own, 0.9) / WITHIN_90), LEAST_NOISE) ** 2
            sd[v] = np.sqrt((own.size * variance + FEW * self.run_log_sd**2) / (own.size + FEW))
        return sd

    @cached_property
    def digest(self) -> str:
        """sha256 of runs, machines with their sizes and kinds, and features: what a fitted model is cached under."""
        sizes = [(m.key, m.vcpus, m.memory_bytes, m.arch, m.family, m.cpu) for m in self.catalog.machines]
        h = hashlib.sha256(repr((sizes, self.workloads, self.counter_names, self.feature_names)).encode())
        for array in (self.machine, self.workload, self.elapsed_s, self.outcome, self.counters, self.features):
            h.update(np.ascontiguousarray(array).tobytes())
        return h.hexdigest()

    def index(self, keys: Sequence[str]) -> Indices:
        """Look machines up by key.

        Raises
        ------
        UnknownMachine
            If one is not in the catalogue.
        """
        at = self._places
        return np.array([at[key] if key in at else at[self.catalog.get(key).key] for key in keys], np.intp)

    def workload_index(self, name: str) -> int:
        """Look a workload up by name.

        Raises
        ------
        UnknownName
            If there is none of that name.
        """
        names = [w.name for w in self.workloads]
        if name not in names:
            raise UnknownName.of("workload", name, names)
        return names.index(name)

    def of(self, workload: int, machine: int, outcome: Literal["ok", "oom", "timeout", "failed"] = "ok") -> Indices:
        """Rows of one cell with an outcome, in the order in which they were measured."""
        same = (self.workload == workload) & (self.machine == machine) & (self.outcome == OUTCOMES.index(outcome))
        return np.flatnonzero(same)

    def only(
        self, *, workloads: Sequence[int] | Indices | None = None, machines: Sequence[int] | Indices | None = None
    ) -> Self:
        """Keep some workloads and machines, with their runs: a training fold."""
        w = np.arange(self.shape[0]) if workloads is None else np.asarray(workloads, np.intp)
        v = np.arange(self.shape[1]) if machines is None else np.asarray(machines, np.intp)
        new_w, new_v = np.full(self.shape[0], -1), np.full(self.shape[1], -1)
        new_w[w], new_v[v] = np.arange(w.size), np.arange(v.size)
        rows = np.flatnonzero((new_w[self.workload] >= 0) & (new_v[self.machine] >= 0))
        return msgspec.structs.replace(
            self,
            catalog=msgspec.structs.replace(self.catalog, machines=tuple(self.catalog.machines[i] for i in v)),
            workloads=tuple(self.workloads[i] for i in w),
            machine=new_v[self.machine[rows]], workload=new_w[self.workload[rows]],
            elapsed_s=self.elapsed_s[rows], outcome=self.outcome[rows], counters=self.counters[rows],
            features=self.features[v],
        )  # fmt: skip

    def table(self) -> Table:
        """Show the workloads: machines measured, median seconds, failures."""
        return Table(
            title=f"{self.name}: {self.shape[0]} workloads on {self.shape[1]} machines, {self.elapsed_s.size} runs",
            columns=(
                Column(name="workload"),
                Column(name="group"),
                Column(name="machines", kind="integer"),
                Column(name="median", unit="s", kind="duration"),
                Column(name="out of memory", kind="integer"),
            ),
            rows=tuple(
                (w.name, w.group, int((self.runs[i] > 0).sum()), _median(self.seconds[i]), int(self.oom[i].sum()))
                for i, w in enumerate(self.workloads)
            ),
            notes=tuple(
                filter(None, (self.note, f"{self.catalog.source}, {self.catalog.as_of}, {self.catalog.licence}"))
            ),
        )

    @cached_property
    def _places(self) -> dict[str, int]:
        return {key: i for i, key in enumerate(self.keys)}

    @cached_property
    def _cells(self) -> tuple[Indices, Indices]:
        good = self.outcome == 0
        return self.workload[good], self.machine[good]

    @cached_property
    def _apart(self) -> tuple[Indices, Floats]:
        """Machine of each run that was repeated, and how far its log seconds lie from its cell's mean, unbiased."""
        good = self.outcome == 0
        machine, logs = self.machine[good], np.log(self.elapsed_s[good])
        cells = self.workload[good] * self.shape[1] + machine
        n = np.bincount(cells, minlength=1)
        repeated = n[cells] > 1
        mean = np.bincount(cells, logs) / np.maximum(n, 1)
        apart = np.abs(logs - mean[cells])[repeated] / np.sqrt(1 - 1 / n[cells][repeated])
        return machine[repeated], apart

    def _mean(self, values: Floats) -> Floats:
        """Mean of each column over the good runs of each cell, ignoring NaN, shape (W, V, columns)."""
        good = values[self.outcome == 0]
        known = np.isfinite(good)
        total, count = np.zeros((*self.shape, values.shape[1])), np.zeros((*self.shape, values.shape[1]))
        np.add.at(total, self._cells, np.where(known, good, 0.0))
        np.add.at(count, self._cells, known)
        return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)


def _median(seconds: Floats) -> float | None:
    known = seconds[np.isfinite(seconds)]
    return float(np.median(known)) if known.size else None
