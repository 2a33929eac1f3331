import numpy as np

from learnsys.series.results.forecast import Prediction


def made(t0_ns=0):
    two = np.array([[1.0, 2.0], [3.0, 4.0]])
    return Prediction(
        ids=("a", "b"), t0_ns=t0_ns, at_s=np.array([0.0, 90.5]), mean=two, standard_error=two / 10, low=two - 1,
        high=two + 1, level=0.95, nugget=np.zeros(2), notes=("a note",),
    )  # fmt: skip


def test_times_are_written():
    assert made().stamps == ("0 s", "90.5 s")
    assert made(1_767_225_600_000_000_000).stamps == ("2026-01-01T00:00:00.000", "2026-01-01T00:01:30.500")


def test_the_table_has_a_time_of_a_series_a_row(tmp_path):
    table = made().table()
    assert [row[:3] for row in table.rows] == [
        ("a", "0 s", 1.0), ("a", "90.5 s", 3.0), ("b", "0 s", 2.0), ("b", "90.5 s", 4.0)
    ]  # fmt: skip
    assert table.notes == ("a note",)
    assert made().save(tmp_path / "forecast.csv").read_text().startswith("series,at,mean")


def test_other_libraries_take_it_over():
    assert made().to_xarray()["mean"].sel(series="b").values.tolist() == [2.0, 4.0]
    assert made().to_polars().height == 4
