"""Slow, obvious twins of the decisions."""

import numpy as np


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


def value_after(t, luck, mu, K, noise, rate, c):
    """Condition on each scenario's outcome by the textbook formula, one scenario at a time."""
    total = 0.0
    for s in range(len(t)):
        y = t[s, c] + luck[s]
        mean = np.array([mu[v] + K[v, c] / (K[c, c] + noise) * (y - mu[c]) for v in range(len(mu))])
        var = np.array([K[v, v] - K[v, c] ** 2 / (K[c, c] + noise) for v in range(len(mu))])
        d = int(np.argmin(rate * np.exp(mean + var / 2)))
        total += rate[d] * np.exp(t[s, d])
    return total / len(t)
