from learnsys import series
from learnsys.series.types import Samples


def test_values_after_resample_are_interpolated():
    q = series.scan(Samples.of({"a": ([0.0, 4.0], [0.0, 8.0])}))
    assert q.resample("1s").samples().x.tolist() == [0, 2, 4, 6, 8]
