import numpy as np
import pytest
from tests.machines.decide import made

from learnsys.core.errors import InputError
from learnsys.machines.decide.evidence import look
from learnsys.machines.decide.fitted import fit_for
from learnsys.machines.decide.propose import next_reference, propose, propose_first, references
from learnsys.machines.decide.rank import answer, ask


def test_the_choice_is_the_first_of_the_ranking(evidence):
    assert propose(evidence, ask()).choice == answer(evidence, ask()).best.machine


def test_it_stops_when_the_regret_is_small_enough(evidence):
    proposal = propose(evidence, ask(), enough=5.0)
    assert proposal.next is None
    assert "stop: expected regret" in proposal.why
    assert "<= 500 %" in proposal.why


def test_it_goes_on_while_there_is_something_to_gain(evidence):
    proposal = propose(evidence, ask(objective="time"), enough=1e-9)
    if proposal.next is not None:
        assert proposal.next not in evidence.references
        assert proposal.trials[0].regret_after <= proposal.regret


def test_a_job_that_runs_once_is_not_worth_another_measurement(evidence):
    assert propose(evidence, ask(), enough=1e-9, runs=1).next is None


def test_more_runs_to_come_are_worth_at_least_as_many_measurements(evidence):
    few, many = (propose(evidence, ask(), enough=1e-9, runs=n) for n in (1, 1e6))
    assert (few.next is None) or (many.next is not None)


def test_conditions_hold_for_what_is_measured(evidence):
    proposal = propose(evidence, ask(vendor="ash", max_vcpus=4), enough=1e-9)
    assert all(t.machine.startswith("ash/") for t in proposal.trials)
    assert not any("c8" in t.machine for t in proposal.trials)


def test_the_same_question_gets_the_same_answer(evidence):
    assert propose(evidence, ask(), enough=1e-9) == propose(evidence, ask(), enough=1e-9)


def test_the_first_is_proposed_before_anything_was_measured(benchmark):
    proposal = propose_first(benchmark, ask(max_price=0.2), name="etl")
    assert proposal.next in benchmark.keys
    assert proposal.references == ()
    elsewhere = next_reference(made.job(np.zeros(16), []), benchmark=benchmark)
    assert elsewhere.next is not None


def test_following_it_ends_with_little_regret(benchmark):
    rng, usd = np.random.default_rng(5), np.array([m.prices[0].usd_hour for m in made.machines()])
    for _ in range(4):
        log_s = made.speed(rng)
        keys = [propose_first(benchmark, ask(), name="etl").next]
        while len(keys) < 6:
            evidence = look(made.job(log_s, keys, peak=0), fit_for(benchmark, keys))
            proposal = propose(evidence, ask())
            if proposal.next is None:
                break
            keys.append(proposal.next)
        cost = usd * np.exp(log_s)
        assert cost[benchmark.keys.index(proposal.choice)] <= 1.15 * cost.min()


@pytest.mark.parametrize("bad", [{"enough": 0}, {"enough": -1}, {"runs": 0}, {"p": 2}])
def test_what_cannot_be_asked_is_refused(benchmark, fingerprint, bad):
    with pytest.raises(InputError):
        next_reference(fingerprint, benchmark=benchmark, **bad)


def test_references_are_chosen_among_what_is_allowed(benchmark):
    chosen = references(2, benchmark=benchmark, vendor="ash")
    assert len(chosen.machines) == 2
    assert {m.vendor for m in chosen.machines} == {"ash"}


def test_shows_and_draws_itself(evidence):
    proposal = propose(evidence, ask(), enough=1e-9)
    assert proposal.why in proposal.table().title
    assert proposal.chart().to_dict()["layer"]


def test_no_column_is_empty_and_the_advice_stands_alone_where_enough_is_known(evidence):
    names = [
        [c.name for c in propose(evidence, ask(objective=o), enough=1e-9).table().columns] for o in ("cost", "time")
    ]
    assert "run cost" in names[0]
    assert "run cost" not in names[1]
    (row,) = propose(evidence, ask(), enough=5.0).table().rows
    assert row[0].startswith("stop")


def test_what_a_missed_deadline_counts_is_told(evidence):
    assert "10 runs more" in propose(evidence, ask(deadline=60.0)).notes[0]
    assert not any("runs more" in note for note in propose(evidence, ask()).notes)


def test_a_job_that_was_killed_for_memory_is_proposed_where_there_is_more(benchmark):
    from learnsys.core.fingerprint import Fingerprint

    killed = Fingerprint(name="etl", command=(), runs=(made.run("birch/c4.2", outcome="oom"),))
    proposal = next_reference(killed, benchmark=benchmark)
    memory = {m.key: m.memory_bytes for m in benchmark.catalog.machines}
    assert memory[proposal.next] > memory["birch/c4.2"]


def test_a_job_measured_elsewhere_is_proposed_where_it_fits(benchmark):
    from learnsys.core.fingerprint import Fingerprint

    at = {m.key: m.memory_bytes for m in benchmark.catalog.machines}
    light, heavy = (Fingerprint(name="etl", command=(), runs=(made.run("moon/c1", peak=p),)) for p in (1, 20 << 30))
    assert at[next_reference(light, benchmark=benchmark).next] < 20 << 30
    assert at[next_reference(heavy, benchmark=benchmark).next] >= 20 << 30
