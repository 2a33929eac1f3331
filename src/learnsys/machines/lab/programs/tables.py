"""Programs on tables: a row store, a column store, data frames."""

import random


def sqlite_join(size: float) -> None:
    """Fill, index and join two tables in memory."""
    import sqlite3

    draw, n = random.Random(1), round(700_000 * size)
    db = sqlite3.connect(":memory:")
    db.execute("create table sale (item int, day int, amount real)")
    db.execute("create table item (id int primary key, kind int)")
    db.executemany("insert into item values (?, ?)", ((i, i % 50) for i in range(20_000)))
    db.executemany("insert into sale values (?, ?, ?)", ((draw.randrange(20_000), i % 365, i * 0.5) for i in range(n)))
    db.execute("create index by_day on sale (day)")
    db.execute("select kind, day, sum(amount) from sale join item on item = id group by kind, day").fetchall()


def duckdb_group(size: float) -> None:
    """Group many rows by many keys in a column store, which uses all cores."""
    import duckdb

    query = "select i * 2654435761 % 3000000 as key, count(*), avg(i), max(hash(i)) from range({}) t(i) group by key"
    duckdb.execute(f"select count(*) from ({query.format(round(24_000_000 * size))})").fetchall()


def polars_group(size: float) -> None:
    """Group a data frame by text and numbers, on all cores."""
    import numpy as np
    import polars as pl

    n, draw = round(5_000_000 * size), np.random.default_rng(1)
    frame = pl.DataFrame({"k": draw.integers(0, 100_000, n), "x": draw.random(n), "y": draw.random(n)})
    frame = frame.with_columns(name=pl.format("name {}", pl.col("k") % 1000))
    frame.group_by("name", "k").agg(pl.col("x").mean(), pl.col("y").quantile(0.9), pl.len()).sort("k")


def polars_join(size: float) -> None:
    """Join and sort data frames: several copies at once, on all cores."""
    import numpy as np
    import polars as pl

    n, draw = round(7_500_000 * size), np.random.default_rng(1)
    left = pl.DataFrame({"k": draw.integers(0, n, n), "x": draw.random(n)})
    right = pl.DataFrame({"k": np.arange(n), "y": draw.random(n), "z": draw.random(n)})
    left.join(right, on="k").sort("x").select(pl.col("y").cum_sum(), pl.col("z").shift(1)).sum()
