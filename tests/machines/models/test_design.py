"""What is left unknown: agrees with its loops, and falls as references come in kinds."""

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.machines.models import naive_models as naive
from tests.machines.models.made import factors

from learnsys.machines.models.cells import settled_cells
from learnsys.machines.models.design import Design
from learnsys.machines.models.kinship import kinship
from learnsys.machines.models.references import choose_references

SEEDS = st.integers(0, 10**6)
EVERY = np.arange(9)


@given(SEEDS, st.integers(1, 4))
@settings(max_examples=15)
def test_agrees_with_loops(seed, k):
    benchmark, _ = factors(seed)
    R = np.random.default_rng(seed).choice(9, k, replace=False)
    S = kinship(benchmark).between(EVERY, EVERY)
    expected = naive.left_unknown(settled_cells(benchmark), benchmark.groups, S, R)
    assert_allclose(Design(benchmark, EVERY).errors([frozenset(R.tolist())])[0], expected, rtol=1e-5)


def test_of_many_machines_references_come_in_kinds():
    """Two kinds of machine, told apart by something new in each group."""
    V, rng = 210, np.random.default_rng(0)
    benchmark, log_s = factors(0, W=24, V=V, reps=1, counters=0)
    kind = rng.integers(0, 2, V)
    machines = tuple(
        msgspec.structs.replace(m, vcpus=4.0, cpu=f"k{i}")
        for i, m in zip(kind, benchmark.catalog.machines, strict=True)
    )
    new = np.repeat(0.5 * rng.normal(size=(12, 2)), 2, axis=0)[:, kind]
    benchmark = msgspec.structs.replace(
        benchmark,
        elapsed_s=np.exp(log_s + new)[benchmark.workload, benchmark.machine],
        catalog=msgspec.structs.replace(benchmark.catalog, machines=machines),
    )
    chosen = choose_references(benchmark, 2, allowed=list(range(0, V, 7)))
    assert set(kind[chosen]) == {0, 1}
    assert (chosen % 7 == 0).all()
