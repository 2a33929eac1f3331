"""One job on many machines: the numbers as columns, and predictions made of them when they are looked at."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal, final, overload

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.estimate import Estimate
from learnsys.core.machine import Machine, Price

Objective = Literal["cost", "time"]
FITS: Final = 0.5  # probability from which a machine's memory counts as enough
UNFIT: Final = 0.05  # probability below which it does not


@final
class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """One job on one machine.

    Attributes
    ----------
    machine : str
        Its key.
    price : Price, optional
        What the cost was computed with.
    time_s : Estimate
        Seconds of a run.
    cost_usd : Estimate, optional
        Dollars of a run, on all its nodes; None without a price.
    p_fits : float
        Probability that its memory suffices.
    p_deadline : float, optional
        Probability that a run ends within the deadline, if there is one.
    slowdown : Estimate
        Seconds here over seconds on the first reference.
    source : str
        ``measured`` on this machine, ``predicted`` from other machines, or from public ``scores`` alone.
    why : str
        The reason in a few words.
    """

    machine: str
    price: Price | None
    time_s: Estimate
    cost_usd: Estimate | None
    p_fits: float
    p_deadline: float | None
    slowdown: Estimate
    source: str
    why: str


@final
class Columns(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The numbers behind V predictions: seconds, dollars an hour (NaN without price), probabilities."""

    machines: tuple[Machine, ...]
    prices: tuple[Price | None, ...]
    nodes: int
    base_s: float
    mean_s: NDArray[np.float64]
    median_s: NDArray[np.float64]
    low_s: NDArray[np.float64]
    high_s: NDArray[np.float64]
    p90_s: NDArray[np.float64]
    usd_hour: NDArray[np.float64]
    p_fits: NDArray[np.float64]
    p_deadline: NDArray[np.float64] | None
    measured: NDArray[np.bool_]
    scored: NDArray[np.bool_]
    level: float

    @property
    def usd(self) -> NDArray[np.float64]:
        """Median dollars of a run, shape (V,)."""
        return self.median_s * self.usd_hour * (self.nodes / 3600.0)

    def take(self, order: NDArray[np.intp]) -> "Columns":
        """Keep the rows ``order``, in that order."""
        arrays = (
            "mean_s", "median_s", "low_s", "high_s", "p90_s", "usd_hour", "p_fits", "p_deadline", "measured", "scored",
        )  # fmt: skip
        rows = order.tolist()
        return msgspec.structs.replace(
            self,
            machines=tuple([self.machines[i] for i in rows]), prices=tuple([self.prices[i] for i in rows]),
            **{name: None if (a := getattr(self, name)) is None else a[order] for name in arrays},
        )  # fmt: skip


@final
class Rows(Sequence[Prediction]):
    """Predictions made when they are looked at: thousands are ranked, few are read.

    Parameters
    ----------
    columns : Columns
        In the order of the ranking.
    objective : str
        What ``cost`` is: cost or time.
    cost : ndarray, shape (V,)
        What was minimised.
    feasible : int
        How many of the first meet every condition; if none does, they are ordered by how likely they do.
    """

    def __init__(self, columns: Columns, objective: Objective, cost: NDArray[np.float64], feasible: int) -> None:
        self.columns = columns
        self.objective = objective
        self.cost = cost
        self.feasible = feasible

    def __len__(self) -> int:
        return len(self.columns.machines)

    @overload
    def __getitem__(self, index: int) -> Prediction: ...
    @overload
    def __getitem__(self, index: slice) -> list[Prediction]: ...
    def __getitem__(self, index: int | slice) -> Prediction | list[Prediction]:
        """Make one prediction, or some."""
        at = np.arange(len(self))
        return self._make(at[index]) if isinstance(index, slice) else self._make(at[[index]])[0]

    def __iter__(self) -> Iterator[Prediction]:
        return iter(self.tolist())

    def tolist(self) -> list[Prediction]:
        """Make all predictions."""
        return self._make(np.arange(len(self)))

    def _make(self, at: NDArray[np.intp]) -> list[Prediction]:
        c = self.columns.take(at)
        times = np.stack([c.mean_s, c.median_s, c.low_s, c.high_s, c.p90_s]).T.tolist()
        rates = (c.usd_hour * (c.nodes / 3600.0)).tolist()
        deadlines: list[float | None] = [None] * at.size if c.p_deadline is None else c.p_deadline.tolist()
        ratios = np.divide(self.cost[at], self.cost[0], out=np.ones(at.size), where=self.cost[0] > 0).tolist()
        sources = np.where(c.measured, "measured", np.where(c.scored, "scores", "predicted")).tolist()
        return [
            Prediction(
                machine=m.key, price=p, time_s=_estimate(t, 1.0, c.level),
                cost_usd=None if p is None else _estimate(t, rate, c.level), p_fits=fits, p_deadline=within,
                slowdown=_estimate(t, 1.0 / c.base_s, c.level), source=source,
                why=self._why(i, ratio, fits, source),
            )
            for i, m, p, t, rate, fits, within, ratio, source in zip(
                at.tolist(), c.machines, c.prices, times, rates, c.p_fits.tolist(), deadlines, ratios,
                sources, strict=True,
            )
        ]  # fmt: skip

    def _why(self, i: int, ratio: float, fits: float, source: str) -> str:
        """Compare with the first; say what is measured, what is known by scores alone, and what may not fit."""
        leads = f"first of {len(self):,} by {self.objective}" if self.feasible else f"likeliest of {len(self):,}"
        said = f"{ratio:.2f}x its {self.objective}" if i else leads
        said += {"measured": ", measured", "scores": ", by scores"}.get(source, "")
        if fits < UNFIT:
            return f"{said}, does not fit"
        return said + ("" if fits > 1 - UNFIT else f", fits with probability {fits:.2g}")


def _estimate(t: list[float], k: float, level: float) -> Estimate:
    return Estimate(mean=t[0] * k, median=t[1] * k, low=t[2] * k, high=t[3] * k, level=level, p90=t[4] * k)
