import msgspec
import pytest
import yaml
from tests.machines.decide import made

from learnsys.core.errors import InputError
from learnsys.core.machine import Machine
from learnsys.machines.decide.export import MOST, skypilot
from learnsys.machines.decide.rank import answer, ask
from learnsys.machines.predictions import Rows


def renamed(ranking, name):
    """The same ranking with other keys."""
    c = ranking.rows.columns
    machines = tuple(msgspec.structs.replace(m, key=name(i, m)) for i, m in enumerate(c.machines))
    columns = msgspec.structs.replace(c, machines=machines)
    return msgspec.structs.replace(ranking, rows=Rows(columns, ranking.rows.objective, ranking.rows.cost, 1))


def test_a_task_names_the_best_machines_in_order(evidence):
    ranking = renamed(answer(evidence, ask(deadline=60.0)), lambda i, m: f"aws/t{i}.large")
    text = skypilot(ranking, command='python etl.py "day 1"')
    task = yaml.safe_load(text)
    assert task["name"] == "etl"
    assert task["run"] == 'python etl.py "day 1"'
    ordered = task["resources"]["ordered"]
    assert len(ordered) == min(MOST, ranking.feasible)
    assert ordered[0] == {"infra": "aws/north", "instance_type": "t0.large"}
    assert float(task["envs"]["LEARNSYS_EXPECTED_SECONDS"]) == pytest.approx(ranking.best.time_s.median, rel=1e-3)
    assert "a run" in text


def test_only_keys_that_skypilot_knows_are_used(evidence):
    task = yaml.safe_load(skypilot(renamed(answer(evidence, ask()), lambda i, m: f"gcp/n{i}")))
    assert set(task) <= {"name", "num_nodes", "resources", "envs", "run"}
    assert all(set(r) <= {"infra", "instance_type", "cpus", "memory"} for r in task["resources"]["ordered"])


def test_shapes_of_a_host_become_cores_and_memory(evidence):
    ranking = renamed(answer(evidence, ask()), lambda i, m: f"host/cpu={i}")
    first: Machine = ranking.rows.columns.machines[0]
    wanted = yaml.safe_load(skypilot(ranking))["resources"]["ordered"][0]
    assert wanted == {"cpus": f"{first.vcpus:g}+", "memory": f"{first.memory_bytes / made.GIB:g}+"}


def test_vendors_that_skypilot_does_not_know_are_refused(evidence):
    with pytest.raises(InputError, match="SkyPilot knows none"):
        skypilot(answer(evidence, ask()))
