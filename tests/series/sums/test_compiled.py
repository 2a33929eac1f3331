import math

from learnsys.series.sums.compiled import jit


def test_compiled_code_keeps_nan():
    assert math.isnan(jit(lambda x: x - x)(math.nan))
