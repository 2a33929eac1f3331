"""Means and percentiles over the time of a run, by hand and by law."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.machines.measure.summary import counters, peak, percentile, working_set


def naive_percentile(values, weights, share):
    """Repeat each value as often as its weight (whole numbers), and count."""
    long = sorted(v for v, w in zip(values, weights, strict=True) for _ in range(w))
    return next(v for i, v in enumerate(long, 1) if i >= share * len(long))


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(1, 5)), min_size=1, max_size=20), st.sampled_from([0.5, 0.9]))
def test_percentile_is_that_of_the_repeated_values(pairs, share):
    values, weights = zip(*pairs, strict=True)
    assert percentile(values, weights, share) == naive_percentile(values, weights, share)


def look(t, **have):
    return {
        "t": t, "cpu_s": 0.0, "user_s": 0.0, "system_s": 0.0, "host_busy_s": 0.0, "cpus_busy_s": 0.0,
        "cpus_steal_s": 0.0, "rss": 0.0, "threads": 1.0, "procs": 1.0, "faults_minor": 0.0,
    } | have  # fmt: skip


def test_rates_are_weighted_by_time():
    looks = [look(0), look(1, cpu_s=1.0, user_s=1.0), look(10, cpu_s=1.0, user_s=1.0)]
    assert counters(looks, {}, 1)["cpu.cores"] == pytest.approx((0.1, 0.0))


def test_other_work_is_what_the_processors_did_beyond_the_job():
    looks = [look(0, waited_s=0.0), look(2, cpu_s=1.0, cpus_busy_s=2.0, host_busy_s=3.0, waited_s=0.8)]
    found = counters(looks, {}, 2)
    assert found["cpu.foreign_frac"][0] == pytest.approx(0.25)
    assert found["host.other_cores"][0] == pytest.approx(1.0)
    assert found["cpu.hindered_frac"][0] == pytest.approx(0.25)  # it waited 0.4 of the time, other work had 0.25


def test_threads_that_wait_for_each_other_are_not_hindered():
    def last(threads, other):
        return look(1, cpu_s=1.0, cpus_busy_s=1.0 + other, waited_s=0.9, threads=threads)

    def hindered(threads, other):
        return counters([look(0, waited_s=0.0), last(threads, other)], {}, 1)["cpu.hindered_frac"][0]

    assert hindered(4.0, 0.0) == 0.0
    assert hindered(4.0, 0.25) == pytest.approx(0.9 * 0.2)
    assert hindered(1.0, 0.25) == pytest.approx(0.25)


def test_ticks_between_close_looks_are_no_evidence():
    looks = [look(i / 100, waited_s=i / 100, cpus_busy_s=0.01 * (i >= 3), cpu_s=0.0) for i in range(30)]
    assert counters(looks, {}, 1)["cpu.hindered_frac"][0] == pytest.approx(0.01 / 0.29)


def test_a_quota_is_not_taken_for_other_work():
    looks = [look(0, waited_s=0.0, throttled_s=0.0), look(1, waited_s=0.5, throttled_s=0.5, cpus_busy_s=1.0)]
    assert counters(looks, {}, 1)["cpu.hindered_frac"][0] == 0.0


def test_totals_of_the_system_replace_what_looks_missed():
    looks = [look(0), look(1, faults_minor=10.0), look(2, faults_minor=10.0)]
    mean, p90 = counters(looks, {"minor": 100.0}, 1)["faults.minor_s"]
    assert mean == pytest.approx(50)
    assert p90 == pytest.approx(100)  # 10 a second in half of the time, scaled as the mean is


def test_user_and_system_share_the_cpu_time():
    found = counters([look(0), look(1, user_s=3.0, system_s=1.0)], {}, 1)
    assert found["cpu.user_frac"][0] == 0.75
    assert found["cpu.system_frac"][0] == 0.25


def test_peak_is_the_tree_or_its_largest_process():
    group = {"mem_usage": 90.0, "mem_anon": 40.0, "mem_shmem": 5.0, "mem_mapped": 10.0, "mem_inactive_file": 30.0}
    assert peak([look(0), look(1, **group)], 0) == 50
    assert peak([look(0), look(1, **group)], 70) == 70
    assert peak([look(0), look(1, **group, rss_largest=60.0)], 0) == 60
    assert working_set([look(0), look(1, **group)], 0) == 60


def test_a_job_that_nobody_saw_has_what_the_system_says():
    assert counters([look(0)], {}, 1) == {}
    assert working_set([look(0)], 7) == 7


@given(st.lists(st.tuples(st.floats(0.01, 5), st.floats(0, 4)), min_size=1, max_size=12))
def test_mean_cores_times_time_is_the_cpu_time(spans):
    looks, t, cpu = [look(0)], 0.0, 0.0
    for span, cores in spans:
        t, cpu = t + span, cpu + span * cores
        looks.append(look(t, cpu_s=cpu))
    mean, p90 = counters(looks, {}, 1)["cpu.cores"]
    assert mean * t == pytest.approx(cpu, abs=1e-9)
    assert p90 <= max(cores for _, cores in spans) + 1e-6
