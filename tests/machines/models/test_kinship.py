"""Kinship: a covariance, that agrees with its loops and finds the likeness that workloads were made with."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.machines.models import naive_models as naive
from tests.machines.models.made import factors

from learnsys.machines.models.kinship import Kinship, kinship

SEEDS = st.integers(0, 10**6)


def made(seed, V=8):
    rng = np.random.default_rng(seed)
    return Kinship(
        arch=rng.integers(0, 2, V), cpu=rng.integers(0, 3, V), octaves=rng.integers(0, 6, V).astype(float),
        profile=rng.normal(size=(4, V)), variances=rng.random(5),
    )  # fmt: skip


@given(SEEDS)
def test_agrees_with_loops(seed):
    kin, every = made(seed), np.arange(8)
    expected = naive.kinship(kin.arch, kin.cpu, kin.octaves, kin.profile, kin.variances)
    assert_allclose(kin.between(every, every), expected, atol=1e-9)
    assert_allclose(kin.between(every[:3], every[5:]), expected[:3, 5:], atol=1e-9)
    assert_allclose(np.diag(expected), kin.diagonal(), atol=1e-9)


@given(SEEDS)
def test_is_a_covariance(seed):
    every = np.arange(8)
    assert np.linalg.eigvalsh(made(seed).between(every, every)).min() > -1e-9


@given(SEEDS)
@settings(max_examples=10)
def test_permuting_machines_permutes_it(seed):
    benchmark, _ = factors(seed)
    order, every = np.random.default_rng(seed).permutation(9), np.arange(9)
    assert_allclose(
        kinship(benchmark.only(machines=order)).between(every, every),
        kinship(benchmark).between(order, order), atol=1e-6,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["arch", "cpu"])
def test_finds_what_goes_together(kind):
    """Each group has something new, alike on machines of one of more kinds than leading components could show."""
    V, kinds, rng = 60, 20, np.random.default_rng(0)
    benchmark, log_s = factors(0, W=40, V=V, noise=0.001, reps=1, counters=0)
    of = np.arange(V) % kinds
    machines = tuple(
        msgspec.structs.replace(m, vcpus=2.0 ** int(rng.integers(0, 4)), **{kind: f"k{i}"})
        for i, m in zip(of, benchmark.catalog.machines, strict=True)
    )
    new = np.repeat(0.3 * rng.normal(size=(20, kinds)), 2, axis=0)[:, of]
    benchmark = msgspec.structs.replace(
        benchmark,
        elapsed_s=np.exp(log_s + new)[benchmark.workload, benchmark.machine],
        catalog=msgspec.structs.replace(benchmark.catalog, machines=machines),
    )
    S, same = kinship(benchmark).between(np.arange(V), np.arange(V)), of[:, None] == of
    apart = ~same
    np.fill_diagonal(same, False)
    assert 0.03 < S[same].mean() - S[apart].mean() < 0.15


def test_a_single_group_shows_nothing_new():
    benchmark, _ = factors(0, W=2)
    assert (kinship(benchmark).variances == 0).all()
