import msgspec
from tests.machines.decide import made

from learnsys.machines.decide.evidence import look
from learnsys.machines.decide.fitted import fit_for
from learnsys.machines.decide.rank import answer, ask, rank


def test_no_machine_in_time_is_said(evidence):
    ranking = answer(evidence, ask(deadline=0.01))
    assert ranking.feasible == 0
    assert any("no type ends in time" in note for note in ranking.notes)


def test_what_does_not_fit_is_said_with_the_command_that_explains(evidence):
    assert any(
        "2 types cannot hold its 3 GiB peak memory (learnsys machines explain etl ash/c1.2)" in note
        for note in answer(evidence, ask()).notes
    )


def test_the_answer_says_what_it_rests_on(evidence):
    ranking = answer(evidence, ask())
    assert ranking.label == "a made cloud"
    assert "a made cloud" in ranking.notes[-1]


def test_few_known_workloads_are_said(evidence, truth):
    few = look(made.job(truth, ["ash/c2.2"]), fit_for(made.benchmark(W=6), ["ash/c2.2"]))
    assert any("calibrated on 6 known workloads" in note for note in answer(few, ask()).notes)
    assert not any("calibrated on" in note for note in answer(evidence, ask()).notes)


def test_another_processor_than_the_one_measured_on_is_said(benchmark, truth):
    job = made.job(truth, ["birch/c2.2"])
    ranking = rank(job, benchmark=benchmark)
    assert ranking.best.machine.startswith("ash/")
    assert any("the first is x86, and the job was measured on arm: --arch arm" in note for note in ranking.notes)
    assert not any("--arch" in note for note in rank(job, benchmark=benchmark, arch="arm").notes)


def test_where_each_type_has_its_own_region_it_is_said(evidence):
    cheap = made.machines()[0]
    moved = msgspec.structs.replace(cheap, prices=(made.price("east", 1e-3),))
    assert not any("cheapest region" in note for note in answer(evidence, ask()).notes)
    machines = (moved, *evidence.fitted.outline.catalog.machines[1:])
    outline = evidence.fitted.outline
    outline = msgspec.structs.replace(outline, catalog=msgspec.structs.replace(outline.catalog, machines=machines))
    spread = msgspec.structs.replace(evidence, fitted=msgspec.structs.replace(evidence.fitted, outline=outline))
    said = [note for note in answer(spread, ask()).notes if "cheapest region" in note]
    assert len(said) == 1
    assert answer(spread, ask()).best.price.region in said[0]
    assert not any("cheapest region" in note for note in answer(spread, ask(region="north")).notes)
