import numpy as np
import pytest

from learnsys import series
from learnsys.series.graph import partial


@pytest.fixture
def path(tmp_path):
    import polars as pl

    rng = np.random.default_rng(0)
    t = pl.Series(1_767_571_200 * 10**9 + np.sort(rng.integers(0, 10**12, 3000))).cast(pl.Datetime("ns", "UTC"))
    frame = pl.DataFrame({"t": t, "s": rng.choice(list("abc"), 3000), "x": np.exp(rng.normal(size=3000))})
    frame.write_parquet(tmp_path / "x.parquet")
    return tmp_path / "x.parquet"


def same(one, other):
    assert one.coefficients.ids == other.coefficients.ids
    assert one.coefficients.t0_ns == other.coefficients.t0_ns
    for name in ("X", "W"):
        wanted = getattr(other.coefficients, name)
        np.testing.assert_allclose(getattr(one.coefficients, name), wanted, atol=1e-5 * np.abs(wanted).max())


@pytest.mark.parametrize("chain", [lambda q: q.log(), lambda q: q.log().difference()], ids=["levels", "increments"])
def test_chunks_give_the_state_of_all_samples(path, chain, monkeypatch):
    q = chain(series.scan(path, time="t", series="s", value="x"))
    held = series.scan(q.samples()).partial(bandwidth=10, period=2000)
    monkeypatch.setattr(partial, "make_state", lambda *_, **__: pytest.fail("all samples were read into memory"))
    same(q.partial(bandwidth=10, period=2000), held)


def test_what_does_not_stream_is_held(path):
    import polars as pl

    q = series.scan(path, time="t", series="s", value="x").difference()
    wanted = series.scan(q.samples()).partial(bandwidth=10, period=2000)
    pl.read_parquet(path).sample(fraction=1.0, shuffle=True, seed=1).write_parquet(path)
    mixed = series.scan(path, time="t", series="s", value="x").select(wanted.coefficients.ids).difference()
    same(mixed.partial(bandwidth=10, period=2000), wanted)
    assert mixed.partial(bandwidth=10, period=2000, weights="voronoi").weights == "voronoi"
