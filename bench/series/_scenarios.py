"""Pairs of series with known covariances, at stamps of every kind; parameters are drawn from a seed.

They are observed for so long that the error of an oracle, that of a finite time, is about 0.05 of C(0) in each. Eight
scenarios are of this project. Six are on the grid of Rehfeld, Marwan, Heitzig and Kurths (NPG 18, 2011): an AR(1)
process, and a second series that repeats it after a delay with white noise of its own, at gaps with a gamma
distribution of mean 1 and several skewnesses; auto-covariances of the first, cross-covariances of both.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from learnsys.series.simulate import stamps
from learnsys.series.simulate.gaussian import Followers, Wave
from learnsys.series.simulate.vector import VectorProcess
from learnsys.series.types import Lags, Samples

LAGS = Lags(first_s=-15.0, step_s=0.5, count=61)
DENSE_S = 0.25  # step of the oracle that sees everything
SPAN_S = 1000.0
Draw = Callable[[np.random.Generator, float], Any]


@dataclass(frozen=True)
class Scenario:
    """A process, and how each of two series is sampled; ``pair`` is what is estimated."""

    name: str
    process: Followers | VectorProcess
    draws: tuple[Draw, Draw]
    pair: tuple[int, int] = (0, 1)
    span_s: float = SPAN_S

    def sample(self, seed: int, rep: int) -> Samples:
        """Draw the two series."""
        rng = np.random.default_rng([seed, rep, len(self.name)])
        return self.process.sample([draw(rng, self.span_s) for draw in self.draws], seed=int(rng.integers(2**31)))

    def dense(self, seed: int, rep: int) -> Samples:
        """Draw both series on a fine grid, and without noise."""
        rng = np.random.default_rng([seed, rep, 1])
        t = stamps.regular(self.span_s, DENSE_S)
        process = self.process
        if isinstance(process, Followers):
            process = Followers(
                common=process.common, delays_s=process.delays_s, loads=process.loads, noise=(0.0, 0.0), own=process.own
            )
        return process.sample([t, t], seed=int(rng.integers(2**31)))

    def covariance(self, tau: Any, a: int, b: int) -> Any:
        """The truth."""
        if isinstance(self.process, VectorProcess):
            return self.process.covariance(tau)[:, a, b]
        return self.process.covariance(tau, a, b)

    @property
    def unit(self) -> float:
        """The square root of both variances."""
        return float(np.sqrt(np.prod([self.covariance(np.zeros(1), d, d)[0] for d in self.pair])))

    @property
    def truth(self) -> Any:
        """The covariances at LAGS over their unit."""
        return self.covariance(LAGS.values, *self.pair) / self.unit


@dataclass(frozen=True)
class Drawer:
    """Draws parameters."""

    rng: np.random.Generator

    def __call__(self, low: float, high: float) -> float:
        """One parameter."""
        return float(self.rng.uniform(low, high))

    def follow(self, waves: tuple[Wave, ...], noise: float) -> Followers:
        """A series, and one that repeats it after a delay."""
        return Followers(common=waves, delays_s=(0.0, self(1, 4)), loads=(1.0, 1.0), noise=(noise, noise))


def poisson(rate: float) -> Draw:
    """Stamps at random."""
    return lambda rng, span: stamps.poisson(rng, span, rate)


def scenarios(seed: int) -> tuple[Scenario, ...]:
    """Draw the parameters of all."""
    u = Drawer(np.random.default_rng(seed))
    nights: Draw = lambda rng, span: stamps.on_off(rng, span, 2.0, on_s=30.0, off_s=60.0)  # noqa: E731
    bursts: Draw = lambda rng, span: stamps.bursty(rng, span, 2.0, size=20.0, length_s=2.0)  # noqa: E731
    clock: Draw = lambda rng, span: stamps.quantised(stamps.poisson(rng, span, 1.0), 1.0)  # noqa: E731
    slow, attraction = u(0.3, 0.6), u(0.6, 1.2)
    own = (
        Scenario("nights: open a third of the time", u.follow((Wave(decay=u(0.2, 0.5)),), 0.3), (nights, nights),
                 span_s=3 * SPAN_S),
        Scenario("bursts of an oscillator", u.follow((Wave(decay=u(0.15, 0.35), omega=u(0.5, 1.2)),), 0.3),
                 (bursts, bursts)),
        Scenario("noise as large as the signal", u.follow((Wave(decay=u(0.2, 0.5)),), 1.0), (poisson(1.0),) * 2),
        Scenario("sparse oscillator", u.follow((Wave(decay=u(0.08, 0.15), omega=u(1.0, 1.6)),), 0.2),
                 (poisson(0.5),) * 2),
        Scenario("dense, no noise", u.follow((Wave(decay=u(0.2, 0.5)),), 0.0), (poisson(2.0),) * 2),
        Scenario("two time scales, rates 3 and 0.4",
                 u.follow((Wave(variance=0.6, decay=u(0.5, 1.0)), Wave(variance=0.4, decay=u(0.06, 0.12))), 0.2),
                 (poisson(3.0), poisson(0.4)), span_s=2.5 * SPAN_S),
        Scenario("clock of one second",
                 u.follow((Wave(variance=0.5, decay=u(0.2, 0.4), omega=u(0.5, 1.0)),
                           Wave(variance=0.5, decay=u(0.2, 0.4))), 0.3), (clock, clock)),
        Scenario("smooth response",
                 VectorProcess.ornstein_uhlenbeck([[slow, 0.0], [-attraction, attraction]],
                                                  [[2 * slow, 0.0], [0.0, 0.2]]), (poisson(1.0),) * 2),
    )  # fmt: skip
    return own + tuple(_rehfeld(u, pair, skewness) for pair, skewness in REHFELD)


REHFELD = (((0, 1), 0.5), ((0, 1), 1.5), ((0, 1), 3.0), ((0, 0), 0.5), ((0, 0), 2.0), ((0, 0), 4.0))


def _rehfeld(u: Drawer, pair: tuple[int, int], skewness: float) -> Scenario:
    coupling, delay = u(0.5, 0.9), float(round(u(0.5, 5.5)))
    process = Followers(
        common=(Wave(decay=1 / u(1.5, 5.0)),), delays_s=(0.0, delay), loads=(1.0, coupling),
        noise=(0.0, float(np.sqrt(1 - coupling**2))),
    )  # fmt: skip
    kind = "cross" if pair == (0, 1) else "auto"
    draw: Draw = lambda rng, span: stamps.gamma_renewal(rng, span, 1.0, skewness=skewness)  # noqa: E731
    return Scenario(f"Rehfeld, {kind}, skewness {skewness:g}", process, (draw, draw), pair, 2 * SPAN_S)
