"""Fingerprints survive json and show every run."""

import msgspec

from learnsys.core.fingerprint import Fingerprint, Run

RUNS = (
    Run(machine="host/cpu=1,mem=2GiB", outcome="ok", elapsed_s=1.5, cpu_s=1.4, peak_bytes=1 << 20,
        working_set_bytes=1 << 19, counters={"cpu.user_frac": (0.9, 0.97)}, isolation="cgroup2"),
    Run(machine="host/cpu=1,mem=128MiB", outcome="oom", elapsed_s=None, cpu_s=0.2, peak_bytes=1 << 27,
        working_set_bytes=1 << 27, rejected="steal 12 %"),
)  # fmt: skip
PRINT = Fingerprint(name="etl", command=("python", "etl.py"), runs=RUNS)


def test_it_survives_json():
    assert msgspec.json.decode(msgspec.json.encode(PRINT), type=Fingerprint) == PRINT


def test_its_table_has_a_row_a_run():
    assert [row[:2] for row in PRINT.table().rows] == [(r.machine, r.outcome) for r in RUNS]
    assert PRINT.table().title == "etl: python etl.py"
    assert msgspec.structs.replace(PRINT, command=()).table().title == "etl", "what was imported may not tell"


def test_its_table_shows_sizes_where_there_are_some():
    sized = msgspec.structs.replace(PRINT, runs=(msgspec.structs.replace(RUNS[0], size=1e9), RUNS[1]))
    assert [row[1] for row in sized.table().rows] == [1e9, None]
    assert "data" not in [column.name for column in PRINT.table().columns]
