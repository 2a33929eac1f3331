import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.series.graph.test_lower import xcov

from learnsys import series
from learnsys.core.errors import InputError
from learnsys.series.graph import streaming
from learnsys.series.graph.collect import grouped
from learnsys.series.graph.nodes import Batch
from learnsys.series.graph.rewrite import stages
from learnsys.series.sources.source import Source

N = 20_000


@pytest.fixture
def path(tmp_path, monkeypatch):
    import polars as pl

    rng = np.random.default_rng(0)
    t, names = np.sort(rng.uniform(0, 4000, N)).round(2), rng.choice(list("abc"), N)
    level = np.exp(0.1 * np.sin(t / 3) + 0.01 * rng.normal(size=N))
    pl.DataFrame({"t": t, "s": names, "x": level, "q": rng.integers(0, 3, N)}).write_parquet(tmp_path / "x.parquet")
    monkeypatch.setitem(Source.batches.__kwdefaults__, "batch_rows", 1000)
    return tmp_path / "x.parquet"


def scan(path):
    return series.scan(path, time="t", series="s", value="x").filter("q", "<", 2)


def both(*asked):
    """In chunks and in memory."""
    return [series.collect(*asked, without=["cache"], memory=memory) for memory in (0, "1GiB")]


def chains(q):
    return {
        "levels": q.log(), "returns": q.log().difference(), "last": q.difference(duplicates="last"),
        "scaled": q.scale(3.0, 1.0, ids=["b"]).log().demean(), "cut": q.difference().between(100, 3000),
        "shifted": q.log().shift(2.0, ids=["a"]),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["levels", "returns", "last", "scaled", "cut", "shifted"])
def test_chunks_give_what_all_samples_do(path, name):
    q = chains(scan(path))[name]
    asks = [q.ask(xcov(weights="uniform", bandwidth=h, kernel=k)) for h, k in ((0.5, "k4"), (1.0, "gaussian"))]
    streamed, held = both(*asks)
    assert [step.what for step in streamed.steps] == ["running sums"]
    for one, other in zip(streamed, held, strict=True):
        assert one.ids == other.ids
        assert_allclose(one.values, other.values, atol=1e-5 * np.abs(other.values).max())
        assert_allclose(one.effective_pairs, other.effective_pairs, rtol=1e-4)


def test_voronoi_weights_are_capped_by_the_first_rows(path):
    streamed, held = both(scan(path).log().ask(xcov(weights="voronoi")))
    assert streamed.steps[0].what == "running sums"
    assert streaming.CAPPED in streamed[0].notes
    assert streaming.CAPPED not in held[0].notes
    assert_allclose(streamed[0].values, held[0].values, atol=0.02 * np.abs(held[0].values).max())


def test_spectra_take_a_second_pass(path):
    streamed, held = both(scan(path).log().psd(max_hz=0.5), scan(path).log().ask(xcov(weights="uniform")))
    assert {step.what for step in streamed.steps} == {"running sums", "running projection"}
    assert_allclose(streamed[0].power, held[0].power, atol=1e-5 * held[0].power.max())
    alone, _ = both(scan(path).log().psd(max_hz=0.5))
    assert_allclose(alone[0].power, held[0].power, atol=1e-5 * held[0].power.max())


def test_intervals_come_from_as_many_blocks_of_the_stream(path):
    ask = scan(path).log().ask(xcov(weights="uniform", ci="jackknife", pairs=((0, 1),)))
    streamed, held = both(ask)
    assert streamed.steps[0].what == "running sums"
    assert_allclose(streamed[0].values, held[0].values, atol=0.01 * np.abs(held[0].values).max())
    width = (streamed[0].high - streamed[0].low) / (held[0].high - held[0].low)
    assert 0.3 < np.median(width) < 3
    assert streamed[0].notes == held[0].notes


def test_fewer_blocks_are_noted(path, monkeypatch):
    monkeypatch.setattr(streaming, "_most_blocks", lambda grid, pairs, blocks: 8)
    streamed, _ = both(scan(path).log().ask(xcov(weights="uniform", ci="jackknife")))
    (note,) = [note for note in streamed[0].notes if "blocks" in note]
    assert note.endswith("blocks of time, not 24: all that were kept")


def test_room_goes_to_blocks_of_the_pairs_that_are_wanted():
    from learnsys.series.sums.cell_sums import CellGrid
    from learnsys.series.sums.tiles import upper

    kernel = series.types.Kernel(name="k4", h=1.0)
    grid = CellGrid.of((kernel,), series.lags(-60, 60, 1), tol=2e-6)
    assert streaming._most_blocks(grid, np.array([[7, 3]]), 24) == 48
    assert streaming._most_blocks(grid, upper(100), 24) == streaming.LEAST_BLOCKS
    assert streaming._most_blocks(grid, upper(100), 1) == 1


def test_bandwidths_are_those_of_all_rows(path):
    ask = scan(path).log().ask(xcov(weights="uniform", bandwidth="auto", pairs=((0, 1),)))
    streamed, held = both(ask)
    assert streamed.steps[0].what == "running sums"
    assert (streaming.GUESSED in streamed[0].notes) == (not np.allclose(streamed[0].bandwidth_s, held[0].bandwidth_s))


def test_guesses_that_all_rows_do_not_confirm_are_no_errors(path):
    """The first rows are dense: from them, all seem to last too short a time for the lags."""
    import polars as pl

    frame = pl.read_parquet(path)
    first = pl.DataFrame({"t": np.linspace(-1, 0, 5000), "s": ["a"] * 5000, "x": [1.0] * 5000, "q": [0] * 5000})
    pl.concat([first.cast(dict(frame.schema)), frame]).write_parquet(path)
    streamed, held = both(scan(path).log().ask(xcov(weights="uniform")))
    assert [step.what for step in streamed.steps] == ["running sums"]
    assert_allclose(streamed[0].values, held[0].values, atol=1e-5 * np.nanmax(np.abs(held[0].values)))


def test_what_needs_all_samples_gets_them_and_says_so(path):
    ask = scan(path).detrend("linear").ask(xcov(weights="uniform"))
    streamed, held = both(ask)
    assert all("running" not in step.what for step in streamed.steps)
    assert_allclose(streamed[0].values, held[0].values)
    (note,) = set(streamed[0].notes) - set(held[0].notes)
    assert note.startswith("all samples were held in memory: Detrend")
    series.collect(ask, without=["cache"], memory=0)
    assert note in series.explain(ask, phase="lower")


def test_rows_out_of_order_are_sorted_in_memory(path):
    import polars as pl

    pl.read_parquet(path).sample(fraction=1.0, shuffle=True, seed=1).write_parquet(path)
    for chain, why in ((scan(path).difference(), "not in order of time"), (scan(path), "after later ones")):
        streamed, held = both(chain.ask(xcov(weights="uniform")))
        assert all("running" not in step.what for step in streamed.steps)
        assert_allclose(streamed[0].values, held[0].values)
        assert why in streamed[0].notes[-1]


def test_bad_values_surface_at_once_with_their_series(path, monkeypatch):
    monkeypatch.setattr(streaming, "is_large", lambda *_: True)
    from learnsys.series.graph.execute import Execution

    monkeypatch.setattr(Execution, "_answer", lambda *_: pytest.fail("all was read into memory"))
    with pytest.raises(InputError, match=r"in series '[abc]', so they have no logarithm"):
        series.collect(scan(path).scale(-1.0).log().ask(xcov(weights="uniform")), without=["cache"])
    with pytest.raises(InputError, match="more than half of"):
        series.collect(scan(path).xcov(lags=series.lags(0, 3000, 10), bandwidth=5, weights="uniform"))


def test_only_chains_that_work_on_rows_stream(path):
    q = scan(path)
    for chain, can in ((q.log().difference(), True), (q.detrend("linear"), False), (q.weights("voronoi").log(), False)):
        stage = stages(Batch(asks=(chain.ask(xcov(weights="uniform")).node,)))[-1]
        assert [streaming.can_stream(group) for group in grouped(stage).asks] == [can]
