import numpy as np
from tests.series.graph.test_lower import xcov

from learnsys import series
from learnsys.series.estimate.types import Facts
from learnsys.series.graph import nodes
from learnsys.series.graph.foresee import foreseen, stretched
from learnsys.series.graph.rewrite import stages
from learnsys.series.graph.settings import Settings
from learnsys.series.types import Samples


def test_steps_are_foreseen_without_reading_all(tmp_path):
    import polars as pl

    n = 300_000
    t = np.sort(np.random.default_rng(0).uniform(0, 1e4, n))
    pl.DataFrame({"t": t, "s": np.tile(["a", "b"], n // 2), "x": np.sin(t)}).write_parquet(tmp_path / "x.parquet")
    asks = series.scan(tmp_path / "x.parquet", time="t").scale(2).ask(xcov())
    read, sums = foreseen(stages(nodes.Batch(asks=(asks.node,)))[-1].root, Settings())
    assert abs(read.rows / n - 1) < 0.05
    assert abs(sums.rows / n - 1) < 0.05
    assert sums.serves == (0,)
    assert sums.actual_s is None


def test_the_first_rows_stand_for_all():
    whole = Samples.of({"a": (np.arange(100.0), np.ones(100))})
    first = Samples.of({"a": (np.arange(25.0), np.ones(25))})
    got, wanted = stretched(Facts.of(first), 0.25), Facts.of(whole)
    assert (got.n, got.sum_w) == (wanted.n, wanted.sum_w)
    assert abs(got.last_s[0] - wanted.last_s[0]) < 5
