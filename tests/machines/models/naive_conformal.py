"""Slow, obvious twins of the calibration of intervals."""

import numpy as np
from scipy.optimize import minimize


def weighted_quantiles(z, weights, levels):
    """Quantiles where each error stands in the middle of its weight, found by a walk along the sorted errors."""
    errors = sorted(zip(z, weights, strict=True), key=lambda e: e[0])
    total, seen, at = sum(w for _, w in errors), 0.0, []
    for value, w in errors:
        at.append(((seen + w / 2) / total, value))
        seen += w
    out = []
    for level in levels:
        before = [p for p in at if p[0] <= level]
        after = [p for p in at if p[0] > level]
        if not before or not after:
            out.append((before or after)[-1 if before else 0][1])
            continue
        (p, a), (q, b) = before[-1], after[0]
        out.append(a + (b - a) * (level - p) / (q - p))
    return np.array(out)


def log_scale(residuals, variance, signals):
    """Log size of error by a general optimiser on the likelihood of exponential errors; nothing may be missing."""
    W, V = residuals.shape
    rms = np.sqrt((residuals**2).sum(0) + (residuals**2).mean()) / np.sqrt(W + 1)
    q = np.stack([0.5 * np.log(variance), np.log(rms) * np.ones((W, V)), *signals], axis=-1)
    spread = q.std(axis=(0, 1))
    z = (q - q.mean(axis=(0, 1))) / np.where(spread > 1e-9, spread, np.inf)

    def cost(b):
        s = b[0] + z @ b[1:]
        return (s + np.abs(residuals) * np.exp(-s)).sum() / V + 0.5 * (b[1:] ** 2).sum()

    b = minimize(cost, np.concatenate([[np.log(np.abs(residuals).mean())], np.zeros(q.shape[-1])]), tol=1e-10).x
    return b[0] + z @ b[1:]


def difficulty(level, distance, log_rms):
    """Level, log mean distance to the five nearest, and how hard all were, the nearer the more."""
    out = np.empty((3, len(level)))
    for i, row in enumerate(distance):
        known = sorted((d, r) for d, r in zip(row, log_rms, strict=True) if np.isfinite(d))
        near = [d for d, _ in known[:5]]
        weights = [np.exp(-(d - known[0][0]) / 0.5) for d, _ in known]
        hard = sum(w * r for w, (_, r) in zip(weights, known, strict=True)) / sum(weights)
        out[:, i] = level[i], np.log(sum(near) / len(near) + 0.05), hard
    return out
