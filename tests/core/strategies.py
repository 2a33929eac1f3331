"""Values of the ground floor, for hypothesis."""

from datetime import UTC, datetime

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from learnsys.core.host import Host
from learnsys.core.trace import DataRef, Network, Step, Trace

quick = settings(deadline=None, max_examples=50)
numbers = st.floats(allow_nan=False)  # infinity is a number that a diverged run has
finite = st.floats(allow_nan=False, allow_infinity=False)
seconds = st.floats(0, 1e9)
counts = st.integers(0, 2**62)

hosts = st.builds(
    Host,
    cpu=st.text(),
    cores=st.integers(1, 512),
    memory_bytes=counts,
    system=st.text(),
    python=st.text(),
    versions=st.dictionaries(st.text(), st.text(), max_size=2),
)
refs = st.builds(
    DataRef, name=st.text(), digest=st.text(), n=counts, d=counts, nnz=counts, share=st.floats(0, 1, exclude_min=True)
)
networks = st.builds(Network, latency_s=seconds, bytes_s=st.floats(0), source=st.text())
steps = st.builds(
    Step,
    iteration=counts,
    wall_s=seconds,
    cpu_s=seconds,
    eval_s=seconds,
    loss=numbers,
    lower=st.none() | numbers,
    part_s=st.lists(seconds, max_size=3).map(tuple),
    bytes_sent=counts,
    bytes_received=counts,
)
params = st.dictionaries(
    st.text(), finite | st.integers(-(2**63), 2**63 - 1) | st.sampled_from(["inf", "1", "logistic"]) | st.booleans()
)
traces = st.builds(
    Trace,
    id=st.text(),
    job=st.text(),
    data=refs,
    method=st.text(),
    params=params,
    workers=st.integers(1, 512),
    slots=st.integers(1, 512),
    engine=st.sampled_from(["local", "ray"]),
    source=st.sampled_from(["measured", "simulated cluster", "imported"]),
    network=st.none() | networks,
    host=hosts,
    compile_s=seconds,
    started=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    ended=st.sampled_from(["target", "rounds", "time", "diverged", "interrupted"]),
    steps=st.lists(steps, max_size=4).map(tuple),
)


@st.composite
def matrices(draw, *, elements=finite, dtype=np.float64):
    """A matrix of at least one row and one column, many of its entries zero."""
    shape = draw(st.tuples(st.integers(1, 12), st.integers(1, 6)))
    return draw(hnp.arrays(dtype, shape, elements=elements, fill=st.just(0.0)))


# Text that is nearly libsvm: at most one word of a line is odd, so that what is wrong stands alone.
_odd = st.sampled_from([
    "0:1", "-1:2", "a:1", "1:a", "1:", ":1", ":", "1::2", "1:2:3", "1.0:2", "+1:2", "1e0:1", "3:nan", "3:1e999",
    "3:-inf", "qid:4", "7", "x", "1:1-2", "1:1.2.3", "2147483648:1", "2147483647:1", "2:1_0", "1_0:2", "#", "# 1:2",
    "2:.5", "2:5.", "2:+1E2", "2:+", "2:.", "²:1", "2:²", "1,2", "41:1", "1:1",
])  # fmt: skip
_gaps = st.sampled_from([" ", " ", "\t", "  "])


@st.composite
def _lines(draw):
    indices = sorted(draw(st.sets(st.integers(1, 40), max_size=4)))
    words = [str(draw(st.integers(-3, 3) | finite)), *(f"{j}:{draw(finite)}" for j in indices)]
    if draw(st.integers(0, 3)) == 0:
        place = draw(st.integers(0, len(words)))
        words[place : place + draw(st.booleans())] = [draw(_odd)]  # put between, or in the place of one
    return draw(_gaps).join(words) + draw(st.sampled_from(["", " ", "\r", " # note"]))


libsvm_text = st.lists(_lines() | st.sampled_from(["", "# note", " "]), max_size=5).map("\n".join)
