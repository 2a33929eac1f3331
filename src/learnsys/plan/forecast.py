"""Rounds that one method needs: the model that predicts left-out worker counts best, tied to what probes showed.

Where a worker count was probed, its own curves speak down to the depth they reached, and the model carries on from
there; elsewhere the model speaks alone. Curves on fewer rows are stretched by (rows / probed rows)^gamma, with gamma
measured where one count was probed on two samples.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, Protocol, final

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from learnsys.plan.convergence import fit_convergence
from learnsys.plan.curves import DEEPEST, Curve
from learnsys.plan.levels import fit_levels
from learnsys.plan.spread import Spread, octaves

ModelName = Literal["levels", "convergence", "levels alike"]
MODELS: Final[tuple[ModelName, ...]] = ("levels", "convergence", "levels alike")

# Rounds on all rows differ from rounds on a sample by a power of the rows near 0: the penalty keeps lam n.
_ROWS_PRIOR: Final = 0.25
_ROWS_NOISE: Final = 0.15

# Another sample or partition can take a round more or less, which matters where there are few.
ROUND_SD: Final = 0.8
_WORST: Final = float(np.log(100.0))  # an error of more than a factor 100 is not worse than one of 100
_BEGINNING: Final = 0.6  # of the depth of a curve, from which its end is predicted to see how far that can be trusted
_HALVINGS: Final = 52
_LUCK: Final = 0.03
_CLEARLY: Final = 0.8
_FEWEST: Final = 8  # points that the Lasso needs to say anything


class Model(Protocol):
    """Predicts rounds to each depth."""

    def rounds(self, depth: NDArray[np.float64], workers: int) -> NDArray[np.float64]:
        """Rounds (with fractions) to each ``depth``; they never fall with it."""
        ...


@final
class Forecast:
    """Predicts the rounds of one method on ``rows`` rows.

    Parameters
    ----------
    curves : sequence of Curve
        What its probes reached; at least one got better than it started.
    rows : float
        Rows to predict for.
    """

    def __init__(self, curves: Sequence[Curve], rows: float) -> None:
        self.gamma, self._gamma_sd = rows_exponent(curves)
        stretched = [replace(c, rounds=tuple(r * (rows / c.rows) ** self.gamma for r in c.rounds)) for c in curves]
        self.probed: Mapping[int, Curve] = {
            p: joined([c for c in stretched if c.workers == p]) for p in sorted({c.workers for c in curves})
        }
        self._rows = rows
        misses = {name: left_out(name, stretched) for name in MODELS}
        self.errors: dict[str, float] = {
            n: float(np.median(np.abs(np.concatenate([*m.values()])))) for n, m in misses.items() if m
        }
        self.model = _preferred(self.errors, float(np.median([c.rounds[-1] for c in stretched])))
        self._fitted = fit(self.model, stretched)
        self._spread = Spread.of(
            self._between_probes(stretched),
            [
                np.sqrt(np.mean(e**2) / octaves(p, [q for q in self.probed if q != p]))
                for p, e in misses[self.model].items()
            ],
            ends(self.model, stretched),
        )

    def nearest(self, workers: int) -> Curve:
        """Find the probe whose worker count is nearest."""
        return min(self.probed.values(), key=lambda c: octaves(workers, [c.workers]))

    def rounds(self, depth: NDArray[np.float64], workers: int) -> NDArray[np.float64]:
        """Predict rounds (with fractions) to each ``depth``, shape (m,), infinite where it is never reached."""
        near = self.nearest(workers)
        model = self._fitted.rounds(depth, workers) if self._fitted else np.full(len(depth), np.inf)
        if near.workers == workers:
            end = float(self._fitted.rounds(np.array([near.deepest]), workers)[0]) if self._fitted else np.inf
            growth = np.maximum(model / max(end, 1e-9), 1.0) if np.isfinite(end) else np.full(len(depth), np.inf)
            beyond = near.rounds[-1] * growth if near.rounds[-1] else model
            model = np.where(depth <= near.deepest, near.crossing(depth), beyond)
        return np.where((depth > near.deepest) & near.stuck, np.inf, model)

    def depth(self, rounds: NDArray[np.float64], workers: int) -> NDArray[np.float64]:
        """Find the greatest depths that no more than ``rounds`` rounds reach, shape (m,), by bisection."""
        low, high = np.zeros(len(rounds)), np.full(len(rounds), DEEPEST)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            enough = self.rounds(middle, workers) <= rounds
            low, high = np.where(enough, middle, low), np.where(enough, high, middle)
        return low

    def log_sd(self, depth: float, workers: int) -> float:
        """Standard deviation of the logarithm of the true rounds around the predicted ones."""
        near = self.nearest(workers)
        beyond = max(np.log(max(depth, 1e-9) / max(near.deepest, 0.1)), 0.0)
        stretch = self._gamma_sd * abs(np.log(self._rows / near.rows))
        luck = np.log1p(ROUND_SD / max(float(self.rounds(np.array([depth]), workers)[0]), 1.0))
        return float(np.linalg.norm([self._spread.at(workers, tuple(self.probed), beyond=beyond), stretch, luck]))

    def _between_probes(self, curves: Sequence[Curve]) -> NDArray[np.float64]:
        """Errors of the probes that do not speak for their worker count against the one that does."""
        others = [(c, self.probed[c.workers]) for c in curves if c.trace != self.probed[c.workers].trace]
        return np.array([m for pair in others if np.isfinite(m := _log_ratio(*pair))])


def _preferred(errors: Mapping[str, float], rounds: float) -> ModelName:
    """Choose the model that predicts left-out counts best; that workers matter has to be clear.

    Counts are taken for alike if that predicts them up to luck, which is a round more or less and a little, or clearly
    better than anything else. Growth read out of luck would be carried on to every count that is asked for.
    """
    alike, others = MODELS[-1], MODELS[:-1]
    best = min(others, key=lambda name: errors.get(name, np.inf))
    luck = np.log1p(1 / max(rounds, 1.0)) + _LUCK
    clear = errors.get(alike, np.inf) <= max(luck, _CLEARLY * errors.get(best, 0.0))
    return alike if clear else best


def fit(name: ModelName, curves: Sequence[Curve]) -> Model | None:
    """Fit one of the models to curves, None if they hold too few points for it."""
    if name != "convergence":
        grids = [c.grid() for c in curves]
        s, p = np.concatenate(grids), np.repeat([c.workers for c in curves], [len(g) for g in grids])
        n = np.concatenate([c.crossing(g) for c, g in zip(curves, grids, strict=True)])
        return fit_levels(p, s, np.maximum(n, 1e-3), alike=name == "levels alike") if len(s) else None
    counts = [len(c.rounds) - 1 for c in curves]
    if sum(counts) < _FEWEST:
        return None
    return fit_convergence(
        np.repeat([c.workers for c in curves], counts),
        np.concatenate([c.rounds[1:] for c in curves]),
        np.concatenate([c.depth[1:] for c in curves]),
    )


def joined(curves: Sequence[Curve]) -> Curve:
    """Join the curves of one worker count: the one on most rows, carried on by the shape of any that got deeper."""
    first, *others = sorted(curves, key=lambda c: (c.rows, c.deepest), reverse=True)
    for other in others:
        at = float(other.crossing(np.array([first.deepest]))[0])
        if other.deepest > first.deepest and at > 0 and first.rounds[-1] > 0 and not first.stuck:
            scale = first.rounds[-1] / at
            more = [(r * scale, s) for r, s in zip(other.rounds, other.depth, strict=True) if s > first.deepest]
            first = replace(
                first,
                rounds=first.rounds + tuple(r for r, _ in more),
                depth=first.depth + tuple(s for _, s in more),
                ran=max(first.ran, round(other.ran * scale)),
            )
    return first


def left_out(name: ModelName, curves: Sequence[Curve]) -> dict[int, NDArray[np.float64]]:
    """Log errors of the rounds to the depths of each worker count but the least, predicted from the other counts.

    The least is never asked for from above it. Empty if there is only one count, or if a fit is impossible.
    """
    errors: dict[int, NDArray[np.float64]] = {}
    for p in sorted({c.workers for c in curves})[1:]:
        out, rest = [c for c in curves if c.workers == p], [c for c in curves if c.workers != p]
        model = fit(name, rest) if rest else None
        if model is None:
            return {}
        pairs = [(c.crossing(g), model.rounds(g, p)) for c in out if len(g := c.grid())]
        seen = np.concatenate([a for a, _ in pairs]) if pairs else np.empty(0)
        said = np.concatenate([b for _, b in pairs]) if pairs else np.empty(0)
        later = seen >= 1  # fractions of the first round decide nothing
        e = np.log(np.maximum(said[later], 0.5) / seen[later])
        if len(e):
            errors[p] = np.clip(e, -_WORST, _WORST)
    return errors


def ends(name: ModelName, curves: Sequence[Curve]) -> list[float]:
    """Log errors of the rounds to the end of each curve, predicted from the beginnings, for each e-fold of depth."""
    pairs = [(c, begun) for c in curves if len((begun := _cut(c, _BEGINNING * c.deepest)).depth) > 2]
    model = fit(name, [begun for _, begun in pairs]) if pairs else None
    if model is None:
        return []
    errors = []
    for curve, begun in pairs:
        at_cut, at_end = model.rounds(np.array([begun.deepest, curve.deepest]), curve.workers)
        said = begun.rounds[-1] * max(at_end / max(at_cut, 1e-9), 1.0) if np.isfinite(at_end) else np.inf
        error = np.clip(np.log(said / curve.rounds[-1]), -_WORST, _WORST)
        errors.append(float(error / np.log(curve.deepest / begun.deepest)))
    return errors


def _cut(curve: Curve, depth: float) -> Curve:
    k = sum(s <= depth for s in curve.depth)
    return replace(curve, rounds=curve.rounds[:k], depth=curve.depth[:k])


def rows_exponent(curves: Sequence[Curve]) -> tuple[float, float]:
    """Estimate gamma in rounds ~ rows^gamma from worker counts probed on two samples, and its standard deviation.

    Least squares on log ratios with a normal prior around 0: one pair of samples cannot move it far, and a ratio that
    a round more or less by luck can explain does not move it at all.
    """
    precision, pull = 1 / _ROWS_PRIOR**2, 0.0
    for small in curves:
        for large in curves:
            if (
                small.workers == large.workers
                and small.rows < large.rows
                and np.isfinite(r := _log_ratio(large, small))
            ):
                luck = np.log1p(1 / max(min(small.rounds[-1], large.rounds[-1]), 1.0))
                length, noise = np.log(large.rows / small.rows), _ROWS_NOISE**2 + luck**2
                precision += length**2 / noise
                pull += length * np.sign(r) * max(abs(r) - luck, 0.0) / noise
    return float(pull / precision), float(precision**-0.5)


def _log_ratio(a: Curve, b: Curve) -> float:
    """Median log of a's rounds over b's at the depths that both reached after their first round; NaN if none."""
    s = np.intersect1d(a.grid(), b.grid())
    na, nb = a.crossing(s), b.crossing(s)
    both = (na >= 1) & (nb >= 1)
    return float(np.median(np.log(na[both] / nb[both]))) if both.any() else float("nan")
