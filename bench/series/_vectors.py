"""Vector processes with known VAR matrices, their stamps, and what interpolation makes of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnsys.series.estimate.levinson import levinson
from learnsys.series.simulate import stamps
from learnsys.series.simulate.vector import VectorProcess
from learnsys.series.types import Samples

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, float, float], Floats]


@dataclass(frozen=True)
class Scenario:
    """A process, the rates of its series, how they are sampled, and the VAR that is wanted."""

    name: str
    process: VectorProcess
    rates: Floats
    draw: Draw
    span_s: float
    dt_s: float
    order: int
    noise: float

    def sample(self, seed: int, rep: int) -> Samples:
        """Draw samples."""
        rng = np.random.default_rng([seed, rep, len(self.name)])
        at = [self.draw(rng, self.span_s, float(rate)) for rate in self.rates]
        return self.process.sample(at, noise=self.noise, seed=int(rng.integers(2**31)))

    @property
    def truth(self) -> Floats:
        """The matrices, shape (p, D, D)."""
        return levinson(self.process.covariance(self.dt_s * np.arange(self.order + 1)), self.order)[0]


def random_at(rng: np.random.Generator, span: float, rate: float) -> Floats:
    """Independent random stamps."""
    return stamps.poisson(rng, span, rate)


def with_gaps(rng: np.random.Generator, span: float, rate: float) -> Floats:
    """Random stamps, two thirds of the time, each series at times of its own."""
    t = stamps.poisson(rng, span, rate)
    return t[(t + rng.uniform(0, 40)) % 40 > 13]


def bursts(rng: np.random.Generator, span: float, rate: float) -> Floats:
    """Clumps of four samples."""
    return stamps.bursty(rng, span, rate, size=4.0, length_s=1.0)


def thinned(rng: np.random.Generator, span: float, rate: float) -> Floats:
    """A clock, half of whose ticks are missing."""
    t = stamps.regular(span, 0.5 / rate)
    return t[rng.uniform(size=t.size) < 0.5]


def scenarios(seed: int) -> tuple[Scenario, ...]:
    """Draw the parameters of all."""
    rng = np.random.default_rng([seed, 4])
    cases: tuple[tuple[str, Draw, float, Any], ...] = (
        ("random stamps", random_at, 0.0, relaxing),
        ("random stamps, noise", random_at, 0.3, relaxing),
        ("gaps", with_gaps, 0.0, relaxing),
        ("gaps, noise", with_gaps, 0.3, relaxing),
        ("bursts", bursts, 0.1, relaxing),
        ("thinned clock", thinned, 0.0, relaxing),
        ("oscillators", random_at, 0.0, oscillating),
        ("oscillators, gaps and noise", with_gaps, 0.2, oscillating),
    )
    return tuple(_scenario(rng, *case) for case in cases)


def _scenario(rng: np.random.Generator, name: str, draw: Draw, noise: float, make: Any) -> Scenario:
    d = int(rng.integers(2, 7))
    process, order = make(rng, d)
    dt = float(rng.choice([0.5, 1.0, 2.0]))
    rates = np.exp(rng.uniform(np.log(0.5), np.log(4.0), d))
    span = float(np.exp(rng.uniform(np.log(500), np.log(2000))))
    return Scenario(f"{name}, D={d}, dt={dt:g}", process, rates, draw, span, dt, order, noise)


def relaxing(rng: np.random.Generator, d: int) -> tuple[VectorProcess, int]:
    """An Ornstein-Uhlenbeck process of variances 1, decays about 0.3 to 1.2, coupled both in drift and in noise."""
    decay = np.diag(rng.uniform(0.4, 1.2, d)) + 0.5 * rng.normal(size=(d, d)) / np.sqrt(d)
    decay += max(0.15 - float(np.linalg.eigvals(decay).real.min()), 0.0) * np.eye(d)
    root = np.eye(d) + 0.4 * rng.normal(size=(d, d)) / np.sqrt(d)
    size = np.sqrt(np.diagonal(VectorProcess.ornstein_uhlenbeck(decay, root @ root.T).stationary))
    scaled = decay / size[:, None] * size
    return VectorProcess.ornstein_uhlenbeck(scaled, (root @ root.T) / np.outer(size, size)), 1


def oscillating(rng: np.random.Generator, d: int) -> tuple[VectorProcess, int]:
    """Coupled oscillators of periods of about 4 to 9 s, damped within about a period, variances 1."""
    stiffness = np.diag(rng.uniform(0.7, 1.6, d) ** 2) + 0.2 * rng.normal(size=(d, d)) / np.sqrt(d)
    damping = np.diag(rng.uniform(0.5, 1.0, d))
    size = np.sqrt(np.diagonal(VectorProcess.oscillator(stiffness, damping, np.eye(d)).stationary)[:d])
    scaled = stiffness / size[:, None] * size
    return VectorProcess.oscillator(scaled, damping, np.diag(1 / size**2)), 2


def on_grid(samples: Samples, grid: Floats, fill: str) -> Floats:
    """Interpolate all series to a grid, shape (n, D)."""
    columns = []
    for d in range(len(samples)):
        t, x, _ = samples.one(d)
        held = x[np.maximum(np.searchsorted(t, grid, "right") - 1, 0)]
        columns.append(np.interp(grid, t, x) if fill == "linear" else held)
    return np.stack(columns, axis=1)


def least_squares(y: Floats, order: int, stride: int) -> Floats:
    """Regress each row on those ``stride``, 2 ``stride`` ... before it, shape (order, D, D)."""
    y = y - y.mean(axis=0)
    start = order * stride
    past = np.concatenate([y[start - j * stride : len(y) - j * stride] for j in range(1, order + 1)], axis=1)
    found = np.linalg.lstsq(past, y[start:], rcond=None)[0].T
    return np.stack(np.split(found, order, axis=1))


def yule_walker(y: Floats, order: int, stride: int) -> Floats:
    """The same from auto-covariances that are all divided by the number of rows."""
    y = y - y.mean(axis=0)
    c = np.stack([y[: len(y) - l * stride].T @ y[l * stride :] / len(y) for l in range(order + 1)])
    return levinson(c, order)[0]
