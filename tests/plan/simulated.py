"""A training job that only pretends: its curve and its clock are known, so that predictions can be checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from math import ceil, exp, log

import numpy as np

from learnsys.core.host import Host
from learnsys.core.trace import DataRef, Step, Stop, Trace

HOST = Host(cpu="made up", cores=2, memory_bytes=1, system="none", python="3", versions={})
_IDS = count()


@dataclass(frozen=True)
class Method:
    """Depth after i rounds on p workers, and seconds of a round: fixed + row_s rows/p on as many slots."""

    depth: Callable[[float, int], float]
    fixed_s: float = 0.01
    row_s: float = 1e-6
    fan_in_s: float = 0.0
    first_s: float = 0.0
    rows_power: float = 0.0  # rounds grow like rows to this power

    def round_s(self, p: int, rows: float, slots: int) -> float:
        """Seconds of a round."""
        return self.fixed_s + self.row_s * rows * ceil(p / slots) / p + self.fan_in_s * p

    def depth_at(self, i: float, p: int, share: float) -> float:
        """Depth after i rounds on a share of the rows."""
        return self.depth(i / share**self.rows_power, p)


def linear(rate: float, growth: float = 0.0) -> Callable[[float, int], float]:
    """A linear method: each round divides the gap by exp(rate), less with more workers."""
    return lambda i, p: rate * i / (1 + growth * (p - 1))


def superlinear(start: float, power: float = 2.0) -> Callable[[float, int], float]:
    """A method like Newton's: each round doubles the digits, on any number of workers."""
    return lambda i, p: start * (power**i - 1)


def two_phase(fast: float, slow: float, turn: float, growth: float = 0.0) -> Callable[[float, int], float]:
    """A linear method that slows down at the depth ``turn``, as dual coordinates do when the easy rows are done."""

    def depth(i: float, p: int) -> float:
        early = fast * i / (1 + growth * (p - 1))
        return early if early <= turn else turn + (early - turn) * slow / fast

    return depth


def slow_tail(rate: float, power: float, growth: float = 0.0) -> Callable[[float, int], float]:
    """A method of which every further digit takes longer: depth is a root of the rounds."""
    return lambda i, p: (rate * i / (1 + growth * (p - 1))) ** power


LAWS: Mapping[str, Method] = {
    "slow": Method(linear(0.3, 0.5), fixed_s=0.001, row_s=1e-7),
    "newton": Method(superlinear(0.7), fixed_s=0.02, row_s=2e-6, first_s=0.05),
}


@dataclass(frozen=True)
class SimulatedJob:
    """Fulfils ``Trainable``."""

    laws: Mapping[str, Method] = field(default_factory=lambda: dict(LAWS))
    n: int = 400_000
    slots: int = 2
    noise: float = 0.0
    bounded: bool = True
    minimum: float = 0.5
    job: str = "pretend"
    floor: float = 1e9  # no run gets deeper

    @property
    def data(self) -> DataRef:
        return DataRef(name="nothing", digest="0" * 64, n=self.n, d=10, nnz=10 * self.n)

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(self.laws)

    def run(self, method, *, workers, stop: Stop, engine=None, share=1.0, seed=0, on_step=None):
        law, rng = self.laws[method], np.random.default_rng([seed, workers, int(1e6 * share)])
        rows, steps, wall, pace = self.n * share, [], 0.0, exp(self.noise * rng.standard_normal())
        slots = min(self.slots, workers)
        for i in range(100_000):
            if i:
                compute = law.round_s(workers, rows, self.slots) * pace * exp(self.noise * rng.standard_normal())
                wall += compute + (law.first_s * pace if i == 1 else 0.0)
            depth = min(law.depth_at(i, workers, share) * exp(self.noise * rng.standard_normal() / 3), self.floor)
            step = Step(
                iteration=i, wall_s=wall, cpu_s=wall * slots, eval_s=0.0,
                loss=self.minimum * (1 + exp(-min(depth, 30.0))),
                lower=self.minimum if self.bounded else None,
                part_s=(law.row_s * rows / workers * pace,) * workers if i else (),
                bytes_sent=400 * i * workers, bytes_received=400 * i * workers,
            )  # fmt: skip
            steps.append(step)
            asked = bool(on_step and on_step(step))
            if (ended := stop.reason(step) or ("interrupted" if asked else None)) is not None:
                break
        trace = Trace(
            id=f"pretend{next(_IDS)}", job=self.job, method=method, params={}, workers=workers, slots=self.slots,
            data=DataRef(name="nothing", digest="0" * 64, n=self.n, d=10, nnz=10 * self.n, share=share),
            engine="local", source="measured", network=None, host=HOST, compile_s=0.0, started=datetime.now(UTC),
            ended=ended, steps=tuple(steps),
        )  # fmt: skip
        return trace, None

    def probes(self, *, methods=None, workers=(1, 2, 4), share=1.0, rounds=30, target=None, seed=0):
        """Run every method on every worker count for some rounds."""
        stop = Stop(rounds=rounds, target=target)
        return [
            self.run(m, workers=p, stop=stop, share=share, seed=seed)[0]
            for m in methods or self.methods
            for p in workers
        ]

    def truth(self, method: str, workers: int, relative_gap: float) -> tuple[int, float]:
        """Rounds and seconds that all rows need to a relative gap, without noise."""
        law, depth = self.laws[method], -log(relative_gap)
        rounds = next(i for i in range(1, 10**6) if law.depth(i, workers) >= depth - 1e-12)
        return rounds, law.first_s + rounds * law.round_s(workers, self.n, self.slots)
