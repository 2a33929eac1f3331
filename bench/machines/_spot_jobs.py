"""Jobs on recorded spot capacity, and which zones and weeks the policy was chosen on."""

import os
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import numpy as np

from learnsys.machines.spot.chain import BINS, EDGES_S
from learnsys.machines.spot.readers import read_pools
from learnsys.machines.spot.series import Past, spells, track
from learnsys.machines.spot.types import Pool, SpotJob

HOUR, WEEK = 3600.0, 7 * 86400.0
CHOSEN_ZONES = frozenset({"us-east-1a", "us-east-1d", "us-west-2b"})
CHOSEN_SPANS = tuple(
    (begin, begin + 2 * WEEK)
    for begin in (datetime(2022, 10, 26, tzinfo=UTC).timestamp(), datetime(2023, 2, 15, tzinfo=UTC).timestamp())
)
SPLIT = (
    f"chosen on: zones {', '.join(sorted(CHOSEN_ZONES))} in the two weeks from 2022-10-26 and from 2023-02-15; "
    "'new' jobs touch neither these zones nor these weeks, 'other' jobs one of both; "
    "in a file without any of these zones all jobs are new"
)
WORK_H, SLACKS, RESTARTS_S, CHECKPOINTS_S, FRACTIONS = (6, 12, 24, 48), (1.1, 2.0), (120, 1200), (0, 60), (0.3, 0.4)
FEW_POOLS, MOST_SETS = 3, 6


@dataclass(frozen=True)
class Task:
    """A job from ``start_s`` on in some pools; tasks of one ``cell`` are resampled together."""

    pools: tuple[Pool, ...]
    job: SpotJob
    start_s: float
    cell: tuple[str, int]
    chosen_zone: bool
    chosen_week: bool


def data() -> Path:
    """Find the recorded capacity."""
    folder = os.environ.get("LEARNSYS_DATA") or Path(__file__).parents[2] / ".." / "shared" / "data"
    return Path(folder).resolve() / "spot_availability.parquet"


def groups(path: Path) -> list[tuple[Pool, ...]]:
    """Put pools together that were watched together: one kind and instance type, begun in one another's first half."""
    together: dict[object, list[list[Pool]]] = defaultdict(list)
    for pool in sorted(read_pools(path), key=lambda p: p.start_s):
        alike = together[pool.kind, pool.instance, pool.nodes]
        if not alike or pool.start_s > (alike[-1][0].start_s + alike[-1][0].end_s) / 2:
            alike.append([])
        alike[-1].append(pool)
    return [tuple(g) for alike in together.values() for g in alike]


def single(path: Path, each: int, seed: int) -> list[Task]:
    """Draw ``each`` jobs for every pool and week of it."""
    found = groups(path)
    return _told(found, [t for g in found for pool in g for t in _tasks((pool,), each, seed)])


def several(path: Path, each: int, seed: int) -> list[Task]:
    """Draw ``each`` jobs for every week of sets of two and three pools that were watched together."""
    out, found = [], groups(path)
    for group in found:
        for new in (True, False):  # sets of new zones apart, so that there are some
            zones = [p for p in group if (p.zone not in CHOSEN_ZONES) == new]
            sets = [s for n in range(2, FEW_POOLS + 1) for s in combinations(zones, n)]
            rng = np.random.default_rng([seed, len(sets)])
            for i in rng.permutation(len(sets))[:MOST_SETS]:
                out += _tasks(sets[i], each, seed)
    return _told(found, out)


def _told(found: list[tuple[Pool, ...]], tasks: list[Task]) -> list[Task]:
    """Call all jobs new where none of the zones of the choice is in the file."""
    if any(p.zone in CHOSEN_ZONES for g in found for p in g):
        return tasks
    return [replace(t, chosen_week=False) for t in tasks]


def hazards_an_hour(path: Path, state: int) -> np.ndarray:
    """Divide ends by exposure, by age, over all that was chosen on: the priors of ``chain`` are these, rounded."""
    edges, ends, exposure = np.array(EDGES_S), np.zeros(BINS), np.zeros(BINS)
    for pool in (p for g in groups(path) for p in g if p.zone in CHOSEN_ZONES):
        for begin, end in CHOSEN_SPANS:
            if pool.start_s < end and pool.end_s > begin:
                past = Past([track(pool, 1.0, 0.0)], min(end, pool.end_s))
                lengths, ended = spells(*past.seen(0, begin), past.now, state)
                exposure += np.clip(lengths[:, None], edges, np.append(edges[1:], np.inf)).sum(0) - lengths.size * edges
                ends += np.bincount(np.searchsorted(edges, lengths[ended], "left") - 1, minlength=BINS)
    return 3600 * ends / exposure


def _tasks(pools: tuple[Pool, ...], each: int, seed: int) -> list[Task]:
    first, last = max(p.start_s for p in pools), min(p.end_s for p in pools)
    name = " + ".join(f"{p.name} {p.kind}" for p in pools) + f" {first:.0f}"
    rng = np.random.default_rng([seed, *name.encode()])
    out = []
    for week in range(int((last - first) // WEEK) + 1):
        begin = first + week * WEEK
        for _ in range(each):
            job = _job(rng, several=len(pools) > 1)
            latest = min(begin + WEEK, last - job.deadline_s)
            start = begin + rng.random() * max(latest - begin, 0)
            if latest <= begin:  # the last days of a trace are too few for this job
                continue
            if any(_hidden(pool, start, start + job.deadline_s) for pool in pools):
                continue
            out.append(
                Task(
                    pools=pools, job=job, start_s=start, cell=(name, week),
                    chosen_zone=any(p.zone in CHOSEN_ZONES for p in pools),
                    chosen_week=any(start < b and start + job.deadline_s > a for a, b in CHOSEN_SPANS),
                )
            )  # fmt: skip
    return out


def _hidden(pool: Pool, start: float, end: float) -> bool:
    """Tell whether nobody looked for a while: what a job would have met then is not known."""
    ends = np.append(pool.times_s[1:], pool.end_s)
    return bool(np.isnan(pool.available[(pool.times_s < end) & (ends > start)]).any())


def _job(rng: np.random.Generator, *, several: bool) -> SpotJob:
    work = float(rng.choice(WORK_H)) * HOUR
    low, high = np.log(RESTARTS_S)
    restart = float(np.exp(rng.uniform(low, high)))
    return SpotJob(
        work_s=work,
        deadline_s=max(work * float(rng.uniform(*SLACKS)), work + 2 * restart),
        on_demand_usd_hour=1.0,
        spot_usd_hour=float(rng.uniform(*FRACTIONS)),
        restart_s=restart,
        checkpoint_s=float(rng.choice(CHECKPOINTS_S)),
        migration_s=float(rng.choice((0, 300))) if several else 0.0,
    )
