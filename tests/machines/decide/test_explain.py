import msgspec
import numpy as np
import pytest
from tests.machines.decide import made

from learnsys.core.errors import UnknownMachine
from learnsys.machines.decide.evidence import look
from learnsys.machines.decide.explain import character, explain, explained, nearest
from learnsys.machines.decide.fitted import fit_for


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (made.run("host/cpu=4,mem=8GiB", 10.0, cpu_s=36.0), "CPU-bound; 3.6 of 4 cores"),
        (made.run("aws/c5.large", 10.0, cpu_s=9.7), "CPU-bound; 1.0 cores"),
        (made.run("aws/c5.large", 10.0, cpu_s=3.0, counters={"psi.io": (0.5, 0.9)}), "disk-bound (50 %"),
        (made.run("aws/c5.large", 10.0, cpu_s=1.0), "mostly waiting; 0.1 cores"),
        (made.run("aws/c5.large", 10.0, cpu_s=0.0), "unknown nature"),
    ],
)
def test_a_run_is_told_by_what_bounds_it(run, says):
    assert says in character(run)


def test_the_job_is_explained_with_its_references(evidence):
    explanation = explained(evidence)
    assert "measured on 2 references" in explanation.summary
    facts = dict(explanation.facts)
    assert "ash/c2.2 (2 runs" in facts["references"]
    assert "3 GiB" in facts["memory"]
    assert facts["nearest known workloads"].count("w") == 3
    assert explanation.chart().to_dict()["mark"]


def test_a_machine_is_explained_too(benchmark, fingerprint):
    facts = dict(explain(fingerprint, "ash/c1.2", benchmark=benchmark).facts)
    assert "predicted" in facts["time on ash/c1.2"]
    assert facts["fits"].startswith("no,")
    assert "north" in facts["cost"]
    with pytest.raises(UnknownMachine, match="did you mean"):
        explain(fingerprint, "ash/c1.22", benchmark=benchmark)


def test_a_known_workload_is_nearest_to_itself(benchmark):
    keys = ("ash/c1.4", "ash/c8.4", "birch/c2.2")
    again = made.job(np.log(benchmark.seconds[5]), keys)
    assert nearest(look(again, fit_for(benchmark, keys)))[0] == "w5"


def test_a_job_is_told_by_a_run_that_the_answer_rests_on(benchmark, truth):
    job = made.job(truth, ["ash/c4.2"], cpu_s=1e9)
    elsewhere = made.run("moon/c1", 10.0, cpu_s=1.0)
    summary = explain(msgspec.structs.replace(job, runs=(elsewhere, *job.runs)), benchmark=benchmark).summary
    assert "CPU-bound" in summary
    assert "of 4 cores" in summary


def test_a_whole_host_is_explained_by_its_own_run_and_the_lab_s_shape():
    from learnsys.core.fingerprint import Fingerprint
    from learnsys.machines import load_benchmark

    runs = tuple(made.run("host/cpu=4,mem=24GiB", t, cpu_s=0.9 * t, peak=2**28) for t in (2.0, 2.1))
    explanation = explain(Fingerprint(name="etl", command=(), runs=runs), benchmark=load_benchmark("lab"))
    assert "0.9 of 4 cores" in explanation.summary
    assert dict(explanation.facts)["references"].startswith("host/cpu=2,mem=")
