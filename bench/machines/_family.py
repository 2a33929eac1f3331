"""A machine family without a single run: lumos' machines of Alibaba and AWS that Spare Cores scored, families in turn.

Known are the workload's mean seconds on the machines of the other families, and everybody's public scores. The error of
a workload is the mean over machines of all families, the headline the mean over workloads; the bootstrap is over
(framework, algorithm) groups.
"""

import numpy as np
from _decisions import Record, data_folder, lumos
from _figures import against, coverage, figure

from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.additive import fit_additive
from learnsys.machines.models.transfer import fit_transfer, scored
from learnsys.machines.offline.sparecores import read_sparecores_scores

QUESTION = "new machine family"
BAR = 6.5
LEVELS = (0.8, 0.9, 0.95)


def sparecores(*, priced: bool) -> Benchmark:
    """Read Spare Cores."""
    folder = data_folder()
    names = ("sparecores_scores", "sparecores_machines", "prices")
    return read_sparecores_scores(*(folder / f"{name}.parquet" for name in names), priced=priced)


def configuration_only(known: np.ndarray, log_s: np.ndarray, config: np.ndarray, price: np.ndarray) -> np.ndarray:
    """The same process on cores and memory alone."""
    return fit_additive(config[known], log_s, evidence=0.25).predict(config)[0]


def price_scaled(known: np.ndarray, log_s: np.ndarray, config: np.ndarray, price: np.ndarray) -> np.ndarray:
    """Time falls as the price rises, by the power that fits each workload best."""
    x = price[known] - price[known].mean()
    slope = np.array([np.polyfit(x[m], y[m], 1) for y in log_s for m in [np.isfinite(y)]])
    return slope[:, 1:] + slope[:, :1] * (price - price[known].mean())


def same_size(known: np.ndarray, log_s: np.ndarray, config: np.ndarray, price: np.ndarray) -> np.ndarray:
    """The mean over known machines of the same number of cores."""
    return np.column_stack([np.nanmean(log_s[:, config[known, 0] == c], axis=1) for c in config[:, 0]])


PEERS = {"configuration only": configuration_only, "price-scaled": price_scaled, "same cores": same_size}


def run(quick: bool = True, seed: int = 0) -> list[Record]:
    """Hold each family out; there is nothing to save time on."""
    benchmark, scores = lumos(), sparecores(priced=False)
    ours, servers = scored(benchmark, scores)
    log_s, machines = np.log(benchmark.seconds[:, ours]), [benchmark.catalog.machines[v] for v in ours]
    config = np.log([[m.vcpus, m.memory_bytes] for m in machines])
    price = np.log([m.prices[0].usd_hour for m in machines])
    families = np.array([m.family for m in machines])
    predicted = {name: np.full(log_s.shape, np.nan) for name in ("ours", *PEERS)}
    inside = np.full((len(LEVELS), *log_s.shape), np.nan)
    for family in np.unique(families):
        out = families == family
        model, order = fit_transfer(scores, servers[~out], log_s[:, ~out], servers=servers)
        for w, forecast in enumerate(model.predict(np.searchsorted(order, servers[out]))):
            predicted["ours"][w, out] = forecast.log_s
            for i, level in enumerate(LEVELS):
                low, high = forecast.interval(level)
                inside[i, w, out] = (np.log(low) <= log_s[w, out]) & (log_s[w, out] <= np.log(high))
        known = np.flatnonzero(~out)
        for name, peer in PEERS.items():
            predicted[name][:, out] = peer(known, log_s[:, known], config, price)[:, out]
    inside[:, np.isnan(log_s)] = np.nan
    mape = {name: 100 * np.nanmean(np.abs(np.exp(p - log_s) - 1), axis=1) for name, p in predicted.items()}
    shares, groups, rng = 100 * np.nanmean(inside, axis=2), benchmark.groups.tolist(), np.random.default_rng(seed)
    case = f"{len(np.unique(families))} families of {len(machines)} machines, each held out"
    return [
        figure(QUESTION, case, "MAPE %", mape["ours"], groups, rng, bar=BAR),
        *(against(QUESTION, case, "MAPE %", mape["ours"], name, mape[name], groups, rng) for name in PEERS),
        *(coverage(QUESTION, case, level, shares[i], groups, rng) for i, level in enumerate(LEVELS)),
    ]
