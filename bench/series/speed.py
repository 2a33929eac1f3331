"""How quick are coefficients, covariances at 81 lags and Lomb-Scargle power of irregular series on one thread?

The unit is one call of finufft: values + i ones of N = 1e6 samples in float32 to 2^20 modes, phases and packing given
for nothing, at the quickest of its settings. Its error at 2^20 modes is some 4 % whatever tolerance is asked for, since
float32 cannot hold the phases; ours, from float64 stamps, is less, so the bar at equal error is met with room. Peers
run one thread each in processes of their own, in turns with ours; CPU seconds, medians, after a warm-up. Samples, with
gaps from even to heavy-tailed, come from ``--seed``.
"""

import argparse
import importlib.metadata
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from _harness import ONE_THREAD, Record, finish, machine

QUESTION = "speed of series"
ALONE = {**ONE_THREAD, "NUMBA_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
PEERS = ("finufft", "nifty-ls", "astropy", "nufftcf", "pandas", "polars")
MILLION, FIFTH = 1_000_000, 200_000
TUNED = 1000  # settings are chosen on other samples than those that count
SLOW_S = 1.0  # what takes longer is done once a process

FINUFFT = tuple(
    {"eps": eps, **more}
    for eps in (1e-2, 1e-3, 1e-4)
    for more in ({}, {"upsampfac": 1.25}, {"upsampfac": 2.0}, {"spread_sort": 0}, {"upsampfac": 1.25, "spread_sort": 0})
)
NUFFTCF = ({"way": "nufft", "eps": 1e-4, "N1": 2**18}, {"way": "realspace"}, {"way": "nufft"})  # the last takes 10 s
NIFTY = ({}, {"backend": "finufft", "finufft_kwargs": {"eps": 1e-6}})
CASES: tuple[tuple[str, int, str, str, tuple[dict[str, Any], ...], float | None], ...] = (
    ("values + ones, 2^20 modes", MILLION, "coefficients", "finufft, call alone", FINUFFT, 1.05),
    ("values + ones, 2^20 modes, packing counted", MILLION, "coefficients", "finufft", FINUFFT[:5], None),
    ("a pair, 81 lags, in calls for one series", MILLION, "covariances", "finufft, call alone", FINUFFT, 2.0),
    ("a pair, 81 lags", FIFTH, "covariances", "nufftcf", NUFFTCF, 0.01),
    ("a pair, 81 lags", MILLION, "covariances", "pandas resample", ({},), None),
    ("a pair, 81 lags", MILLION, "covariances", "polars resample", ({},), None),
    ("Lomb-Scargle, 2.5 N frequencies", FIFTH, "Lomb-Scargle", "nifty-ls", NIFTY, None),
    ("Lomb-Scargle, 2.5 N frequencies", FIFTH, "Lomb-Scargle", "astropy", ({"method": "fast"},), None),
)


def one(name: str, settings: list[dict[str, Any]], n: int, seed: int, judged: bool) -> list[dict[str, float]]:
    """Warm up, then do a job often enough for a median of CPU seconds, at each setting."""
    import warnings

    from _speed_jobs import JOBS, few, load

    warnings.simplefilter("ignore")  # peers' about their own dependencies
    job, samples, out = JOBS[name], load(n, seed), []
    given = job.prepare(samples)
    for setting in settings:
        job.run(job.prepare(few(samples)), **setting)
        times: list[float] = []
        while len(times) < 9 and (not times or max(times) < SLOW_S):
            start = time.process_time()
            answer = job.run(given, **setting)
            times.append(time.process_time() - start)
        error = job.error(samples, answer) if judged else float("nan")
        out.append({"cpu_s": statistics.median(times), "error": error})
    return out


def measure(
    name: str, settings: list[dict[str, Any]], n: int, seed: int, judged: bool = True
) -> list[dict[str, float]]:
    """Do a job at some settings in a process of its own."""
    task = json.dumps({"name": name, "settings": settings, "n": n, "seed": seed, "judged": judged})
    command = [sys.executable, __file__, "--one", task]
    done = subprocess.run(command, env={**os.environ, **ALONE}, stdout=subprocess.PIPE, text=True, check=True)
    found: list[dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    for setting, f in zip(settings, found, strict=True):
        wrong = f", error {f['error']:.1e}" if judged else ""
        print(f"  {name} {told(setting)}: {1e3 * f['cpu_s']:.1f} ms CPU{wrong}", flush=True)
    return found


def told(setting: dict[str, Any]) -> str:
    return " ".join(f"{k}={v}" for k, v in setting.items())


def some(settings: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    """Choose a few settings for a quick run."""
    return settings[::3] if len(settings) > 5 else settings[:2]


def compare(case: tuple[Any, ...], best: dict[str, dict[str, Any]], options: argparse.Namespace) -> Record:
    """Find the peer's quickest setting, then measure it and ours in turns."""
    title, n, ours, peer, settings, bar = case
    key = f"{peer}, {n}"
    if key not in best:
        few = list(some(settings) if options.quick else settings)
        tried = measure(peer, few, n, TUNED + options.seed, judged=False) if len(few) > 1 else [{"cpu_s": 0.0}]
        best[key] = min(zip(few, tried, strict=True), key=lambda t: t[1]["cpu_s"])[0]
    times, good = [], True
    for i in range((3 if bar else 1) if options.quick else 7):
        pair = [(ours, {}), (peer, best[key])]
        order = pair if i % 2 == 0 else pair[::-1]
        found = [measure(name, [setting], n, options.seed + i, judged=i == 0)[0] for name, setting in order]
        found = found if i % 2 == 0 else found[::-1]
        times.append([f["cpu_s"] for f in found])
        good = good and not found[0]["error"] > found[1]["error"]
        if options.quick and sum(times[-1]) > 2 * SLOW_S:
            break
    ratios = [a / b for a, b in times]
    ratio = statistics.median(ratios)
    return Record(
        question=QUESTION, case=f"{title}, N = {n:,}", metric="cpu_s", ours=statistics.median(t[0] for t in times),
        peer=f"{peer} {told(best[key])}".strip(), theirs=statistics.median(t[1] for t in times), ratio=ratio,
        better="lower", bar=bar, holds=None if bar is None else ratio <= bar and good, n=len(times), low=min(ratios),
        high=max(ratios),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=QUESTION)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions and settings, the same bars")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(**json.loads(options.one))))
        return
    print(machine() + "; " + ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PEERS))
    best: dict[str, dict[str, Any]] = {}
    records = [compare(case, best, options) for case in CASES]
    for r in records:
        bar = "" if r.bar is None else f", bar {r.bar:g}: {'holds' if r.holds else 'MISSED'}"
        print(f"{r.case}: {r.ratio:.3g} of {r.peer} [{r.low:.3g}-{r.high:.3g}, n={r.n}]{bar}")
    finish(records, options.json)


if __name__ == "__main__":
    main()
