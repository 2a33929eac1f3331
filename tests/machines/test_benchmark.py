import msgspec
import numpy as np
import pytest
from hypothesis import given
from numpy.testing import assert_allclose, assert_array_equal
from tests.machines import naive
from tests.machines.models.made import factors
from tests.machines.strategies import benchmark_of, benchmarks

from learnsys.core.errors import InputError, UnknownMachine, UnknownName
from learnsys.machines.benchmark import USUAL_NOISE

ROWS = [(0, 0, 2.0), (0, 0, 4.0), (0, 0, 3.0), (0, 1, 1.0), (1, 0, 8.0), (1, 1, None)]


@given(benchmarks())
def test_cells_agree_with_a_look_at_every_run(benchmark):
    assert_allclose(benchmark.seconds, naive.seconds(benchmark))
    assert_array_equal(np.isnan(benchmark.seconds), benchmark.runs == 0)


@given(benchmarks())
def test_a_fold_has_the_same_cells(benchmark):
    kept = np.arange(benchmark.shape[0])[::-1][:2]
    fold = benchmark.only(workloads=kept)
    assert_allclose(fold.seconds, benchmark.seconds[kept])
    assert fold.workloads == tuple(benchmark.workloads[i] for i in kept)


def test_a_percentile_needs_three_runs():
    p90 = benchmark_of(ROWS, 2, 2).p90_s
    assert_allclose(p90[0, 0], 3.8)
    assert np.isnan(p90).sum() == 3


def test_what_ran_out_of_memory_is_kept():
    benchmark = benchmark_of(ROWS, 2, 2)
    assert benchmark.oom.tolist() == [[False, False], [False, True]]
    assert benchmark.table().rows[1] == ("w1", "g0", 1, 8.0, 1)


def test_noise_is_that_of_repeats():
    logs = np.log([2.0, 4.0, 3.0])
    apart = np.abs(logs - logs.mean()) * np.sqrt(3 / 2)
    assert benchmark_of(ROWS, 2, 2).run_log_sd == pytest.approx(np.quantile(apart, 0.9) / 1.6449)
    assert benchmark_of(ROWS[3:], 2, 2).run_log_sd == USUAL_NOISE


def test_noise_is_about_the_sd_of_normal_runs_and_not_that_of_a_few_wild_ones():
    rng = np.random.default_rng(0)
    sd = np.where(np.arange(200) < 4, 1.0, 0.03)
    rows = [(i % 20, i // 20, float(np.exp(sd[i] * rng.standard_normal()))) for i in range(200) for _ in range(3)]
    assert benchmark_of(rows, 20, 10).run_log_sd == pytest.approx(0.03, rel=0.15)


def test_a_noisy_machine_is_told_from_a_quiet_one_and_one_without_repeats_is_as_usual():
    rng = np.random.default_rng(0)
    rows = [(w, v, float(np.exp(0.1 * v * rng.standard_normal()))) for w in range(60) for v in (0, 1) for _ in range(3)]
    benchmark = benchmark_of([*rows, (0, 2, 1.0)], 60, 3)
    quiet, noisy, unknown = benchmark.machine_log_sd
    assert quiet < 0.02
    assert noisy == pytest.approx(0.1, rel=0.15)
    assert unknown == benchmark.run_log_sd


def test_a_digest_is_that_of_the_runs():
    assert benchmark_of(ROWS, 2, 2).digest == benchmark_of(ROWS, 2, 2).digest
    assert benchmark_of(ROWS, 2, 2).digest != benchmark_of(ROWS[1:], 2, 2).digest


def test_names_are_looked_up_with_a_hint():
    benchmark = benchmark_of(ROWS, 2, 2)
    assert benchmark.index(["cloud/m1"]).tolist() == [1]
    with pytest.raises(UnknownMachine, match="cloud/m1"):
        benchmark.index(["cloud/m11"])
    with pytest.raises(UnknownName, match="w1"):
        benchmark.workload_index("w11")


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_times_are_above_zero(seconds):
    with pytest.raises(InputError, match="row 1"):
        benchmark_of([(0, 0, 1.0), (0, 0, seconds)], 1, 1)


def test_the_digest_knows_the_sizes_of_machines():
    benchmark, _ = factors(0)
    grown = tuple(msgspec.structs.replace(m, vcpus=2 * m.vcpus) for m in benchmark.catalog.machines)
    other = msgspec.structs.replace(benchmark, catalog=msgspec.structs.replace(benchmark.catalog, machines=grown))
    assert other.digest != benchmark.digest
