"""A history tells what share of the time that was watched had capacity, and at what price."""

import msgspec
import numpy as np
import pytest
from tests.machines.spot.strategies import make_pool

from learnsys.machines.spot.outlook import SpotHistory

HOUR = 3600.0


def test_a_pool_is_described_by_what_was_watched(tmp_path):
    pool = make_pool([2 * HOUR, 3 * HOUR], end=6 * HOUR)
    seen = msgspec.structs.replace(
        pool, available=np.array([1.0, np.nan, 0.0]), price_usd_hour=np.array([0.2, np.nan, 0.5])
    )
    history = SpotHistory(pools=(seen,))
    (row,) = history.table().rows
    observed, unknown, available, changes, price = row[3:]
    assert (observed, changes) == (6 * HOUR, 3)
    assert unknown == pytest.approx(1 / 6), "an hour in which nobody looked"
    assert available == pytest.approx(2 / 5), "of the hours in which somebody did"
    assert price == pytest.approx((2 * 0.2 + 3 * 0.5) / 5)
    assert history.save(tmp_path / "h.svg").exists()
