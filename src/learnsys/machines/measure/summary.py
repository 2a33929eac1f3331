"""Turn the looks at a running job into counters: the mean over the run and the 90th percentile over its time.

Rates and shares are taken between neighbouring looks and weighted by the time between them. Names:
``cpu.user_frac cpu.system_frac`` of the job's CPU time; ``cpu.cores`` in use; ``cpu.throttled_frac`` of the time by
its quota; ``cpu.steal_frac`` of its processors' time by the hypervisor, ``cpu.foreign_frac`` by other work,
``cpu.hindered_frac`` of the time it waited while other work ran there; ``host.other_cores`` busy with other work
anywhere; ``psi.cpu psi.io psi.memory`` share of time some task waited; ``mem.rss mem.working_set`` in bytes;
``faults.*_s``, ``switches.*_s``, ``disk.*_bytes_s``, ``net.*_bytes_s`` per second (networks: of the whole host);
``threads``, ``procs``; ``sampler.cores`` spent on looking.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

Look = Mapping[str, float]
Counter = tuple[float, float]

RATES: Final = {
    "cpu.cores": "cpu_s", "cpu.throttled_frac": "throttled_s", "host.other_cores": "host_other_s",
    "psi.cpu": "psi_cpu_s", "psi.io": "psi_io_s", "psi.memory": "psi_memory_s",
    "faults.minor_s": "faults_minor", "faults.major_s": "faults_major",
    "switches.voluntary_s": "switches_voluntary", "switches.involuntary_s": "switches_involuntary",
    "disk.read_bytes_s": "read_bytes", "disk.write_bytes_s": "write_bytes",
    "net.received_bytes_s": "net_received_bytes", "net.sent_bytes_s": "net_sent_bytes",
}  # fmt: skip
WIDE_S: Final = 0.2
GAUGES: Final = {
    "mem.rss": "mem_resident", "mem.anon": "mem_anon", "mem.working_set": "working_set",
    "threads": "threads", "procs": "procs",
}  # fmt: skip
# What the kernel counted for the whole tree when it was over: exact, where looks miss what short processes did.
TOTALS: Final = {
    "faults.minor_s": "minor", "faults.major_s": "major", "switches.voluntary_s": "voluntary",
    "switches.involuntary_s": "involuntary", "disk.read_bytes_s": "read", "disk.write_bytes_s": "write",
}  # fmt: skip


def percentile(values: Sequence[float], weights: Sequence[float], share: float) -> float:
    """Find the smallest value that values of at least ``share`` of the weight do not exceed."""
    pairs = sorted(zip(values, weights, strict=True))
    reach = share * sum(weights) * (1 - 1e-12)
    so_far = 0.0
    for value, weight in pairs:
        so_far += weight
        if so_far >= reach:
            return value
    return pairs[-1][0]


def counters(looks: Sequence[Look], totals: Mapping[str, float], cpus: int) -> dict[str, Counter]:
    """Summarise the looks at one job.

    Parameters
    ----------
    looks : sequence of mapping
        Cumulative counts and present values at times ``t``, the first at 0, before the job began.
    totals : mapping
        What the system counted for the whole job: ``minor``, ``major`` (faults), ``voluntary``, ``involuntary``
        (switches), ``read``, ``write`` (bytes).
    cpus : int
        Processors the job could use.
    """
    looks = [_derived(look) for look in looks]
    pairs = [(a, b, b["t"] - a["t"]) for a, b in pairwise(looks) if b["t"] > a["t"]]
    if not pairs:
        return {}
    spans = [span for _, _, span in pairs]
    elapsed = sum(spans)

    def over_time(values: Sequence[float]) -> Counter:
        mean = sum(v * s for v, s in zip(values, spans, strict=True)) / elapsed
        return mean, percentile(values, spans, 0.9)

    def rate(name: str, scale: float = 1.0) -> Counter:
        return over_time([max(0.0, b[name] - a[name]) / span / scale for a, b, span in pairs])

    have = set.intersection(*(set(look) for look in looks))
    found = {counter: rate(name) for counter, name in RATES.items() if name in have}
    found |= {c: over_time([b[name] for _, b, _ in pairs]) for c, name in GAUGES.items() if name in have}
    for counter, name in (("cpu.steal_frac", "cpus_steal_s"), ("cpu.foreign_frac", "cpus_other_s")):
        if name in have:
            found[counter] = rate(name, cpus)
    if {"cpus_other_s", "waited_s"} <= have:
        wide = _wide(looks)
        hindered = [(_hindered(a, b, cpus), b["t"] - a["t"]) for a, b in pairwise(wide)]
        shares, weights = zip(*hindered, strict=True)
        found["cpu.hindered_frac"] = (
            sum(share * span for share, span in hindered) / sum(weights), percentile(shares, weights, 0.9),
        )  # fmt: skip
    for counter, name in (("cpu.user_frac", "user_s"), ("cpu.system_frac", "system_s")):
        if name in have:
            found[counter] = over_time([_share(a, b, name) for a, b, _ in pairs])
            found[counter] = (_share(looks[0], looks[-1], name), found[counter][1])
    for counter, name in TOTALS.items():
        if name in totals and counter in found:
            mean, p90 = found[counter]
            exact = totals[name] / elapsed
            found[counter] = (exact, max(p90, exact) if mean <= 0 else p90 * exact / mean)
    return found


def peak(looks: Sequence[Look], largest: float) -> int:
    """Return the most resident memory that the tree was seen to hold, or ``largest`` if one process held more."""
    seen = (max(look["mem_resident"], look.get("rss_largest", 0.0)) for look in map(_derived, looks))
    return round(max(largest, *seen))


def working_set(looks: Sequence[Look], largest: float) -> int:
    """Return what the job held for all but a tenth of its time: its memory and the file cache it kept in use."""
    looks = [_derived(look) for look in looks]
    spans = [max(0.0, b["t"] - a["t"]) for a, b in pairwise(looks)]
    if not sum(spans):
        return round(largest)
    return round(percentile([look.get("working_set", 0.0) for look in looks[1:]], spans, 0.9) or largest)


def _share(first: Look, last: Look, name: str) -> float:
    whole = sum(max(0.0, last[part] - first[part]) for part in ("user_s", "system_s"))
    return max(0.0, last[name] - first[name]) / whole if whole > 0 else 0.0


def _wide(looks: Sequence[Look]) -> list[Look]:
    """Keep looks that are at least ``WIDE_S`` apart: the kernel counts other work in ticks of 10 ms."""
    kept = [looks[0]]
    for look in looks[1:-1]:
        if look["t"] - kept[-1]["t"] >= WIDE_S and looks[-1]["t"] - look["t"] >= WIDE_S:
            kept.append(look)
    return [*kept, looks[-1]]


def _hindered(first: Look, last: Look, cpus: int) -> float:
    """Return the share of time in which the job waited for a CPU that other work had.

    Its quota is no other work. A single thread waits for others only; several may wait for each other, and then the
    wait is shared out as the processors were.
    """
    gone = {name: last.get(name, 0.0) - first.get(name, 0.0) for name in ("t", "waited_s", "throttled_s", "cpu_s")}
    waited = max(0.0, gone["waited_s"] - gone["throttled_s"])
    others = max(0.0, last["cpus_other_s"] - first["cpus_other_s"])
    if last.get("threads", 1.0) > 1:
        waited *= others / (others + gone["cpu_s"]) if others else 0.0
    return min(1.0, min(waited, others / cpus) / gone["t"])


def _derived(look: Look) -> Look:
    """Add what follows from what was read."""
    more: dict[str, float] = {}
    if "mem_usage" in look:
        # What is mapped includes shared memory that is mapped: adding both would count it twice.
        more["mem_resident"] = look["mem_anon"] + max(look["mem_shmem"], look["mem_mapped"])
        more["working_set"] = max(0.0, look["mem_usage"] - look["mem_inactive_file"])
    else:
        more["mem_resident"] = more["working_set"] = look.get("rss", 0.0)
    if "cpu_s" in look and "host_busy_s" in look:
        more["host_other_s"] = look["host_busy_s"] - look["cpu_s"]
        more["cpus_other_s"] = look["cpus_busy_s"] - look["cpu_s"]
    return {**look, **more}
