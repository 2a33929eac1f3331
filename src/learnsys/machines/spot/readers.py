"""Read spot histories: tables of changes (parquet, csv) and ``aws ec2 describe-spot-price-history`` (json).

A table has one row a change of one pool, which holds until the pool's next row; the last row of a pool ends its
observed span. Columns:

- ``zone``, and where there are several: ``instance``, ``cloud``, ``kind``, ``nodes``, ``gap_s`` (s between looks);
- ``time`` (ISO 8601, UTC if it does not say; or seconds), or ``start_date`` with ``t_s``, seconds since then;
- ``available`` (instances to be had; -1 or empty: nobody looked), ``price_usd_hour`` (empty: unknown), or both.

Amazon's history ends at ``until``, or with its last change: nothing says that a price still held after it.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from learnsys.core.errors import BadFile, LearnsysError
from learnsys.core.files import existing
from learnsys.core.frames import polars
from learnsys.machines.spot.types import Kind, Pool

_KEYS: Final = ("kind", "cloud", "zone", "instance", "nodes", "start_date", "gap_s")
_FAR_S: Final = 1e11  # in the year 5138: milliseconds, in truth
_KINDS: Final[tuple[Kind, ...]] = ("availability", "preemption", "price")


class _AwsPrice(msgspec.Struct):
    AvailabilityZone: str
    InstanceType: str
    SpotPrice: str
    Timestamp: datetime
    ProductDescription: str = ""


class _AwsHistory(msgspec.Struct):
    SpotPriceHistory: list[_AwsPrice]


def read_pools(path: Path | str, *, until: datetime | None = None) -> tuple[Pool, ...]:
    """Read all pools of a file.

    Parameters
    ----------
    path : path
        A table (parquet, csv) or Amazon's json.
    until : datetime, optional
        When Amazon's history was asked for: its prices held until then.

    Raises
    ------
    BadFile
        If it is missing, of another form, or a row makes no sense; column or pool is named.
    """
    path = existing(path)
    match path.suffix:
        case ".json":
            return _read_aws(path, until)
        case ".parquet" | ".csv":
            return _read_table(path)
        case other:
            raise BadFile(f"cannot read {path}: {other!r} is no form of spot history", value=other,
                          next="give parquet, csv, or the json of describe-spot-price-history")  # fmt: skip


def _read_aws(path: Path, until: datetime | None) -> tuple[Pool, ...]:
    try:
        rows = msgspec.json.decode(path.read_bytes(), type=_AwsHistory).SpotPriceHistory
        points: dict[tuple[str, str, str], dict[float, float]] = defaultdict(dict)
        for r in rows:
            points[r.AvailabilityZone, r.InstanceType, r.ProductDescription][_seconds(r.Timestamp)] = float(r.SpotPrice)
    except (msgspec.MsgspecError, ValueError, OSError) as error:
        raise BadFile.unreadable(path, error) from error
    if not points:
        raise BadFile(f"{path} has no price", value=str(path), next="widen --start-time of describe-spot-price-history")
    end = _seconds(until) if until else max(max(p) for p in points.values())
    pools = []
    products = len({product for _, _, product in points})
    for (zone, instance, product), prices in sorted(points.items()):
        times = np.array(sorted(t for t in prices if t < end))
        if not len(times):
            continue
        usd = np.array([prices[t] for t in times])
        if not usd.min() > 0:
            raise BadFile(f"{path}: a price of {zone}/{instance} is not positive", value=float(usd.min()),
                          next="fetch the history again")  # fmt: skip
        name = f"{instance} ({product})" if products > 1 else instance
        pools.append(
            Pool(cloud="aws", zone=zone, instance=name, kind="price", times_s=times, available=np.ones(len(times)),
                 price_usd_hour=usd, end_s=end)
        )  # fmt: skip
    if not pools:
        raise BadFile(f"{path} has one change a pool: nothing says how long a price held", value=str(path),
                      next="give --until, the time at which it was fetched")  # fmt: skip
    return tuple(pools)


def _read_table(path: Path) -> tuple[Pool, ...]:
    pl = polars()
    try:
        frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadFile.unreadable(path, error) from error
    _check_columns(path, frame.columns)
    keys = [k for k in _KEYS if k in frame.columns]
    pools = []
    for values, rows in frame.group_by(keys, maintain_order=True):
        about = dict(zip(keys, values, strict=True))
        try:
            pools.append(_pool(about, rows))
        except (LearnsysError, ValueError, TypeError, pl.exceptions.PolarsError) as error:
            where = "/".join(str(about[k]) for k in ("zone", "instance") if k in about)
            said, then = str(error).partition("\n")[0], "mend its rows"
            if isinstance(error, LearnsysError):
                said, then = error.message, error.next
            raise BadFile(f"{path}, pool {where}: {said}", value=where, next=then) from error
    if not pools:
        raise BadFile(f"{path} has no rows", value=str(path), next="give a history")
    return tuple(pools)


def _check_columns(path: Path, columns: list[str]) -> None:
    missing = [] if "zone" in columns else ["zone"]
    if "time" not in columns:
        lacking = [c for c in ("start_date", "t_s") if c not in columns]
        missing += lacking if len(lacking) < 2 else ["time (or start_date and t_s)"]
    if not {"available", "price_usd_hour"} & set(columns):
        missing.append("available (or price_usd_hour)")
    if missing:
        raise BadFile(f"{path} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}", value=missing,
                      next="they are told in learnsys machines spot describe --help")  # fmt: skip


def _pool(about: Mapping[str, Any], rows: Any) -> Pool:
    times = _times(about, rows)
    nan = np.full(len(times), np.nan)
    price = rows["price_usd_hour"].cast(float).to_numpy() if "price_usd_hour" in rows.columns else nan
    has_count = "available" in rows.columns
    # A price alone says that capacity was sold at it.
    available = rows["available"].cast(float).to_numpy() if has_count else np.where(np.isnan(price), np.nan, 1.0)
    kind = about.get("kind") or ("availability" if has_count else "price")
    if kind not in _KINDS:
        raise ValueError(f"unknown kind {kind!r}")
    if len(times) < 2:
        raise ValueError("one row says neither how long nor what")
    if (price < 0).any():
        raise ValueError(f"a price is {np.nanmin(price)}")
    return Pool(
        zone=str(about["zone"]), instance=str(about.get("instance") or ""), cloud=str(about.get("cloud") or ""),
        kind=kind, nodes=int(about.get("nodes") or 1), probe_s=float(about.get("gap_s") or 0.0), times_s=times[:-1],
        available=np.where(available < 0, np.nan, available)[:-1], price_usd_hour=price[:-1], end_s=float(times[-1]),
    )  # fmt: skip


def _times(about: Mapping[str, Any], rows: Any) -> Any:
    if "time" not in rows.columns:
        return rows["t_s"].cast(float).to_numpy() + _seconds(datetime.fromisoformat(str(about["start_date"])))
    column = rows["time"]
    if column.dtype.is_numeric():
        times = column.cast(float).to_numpy().copy()
        if (np.abs(times) > _FAR_S).any():
            raise ValueError(f"a time is {np.abs(times).max():.4g}: write seconds")
        return times
    return np.array([_seconds(datetime.fromisoformat(str(t))) for t in column])


def _seconds(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
