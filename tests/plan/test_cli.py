import pytest
from tests.plan.simulated import SimulatedJob

from learnsys.core.errors import BadFile, InputError
from learnsys.core.trace_file import write_traces
from learnsys.plan import Plan
from learnsys.plan.cli import choose


@pytest.fixture
def traces(tmp_path):
    job = SimulatedJob()
    write_traces(job.probes(methods=["newton"], rounds=10), tmp_path / "newton.jsonl")
    write_traces(job.probes(methods=["slow"], rounds=10), tmp_path / "slow.parquet")
    return tmp_path


def test_chooses_from_files_and_folders(traces, tmp_path):
    one = choose(traces / "newton.jsonl", target="1e-4")
    both = choose(traces, target="1e-4", workers="1-8")
    assert {c.method for c in one.candidates} == {"newton"}
    assert {c.method for c in both.candidates} == {"newton", "slow"}
    assert {c.workers for c in both.candidates} == {1, 2, 4, 8}


def test_saves_the_plan_and_its_picture(traces, tmp_path):
    plan = choose(traces, budget="2s", save=tmp_path / "plan.json", chart=tmp_path / "plan.svg")
    assert Plan.read(tmp_path / "plan.json") == plan
    assert (tmp_path / "plan.svg").read_text().startswith("<svg")


def test_bad_words_are_refused(traces):
    with pytest.raises(BadFile, match="no file"):
        choose(traces / "nothing.jsonl", target="1e-4")
    with pytest.raises(InputError, match="give a target or a budget"):
        choose(traces)


def test_what_is_no_plan_is_refused(traces):
    with pytest.raises(BadFile, match="cannot read"):
        Plan.read(traces / "newton.jsonl")
