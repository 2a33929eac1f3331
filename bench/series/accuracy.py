"""How far covariances of irregular series are from the truth: ours against interpolation, slotting and libraries.

Root mean square error of C(tau) over |tau| <= 15 s, in units of C(0), over replications of 14 scenarios whose
parameters are drawn from ``--seed``. Each peer is taken at the best of its settings in each scenario. Bars: our worst
scenario is at most 0.6 of the smallest worst one among the peers; in no scenario are we worse than 1.10 times the best.
The last column is an oracle that sees both series every 0.25 s without noise: the error of a finite time.
"""

import importlib.metadata
import os
import sys
import warnings
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
import numpy as np
from _peers import PEERS, oracle
from _scenarios import DENSE_S, LAGS, Scenario, scenarios
from _turns import Turns
from numpy.typing import NDArray

from _harness import Record
from learnsys import series
from learnsys.series.types import Samples

QUESTION = "accuracy of covariances"
WORST, EACH = 0.6, 1.10
Errors = dict[tuple[str, str], NDArray[np.float64]]


def ours(scenario: Scenario, samples: Samples) -> NDArray[np.float64]:
    """What a user writes; no setting is chosen."""
    names = tuple(f"s{d}" for d in scenario.pair)
    result = series.scan(samples).xcov(lags=LAGS, pairs=[names]).collect()
    return np.asarray(result.values[0])


def errors(scenario: Scenario, seed: int, reps: int) -> Errors:
    """Mean squared errors by method and setting, one for each replication."""
    found: dict[tuple[str, str], list[float]] = {}
    for rep in range(reps):
        samples, tau = scenario.sample(seed, rep), LAGS.values
        mine = ours(scenario, samples)
        known = np.isfinite(mine)  # lags that we call unknown count for nobody

        def note(name: str, setting: str, values: NDArray[np.float64], known: NDArray[np.bool_] = known) -> None:
            error = (values / scenario.unit - scenario.truth)[known]
            found.setdefault((name, setting), []).append(float(np.nanmean(error**2)))

        note("ours", "", mine)
        note("oracle", "", oracle(scenario.dense(seed, rep), scenario.pair, tau, DENSE_S))
        for peer in PEERS:
            for setting in peer.settings:
                note(peer.name, str(setting), peer.run(samples, scenario.pair, tau, setting))
    return {key: np.array(values) for key, values in found.items()}


def best(found: Errors, name: str) -> tuple[str, str]:
    """The best setting of a method."""
    return min((key for key in found if key[0] == name), key=lambda key: np.nan_to_num(found[key].mean(), nan=np.inf))


def spread(mine: NDArray[np.float64], theirs: NDArray[np.float64]) -> tuple[float, float]:
    """Ninety-five per cent of the ratio of both root mean squares when replications are drawn again."""
    rng = np.random.default_rng(0)
    pick = rng.integers(0, mine.size, (2000, mine.size))
    low, high = np.quantile(np.sqrt(theirs[pick].mean(axis=1) / mine[pick].mean(axis=1)), [0.025, 0.975])
    return float(low), float(high)


def record(case: str, mine: Errors, peer: tuple[str, str], bar: float, theirs: Errors | None = None) -> Record:
    """Compare root mean squares; the same replications are on both sides, but for worst cases."""
    a, b = mine["ours", ""], (theirs or mine)[peer]
    ratio = float(np.sqrt(b.mean() / a.mean()))
    low, high = spread(a, b)
    return Record(
        question=QUESTION, case=case, metric="rmse / C(0)", better="lower", peer=" ".join(peer),
        ours=float(np.sqrt(a.mean())), theirs=float(np.sqrt(b.mean())), ratio=ratio, bar=bar, holds=ratio >= bar,
        n=a.size, low=low, high=high,
    )  # fmt: skip


def compare(turns: Turns) -> None:
    """Run all scenarios and judge."""
    warnings.simplefilter("ignore")
    print(*(f"{n} {importlib.metadata.version(n)}" for n in ("nufftcf", "stingray")), sep=", ")
    names = [peer.name for peer in PEERS]
    print(f"{'scenario':34s}" + "".join(f"{n[:12]:>13s}" for n in ["ours", *names, "oracle"]))
    everything = {}
    for scenario in scenarios(turns.seed):
        found = everything[scenario.name] = errors(scenario, turns.seed, 20 if turns.quick else 40)
        row = [np.sqrt(found[best(found, n)].mean()) for n in ["ours", *names, "oracle"]]
        print(f"{scenario.name:34s}" + "".join(f"{v:13.3f}" for v in row), flush=True)
    turns.records += [judged(case, found, names) for case, found in everything.items()] + [worst(everything, names)]


def judged(case: str, found: Errors, names: list[str]) -> Record:
    """Compare with the best peer of a scenario."""
    return record(case, found, min((best(found, n) for n in names), key=lambda key: found[key].mean()), 1 / EACH)


def worst(everything: dict[str, Errors], names: list[str]) -> Record:
    """Compare worst scenarios: ours, and that of the peer whose worst one is the least bad."""
    at = {n: max(everything.values(), key=lambda f, n=n: f[best(f, n)].mean()) for n in ["ours", *names]}
    peer = min(names, key=lambda n: at[n][best(at[n], n)].mean())
    return record("worst scenario", at["ours"], best(at[peer], peer), 1 / WORST, at[peer])


if __name__ == "__main__":
    Turns(__file__, QUESTION).main(compare)
