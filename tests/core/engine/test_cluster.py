"""What is particular to Ray: who starts it, who may hear it, and what it keeps."""

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from tests.core.engine.workers import Number

from learnsys.core import engine as door
from learnsys.core.engine import cluster
from learnsys.core.engine.cluster import ActorHost
from learnsys.core.errors import InputError, MissingExtra, WorkerLost, WorkFailed

OWN_RAY = """
import json, os, psutil
from learnsys.core import engine as door
from tests.core.engine.workers import Number
def children(): return psutil.Process().children(recursive=True)
with door.ray(1) as engine:
    result = engine.workers(Number, [0]).call("threads")
    family = [psutil.Process(), *children()]
    heard = sorted({c.laddr.ip for p in family for c in p.net_connections() if c.status == "LISTEN"})
    names = [p.name() for p in family]
import ray
print(json.dumps({"result": result, "heard": heard, "names": names, "initialised": ray.is_initialized(),
                  "left": [p.name() for p in children()], "usage": os.environ["RAY_USAGE_STATS_ENABLED"]}))
"""


def test_a_ray_of_our_own_is_heard_on_this_machine_only_and_ends_with_the_engine(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"{Path(__file__).parents[3]}", prepend=os.pathsep)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", OWN_RAY], capture_output=True, text=True, timeout=120, check=True
    )
    told = json.loads(done.stdout)
    assert told["result"] == [1], "BLAS has one thread even so"
    assert told["heard"]
    assert set(told["heard"]) <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
    assert "raylet" in told["names"]
    assert not any("dashboard.py" in name for name in told["names"])
    assert (told["initialised"], told["left"], told["usage"]) == (False, [], "0")
    assert done.stderr == "", "it starts quietly"


def test_a_ray_of_the_caller_is_left_running(ray_engine):
    import ray

    with door.ray(1) as engine:
        assert engine.map(abs, [-1]) == [1]
    assert ray.is_initialized()
    assert ray_engine.map(abs, [-2]) == [2]


def test_more_slots_than_cpus_are_refused(ray_engine):
    with pytest.raises(InputError, match="slots is 99, but Ray has 4 CPUs; give slots <= 4"):
        door.ray(99)


def test_nobody_waits_for_ever_for_a_cpu(ray_engine, monkeypatch):
    ray_engine.workers(Number, [1, 2])  # they hold two of the four CPUs
    monkeypatch.setattr(cluster, "_PATIENCE_S", 0.5)
    with pytest.raises(WorkFailed, match="started no worker within"), door.ray(4) as engine:
        engine.workers(Number, [1, 2, 3, 4])
    assert ray_engine.workers(Number, [1, 2]).call("add", 1) == [2, 3]


def test_big_values_are_put_once_and_small_ones_travel_along(ray_engine):
    import ray

    assert ActorHost.pack((1, "a")) == (1, "a")
    assert isinstance(ActorHost.pack(np.zeros(20_000)), ray.ObjectRef)


def test_a_state_that_is_gone_is_told(ray_engine):
    import ray

    class Owner:
        """Owns an object, which goes when it goes."""

        def make(self):
            return [ray.put(np.zeros(200_000))]

    group = ray_engine.workers(Number, [np.zeros(200_000), np.zeros(200_000)])
    group.call("add", 1.0)
    owner = ray.remote(Owner).options(num_cpus=0).remote()
    [group._crews[0].agreed] = [state] = ray.get(owner.make.remote())
    ray.kill(owner)
    with suppress(ray.exceptions.ObjectLostError):
        for _ in range(500):  # until the news has spread
            ray.get(state)
            time.sleep(0.02)
    with pytest.raises(WorkerLost, match="cannot fetch what worker 0 needs to restore"):
        group.call("die")


def test_arrays_from_ray_are_read_only(ray_engine):
    assert ray_engine.workers(Number, [np.zeros(50_000)]).call("get")[0][0].flags.writeable is False


def test_the_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra, match=r"ray is not installed; pip install 'learnsys\[ray\]'"):
        door.ray(1)
