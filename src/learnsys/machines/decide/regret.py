"""What deciding now may cost, and what one more measurement would save: the knowledge gradient.

Log seconds of the new workload on V machines are taken for normal, N(mu, K). A run on v costs rate_v seconds_v, and
``penalty`` more if it misses a deadline. The machine chosen now is that of least expected cost, among those that end in
time with probability p; its expected regret is E[cost_d - min cost]. Measuring machine c shows y = t_c + noise; the
posterior moves by K_.c (y - mu_c) / (K_cc + s2), and so may the choice (Frazier, Powell & Dayanik, INFORMS J. on
Computing 21(4), 2009). Expectations are means over scenarios drawn once, the same for every c, so that candidates are
compared on the same luck.

K has the correlations of the model's errors on workloads that it had not seen, and the sizes that were calibrated.
"""

from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

SCENARIOS: Final = 512
SHRINKAGE: Final = 0.1  # of correlations towards none: they are learned from few workloads
JITTER: Final = 1e-6  # of log seconds squared: what keeps a covariance of few workloads positive definite


@final
class Belief(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What is believed of a workload on V machines.

    Attributes
    ----------
    mu : ndarray, shape (V,)
        Expected log seconds; with nothing measured yet, relative to the workload's own mean.
    K : ndarray, shape (V, V)
        Their covariance.
    noise : float
        Variance of the log seconds of one run.
    """

    mu: Floats
    K: Floats
    noise: float


@final
class Costs(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What runs cost.

    Attributes
    ----------
    rate : ndarray, shape (V,)
        Of a second on each machine; infinite where it may be measured but not chosen.
    log_deadline : float
        Infinite if there is none.
    p : float
        Probability with which a machine has to end in time, to be chosen.
    penalty : float
        What a run that misses the deadline costs besides.
    """

    rate: Floats
    log_deadline: float = np.inf
    p: float = 0.9
    penalty: float = 0.0

    def of(self, t: Floats) -> Floats:
        """Cost of log seconds ``t``, shape (..., V)."""
        cost = np.exp(t) * self.rate
        return cost + self.penalty * (t > self.log_deadline) if self.penalty else cost

    def choose(self, mean: Floats, variance: Floats) -> NDArray[np.intp]:
        """Choose by normal log seconds, shape (..., V): the cheapest of those likely in time, else the likeliest."""
        cost = np.exp(mean + variance / 2) * self.rate
        if np.isinf(self.log_deadline):
            return np.asarray(np.argmin(cost, axis=-1))
        late = ndtr((mean - self.log_deadline) / np.sqrt(np.maximum(variance, 1e-12)))
        beyond = float(cost.max())
        return np.asarray(np.argmin(np.where(late <= 1 - self.p, cost, beyond * (1 + late)), axis=-1))


@final
class Value(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Expected costs of a decision, in the unit of the rates.

    Attributes
    ----------
    choice : int
        What one would choose now.
    now, least : float
        Expected cost of that, and of the best in hindsight.
    after : ndarray, shape (C,)
        Expected cost of what one would choose after measuring each candidate.
    """

    choice: int
    now: float
    least: float
    after: Floats

    @property
    def regret(self) -> float:
        """Expected regret of deciding now, as a share of the least cost."""
        return self.now / self.least - 1


def believe(mu: Floats, sd: Floats, residuals: Floats, *, noise: float) -> Belief:
    """Combine a forecast with the way in which a model's errors go together.

    Parameters
    ----------
    mu, sd : ndarray, shape (V,)
        Forecast of log seconds and the size of its errors.
    residuals : ndarray, shape (W, V)
        Errors of the same model on known workloads that it had not seen; NaN where there is none.
    noise : float
        Variance of one run's log seconds.
    """
    e = np.where(np.isfinite(residuals), residuals, 0.0)
    e = e / np.maximum(np.sqrt((e**2).sum(axis=0)), 1e-12)
    correlation = (1 - SHRINKAGE) * (e.T @ e)
    np.fill_diagonal(correlation, 1.0)
    return Belief(mu=mu, K=correlation * np.outer(sd, sd), noise=noise)


def believe_nothing(x: Floats, *, noise: float) -> Belief:
    """Believe of a workload that nobody has run what holds for the benchmark's, given as log seconds (W, V)."""
    b = x - x.mean(axis=1, keepdims=True)
    A = b - b.mean(axis=0)
    return Belief(mu=b.mean(axis=0), K=A.T @ A / len(A), noise=noise)


def scenarios(belief: Belief, rng: np.random.Generator, n: int = SCENARIOS) -> Floats:
    """Draw log seconds, shape (n, V), in opposite pairs, so that their mean is exact."""
    z = rng.standard_normal((n // 2, belief.mu.size))
    half = z @ np.linalg.cholesky(belief.K + JITTER * np.eye(belief.mu.size)).T
    drawn: Floats = belief.mu + np.concatenate([half, -half])
    return drawn


def value(belief: Belief, costs: Costs, candidates: Indices, rng: np.random.Generator) -> Value:
    """Weigh deciding now against measuring one of some candidates first.

    Parameters
    ----------
    belief : Belief
    costs : Costs
    candidates : ndarray of int, shape (C,)
        Machines that could be measured.
    rng : Generator
        Draws the scenarios.
    """
    t, K, mu, variance = scenarios(belief, rng), belief.K, belief.mu, np.diag(belief.K)
    cost = costs.of(t)
    choice = int(costs.choose(mu, variance))
    luck = np.sqrt(belief.noise) * rng.standard_normal(len(t))
    after = np.empty(candidates.size)
    for i, c in enumerate(candidates):
        gain = K[:, c] / (K[c, c] + belief.noise)
        mean = mu + np.outer(t[:, c] + luck - mu[c], gain)
        chosen = costs.choose(mean, variance - gain * K[c])
        after[i] = cost[np.arange(len(t)), chosen].mean()
    return Value(choice=choice, now=float(cost[:, choice].mean()), least=float(cost.min(axis=1).mean()), after=after)
