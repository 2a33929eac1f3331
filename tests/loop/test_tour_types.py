"""What the tour hands back survives json and answers every question of its table."""

import msgspec

from learnsys.loop.tour_types import Tour


def test_a_tour_survives_json_and_its_table_answers_all(tour):
    value = msgspec.convert(tour.result, Tour, strict=False)
    answers = dict(value.table().rows)
    assert {
        "plan",
        "predicted",
        "actual",
        "certificate",
        "held-out AUC",
        "served",
        "machine",
        "report",
        "who leads",
        "comes next",
    } <= set(answers)
    assert "p50" in answers["served"]
    assert "p99" in answers["served"]
    assert answers["comes next"].startswith("flights 0.")
    assert "copy, line" in answers["comes next"]
    assert value.peak_bytes < 2 * 2**30
    assert value.report.endswith("report.html")
