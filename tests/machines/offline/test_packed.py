import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from tests.machines.strategies import benchmark_of, benchmarks

from learnsys.core.errors import BadFile
from learnsys.machines.offline.packed import read_packed, write_packed


@given(benchmarks())
def test_what_is_read_is_what_was_written(benchmark):
    with tempfile.TemporaryDirectory() as folder:
        again = read_packed(write_packed(benchmark, Path(folder) / "b"))
    assert again.digest == benchmark.digest
    assert (again.catalog, again.workloads, again.note) == (benchmark.catalog, benchmark.workloads, benchmark.note)
    assert again.only(machines=[0]).shape[1] == 1


def test_half_a_file_is_refused(tmp_path):
    path = write_packed(benchmark_of([(0, 0, 1.0)], 1, 1), tmp_path / "b")
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(BadFile, match="cannot read"):
        read_packed(path)


def test_another_version_is_refused(tmp_path, monkeypatch):
    path = write_packed(benchmark_of([(0, 0, 1.0)], 1, 1), tmp_path / "b")
    monkeypatch.setattr("learnsys.machines.offline.packed.VERSION", 2)
    with pytest.raises(BadFile, match="version 1, not 2"):
        read_packed(path)
