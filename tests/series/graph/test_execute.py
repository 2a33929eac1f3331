import numpy as np

from learnsys import series
from learnsys.series.graph import execute, literal, nodes
from learnsys.series.graph.collect import grouped
from learnsys.series.graph.rewrite import stages
from learnsys.series.graph.settings import Settings
from learnsys.series.types import Samples


def test_values_after_resample_are_interpolated():
    q = series.scan(Samples.of({"a": ([0.0, 4.0], [0.0, 8.0])}))
    assert q.resample("1s").samples().x.tolist() == [0, 2, 4, 6, 8]


def test_only_pairs_with_few_samples_near_a_lag_are_summed_again(monkeypatch):
    rng = np.random.default_rng(0)
    q = series.scan(Samples.of({name: (rng.uniform(0, 1e6, 10_000), rng.normal(size=10_000)) for name in "ab"}))
    options = {"lags": series.lags(-10, 10, 2.5), "weights": "uniform", "ci": None, "shrink": False}
    asked = q.difference().xcov(bandwidth=2, **options)  # increments of a series are seldom near each other
    exact, pairs = execute.sums, []

    def sums(samples, spec, *, tol, how):
        pairs.append(spec.pairs)
        return exact(samples, spec, tol=tol, how="grid")

    monkeypatch.setattr(execute, "sums", sums)
    got = execute.Execution(Settings(ways=("grid",))).run(grouped(stages(nodes.Batch(asks=(asked.node,)))[-1]))[0]
    assert pairs == ["all", ((1, 1),)]
    wanted = literal.answer(asked.node)  # the increments have a variance of 2
    np.testing.assert_allclose(got.values, wanted.values, atol=1e-5)
