"""What came of watching is shown, an alarm a row, and what was not read is told."""

from tests.series.pictures.made import shown

from learnsys.series.results.watching import Watching
from learnsys.series.stream.watch import Alarm


def test_alarms_and_what_was_left_out_are_told():
    alarm = Alarm(
        what="lag", a="x", b="y", start_ns=1_767_571_200_000_000_000, lag_s=-2.0, value=-2.0, low=1.0, high=3.0
    )
    made = Watching(
        alarms=(alarm,), windows=20, baseline=12, samples=1000, late=3, malformed=1, notes=("3 late", "1 line ...")
    )
    table = made.table()
    assert table.title == "1 alarm"
    assert table.rows[0][:4] == ("2026-01-05T00:00:00", "x", "y", "lag")
    assert table.notes[1:] == ("3 late", "1 line ...")
    assert "x → y" in shown(made.chart())[0]
