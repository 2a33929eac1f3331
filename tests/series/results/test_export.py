import json

import msgspec
import numpy as np
import pytest

from learnsys.core.errors import UnknownName
from learnsys.series.estimate.describe import describe_samples
from learnsys.series.results.covariance import CrossCovariance
from learnsys.series.results.export import attributes, to_arrow, to_polars, to_xarray
from learnsys.series.results.spectrum import Spectrum
from learnsys.series.results.types import AbstractSeriesResult, Arrays, Provenance, Variable
from learnsys.series.types import Lags, Samples

MADE = Provenance(query="Scan -> XCov", sources=("0123abcd",), options={"tol": "1e-06"}, versions={"numpy": "2"})


class Other(AbstractSeriesResult, frozen=True, kw_only=True):
    """A result of complex numbers."""

    z: np.ndarray

    def arrays(self):
        return Arrays(coords={"k": Variable(("k",), np.arange(2))}, variables={"z": Variable(("k",), self.z)})

    def table(self):
        raise NotImplementedError

    def chart(self, kind=None):
        raise NotImplementedError


def covariance():
    rng = np.random.default_rng(0)
    shape = (3, 4)
    names = ("values", "raw", "correlation", "standard_error", "low", "high", "effective_pairs")
    return CrossCovariance(
        ids=("u", "v"), pairs=np.array([[0, 0], [0, 1], [1, 1]]), lags=Lags(first_s=-1, step_s=0.5, count=4),
        **{name: rng.normal(size=shape) for name in names}, variance=np.ones(2), nugget=np.zeros(2), level=0.95,
        kernel="k4", bandwidth_s=np.full(3, 0.25), notes=("one", "two"), provenance=MADE,
    )  # fmt: skip


def spectrum():
    shape = np.ones((2, 3))
    return Spectrum(
        ids=("u", "v"), normalization="density", frequencies_hz=np.arange(3.0), power=shape, low=shape, high=shape,
        false_alarm=shape, floor=np.ones(2), degrees=np.ones(2), resolution_hz=0.1, level=0.95,
    )  # fmt: skip


RESULTS = {
    "covariance": covariance,
    "spectrum": spectrum,
    "description": lambda: describe_samples(Samples.of({"a": ([0, 1], [1, 2])})),
}


@pytest.mark.parametrize("kind", RESULTS)
def test_values_units_and_provenance_come_along(kind):
    result = RESULTS[kind]()
    arrays, data = result.arrays(), result.to_xarray()
    assert set(data.data_vars) == set(arrays.variables)
    for name, variable in (arrays.variables | arrays.coords).items():
        np.testing.assert_array_equal(data[name].values, variable.values)
        assert data[name].dims == variable.dims
        assert data[name].attrs.get("units") == variable.unit
    assert data.attrs == attributes(result)


def test_a_table_has_a_row_an_element():
    result = covariance()
    table = to_arrow(result)
    assert table.num_rows == 12
    for row in table.to_pylist():
        data = to_xarray(result)
        pair = next(
            p for p, (a, b) in enumerate(result.pairs) if (result.ids[a], result.ids[b]) == (row["a"], row["b"])
        )
        assert data["values"].sel(lag=row["lag"]).values[pair] == row["values"]
        assert row["bandwidth"] == 0.25
    assert table.schema.field("lag").metadata == {b"unit": b"s"}
    assert table.schema.metadata[b"query"] == b"Scan -> XCov"
    assert table.schema.metadata[b"notes"] == b"one\ntwo"
    assert json.loads(table.schema.metadata[b"options"]) == {"tol": "1e-06"}


def test_other_dimensions_and_other_orders():
    result = covariance()
    assert to_polars(result, over=("series",)).columns == ["series", "variance", "nugget"]
    turned = to_polars(result, over=("lag", "pair"))
    assert turned["values"].to_list() == result.values.T.reshape(-1).tolist()
    with pytest.raises(UnknownName, match="did you mean lag"):
        to_arrow(result, over=("lags",))


@pytest.mark.parametrize("kind", RESULTS)
def test_every_result_is_a_table_and_a_frame(kind):
    result = RESULTS[kind]()
    first = next(iter(result.arrays().variables.values()))
    assert result.to_arrow().num_rows == result.to_polars().height == first.values.size


def test_complex_numbers_are_two_columns():
    made = Other(z=np.array([1 + 2j, 3j]))
    assert made.to_polars().to_dict(as_series=False) == {"k": [0, 1], "z_real": [1.0, 0.0], "z_imag": [2.0, 3.0]}
    assert made.to_xarray()["z"].dtype == complex


def test_what_has_no_provenance_has_no_such_attributes():
    assert "sources" not in attributes(msgspec.structs.replace(covariance(), provenance=None))
    assert covariance().to_polars().height == 12
    assert covariance().to_arrow().num_rows == 12


def test_provenance_is_saved_with_the_result(tmp_path):
    saved = json.loads(covariance().save(tmp_path / "c.json").read_text())
    assert saved["provenance"]["sources"] == ["0123abcd"]


def test_answers_tell_where_they_come_from():
    from learnsys.series.graph.collect import collect
    from learnsys.series.graph.door import scan

    query = scan({"a": (np.arange(50.0), np.sin(np.arange(50.0))), "b": (np.arange(40.0), np.cos(np.arange(40.0)))})
    answers = collect(query.xcov(lags=Lags(first_s=0, step_s=1, count=3), bandwidth=1.0))
    assert answers[0].provenance == answers.provenance
    assert "XCov" in answers[0].to_xarray().attrs["query"]
