"""Slow, obvious twins of what the ground floor does fast."""

import csv
import io
import math
import zipfile
from collections import Counter
from datetime import date

import numpy as np


def bad_places(X):
    """Rows and columns of NaN and infinity, in reading order."""
    return [(i, j) for i, row in enumerate(X.tolist()) for j, x in enumerate(row) if not math.isfinite(x)]


def moments(X):
    """Mean, deviation, least, greatest and count of non-zeros of each column, one number at a time."""
    columns = [[float(x) for x in column] for column in X.T]
    means = [math.fsum(c) / len(c) for c in columns]
    sds = [math.sqrt(math.fsum((x - m) ** 2 for x in c) / len(c)) for c, m in zip(columns, means, strict=True)]
    return means, sds, [min(c) for c in columns], [max(c) for c in columns], [sum(x != 0 for x in c) for c in columns]


class BadLine(Exception):
    """A line that is not libsvm; its only argument is the number of the line."""


def libsvm(text):
    """Labels, and one dict of 1-based index to value a row."""
    labels, rows = [], []
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        label, *pairs = words
        row, last = {}, 0
        for pair in pairs:
            parts = pair.split(":")
            if len(parts) != 2 or not parts[0] or set(parts[0]) - set("0123456789"):
                raise BadLine(number)
            index = int(parts[0])
            if not last < index < 2**31:
                raise BadLine(number)
            row[index] = last_value = as_number(parts[1])
            last = index
            if last_value is None:
                raise BadLine(number)
        if as_number(label) is None:
            raise BadLine(number)
        labels.append(as_number(label))
        rows.append(row)
    return labels, rows


def as_number(word):
    """A finite number in plain digits, or None."""
    try:
        value = float(word)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in word else None


def flights(folder):
    """Column names, features and labels of the flights, built flight by flight from text."""
    with (folder / "weather.csv").open() as file:
        weather = {(w["origin"], w["time_hour"]): w for w in csv.DictReader(file)}
    with (folder / "planes.csv").open() as file:
        planes = {p["tailnum"]: p for p in csv.DictReader(file)}
    measured = ["temp", "dewp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib"]
    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    numbers = {name: [] for name in ["distance", "sched_dep", "sched_arr", *measured, "plane_year", "seats"]}
    texts = {name: [] for name in ["carrier", "origin", "month", "hour", "weekday", "dest"]}
    train, y = [], []
    with zipfile.ZipFile(folder / "flights.csv.zip") as archive:
        text = io.StringIO(archive.read("flights.csv").decode())
    for f in csv.DictReader(text):
        if f["arr_delay"] == "NA":
            continue
        here, plane = weather.get((f["origin"], f["time_hour"]), {}), planes.get(f["tailnum"], {})
        f |= {name: here.get(name) for name in measured}
        f |= {"plane_year": plane.get("year"), "seats": plane.get("seats")}
        f |= {"sched_dep": minutes(f["sched_dep_time"]), "sched_arr": minutes(f["sched_arr_time"])}
        f["weekday"] = days[date(2013, int(f["month"]), int(f["day"])).weekday()]
        for name, column in numbers.items():
            column.append(math.nan if f[name] in ("NA", None) else float(f[name]))
        for name, column in texts.items():
            column.append(f[name])
        train.append(int(f["day"]) <= 24)
        y.append(int(int(f["arr_delay"]) > 15))
    train, columns, squares, flags = np.array(train), {}, {}, {}
    for name, values in numbers.items():
        x = np.array(values)
        gone = np.isnan(x)
        x[gone] = np.median(x[train & ~gone])
        x = (x - x[train].mean()) / x[train].std()
        columns[name], squares[f"{name}^2"] = x, x * x
        if name in (*measured, "plane_year", "seats"):
            flags[f"{name} missing"] = gone
    columns |= squares | flags
    common = Counter(name for name, is_train in zip(texts["dest"], train, strict=True) if is_train).most_common(25)
    top = {name for name, _ in common}
    texts["dest"] = [name if name in top else "other" for name in texts["dest"]]
    order = {"month": int, "hour": int, "weekday": days.index}
    for name, values in texts.items():
        for level in sorted(set(values), key=order.get(name, str)):
            columns[f"{name}={level}"] = np.array([v == level for v in values])
    columns["constant"] = np.ones(len(y))
    return list(columns), columns, np.array(y)


def minutes(hhmm):
    """Minutes since midnight of a time written 517 or 2359."""
    return int(hhmm) // 100 * 60 + int(hhmm) % 100
