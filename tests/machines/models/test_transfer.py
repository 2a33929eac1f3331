from datetime import date

import numpy as np
import pytest

from learnsys.core.errors import InputError
from learnsys.core.machine import Catalog, Machine
from learnsys.machines.benchmark import Benchmark, Workload
from learnsys.machines.models.transfer import fit_transfer, place, scored, with_configuration

FAMILIES, SIZES = 6, 3


def scores(seed=0):
    """Servers of six families, whose scores follow from a speed of the family and their cores."""
    rng = np.random.default_rng(seed)
    speed = np.repeat(rng.normal(0, 0.3, FAMILIES), SIZES)
    cores = np.tile([2.0, 4, 8], FAMILIES)
    machines = [
        Machine(key=f"aws/f{i // SIZES}.{c:g}", vcpus=c, memory_bytes=int(c) << 32, family=f"aws/f{i // SIZES}")
        for i, c in enumerate(cores)
    ]
    machines.append(Machine(key="alicloud/ecs.g6.large", vcpus=0, memory_bytes=0))  # of unknown size
    catalog = Catalog(machines=tuple(machines), source="here", licence="none", as_of=date(2026, 1, 1), sha256="")
    W, V = 12, len(machines)
    parallel = np.repeat([0.0, 1.0], W // 2)
    x = -np.outer(parallel, np.append(np.log(cores), 1)) - np.append(speed, 0) + 0.01 * rng.normal(size=(W, V))
    w, v = np.divmod(np.arange(W * V), V)
    benchmark = Benchmark(
        name="scores", catalog=catalog, workloads=tuple(Workload(name=f"w{i}", group=f"s{i % 3}") for i in range(W)),
        machine=v, workload=w, elapsed_s=np.exp(x.ravel()), outcome=np.zeros(W * V, np.int8),
        counters=np.empty((W * V, 0)), features=np.zeros((V, 0)),
    )  # fmt: skip
    return benchmark, speed, cores


def test_a_new_family_is_predicted_from_its_scores():
    benchmark, speed, cores = scores()
    log_s = np.stack([4 - speed - 0.8 * np.log(cores), 2 - speed - 0.2 * np.log(cores)])
    known, new = np.arange(15), np.arange(15, 18)
    model, servers = fit_transfer(benchmark, known, log_s[:, :15])
    assert servers.tolist() == list(range(18))  # all but the one of unknown size
    for t, forecast in enumerate(model.predict(new)):
        assert np.abs(forecast.log_s - log_s[t, 15:]).max() < 0.1
        low, high = forecast.interval(0.99)
        assert ((low < np.exp(log_s[t, 15:])) & (np.exp(log_s[t, 15:]) < high)).all()
        assert (forecast.log_p90 > forecast.log_s).all()


def test_times_may_be_missing():
    benchmark, speed, cores = scores()
    log_s = 4 - speed - 0.8 * np.log(cores)
    log_s[[0, 5]] = np.nan
    model, _ = fit_transfer(benchmark, np.arange(15), log_s[:15])
    assert np.isfinite(model.predict(np.arange(18))[0].log_s).all()


def test_servers_alike_lie_close():
    places = place(scores()[0], np.arange(18))
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    assert places.shape == (18, 6)
    assert apart[0, 3] < apart[0, 2]  # the same size of another family; another size of the same


def test_machines_are_matched_by_what_each_calls_them():
    benchmark, *_ = scores()
    ours = [Machine(key=k, vcpus=2, memory_bytes=1) for k in ("alibaba/g6.large", "huawei/x", "aws/f1.4")]
    mine = Benchmark(
        name="mine", catalog=Catalog(machines=tuple(ours), source="", licence="", as_of=date(2026, 1, 1), sha256=""),
        workloads=(), machine=np.array([], int), workload=np.array([], int), elapsed_s=np.array([]),
        outcome=np.array([], np.int8), counters=np.empty((0, 0)), features=np.empty((3, 0)),
    )  # fmt: skip
    here, there = scored(mine, benchmark)
    assert here.tolist() == [0, 2]
    assert [benchmark.keys[v] for v in there] == ["alicloud/ecs.g6.large", "aws/f1.4"]
    assert scored(mine.only(machines=[1]), benchmark)[0].size == 0


def test_what_cannot_be_told_is_refused():
    benchmark, *_ = scores()
    with pytest.raises(InputError, match="2 families of machines are too few"):
        fit_transfer(benchmark, np.arange(6), np.zeros(6))
    with pytest.raises(InputError, match=r"ecs\.g6\.large has no known size"):
        place(benchmark, np.array([0, 18]))
    assert 18 not in with_configuration(benchmark)
    with pytest.raises(InputError, match="3 configurations were run on most"):
        place(benchmark.only(workloads=[0, 1, 2]), np.arange(18))
