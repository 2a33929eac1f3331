"""The lines say what was predicted and what came, also where nothing could be checked."""

from datetime import date

import msgspec
import pytest

from learnsys.core.estimate import Estimate
from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.core.machine import Price
from learnsys.loop.machine_types import MachineChoice
from learnsys.machines.predictions import Prediction


def run(machine="host/cpu=0.5,mem=1GiB", seconds=4.0, outcome="ok", rejected=None):
    return Run(machine=machine, outcome=outcome, elapsed_s=seconds, cpu_s=1.0, peak_bytes=1, working_set_bytes=1,
               rejected=rejected)  # fmt: skip


def prediction(cpu, seconds, usd_hour, fits=1.0):
    price = Price(region="r", usd_hour=usd_hour, kind="on-demand", as_of=date(2026, 1, 1), source="s")

    def estimate(k):
        return Estimate(mean=k, median=k, low=0.8 * k, high=1.25 * k, level=0.9, p90=1.1 * k)

    return Prediction(
        machine=f"host/cpu={cpu:g},mem=1GiB", price=price, time_s=estimate(seconds), p_fits=fits, p_deadline=None,
        cost_usd=estimate(seconds * usd_hour / 3600), slowdown=estimate(seconds), source="predicted", why="",
    )  # fmt: skip


def choice(**changes):
    value = MachineChoice(
        fingerprint=Fingerprint(name="job", command=("job",), runs=(run("host/cpu=1,mem=1GiB", 2.0),)),
        label="shapes of one host", isolation="cgroup2", front=("host/cpu=1,mem=1GiB",),
        predictions=(prediction(1, 2.0, 0.05), prediction(0.5, 4.5, 0.03), prediction(0.25, 9.0, 0.01, fits=0.1)),
        to_verify="host/cpu=0.5,mem=1GiB",
    )  # fmt: skip
    return msgspec.structs.replace(value, **changes)


def test_the_cheapest_an_hour_is_told_apart_from_the_cheapest_for_the_job():
    lines = dict(choice().lines())
    assert lines["machine"].startswith("host/cpu=1,mem=1GiB is the cheapest of 3")
    assert "host/cpu=0.5,mem=1GiB" in lines["cheapest per hour"], "what does not fit does not come into question"
    assert "1.35x the dollars of a run, 2.2x its time" in lines["cheapest per hour"]


def test_where_they_are_the_same_it_says_so():
    one = choice(predictions=(prediction(1, 2.0, 0.05),), to_verify=None)
    assert dict(one.lines())["cheapest per hour"].endswith("the same machine")
    assert "verified" not in dict(one.lines())
    assert one.inside is None


@pytest.mark.parametrize(
    ("runs", "inside", "said"),
    [
        ((), None, "not run yet"),
        ((run(seconds=4.6),), True, "ran 4.6 s (inside the interval)"),
        ((run(seconds=9.0),), False, "ran 9 s (outside the interval)"),
        ((run(seconds=None, outcome="timeout"),), False, "did not end well (timeout)"),
    ],
)
def test_what_came_of_the_check_is_said(runs, inside, said):
    checked = choice(verified=runs)
    assert checked.inside is inside
    assert dict(checked.lines())["verified"].endswith(said)


def test_runs_that_do_not_count_are_no_measurement():
    checked = choice(verified=(run(seconds=9.0, rejected="noise"), run(seconds=4.5)))
    assert checked.measured_s == 4.5
    assert choice(verified=(run(seconds=9.0, rejected="noise"),)).measured_s == 9.0, "unless there is no other"


def test_the_picture_has_what_was_predicted_and_what_was_measured():
    spec = choice(verified=(run(seconds=4.6),)).chart().to_dict()
    predicted, measured = spec["data"], spec["layer"][3]["data"]
    assert len(predicted["values"]) == 2, "what does not fit is not drawn"
    assert {v["what"] for v in measured["values"]} == {"reference", "check"}


def test_it_survives_json():
    value = choice(verified=(run(),))
    assert msgspec.json.decode(msgspec.json.encode(value), type=MachineChoice) == value
    assert "1 more" not in value.table().markdown()
