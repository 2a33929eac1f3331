import math
import subprocess
import sys

from learnsys.series.sums.compiled import jit

WITHOUT = "import sys; sys.modules['numba'] = None; import learnsys.series.sums.projection"


def test_compiled_code_keeps_nan():
    assert math.isnan(jit(lambda x: x - x)(math.nan))


def test_a_missing_numba_names_the_extra():
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True)
    assert "MissingExtra: numba is not installed; pip install 'learnsys[series]'" in done.stderr
