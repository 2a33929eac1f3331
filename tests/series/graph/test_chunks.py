import numpy as np
import pytest
from tests.series.graph.graphs import SOURCES

from learnsys.series.graph import chunks, nodes
from learnsys.series.graph.chunks import OutOfOrder
from learnsys.series.graph.nodes import NOTHING
from learnsys.series.graph.stored import Stored
from learnsys.series.graph.values import apply
from learnsys.series.sources.scan import scan
from learnsys.series.types import Samples


def table(samples, order):
    """The samples as one long table in some order."""
    import polars as pl

    names = np.array(samples.ids)[samples.series]
    return pl.DataFrame({"t": samples.t[order], "s": names[order], "x": samples.x[order]})


def gathered(parts):
    parts = list(parts)
    ids = parts[-1].ids
    codes, t, x = (np.concatenate([getattr(p, name) for p in parts]) for name in ("codes", "t", "x"))
    return Samples.of({name: (t[codes == d], x[codes == d]) for d, name in enumerate(ids)})


@pytest.mark.parametrize(
    "ops",
    [
        [nodes.Log(child=NOTHING), nodes.Scale(child=NOTHING, a=2.0, ids=("a", "c"))],
        [nodes.Duplicates(child=NOTHING, policy="mean"), nodes.Difference(child=NOTHING)],
        [nodes.Duplicates(child=NOTHING, policy="last"), nodes.Between(child=NOTHING, start=3.0, end=20.0)],
        [nodes.Duplicates(child=NOTHING, policy="first"), nodes.Log(child=NOTHING), nodes.Difference(child=NOTHING)],
        [nodes.Duplicates(child=NOTHING, policy="mean"), nodes.Weights(child=NOTHING, rule="uniform")],
    ],
    ids=lambda ops: " ".join(type(op).__name__ for op in ops),
)
def test_chunks_are_the_samples(ops):
    samples = SOURCES[0].samples
    order = np.argsort(samples.t, kind="stable")
    node = nodes.Scan(source=Stored(source=scan(table(samples, order), time="t")))
    for op in ops:
        node, samples = op.over(node), apply(op, samples)
    got = gathered(chunks.chunks(node))
    wanted = {name: samples.one(d) for d, name in enumerate(samples.ids)}
    for d, name in enumerate(got.ids):
        np.testing.assert_allclose(got.one(d)[0], wanted[name][0])
        np.testing.assert_allclose(got.one(d)[1], wanted[name][1])


def test_increments_need_rows_in_order():
    samples = SOURCES[0].samples
    order = np.argsort(-samples.t, kind="stable")
    node = nodes.Difference(child=nodes.Scan(source=Stored(source=scan(table(samples, order), time="t"))))
    with pytest.raises(OutOfOrder, match="order of time"):
        list(chunks.chunks(node))


def test_some_operators_need_all_samples():
    node = nodes.Scan(source=SOURCES[0])
    assert chunks.steps(nodes.Difference(child=nodes.Log(child=node))) is not None
    assert chunks.steps(nodes.Log(child=nodes.Demean(child=node))) is None


def test_origin_is_the_first_stamp_that_there_is():
    import polars as pl

    n = 400_000  # several chunks
    t = pl.Series(1_767_571_200 * 10**9 + np.arange(n) * 10**6).cast(pl.Datetime("ns", "UTC"))
    source = Stored(source=scan(pl.DataFrame({"t": t, "s": ["a"] * n, "x": np.arange(n)}), time="t"))
    late = source.bound("2026-01-05T00:05:00Z")
    node = nodes.Scan(source=source, start=late)
    assert next(rows.t0_ns for rows in chunks.chunks(node) if rows.t.size) == late
    (empty,) = chunks.chunks(nodes.Scan(source=source, start=late + 10**15))
    assert not empty.t.size
