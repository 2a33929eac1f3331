import msgspec
import numpy as np
import pytest
from tests.machines.decide import made

from learnsys.core.errors import InputError, UnknownMachine, UnknownName
from learnsys.core.fingerprint import Fingerprint
from learnsys.core.store import Store
from learnsys.machines.decide.evidence import gather, good_machines, known_machines, look
from learnsys.machines.decide.fitted import fit_for
from learnsys.machines.decide.rank import rank
from learnsys.machines.offline.registry import load_benchmark


def job(*runs):
    return Fingerprint(name="etl", command=(), runs=runs)


def test_where_it_ran_little_is_left_to_guess(evidence, truth):
    at = evidence.observed.machines
    np.testing.assert_allclose(evidence.forecast.log_s[at], truth[at], atol=0.05)
    assert evidence.forecast.scale[at].max() <= np.delete(evidence.forecast.scale, at).min()
    assert evidence.references == ("ash/c2.2", "birch/c4.4")


def test_predictions_are_near_the_truth(evidence, truth):
    assert np.abs(evidence.forecast.log_s - truth).max() < 0.25


def test_runs_where_the_benchmark_knows_nothing_are_left_out_and_said(benchmark, truth):
    mixed = msgspec.structs.replace(
        f := made.job(truth, ["ash/c2.2"]), runs=(made.run("moon/c1"), *f.runs, made.run("ash/c4.2", rejected="steal"))
    )
    assert good_machines(mixed) == ("moon/c1", "ash/c2.2")
    evidence = look(mixed, fit_for(benchmark, known_machines(mixed, benchmark)))
    assert evidence.references == ("ash/c2.2",)
    assert any("moon/c1" in note for note in evidence.notes)


def test_one_repetition_is_said(benchmark, truth):
    f = made.job(truth, ["ash/c2.2"], reps=1)
    assert "one run on ash/c2.2" in look(f, fit_for(benchmark, ["ash/c2.2"])).notes[0]


@pytest.mark.parametrize(
    ("runs", "says"),
    [
        ((), "no run that ended well"),
        ((made.run("ash/c2.2", outcome="failed"),), "no run that ended well: 1 failed; run it again"),
        (
            (made.run("ash/c2.2", outcome="timeout"),),
            r"no run that ended well: 1 timed out; give it longer \(--timeout",
        ),
        ((made.run("ash/c2.2", outcome="oom"), made.run("ash/c1.2", outcome="oom")), "memory on ash/c2.2, ash/c1.2"),
    ],
)
def test_a_job_without_a_good_run_is_refused_in_one_line(benchmark, runs, says):
    with pytest.raises(InputError, match=says) as caught:
        gather(job(*runs), benchmark)
    assert "learnsys machines fingerprint --name etl" in caught.value.next


def test_a_job_measured_elsewhere_is_refused_with_the_near_machine(benchmark):
    with pytest.raises(UnknownMachine, match=r"made does not have.*did you mean ash/c2\.2"):
        gather(job(made.run("ash/c2.22")), benchmark)


def test_an_unknown_job_gets_a_hint(home, benchmark):
    Store().put("fingerprint", "etl", job(made.run("ash/c2.2")))
    with pytest.raises(UnknownName, match="did you mean etl"):
        gather("elt", benchmark)
    assert gather("etl", benchmark).references == ("ash/c2.2",)


def test_a_machine_without_offline_data_is_no_reference(benchmark):
    v = benchmark.keys.index("ash/c2.2")
    kept = benchmark.machine != v
    without = msgspec.structs.replace(
        benchmark, machine=benchmark.machine[kept], workload=benchmark.workload[kept],
        elapsed_s=benchmark.elapsed_s[kept], outcome=benchmark.outcome[kept], counters=benchmark.counters[kept],
    )  # fmt: skip
    with pytest.raises(InputError, match=r"ash/c2\.2 has no offline data"):
        gather(job(made.run("ash/c2.2")), without)


def test_memory_decides_what_fits(evidence, benchmark, truth):
    fits = dict(zip(benchmark.keys, evidence.p_fits, strict=True))  # needs 3 GiB
    assert fits["ash/c1.2"] < 0.01
    assert fits["ash/c1.4"] > 0.9
    assert "3 GiB" in evidence.need


def test_where_it_ran_out_of_memory_it_does_not_fit(benchmark, truth):
    f = made.job(truth, ["ash/c4.2"])
    killed = msgspec.structs.replace(f, runs=(*f.runs, made.run("ash/c2.2", outcome="oom")))
    evidence = look(killed, fit_for(benchmark, ["ash/c4.2"]))
    fits = dict(zip(benchmark.keys, evidence.p_fits, strict=True))
    assert fits["ash/c2.2"] < 0.5, "whatever the peak elsewhere"
    assert fits["ash/c8.4"] > 0.99


def test_a_kill_counts_in_shapes_that_the_benchmark_lacks_but_not_on_machines_that_nobody_knows(benchmark, truth):
    f = made.job(truth, ["ash/c4.2"])
    fits = []
    for machine in ("host/cpu=1,mem=5GiB", "elm/unheard-of"):
        killed = msgspec.structs.replace(f, runs=(*f.runs, made.run(machine, outcome="oom")))
        evidence = look(killed, fit_for(benchmark, ["ash/c4.2"]))
        fits.append(dict(zip(benchmark.keys, evidence.p_fits, strict=True)))
    assert fits[0]["ash/c2.2"] < 0.5, "4 GiB, where 5 were too little"
    plain = look(f, fit_for(benchmark, ["ash/c4.2"]))
    np.testing.assert_allclose(list(fits[1].values()), plain.p_fits)


def test_without_a_peak_nothing_is_said_of_memory(benchmark, truth):
    evidence = look(made.job(truth, ["ash/c4.2"], peak=0), fit_for(benchmark, ["ash/c4.2"]))
    assert (evidence.p_fits == 1).all()


def test_a_busy_host_gets_an_answer_too_and_is_told(benchmark, truth):
    f = made.job(truth, ["ash/c2.2"], rejected="steal 9 %")
    evidence = gather(f, benchmark)
    assert evidence.references == ("ash/c2.2",)
    assert any("disturbed" in note for note in evidence.notes)
    quiet = made.job(truth, ["ash/c2.2"])
    mixed = msgspec.structs.replace(f, runs=(*quiet.runs, made.run("ash/c2.2", 99.0, rejected="steal")))
    np.testing.assert_allclose(np.exp(gather(mixed, benchmark).observed.log_s), quiet.runs[0].elapsed_s)


def test_a_size_that_was_not_measured_is_told_from_the_others_and_said_so():
    key = "host/cpu=1,mem=4GiB"
    runs = [made.run(key, t, cpu_s=t, peak=2**27, size=s) for t, s in ((1.0, 2**30), (1.9, 2**31))]
    seen, lab = job(*runs), load_benchmark("lab")
    told = rank(seen, benchmark=lab, size=2**33)
    assert told[key].source == "predicted", "it never ran on so much"
    assert told[key].time_s.median == pytest.approx(7.6, rel=0.3)
    assert any("no run was of 8 GiB: told from runs of 1 GiB to 2 GiB" in note for note in told.notes)
    assert not any("one run on" in note for note in told.notes)
    assert rank(seen, benchmark=lab, size=2**31)[key].source == "measured"


def test_of_several_sizes_the_largest_counts(benchmark, truth):
    small = made.job(truth - 1.0, ["ash/c2.2"], size=1e9)
    big = made.job(truth, ["ash/c2.2"], size=3e9)
    both = msgspec.structs.replace(big, runs=(*small.runs, *big.runs))
    evidence = gather(both, benchmark)
    np.testing.assert_allclose(np.exp(evidence.observed.log_s), big.runs[0].elapsed_s)
    assert evidence.size == 3e9


def test_a_kept_fit_is_not_taken_for_another_shape_that_stands_in(home):
    small, large = (
        Fingerprint(
            name="etl",
            command=(),
            runs=tuple(made.run("host/cpu=1,mem=700MiB", t, cpu_s=0.9 * t, peak=peak) for t in (2.0, 2.1)),
        )
        for peak in (2**26, 550 * 2**20)
    )
    for job in (small, large, small):
        evidence = gather(job, "lab")
        assert evidence.fitted.references == list(evidence.references)
    assert gather(small, "lab").references != gather(large, "lab").references
