import numpy as np
from tests.series.graph.test_lower import xcov

from learnsys import series
from learnsys.series.graph import nodes
from learnsys.series.graph.collect import grouped
from learnsys.series.graph.foresee import foreseen
from learnsys.series.graph.rewrite import stages
from learnsys.series.graph.settings import Settings


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


def test_what_will_be_read_in_chunks_is_foreseen(tmp_path):
    import polars as pl

    t = np.arange(5000.0)
    pl.DataFrame({"t": t, "a": np.sin(t), "b": np.cos(t)}).write_parquet(tmp_path / "x.parquet")
    q = series.scan(tmp_path / "x.parquet", time="t")
    batch = grouped(stages(nodes.Batch(asks=(q.psd(max_hz=0.1).node, q.ask(xcov(weights="uniform")).node)))[-1])
    steps = foreseen(batch, Settings(memory_bytes=0))
    assert [step.what for step in steps] == ["running sums", "running projection"]
    assert all(step.estimate_s > 0 for step in steps)
