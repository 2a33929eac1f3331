"""Training learns, keeps to its budget, and goes on where it was cut."""

import msgspec
import pytest
import torch
from tests.complete.toys import encoded

from learnsys.complete.models.backbone import Backbone, Sizes
from learnsys.complete.train.fit import FLOOR, WARM_UP, WARM_UP_SHARE, Schedule, _rate, fit
from learnsys.core.errors import BadFile, InputError
from learnsys.core.recorder import Recorder

SMALL = Sizes(width=16, sequence=16, stack=12, pointer=8)
FILES, VOCABULARY, LEXICON = encoded(8, statements=20)
TOTAL = sum(map(len, FILES))


def new(seed=0, sizes=SMALL):
    torch.manual_seed(seed)
    return Backbone(len(VOCABULARY.words), len(VOCABULARY.parts), sizes)


def schedule(epochs, **others):
    return Schedule(epochs=epochs, streams=4, length=32, rate=1e-2, **others)


def test_it_learns_and_the_same_seed_learns_the_same():
    first, second = new(), new()
    at = fit(first, FILES, schedule(8))
    assert at.bits < 4.5  # of a uniform guess: 4.6 and what unknown words cost
    again = fit(second, FILES, schedule(8))
    assert (again.bits, again.tokens) == (at.bits, at.tokens)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
    other = fit(new(), FILES, schedule(0.2, seed=1))
    assert other.bits != fit(new(), FILES, schedule(0.2)).bits
    assert not first.training


def test_a_budget_of_epochs_is_kept():
    at = fit(new(), FILES, schedule(2))
    assert at.epoch == 2
    assert at.tokens == 2 * TOTAL


def test_a_budget_of_seconds_is_kept():
    at = fit(new(), FILES, Schedule(cpu_s=0.5, streams=4, length=32))
    assert 0.5 <= at.cpu_s < 5


def test_a_run_that_was_cut_goes_on(tmp_path):
    kept = tmp_path / "run.pt"
    first = fit(new(), FILES, schedule(2), checkpoint=kept)
    model = new(seed=9)  # what it holds is replaced by the checkpoint
    told = []
    at = fit(model, FILES, schedule(6), checkpoint=kept, notice=lambda share, note: told.append(share))
    assert at.steps > first.steps
    assert at.epoch == 6
    assert at.cpu_s > first.cpu_s
    assert told[0] == pytest.approx(2 / 6, abs=0.05)
    assert told == sorted(told)
    assert at.bits < first.bits


def test_a_run_that_was_interrupted_has_its_last_step_kept(tmp_path):
    kept = tmp_path / "run.pt"

    def interrupt(share, note):
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(new(), FILES, schedule(4), checkpoint=kept, notice=interrupt)
    at = torch.load(kept, weights_only=True)["at"]
    assert at["tokens"] > 0.4 * 4 * TOTAL
    assert at["chunk"] > 0
    done = fit(new(seed=3), FILES, schedule(4), checkpoint=kept)
    assert done.epoch == 4
    whole = fit(new(), FILES, schedule(4))
    assert done.steps == whole.steps  # no chunk twice, none left out


def test_a_run_that_is_done_stays_as_it_is(tmp_path):
    kept = tmp_path / "run.pt"
    first = fit(new(), FILES, schedule(1), checkpoint=kept)
    model = new(seed=5)
    assert msgspec.structs.asdict(fit(model, FILES, schedule(1), checkpoint=kept)) == msgspec.structs.asdict(first)


@pytest.mark.parametrize("damage", ["cut", "text", "another model", "empty"])
def test_a_bad_checkpoint_is_refused(tmp_path, damage):
    kept = tmp_path / "run.pt"
    fit(new(), FILES, schedule(0.1), checkpoint=kept)
    content = kept.read_bytes()
    kept.write_bytes({"cut": content[:-5000], "text": b"no checkpoint", "empty": b""}.get(damage, content))
    sizes = msgspec.structs.replace(SMALL, width=8) if damage == "another model" else SMALL
    with pytest.raises(BadFile, match=r"run\.pt.*sha256"):
        fit(new(sizes=sizes), FILES, schedule(1), checkpoint=kept)


def test_a_checkpoint_of_other_data_is_refused(tmp_path):
    kept = tmp_path / "run.pt"
    fit(new(), FILES, schedule(0.1), checkpoint=kept, mark="a")
    with pytest.raises(BadFile, match="other data"):
        fit(new(), FILES, schedule(1), checkpoint=kept, mark="b")


def test_no_budget_and_nothing_to_train_on_are_refused():
    with pytest.raises(InputError, match="budget"):
        Schedule()
    with pytest.raises(InputError, match="two tokens"):
        fit(new(), [], schedule(1))


def test_steps_are_told_to_a_recorder_with_what_is_measured():
    recorder = Recorder("muon", job="toy")
    at = fit(new(), FILES, schedule(2, every_s=0.05), recorder=recorder, measure=lambda model: 7.5)
    trace = recorder.finish("rounds")
    assert {step.loss for step in trace.steps} == {7.5}
    assert len(trace.steps) >= 2
    assert trace.last.cpu_s <= at.cpu_s + 0.5


def test_the_rate_warms_up_and_ends_at_the_floor():
    assert _rate(0.0, 0) == pytest.approx(1 / WARM_UP)
    assert _rate(0.0, WARM_UP) == 1.0
    assert _rate(WARM_UP_SHARE, 0) > 0.99  # a short run has few steps
    assert _rate(1.0, 10 * WARM_UP) == pytest.approx(FLOOR)
    rates = [_rate(share / 20, 10_000) for share in range(21)]
    assert rates == sorted(rates, reverse=True)
