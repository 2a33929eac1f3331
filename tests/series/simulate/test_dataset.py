"""A file of made-up series holds what was drawn, its truth is true, and the same seed makes it again."""

import json

import msgspec
import numpy as np
import polars as pl
import pytest

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.simulate.dataset import KINDS, STAMPS, Made, draw, simulate


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".arrow"])
def test_the_file_holds_what_was_drawn(tmp_path, suffix):
    made = Made(series=3, samples=50)
    simulation = simulate(tmp_path / f"made{suffix}", made)
    read = {".parquet": pl.read_parquet, ".csv": pl.read_csv, ".arrow": pl.read_ipc}[suffix]
    frame, (samples, _) = read(simulation.path), draw(made)
    assert frame.columns == ["time", "series", "value"]
    assert frame.height == samples.t.size == simulation.n.sum()
    for d, name in enumerate(samples.ids):
        np.testing.assert_allclose(frame.filter(series=name)["value"].to_numpy(), samples.one(d)[1], rtol=1e-12)
    assert frame["time"].is_sorted()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stamps", STAMPS)
def test_every_kind_has_its_size_and_the_same_seed_makes_it_again(kind, stamps):
    made = Made(kind=kind, stamps=stamps, series=2, samples=400, seed=3)
    first, again, other = (draw(m)[0] for m in (made, made, msgspec.structs.replace(made, seed=4)))
    np.testing.assert_array_equal(first.x, again.x)
    assert not np.array_equal(first.x[:50], other.x[:50])
    assert 250 < np.diff(first.starts).mean() < 600


def test_the_truth_tells_delays_and_the_var_matrix(tmp_path):
    followers = simulate(tmp_path / "f.csv", Made(series=3, delay_s=1.5, samples=20))
    truth = json.loads((tmp_path / "f.truth.json").read_text())
    assert truth["delays_s"] == followers.delays_s.tolist() == [0, 1.5, 3]
    simulate(tmp_path / "v.csv", Made(kind="vector", series=1, samples=20, gap_s=2.0))
    truth = json.loads((tmp_path / "v.truth.json").read_text())
    assert truth["var_matrix"] == [[pytest.approx(np.exp(-0.5))]]
    assert truth["var_dt_s"] == 2.0


def test_followers_have_the_correlation_asked_for():
    samples, truth = draw(Made(series=2, samples=20_000, stamps="regular", delay_s=0, correlation=0.6, noise=0))
    found = np.corrcoef(samples.one(0)[1], samples.one(1)[1])[0, 1]
    assert found == pytest.approx(0.6, abs=0.08)
    assert truth["process"].covariance([0.0])[0] == pytest.approx(0.6)


@pytest.mark.parametrize(
    "wrong",
    [{"series": 0}, {"samples": 1}, {"gap_s": 0}, {"delay_s": -1}, {"correlation": 1.1}, {"noise": -1}, {"seed": -1}],
)
def test_numbers_out_of_range_are_refused(tmp_path, wrong):
    with pytest.raises(InputError):
        simulate(tmp_path / "x.csv", Made(**wrong))
    assert not list(tmp_path.iterdir())


def test_unknown_kinds_and_suffixes_are_refused(tmp_path):
    with pytest.raises(UnknownName, match="kind of process"):
        draw(Made(kind="waves"))
    with pytest.raises(UnknownName, match="kind of stamps"):
        draw(Made(stamps="often"))
    with pytest.raises(InputError, match=r"\.xlsx"):
        simulate(tmp_path / "x.xlsx", Made())
