import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.plan import naive
from tests.plan.strategies import observations, quick

from learnsys.plan.throughput import PRICE, features, fit_throughput


@quick
@given(observations())
def test_agrees_with_projected_gradient(obs):
    workers, rows, seconds = obs
    F, price = features(workers, rows), np.array(PRICE)
    fast = np.array(fit_throughput(*obs).coefficients)
    slow = naive.fit_relative(F, seconds, price=price, steps=3000)
    cost = lambda c: naive.relative_cost(c, F, seconds, price=price)  # noqa: E731
    assert cost(fast) <= cost(slow) * (1 + 1e-6) + 1e-12


@quick
@given(observations(), st.floats(0.1, 10))
def test_seconds_scale_with_the_clock(obs, k):
    workers, rows, seconds = obs
    a, b = fit_throughput(workers, rows, seconds), fit_throughput(workers, rows, k * seconds)
    assert_allclose(b.seconds(workers, rows), k * a.seconds(workers, rows), rtol=1e-6)


@quick
@given(observations(), st.integers(1, 64))
def test_more_rows_never_take_less(obs, p):
    model = fit_throughput(*obs)
    assert (np.diff(model.seconds(p, np.geomspace(1e3, 1e8, 9))) >= 0).all()


def test_without_noise_it_finds_what_plain_ernest_finds():
    workers, rows = np.array([1, 2, 4, 8, 1, 4.0]), np.array([1e6] * 4 + [1e5] * 2)
    seconds = 0.2 + 8e-6 * rows / workers
    ours, plain = fit_throughput(workers, rows, seconds), naive.ernest(workers, rows, seconds)
    assert_allclose(ours.seconds(16, 1e6), 0.7, rtol=1e-3)
    assert_allclose(plain(16, 1e6), 0.7, rtol=1e-3)


@pytest.fixture(scope="module")
def scale_outs():
    """Median seconds by number of machines in each context of C3O that has four or more of them."""
    path = Path(os.environ.get("LEARNSYS_DATA") or Path(__file__).parents[3] / "shared" / "data") / "c3o_runs.parquet"
    if not path.exists():
        pytest.skip(f"no data at {path}")
    runs = pl.read_parquet(path)
    context = [c for c in runs.columns if c not in ("instance_count", "slots", "memory", "gross_runtime")]
    points = runs.group_by([*context, "instance_count"]).agg(pl.col("gross_runtime").median()).sort("instance_count")
    lists = points.group_by(context).agg("instance_count", "gross_runtime")
    pairs = zip(lists["instance_count"].to_list(), lists["gross_runtime"].to_list(), strict=True)
    return [(np.array(p, float), np.array(t, float)) for p, t in pairs if len(p) >= 4]


def test_on_spark_clusters_three_scale_outs_predict_the_rest_better_than_plain_ernest(scale_outs):
    ours, plain = [], []
    for p, t in scale_outs:
        predicted = fit_throughput(p[:3], 1.0, t[:3]).seconds(p[3:], 1.0)
        ours.append(np.mean(np.abs(predicted / t[3:] - 1)))
        plain.append(np.mean(np.abs(naive.ernest(p[:3], np.ones(3), t[:3])(p[3:], 1.0) / t[3:] - 1)))
    assert len(ours) > 100
    assert np.mean(ours) < 0.07
    assert np.median(ours) < 0.05
    assert np.mean(ours) < 0.7 * np.mean(plain)


def test_partitions_beyond_the_slots_wait_in_line():
    model = fit_throughput([1, 2, 4], [1e6] * 3, [8.0, 4.0, 4.0], slots=[2, 2, 2])
    assert_allclose(model.seconds([4, 3, 8], 1e6, 2), [4.0, 8.0 * 2 / 3, 4.0], rtol=1e-3)
    assert_allclose(model.seconds(4, 1e6), 2.0, rtol=1e-3)


def test_the_further_from_the_probes_the_less_is_known():
    model = fit_throughput([1, 2, 4], [1e4] * 3, [1.1, 0.62, 0.4])
    near, far, more_rows = model.log_sd(4, 1e4), model.log_sd(64, 1e4), model.log_sd(4, 1e6)
    assert near < far
    assert near < more_rows


def test_one_worker_count_speaks_for_itself():
    model = fit_throughput([1, 1], [1e4, 4e4], [0.2, 0.5])
    assert model.seconds(1, 1e5)[0] == pytest.approx(1.1, rel=0.01)
