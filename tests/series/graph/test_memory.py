import numpy as np
import pytest

from learnsys.core.errors import UnknownName
from learnsys.series.graph import nodes
from learnsys.series.graph.memory import InMemory, holds
from learnsys.series.sources.types import Condition
from learnsys.series.types import Samples


def made(x=(1.0, 2.0, 3.0)):
    return InMemory(Samples.of({"a": ([0.0, 1.0, 2.0], x), "b": ([0.5], [2.0])}))


def test_a_scan_reads_what_it_says():
    scan = nodes.Scan(
        source=made(), where=(Condition(column="value", op=">", value=1.0),), start=1.0, end=None, ids=("b", "a")
    )
    assert scan.source.read(scan).x.tolist() == [2.0, 3.0]
    assert scan.source.read(scan).starts.tolist() == [0, 0, 2]


@pytest.mark.parametrize(
    ("op", "value", "found"),
    [
        ("==", 2, "010"), ("!=", 2, "101"), ("<", 2, "100"), ("<=", 2, "110"), (">", 2, "001"), (">=", 2, "011"),
        ("in", (1, 3), "101"),
    ],
)  # fmt: skip
def test_comparisons(op, value, found):
    assert holds(Condition(column="value", op=op, value=value), np.array([1.0, 2.0, 3.0])).tolist() == [
        c == "1" for c in found
    ]


def test_other_columns_are_unknown():
    with pytest.raises(UnknownName, match="column 'quality'"):
        made().everything().filter((Condition(column="quality", op="==", value=0),))


def test_the_fingerprint_tells_samples_apart():
    assert made().fingerprint == made().fingerprint
    assert made().fingerprint != made((1.0, 2.0, 4.0)).fingerprint
    assert made().rows == 4
