import numpy as np
import pytest
from tests.machines.decide import made

from learnsys.core.errors import UnknownMachine
from learnsys.machines.decide import fitted
from learnsys.machines.decide.evidence import look
from learnsys.machines.decide.fitted import KEPT, fit_for, keep_fit, kept_fit

MEASURED = ("ash/c2.2", "birch/c4.4")


def test_a_fit_that_was_kept_answers_the_same(home, benchmark, fingerprint, evidence):
    keep_fit("made", MEASURED, fit_for(benchmark, MEASURED))
    again = look(fingerprint, kept_fit("made", MEASURED))
    np.testing.assert_allclose(again.forecast.log_s, evidence.forecast.log_s, rtol=1e-9)
    np.testing.assert_allclose(again.forecast.scale, evidence.forecast.scale, rtol=1e-6)
    assert again.fitted.outline.keys == benchmark.keys
    assert again.fitted.outline.catalog == benchmark.catalog


def test_a_fit_is_found_under_what_it_depends_on_alone(home, benchmark, monkeypatch):
    keep_fit("made", MEASURED, fit_for(benchmark, MEASURED))
    assert kept_fit("made", MEASURED) is not None
    assert kept_fit("other", MEASURED) is None
    assert kept_fit("made", MEASURED[:1]) is None
    monkeypatch.setattr(fitted, "_code", lambda: "changed")
    assert kept_fit("made", MEASURED) is None


def test_a_damaged_file_is_as_good_as_none(home, benchmark):
    keep_fit("made", MEASURED, fit_for(benchmark, MEASURED))
    (file,) = (home / "fits").iterdir()
    file.write_bytes(file.read_bytes()[:-100])
    assert kept_fit("made", MEASURED) is None


def test_few_files_are_kept(home, benchmark):
    fit = fit_for(benchmark, MEASURED)
    for i in range(KEPT + 3):
        keep_fit(f"made {i}", MEASURED, fit)
    assert len(list((home / "fits").iterdir())) == KEPT
    assert kept_fit(f"made {KEPT + 2}", MEASURED) is not None


def test_a_folder_that_cannot_be_written_costs_nothing_else(tmp_path, benchmark, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("LEARNSYS_HOME", str(tmp_path / "file"))
    keep_fit("made", MEASURED, fit_for(benchmark, MEASURED))
    assert kept_fit("made", MEASURED) is None


def test_the_runs_are_left_behind(benchmark):
    outline = fit_for(benchmark, MEASURED).outline
    assert outline.elapsed_s.size == 0
    assert outline.workloads == benchmark.workloads


def test_an_unknown_machine_is_refused():
    with pytest.raises(UnknownMachine, match="did you mean"):
        fit_for(made.benchmark(W=4), ["ash/c2.22"])
