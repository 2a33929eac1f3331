from learnsys import series
from learnsys.series.types import Samples


def test_the_graph_is_drawn_from_the_statistic_down():
    q = series.scan(Samples.of({"a": ([0.0, 1.0], [1.0, 2.0])})).log().difference()
    lines = series.explain(q.xcov(lags=series.lags(0, 1, 1), bandwidth=0.5)).splitlines()
    assert [line.strip().split("(")[0] for line in lines] == [
        "XCov",
        "Weights",
        "Difference",
        "Duplicates",
        "Log",
        "Scan",
    ]
