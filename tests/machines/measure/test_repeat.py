"""Fingerprints: enough runs that count, every run kept, warnings where the host or the user gave too little."""

import msgspec
import pytest
from tests.machines.measure.test_noise import run

from learnsys.core.errors import InputError
from learnsys.machines.measure import repeat
from learnsys.machines.measure.repeat import EXTRA, fingerprint


def scripted(monkeypatch, runs):
    """Let ``measure`` return these runs one after another."""
    ahead = iter(runs)
    monkeypatch.setattr(repeat, "measure", lambda command, **options: next(ahead))


def test_runs_that_count_are_counted_and_others_repeated(monkeypatch):
    noisy = run(cpu_hindered_frac=0.5)
    scripted(monkeypatch, [run(), noisy, noisy, run(), run()])
    seen = []
    made = fingerprint(["job"], name="n", reps=3, on_run=lambda done, note: seen.append(done))
    assert [bool(r.rejected) for r in made.runs] == [False, True, True, False, False]
    assert seen == [1, 1, 1, 2, 3]
    assert made.command == ("job",)


def test_a_busy_host_is_given_up_with_a_warning_and_nothing_is_lost(monkeypatch):
    scripted(monkeypatch, [run(cpu_hindered_frac=0.5)] * 99)
    with pytest.warns(UserWarning, match="0 of 7 runs count where 3 were asked for"):
        made = fingerprint(["job"], name="n", reps=3)
    assert len(made.runs) == EXTRA * 3 + 1


def test_one_repetition_is_warned_of(monkeypatch):
    scripted(monkeypatch, [msgspec.structs.replace(run(), isolation="cgroup1")])
    with pytest.warns(UserWarning, match="one repetition"):
        fingerprint(["job"], name="n", reps=1)


def test_weak_runs_are_warned_of():
    with pytest.warns(UserWarning, match="weak"):
        made = fingerprint(["true"], name="n", reps=2, weak=True)
    assert len(made.runs) >= 2


@pytest.mark.parametrize("outcome", ["failed", "timeout", "oom"])
def test_a_bad_end_is_not_repeated(monkeypatch, outcome):
    bad = msgspec.structs.replace(run(), outcome=outcome, elapsed_s=None, isolation="cgroup1")
    scripted(monkeypatch, [bad, run()])
    assert [r.outcome for r in fingerprint(["job"], name="n").runs] == [outcome]


def test_a_file_is_read_by_each_run_from_its_start(tmp_path):
    (tmp_path / "in").write_text("yes\n")
    with (tmp_path / "in").open("rb") as source:
        made = fingerprint(["sh", "-c", "read word; test $word = yes"], name="n", reps=2, size=4, stdin=source)
    assert {r.outcome for r in made.runs} == {"ok"}
    assert {r.size for r in made.runs} == {4}


@pytest.mark.parametrize("bad", [{"reps": 0}, {"timeout_s": 0}, {"timeout_s": -1.0}, {"size": 0}])
def test_impossible_wishes_are_refused(bad):
    with pytest.raises(InputError):
        fingerprint(["true"], name="n", **bad)
