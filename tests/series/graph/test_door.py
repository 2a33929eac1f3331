import subprocess
import sys

from learnsys import series
from learnsys.series.types import Samples

HEAVY = ["pyarrow", "polars", "finufft", "numba", "xarray", "duckdb", "pandas", "scipy"]


def test_the_door_loads_nothing_heavy():
    code = f"import sys, learnsys.series as s; s.scan, s.collect; print([m for m in {HEAVY} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_samples_are_a_source():
    made = Samples.of({"a": ([0.0], [1.0])})
    assert series.scan(made).samples() is made
