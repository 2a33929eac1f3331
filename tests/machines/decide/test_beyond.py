"""A job on machines that nobody ran a workload on, told by what public scores say of them."""

import msgspec
import numpy as np
import pytest
from tests.machines.decide import made

from learnsys.core.errors import Incompatible, InputError
from learnsys.machines.decide.beyond import REACH, beyond
from learnsys.machines.decide.rank import answer, ask, rank

SIZES = [(n, g) for n in (1, 2, 4, 8) for g in (2, 4)]


@pytest.fixture(scope="module")
def scores():
    """Scores of the made machines, of a third vendor as fast as ash, and of one that is far larger."""
    base = made.benchmark(W=12, seed=5)
    machines = base.catalog.machines
    cedar = [msgspec.structs.replace(m, key=m.key.replace("ash", "cedar"), family="cedar") for m in machines[:8]]
    huge = msgspec.structs.replace(machines[0], key="cedar/huge", vcpus=64.0, memory_bytes=256 << 30, family="cedar")
    V, ash = len(machines), np.flatnonzero(base.machine < 8)
    again = np.concatenate([np.arange(base.machine.size), ash, ash[base.machine[ash] == 0]])
    machine = np.concatenate([base.machine, base.machine[ash] + V, np.full((base.machine[ash] == 0).sum(), V + 8)])
    return msgspec.structs.replace(
        base, name="scores", catalog=msgspec.structs.replace(base.catalog, machines=(*machines, *cedar, huge)),
        machine=machine, workload=base.workload[again], elapsed_s=base.elapsed_s[again], outcome=base.outcome[again],
        counters=base.counters[again], features=np.zeros((V + 9, 0)), feature_names=(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def families(benchmark):
    """The made benchmark with a family for each size, for some have to be held out."""
    machines = [msgspec.structs.replace(m, family=f"{m.vendor}{m.vcpus:g}") for m in benchmark.catalog.machines]
    return msgspec.structs.replace(
        benchmark, catalog=msgspec.structs.replace(benchmark.catalog, machines=tuple(machines))
    )


def with_families(scores, benchmark):
    at = {m.key: m.family for m in benchmark.catalog.machines}
    machines = [msgspec.structs.replace(m, family=at.get(m.key, m.family)) for m in scores.catalog.machines]
    return msgspec.structs.replace(scores, catalog=msgspec.structs.replace(scores.catalog, machines=tuple(machines)))


@pytest.fixture(scope="module")
def ranking(families, scores, fingerprint):
    return rank(fingerprint, benchmark=families, scores=with_families(scores, families))


def test_a_machine_like_a_known_one_is_predicted_like_it(ranking, evidence):
    known = answer(evidence, ask())
    for n, g in SIZES:
        same, new = known[f"ash/c{n}.{g}"], ranking[f"cedar/c{n}.{g}"]
        assert new.source == "scores"
        assert new.time_s.median == pytest.approx(same.time_s.median, rel=0.1)
        assert new.time_s.low < same.time_s.median < new.time_s.high


def test_machines_of_the_benchmark_keep_what_was_predicted(ranking, evidence):
    known = answer(evidence, ask())
    for key in ("ash/c1.4", "birch/c8.2"):
        assert ranking[key].source == "predicted"
        assert ranking[key].time_s.median == pytest.approx(known[key].time_s.median, rel=0.05)
    assert ranking["ash/c2.2"].source == "measured"


def test_what_is_far_larger_is_left_out_and_said(ranking):
    assert "cedar/huge" not in [r.machine for r in ranking.rows]
    assert any(
        "8 types are told by the scores of scores alone" in n and "1 of unknown size" in n for n in ranking.notes
    )
    assert REACH < 64 / 8


def test_without_machines_in_both_tables_it_is_refused(evidence, scores):
    machines = tuple(m for m in scores.catalog.machines if m.key.startswith("cedar"))
    apart = msgspec.structs.replace(scores, catalog=msgspec.structs.replace(scores.catalog, machines=machines))
    with pytest.raises(InputError, match="no machine of made is known by other scores of scores"):
        beyond(evidence, apart)


def test_shapes_have_no_scores(fingerprint, benchmark, scores):
    with pytest.raises(Incompatible, match="shapes have no scores"):
        rank(fingerprint, benchmark=benchmark, shape="cpu=1..2,mem=2g", scores=scores)
