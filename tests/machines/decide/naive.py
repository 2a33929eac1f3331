"""Slow, obvious twins of the decisions."""

import numpy as np
from scipy.stats import norm


def front(time, cost):
    """Compare every point with every other."""
    n = len(time)
    beats = [
        [
            (time[j] <= time[i] and cost[j] <= cost[i]) and (time[j] < time[i] or cost[j] < cost[i] or j < i) and j != i
            for j in range(n)
        ]
        for i in range(n)
    ]
    return sorted((i for i in range(n) if not any(beats[i])), key=lambda i: time[i])


def value_after(t, luck, mu, K, noise, costs, c):
    """Condition on each scenario's outcome by the textbook formula, one scenario at a time."""
    total, V = 0.0, len(mu)
    for s in range(len(t)):
        y = t[s, c] + luck[s]
        mean = [mu[v] + K[v, c] / (K[c, c] + noise) * (y - mu[c]) for v in range(V)]
        var = [K[v, v] - K[v, c] ** 2 / (K[c, c] + noise) for v in range(V)]
        d = choice(mean, var, costs)
        total += paid(t[s, d], d, costs)
    return total / len(t)


def choice(mean, var, costs):
    """Take the cheapest machine that is likely enough in time, else the likeliest."""
    likely = [norm.cdf((costs.log_deadline - m) / np.sqrt(v)) for m, v in zip(mean, var, strict=True)]
    cost = [costs.rate[v] * np.exp(mean[v] + var[v] / 2) for v in range(len(mean))]
    early = [v for v in range(len(mean)) if likely[v] >= costs.p]
    return min(early, key=cost.__getitem__) if early else max(range(len(mean)), key=likely.__getitem__)


def paid(log_s, v, costs):
    """Cost of one run that took so long."""
    return costs.rate[v] * np.exp(log_s) + (costs.penalty if log_s > costs.log_deadline else 0.0)
