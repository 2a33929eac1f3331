import msgspec
import numpy as np
from numpy.testing import assert_allclose
from tests.series.graph.graphs import SOURCES

from learnsys.series.estimate.types import CoefficientsSpec, Facts
from learnsys.series.graph import coefficients, nodes
from learnsys.series.graph.nodes import NOTHING
from learnsys.series.graph.values import apply
from learnsys.series.graph.view import View


def test_coefficients_follow_from_the_shared_ones():
    shared = own = SOURCES[1].samples
    after = (
        nodes.Scale(child=NOTHING, a=2.0, b=1.0, ids=("b", "c")), nodes.Shift(child=NOTHING, by_s=3.0, ids=("c",)),
        nodes.Select(child=NOTHING, ids=("c", "b")),
    )  # fmt: skip
    for op in after:
        own = apply(op, own)
    few, many = (CoefficientsSpec(period_s=100.0, modes=modes) for modes in (20, 50))
    made = coefficients.project(shared.centred(), many, tol=1e-9)
    got = coefficients.taken(made, View.through(after, Facts.of(shared)), few)
    wanted = coefficients.project(own.centred(), few, tol=1e-9)
    for field in msgspec.structs.fields(wanted):
        one, other = getattr(got, field.name), getattr(wanted, field.name)
        if isinstance(other, np.ndarray):
            assert_allclose(one, other, atol=1e-6 * max(np.abs(other).max(), 1))
        else:
            assert one == other


def test_one_projection_serves_all_of_a_period():
    specs = [CoefficientsSpec(period_s=p, modes=m) for p, m in ((1.0, 5), (2.0, 3), (1.0, 9))]
    merged = coefficients.merged(specs)
    assert merged == (CoefficientsSpec(period_s=1.0, modes=9), CoefficientsSpec(period_s=2.0, modes=3))
    assert coefficients.described(merged[0]) == "projection on 9 frequencies of a period of 1 s"
