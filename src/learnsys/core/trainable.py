"""Anything that can be trained by several methods and probed cheaply: what ``plan`` plans."""

from collections.abc import Callable
from typing import Protocol

from learnsys.core.engine.types import Engine
from learnsys.core.predictor import Predictor
from learnsys.core.trace import DataRef, Step, Stop, Trace


class Trainable(Protocol):
    """A training job: data, loss and penalty are fixed; method, workers and engine are chosen per run."""

    @property
    def data(self) -> DataRef:
        """What it trains on."""
        ...

    @property
    def methods(self) -> tuple[str, ...]:
        """Algorithms that can solve it."""
        ...

    def run(
        self,
        method: str,
        *,
        workers: int,
        stop: Stop,
        engine: Engine,
        share: float = 1.0,
        seed: int = 0,
        on_step: Callable[[Step], bool] | None = None,
    ) -> tuple[Trace, Predictor]:
        """Train once.

        Parameters
        ----------
        method : str
            One of ``methods``.
        workers : int
            Logical partitions p >= 1.
        stop : Stop
            When to end.
        engine : Engine
            Where to run.
        share : float
            Fraction of the rows, in (0, 1]; a probe uses a small one. The penalty is scaled so that
            lam * n stays what it is on all rows: then a round makes the same relative progress.
        seed : int
            Seed of the sample, the partition and the method.
        on_step : callable, optional
            Called with every step; True ends the run.
        """
        ...
