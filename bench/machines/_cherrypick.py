"""CherryPick (Alipourfard et al., NSDI 2017): Bayesian optimisation of cost over machine types, for one workload alone.

A Gaussian process with a Matern 5/2 kernel on the machines' configuration, started from three random machines; the next
is that of the largest expected improvement; it stops when that is below 10 % of the best cost so far and at least six
machines were tried (sec. 3.5), and chooses the best that it ran.
"""

import warnings

import numpy as np
from _decisions import Case
from scipy.special import ndtr

START = 3
FEWEST = 6
SMALL = 0.10


def configuration(case: Case) -> np.ndarray:
    """Describe machines as CherryPick does: cores, memory, memory a core, price, vendor; standardised."""
    machines = case.benchmark.catalog.machines
    vcpus = np.log([m.vcpus for m in machines])
    memory = np.log([m.memory_bytes for m in machines])
    vendors = sorted({m.vendor for m in machines})
    which = np.array([[m.vendor == v for v in vendors] for m in machines], float)
    x = np.column_stack([vcpus, memory, memory - vcpus, np.log(case.usd_s), which])
    return (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), 1e-9)


def cherrypick(case: Case, rng: np.random.Generator, *, fewest: int = FEWEST) -> tuple[float, int, int]:
    """Spend dollars on runs; give what was spent, the machine chosen and how many were tried."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    x, pool = configuration(case), np.arange(case.usd.size)
    tried = list(rng.choice(pool, START, replace=False))
    cost = [case.spent({int(v): case.run(v, rng)}) for v in tried]
    kernel = ConstantKernel(1.0) * Matern(2.0, (0.3, 20.0), nu=2.5) + WhiteKernel(0.01, (1e-4, 0.1))
    while len(tried) < pool.size:
        y = np.log(cost)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a bound of a length scale that is reached
            gp = GaussianProcessRegressor(kernel, normalize_y=True, random_state=0).fit(x[tried], y)
        rest = np.setdiff1d(pool, tried)
        mean, sd = gp.predict(x[rest], return_std=True)
        gain = improvement(mean, sd, float(y.min()))
        if gain.max() < SMALL and len(tried) >= fewest:
            break
        tried.append(int(rest[np.argmax(gain)]))
        cost.append(case.spent({tried[-1]: case.run(tried[-1], rng)}))
    return float(sum(cost)), int(tried[int(np.argmin(cost))]), len(tried)


def improvement(mean: np.ndarray, sd: np.ndarray, best: float) -> np.ndarray:
    """Expected relative fall of cost below the best, for normal log costs: E max(0, 1 - exp(y - best))."""
    sd = np.maximum(sd, 1e-9)
    z = (best - mean) / sd
    return ndtr(z) - np.exp(mean - best + sd**2 / 2) * ndtr(z - sd)
