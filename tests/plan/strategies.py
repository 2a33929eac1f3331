"""Observations of rounds and curves, for hypothesis."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

quick = settings(deadline=None, max_examples=30)


@st.composite
def observations(draw):
    """Workers, rows and seconds of rounds that follow Ernest's terms within a factor of two."""
    workers = np.array(draw(st.lists(st.integers(1, 64), min_size=2, max_size=8, unique=True)), float)
    rows = np.array(draw(st.lists(st.sampled_from([1e3, 1e4, 1e6]), min_size=len(workers), max_size=len(workers))))
    c = [draw(st.floats(0.01, 1)), draw(st.floats(1e-6, 1e-4)), draw(st.floats(0, 0.1)), draw(st.floats(0, 0.1))]
    off = np.array(draw(st.lists(st.floats(0.7, 1.4), min_size=len(workers), max_size=len(workers))))
    return workers, rows, off * (c[0] + c[1] * rows / workers + c[2] * np.log(workers) + c[3] * workers)


gaps = st.lists(st.floats(1e-9, 1e3), min_size=2, max_size=30)
