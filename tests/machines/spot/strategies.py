"""Histories and jobs for property tests."""

import numpy as np
from hypothesis import strategies as st

from learnsys.machines.spot.types import Pool, SpotJob

SPAN_S = 6 * 3600


def make_pool(flips, *, up=True, zone="z1", end=SPAN_S, price=None):
    """Make a pool that flips at the given moments."""
    times = np.array([0.0, *sorted(set(flips))])
    available = (np.arange(len(times)) + int(up)) % 2
    usd = np.full(len(times), np.nan) if price is None else np.asarray(price, float)
    return Pool(zone=zone, instance="v", times_s=times, available=available.astype(float), price_usd_hour=usd,
                end_s=float(end))  # fmt: skip


@st.composite
def pools(draw, zone="z1"):
    """A pool over six hours that flips at whole minutes, now and then at each look, with a hole now and then."""
    minutes = st.lists(st.integers(1, SPAN_S // 60 - 1), max_size=12, unique=True)
    flips = draw(st.one_of(minutes, st.sampled_from([(), range(5, SPAN_S // 60, 5)])))
    pool = make_pool([60 * f for f in flips], up=draw(st.booleans()), zone=zone)
    hole = draw(st.integers(0, 3 * len(pool.times_s)))
    if hole < len(pool.times_s) and len(pool.times_s) > 1:
        pool.available[hole] = np.nan
    return pool


@st.composite
def jobs(draw):
    """A job of up to three hours with all kinds of overheads."""
    work, restart = draw(st.integers(60, 3 * 3600)), draw(st.sampled_from([0, 30, 300, 1200]))
    return SpotJob(
        work_s=work,
        deadline_s=min(work + restart + draw(st.integers(0, 2 * 3600)), SPAN_S),
        on_demand_usd_hour=1.0,
        spot_usd_hour=draw(st.sampled_from([0.1, 0.35, 0.9])),
        restart_s=restart,
        checkpoint_s=draw(st.sampled_from([0, 10, 120, 900])),
        period_s=draw(st.sampled_from([None, 30, 300, 3600])),
        migration_s=draw(st.sampled_from([0, 120])),
    )
