import numpy as np
import pytest

from learnsys.core.errors import InputError, TooFewPoints
from learnsys.core.machine import Machine
from learnsys.machines.models import scaleout
from learnsys.machines.models.scaleout import Clusters, fit_scaleout, grid

GIB = 2.0**30


def runs(n=30, noise=0.02, seed=0):
    """Runs whose time is fixed + work / cores + messages, on two machine types."""
    rng = np.random.default_rng(seed)
    big = rng.integers(0, 2, n)
    clusters = Clusters(
        machines=tuple(f"c/m{b}" for b in big),
        nodes=rng.choice([2.0, 4, 6, 8, 12], n),
        cores=np.where(big, 8.0, 4.0),
        memory_bytes=np.where(big, 32.0, 16.0) * GIB,
        size_bytes=rng.choice([5, 10, 20], n) * 1e9,
        parameters=rng.choice([3.0, 5, 9], (n, 1)),
        parameter_names=("k",),
    )
    return clusters, law(clusters) * np.exp(noise * rng.normal(size=n))


def law(c):
    """Seconds of the job, without noise."""
    return 20 + 15e-9 * c.parameters[:, 0] * c.size_bytes / (c.nodes * c.cores) + 2 * c.nodes


def test_thirty_runs_predict_other_clusters():
    model = fit_scaleout(*runs())
    new, _ = runs(60, seed=1)
    forecast = model.predict(new)
    assert np.abs(np.exp(forecast.log_s) / law(new) - 1).mean() < 0.05
    low, high = forecast.interval(0.9)
    assert ((low <= law(new)) & (law(new) <= high)).mean() >= 0.8
    assert (forecast.log_p90 > forecast.log_s).all()


def test_of_very_many_runs_some_are_drawn_the_same_each_time(monkeypatch):
    monkeypatch.setattr(scaleout, "MOST", 30)
    clusters, seconds = runs(90)
    first, again = fit_scaleout(clusters, seconds), fit_scaleout(clusters, seconds)
    assert first.runs == 30
    np.testing.assert_array_equal(first.predict(clusters).log_s, again.predict(clusters).log_s)
    assert np.abs(np.exp(first.predict(clusters).log_s) / law(clusters) - 1).mean() < 0.05


def test_the_clock_does_not_matter():
    clusters, seconds = runs()
    a, b = fit_scaleout(clusters, seconds).predict(clusters), fit_scaleout(clusters, 60 * seconds).predict(clusters)
    np.testing.assert_allclose(b.log_s, a.log_s + np.log(60), atol=1e-3)


def test_a_grid_asks_which_machine_and_how_many():
    machines = [
        Machine(key="c/m0", vcpus=4, memory_bytes=16 << 30),
        Machine(key="c/m1", vcpus=8, memory_bytes=32 << 30),
    ]
    asked = grid(machines, [2, 4, 8], size_bytes=10e9, parameters={"k": 5})
    assert list(zip(asked.machines, asked.nodes, strict=True))[:4] == [
        ("c/m0", 2),
        ("c/m0", 4),
        ("c/m0", 8),
        ("c/m1", 2),
    ]
    log_s = fit_scaleout(*runs()).predict(asked).log_s
    assert log_s[0] > log_s[1] > log_s[2]


def test_a_parameter_may_be_zero():
    clusters, seconds = runs()
    zero = Clusters(
        **{f: getattr(clusters, f) for f in clusters.__struct_fields__} | {"parameters": clusters.parameters - 3}
    )
    assert np.isfinite(fit_scaleout(zero, seconds).predict(zero).log_s).all()


def test_mistakes_are_told_in_one_line():
    clusters, seconds = runs()
    with pytest.raises(TooFewPoints, match="3 runs on clusters are too few; measure at least 6"):
        fit_scaleout(clusters.only([0, 1, 2]), seconds[:3])
    with pytest.raises(InputError, match="run 1 took -1 s"):
        fit_scaleout(clusters, np.where(np.arange(30) == 1, -1.0, seconds))
    machine, model = Machine(key="c/m0", vcpus=4, memory_bytes=1 << 30), fit_scaleout(clusters, seconds)
    with pytest.raises(InputError, match="measured with parameters k, not iterations"):
        model.predict(grid([machine], [2], size_bytes=1e9, parameters={"iterations": 3}))
    with pytest.raises(InputError, match="nodes is 0"):
        grid([machine], [0], size_bytes=1e9)
