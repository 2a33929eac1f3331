"""Slow, obvious twins of what the ground floor does fast."""

import csv
import io
import math
import zipfile
from collections import Counter

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
    """Column names, features and labels of the flights, built from dicts of text, flight by flight."""
    with zipfile.ZipFile(folder / "flights.csv.zip") as archive:
        flights = list(csv.DictReader(io.StringIO(archive.read("flights.csv").decode())))
    flights = [f for f in flights if f["arr_delay"] != "NA"]
    with (folder / "weather.csv").open() as file:
        weather = {(w["origin"], w["time_hour"]): w for w in csv.DictReader(file)}
    with (folder / "planes.csv").open() as file:
        planes = {p["tailnum"]: p for p in csv.DictReader(file)}
    measured = ["temp", "dewp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib"]
    numbers = {name: [] for name in ["distance", "sched_dep", "sched_arr", *measured, "plane_year", "seats"]}
    for f in flights:
        numbers["distance"].append(f["distance"])
        numbers["sched_dep"].append(minutes(f["sched_dep_time"]))
        numbers["sched_arr"].append(minutes(f["sched_arr_time"]))
        here = weather.get((f["origin"], f["time_hour"]), {})
        for name in measured:
            numbers[name].append(here.get(name, "NA"))
        plane = planes.get(f["tailnum"], {})
        numbers["plane_year"].append(plane.get("year", "NA"))
        numbers["seats"].append(plane.get("seats", "NA"))
    train = np.array([int(f["day"]) <= 24 for f in flights])
    columns, squares, flags = {}, {}, {}
    for name, texts in numbers.items():
        x = np.array([math.nan if t == "NA" else float(t) for t in texts])
        gone = np.isnan(x)
        x[gone] = np.median(x[train & ~gone])
        x = (x - x[train].mean()) / x[train].std()
        columns[name], squares[f"{name}^2"] = x, x * x
        if name in (*measured, "plane_year", "seats"):
            flags[f"{name} missing"] = gone.astype(float)
    columns |= squares | flags
    common = Counter(f["dest"] for f, is_train in zip(flights, train, strict=True) if is_train).most_common(25)
    top = {name for name, _ in common}
    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    weekday = [days[np.datetime64(f"2013-{int(f['month']):02}-{int(f['day']):02}").item().weekday()] for f in flights]
    texts = {name: [f[name] for f in flights] for name in ("carrier", "origin", "month", "hour")}
    texts |= {"weekday": weekday, "dest": [f["dest"] if f["dest"] in top else "other" for f in flights]}
    order = {"month": int, "hour": int, "weekday": days.index}
    for name, values in texts.items():
        for level in sorted(set(values), key=order.get(name, str)):
            columns[f"{name}={level}"] = np.array([v == level for v in values], float)
    columns["constant"] = np.ones(len(flights))
    y = np.array([int(f["arr_delay"]) > 15 for f in flights], int)
    return list(columns), columns, y


def minutes(hhmm):
    """Minutes since midnight of a time written 517 or 2359, as text."""
    return str(int(hhmm) // 100 * 60 + int(hhmm) % 100)
