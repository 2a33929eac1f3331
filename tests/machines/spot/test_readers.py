import json
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from learnsys.core.errors import BadFile
from learnsys.machines.spot.readers import read_pools

TABLE = """zone,instance,time,available,price_usd_hour
a,m5,2024-01-01T00:00,1,0.1
a,m5,2024-01-01T01:00,,0.1
a,m5,2024-01-01T02:00,0,0.2
a,m5,2024-01-01T03:00+01:00,-1,
b,m5,2024-01-01T00:00,2,0.3
b,m5,2024-01-01T09:00,-1,
"""
AWS = {
    "SpotPriceHistory": [
        {"AvailabilityZone": "us-east-1a", "InstanceType": "m5.large", "ProductDescription": "Linux/UNIX",
         "SpotPrice": price, "Timestamp": when}
        for price, when in (("0.0400", "2024-01-02T00:00:00+00:00"), ("0.0300", "2024-01-01T00:00:00.000Z"),
                            ("0.0500", "2024-01-01T12:00:00Z"))
    ]
}  # fmt: skip


def written(folder, content, name="h.csv"):
    (path := folder / name).write_text(content)
    return path


def test_a_table_gives_pools_with_holes_and_an_end(tmp_path):
    text = TABLE.replace("03:00+01:00", "04:00+01:00")
    a, b = read_pools(written(tmp_path, text))
    assert (a.name, b.name, a.kind) == ("a/m5", "b/m5", "availability")
    assert np.isnan(a.available).tolist() == [False, True, False]
    assert a.end_s - a.start_s == 3 * 3600
    assert b.price_usd_hour.tolist() == [0.3]


def test_times_that_go_back_are_named(tmp_path):
    with pytest.raises(BadFile, match=r"pool a/m5: times .* not increasing"):
        read_pools(written(tmp_path, TABLE))


def test_the_shared_form(tmp_path):
    frame = pl.DataFrame({
        "kind": "preemption", "cloud": "aws", "zone": "z", "instance": "v100_1", "nodes": 4, "start_date": "2023-08-03",
        "gap_s": 300, "t_s": [0, 900, 3600], "available": [4, 3, -1],
    })  # fmt: skip
    frame.write_parquet(path := tmp_path / "h.parquet")
    (pool,) = read_pools(path)
    assert (pool.name, pool.kind, pool.nodes, pool.probe_s) == ("z/v100_1 x4", "preemption", 4, 300)
    assert pool.start_s == datetime(2023, 8, 3, tzinfo=UTC).timestamp()
    assert pool.end_s == pool.start_s + 3600


def test_a_column_of_prices_alone_is_a_price_history(tmp_path):
    (pool,) = read_pools(written(tmp_path, "zone,time,price_usd_hour\nz,0,0.1\nz,60,\nz,120,0.2\n"))
    assert pool.kind == "price"
    assert np.isnan(pool.available).tolist() == [False, True]


def test_amazons_history(tmp_path):
    path = written(tmp_path, json.dumps(AWS), "h.json")
    (pool,) = read_pools(path)
    assert pool.price_usd_hour.tolist() == [0.03, 0.05]  # nothing says how long the last one held
    assert pool.end_s == datetime(2024, 1, 2, tzinfo=UTC).timestamp()
    (longer,) = read_pools(path, until=datetime(2024, 1, 3, tzinfo=UTC))
    assert longer.price_usd_hour.tolist() == [0.03, 0.05, 0.04]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("h.csv", "zone,available\nz,1\n", r"lacks the column time \(or start_date and t_s\)"),
        ("h.csv", "time,zone\n0,z\n", "available"),
        ("h.csv", "zone,time,available\n", "no rows"),
        ("h.csv", "zone,time,available\nz,0,1\n", "one row"),
        ("h.csv", "zone,time,available\nz,monday,1\nz,tuesday,1\n", "monday"),
        ("h.csv", "zone,time,price_usd_hour\nz,0,-0.1\nz,1,0.1\n", "price is -0.1"),
        ("h.csv", "zone,time,available\nz,0,one\nz,1,0\n", "column 'available'"),
        ("h.csv", "zone,time,available\nz,1700000000000,1\nz,1700000060000,0\n", "write seconds"),
        ("h.csv", "zone,kind,time,available\nz,rumour,0,1\nz,rumour,9,-1\n", "rumour"),
        ("h.json", "{}", "SpotPriceHistory"),
        ("h.json", '{"SpotPriceHistory": []}', "no price"),
        ("h.json", json.dumps({"SpotPriceHistory": AWS["SpotPriceHistory"][:1]}), "--until"),
        ("h.json", json.dumps(AWS).replace("0.0300", "dear"), "dear"),
        ("h.json", json.dumps(AWS).replace("0.0300", "0"), "not positive"),
        ("h.parquet", "PAR", "cannot read"),
        ("h.xml", "", "parquet, csv"),
    ],
)
def test_files_of_another_form_are_refused(tmp_path, name, content, message):
    with pytest.raises(BadFile, match=message):
        read_pools(written(tmp_path, content, name))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(BadFile, match="no file"):
        read_pools(tmp_path / "none.csv")


def test_recorded_capacity_is_read_whole():
    folder = Path(os.environ.get("LEARNSYS_DATA", Path(__file__).parents[3] / ".." / "shared" / "data"))
    if not (path := folder / "spot_availability.parquet").exists():
        pytest.skip(f"no data at {path}")
    pools = read_pools(path)
    assert len(pools) == pl.read_parquet(path).select("kind", "zone", "instance", "nodes", "start_date").unique().height
    assert all(np.nanmin(p.available) >= 0 and np.nanmax(p.available) <= p.nodes for p in pools)
