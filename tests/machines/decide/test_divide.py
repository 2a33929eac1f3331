import numpy as np
import pytest
from tests.machines.decide import made

from learnsys.core.errors import InputError
from learnsys.machines.decide.divide import over, parse_shapes
from learnsys.machines.decide.rank import rank

ASH = {"vendor": "ash"}


def test_shapes_are_doublings_of_both_and_have_both_ends():
    shapes = parse_shapes("cpu=0.5..6, mem=2g..8g")
    assert sorted({m.vcpus for m in shapes}) == [0.5, 1, 2, 4, 6]
    assert sorted({m.memory_bytes // made.GIB for m in shapes}) == [2, 4, 8]
    assert len(shapes) == 15


@pytest.mark.parametrize("bad", ["cpu=1", "cpu=2..1,mem=1g", "cpu=0,mem=1g", "cpu=a,mem=1g", "cpu=1..2..3,mem=1g", "x"])
def test_what_are_no_shapes_is_refused(bad):
    with pytest.raises(InputError, match=r"cpu=1\.\.64"):
        parse_shapes(bad)


def test_too_many_shapes_are_refused():
    with pytest.raises(InputError, match="narrow"):
        parse_shapes("cpu=1e-30..1e30,mem=1..1e18")


def test_shapes_between_machines_lie_between_their_times(evidence):
    there, _ = over(evidence, parse_shapes("cpu=3,mem=8g"))
    times = dict(zip(evidence.fitted.outline.keys, evidence.forecast.log_s, strict=True))
    around = [t for k, t in times.items() if "c2." in k or "c4." in k]
    assert min(around) <= there.forecast.log_s[0] <= max(around)


def test_intervals_widen_away_from_what_the_benchmark_has(evidence):
    there, _ = over(evidence, parse_shapes("cpu=8..64,mem=32g"))
    assert (np.diff(there.forecast.scale) > 0).all()


def test_more_than_the_job_needs_is_ranked_by_cost_with_what_more_would_buy(fingerprint, benchmark):
    ranking = rank(fingerprint, benchmark=benchmark, shape="cpu=1..8,mem=2g..16g", rates="cpu=0.03,mem=0.004")
    assert len(ranking.rows) == 16
    assert ranking.objective == "cost"
    assert all(r.p_fits < 0.5 for r in ranking.rows if "mem=2GiB" in r.machine)
    assert ranking.best.cost_usd.median == min(r.cost_usd.median for r in ranking.rows if r.p_fits > 0.5)
    assert any("one more core" in note and "one more GiB" in note and "a run" in note for note in ranking.notes)


def test_without_rates_shapes_are_ranked_by_time(fingerprint, benchmark):
    ranking = rank(fingerprint, benchmark=benchmark, shape="cpu=1..64,mem=4g..8g")
    assert ranking.objective == "time"
    assert any("beyond all machines" in note for note in ranking.notes) == (ranking.best.machine.find("cpu=64") > 0)
