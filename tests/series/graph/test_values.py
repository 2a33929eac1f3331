import numpy as np
import pytest
from hypothesis import given
from numpy.testing import assert_allclose, assert_array_equal
from tests.series.strategies import samples

from learnsys.core.errors import Incompatible, InputError, UnknownName
from learnsys.series.graph import nodes, values
from learnsys.series.types import Samples

ON = nodes.NOTHING


def made():
    return Samples.of({"a": ([0.0, 1.0, 1.0, 4.0], [1.0, 2.0, 4.0, 8.0]), "e": ([], []), "b": ([0.5, 2.5], [3.0, 5.0])})


def test_between_keeps_the_start_and_not_the_end():
    kept = values.apply(nodes.Between(child=ON, start=10**9, end=4 * 10**9), made())
    assert kept.t.tolist() == [1.0, 1.0, 2.5]
    assert kept.starts.tolist() == [0, 2, 2, 3]


def test_select_orders_and_refuses_unknown_names():
    kept = values.apply(nodes.Select(child=ON, ids=("b", "a")), made())
    assert kept.ids == ("b", "a")
    assert kept.x.tolist() == [3.0, 5.0, 1.0, 2.0, 4.0, 8.0]
    with pytest.raises(UnknownName, match="did you mean"):
        values.apply(nodes.Select(child=ON, ids=("aab",)), Samples.of({"aaa": ([1.0], [1.0])}))


def test_differences_stand_in_the_middle():
    out = values.apply(nodes.Difference(child=ON), values.apply(nodes.Duplicates(child=ON), made()))
    assert out.t.tolist() == [0.5, 2.5, 1.5]
    assert out.x.tolist() == [2.0, 5.0, 2.0]
    assert out.starts.tolist() == [0, 2, 2, 3]


@pytest.mark.parametrize(
    ("policy", "x"), [("keep", [1, 2, 4, 8]), ("mean", [1, 3, 8]), ("first", [1, 2, 8]), ("last", [1, 4, 8])]
)
def test_duplicates(policy, x):
    assert values.apply(nodes.Duplicates(child=ON, policy=policy), made()).one(0)[1].tolist() == x


def test_scale_and_shift_of_some_series():
    s = values.apply(nodes.Scale(child=ON, a=2.0, b=1.0, ids=("b",)), made())
    assert s.x.tolist() == [1, 2, 4, 8, 7, 11]
    assert values.apply(nodes.Shift(child=ON, by_s=2.0, ids=("b",)), s).t.tolist() == [0, 1, 1, 4, 2.5, 4.5]


def test_log_names_the_series_whose_value_is_not_positive():
    assert_allclose(values.apply(nodes.Log(child=ON), made()).x, np.log(made().x))
    with pytest.raises(InputError, match=r"1 of 2 values.*-1.*'z'"):
        values.apply(nodes.Log(child=ON), Samples.of({"z": ([0.0, 1.0], [1.0, -1.0])}))


def test_series_are_combined_where_they_share_stamps():
    s = Samples.of({"a": ([0.0, 1.0], [1.0, 2.0]), "b": ([0.0, 1.0], [5.0, 7.0]), "c": ([0.5], [1.0])})
    out = values.apply(nodes.Combine(child=ON, name="d", terms=(("b", 1.0), ("a", -2.0))), s)
    assert out.ids == ("a", "b", "c", "d")
    assert out.one(3)[1].tolist() == [3.0, 3.0]
    with pytest.raises(Incompatible, match="different stamps"):
        values.apply(nodes.Combine(child=ON, name="d", terms=(("b", 1.0), ("c", 1.0))), s)
    with pytest.raises(InputError, match="already"):
        values.apply(nodes.Combine(child=ON, name="a", terms=(("b", 1.0),)), s)


def test_resampled_values_are_interpolated_within_the_samples():
    out = values.apply(nodes.Resample(child=ON, step_s=1.0), made())
    assert out.one(0)[0].tolist() == [0, 1, 2, 3, 4]
    assert out.one(0)[1][[0, 4]].tolist() == [1, 8]
    assert out.one(2)[1].tolist() == [3.5, 4.5]


@given(samples())
def test_demean_and_weights(s):
    s = values.apply(nodes.Demean(child=ON), values.apply(nodes.Weights(child=ON, rule="voronoi"), s))
    assert_allclose(np.nan_to_num(s.means), 0, atol=1e-9)
    assert_array_equal(values.apply(nodes.Weights(child=ON, rule="uniform"), s).w, 1.0)


def test_steps_below_the_nanosecond_are_refused():
    from learnsys.series.graph import nodes, values
    from learnsys.series.types import Samples

    made = Samples.of({"a": ([0.0, 1.0], [1.0, 2.0])})
    with pytest.raises(InputError, match="less than the nanosecond"):
        values.resample(nodes.Resample(child=nodes.NOTHING, step_s=4e-10), made)
