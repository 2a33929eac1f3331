import json
import sqlite3
import sys
from contextlib import closing
from types import SimpleNamespace

import pytest

from learnsys.core.errors import BadFile, InputError, MissingExtra
from learnsys.machines.offline.database import packaged_database, read_database

# The columns that are read, and some that are not, as Spare Cores' database has them.
SCHEMA = """
    CREATE TABLE server (
        vendor_id TEXT, server_id TEXT, name TEXT, api_reference TEXT, display_name TEXT, description TEXT, family TEXT,
        vcpus INTEGER, hypervisor TEXT, cpu_allocation TEXT, cpu_cores INTEGER, cpu_speed REAL, cpu_architecture TEXT,
        cpu_manufacturer TEXT, cpu_family TEXT, cpu_model TEXT, cpu_l1_cache INTEGER, cpu_l2_cache INTEGER,
        cpu_l3_cache INTEGER, cpu_flags JSON, memory_amount INTEGER, gpu_count REAL, status TEXT, observed_at TEXT,
        PRIMARY KEY (vendor_id, server_id));
    CREATE TABLE server_price (
        vendor_id TEXT, region_id TEXT, zone_id TEXT, server_id TEXT, operating_system TEXT, allocation TEXT, unit TEXT,
        price REAL, price_upfront REAL, price_tiered JSON, currency TEXT, status TEXT, observed_at TEXT);
    CREATE TABLE benchmark_score (
        vendor_id TEXT, server_id TEXT, benchmark_id TEXT, config JSON, score REAL, note TEXT, status TEXT,
        observed_at TEXT);
    CREATE TABLE benchmark (benchmark_id TEXT PRIMARY KEY, name TEXT, higher_is_better INTEGER);
"""
SERVERS = [("aws", "m5.large", "m5.large", 2, "X86_64", 8192), ("hcloud", "45", "cx22", 2, "X86_64", 4096)]
SCORES = [
    ("aws", "m5.large", "redis:rps", {"operation": "SET", "pipeline": 1}, 100.0),
    ("hcloud", "45", "redis:rps", {"operation": "SET", "pipeline": 1}, 50.0),
    ("hcloud", "45", "membench:latency", {"size": 64}, 4.0),
    ("aws", "m5.large", "membench:latency", {"size": 64}, 0.0),  # failed: no score
]
PRICES = [
    ("aws", "us-east-1", "a", "m5.large", "Linux", "ONDEMAND", "HOUR", 0.10, "USD", "2025-03-01 10:00:00"),
    ("aws", "us-east-1", "b", "m5.large", "Linux", "ONDEMAND", "HOUR", 0.096, "USD", "2025-03-02 10:00:00"),
    ("aws", "us-east-1", "b", "m5.large", "Linux", "SPOT", "HOUR", 0.03, "USD", "2025-03-02 10:00:00"),
    ("aws", "us-east-1", "b", "m5.large", "Windows", "ONDEMAND", "HOUR", 0.01, "USD", "2025-03-02 10:00:00"),
    ("aws", "us-east-1", "b", "m5.large", "Linux", "ONDEMAND", "MONTH", 0.02, "USD", "2025-03-02 10:00:00"),
    ("hcloud", "de", "x", "45", "Linux", "ONDEMAND", "HOUR", 0.006, "EUR", "2025-03-02 10:00:00"),
]


@pytest.fixture
def database(tmp_path):
    with closing(sqlite3.connect(path := tmp_path / "sc.db")) as db:
        db.executescript(SCHEMA)
        for vendor, server, name, vcpus, arch, memory in SERVERS:
            db.execute(
                "INSERT INTO server (vendor_id, server_id, api_reference, family, vcpus, cpu_architecture,"
                " memory_amount, gpu_count, cpu_flags, cpu_l1_cache) VALUES (?, ?, ?, 'f', ?, ?, ?, 0, ?, 64)",
                (vendor, server, name, vcpus, arch, memory, json.dumps(["avx2", "sse"])),
            )
        db.executemany(
            "INSERT INTO server_price (vendor_id, region_id, zone_id, server_id, operating_system, allocation, unit,"
            " price, currency, observed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            PRICES,
        )
        db.executemany(
            "INSERT INTO benchmark_score (vendor_id, server_id, benchmark_id, config, score) VALUES (?, ?, ?, ?, ?)",
            [(v, s, b, json.dumps(c), score) for v, s, b, c, score in SCORES],
        )
        db.executemany("INSERT INTO benchmark VALUES (?, '', ?)", [("redis:rps", 1), ("membench:latency", 0)])
        db.commit()
    return path


def test_scores_become_seconds_by_what_is_better(database):
    benchmark = read_database(database)
    assert benchmark.keys == ("aws/m5.large", "hcloud/cx22")  # as the vendor calls it, not by number
    assert [(w.name, w.group) for w in benchmark.workloads] == [
        ("membench|latency|64", "membench"),
        ("redis|rps|SET|1", "redis"),
    ]
    assert benchmark.seconds[1].tolist() == [0.01, 0.02]
    assert benchmark.seconds[0, 1] == 4.0
    assert benchmark.runs.sum() == 3  # a score of zero is no run
    assert dict(zip(benchmark.feature_names, benchmark.features[0], strict=True))["avx2"] == 1


def test_prices_are_of_linux_on_demand_by_the_hour_in_dollars(database):
    aws, hcloud = read_database(database).catalog.machines
    assert [(p.region, p.usd_hour, str(p.as_of)) for p in aws.prices] == [("us-east-1", 0.096, "2025-03-02")]
    assert hcloud.prices == ()


def test_the_catalogue_is_as_old_as_its_prices(database):
    with closing(sqlite3.connect(database)) as db:
        db.execute("UPDATE server_price SET observed_at = '2026-01-05T00:00:00'")
        db.commit()
    assert str(read_database(database).catalog.as_of) == "2026-01-05"


def test_what_is_missing_is_named(database, tmp_path):
    with closing(sqlite3.connect(database)) as db:
        db.execute("ALTER TABLE server DROP COLUMN memory_amount")
    with pytest.raises(InputError, match="no column memory_amount in table server;"):
        read_database(database)
    with closing(sqlite3.connect(empty := tmp_path / "empty.db")) as db:
        db.execute("CREATE TABLE other (x)")
    with pytest.raises(InputError, match="no table server"):
        read_database(empty)
    (tmp_path / "text.db").write_text("this is no database at all, only text" * 100)
    with pytest.raises(BadFile, match="cannot read"):
        read_database(tmp_path / "text.db")


def test_no_score_above_zero_is_refused(database):
    with closing(sqlite3.connect(database)) as db:
        db.execute("UPDATE benchmark_score SET score = 0")
        db.commit()
    with pytest.raises(InputError, match="no score above zero"):
        read_database(database)


def test_the_package_says_where_its_database_is(database, monkeypatch):
    monkeypatch.setitem(sys.modules, "sc_data", SimpleNamespace(db=SimpleNamespace(path=str(database))))
    assert packaged_database() == database


def test_a_package_that_is_absent_or_cannot_download_is_told_in_one_line(monkeypatch):
    class Offline:
        @property
        def path(self):
            raise TimeoutError("database not ready")

    monkeypatch.setitem(sys.modules, "sc_data", None)
    with pytest.raises(MissingExtra, match="pip install sparecores-data"):
        packaged_database()
    monkeypatch.setitem(sys.modules, "sc_data", SimpleNamespace(db=Offline()))
    with pytest.raises(BadFile, match=r"database not ready; check the network, or give a copy"):
        packaged_database()
