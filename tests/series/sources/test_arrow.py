import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from learnsys.core.errors import MissingExtra
from learnsys.series.sources import arrow

COLUMN = pa.array([1.0, None, 3.0, 4.0])


def test_views_of_slices_copy_nothing():
    part = pa.array(np.arange(10.0)).slice(2, 5)
    seen = arrow.floats(part)
    assert seen.tolist() == [2, 3, 4, 5, 6]
    assert not seen.flags.owndata
    assert arrow.view(pa.array([], pa.int64()), "i8").size == 0


def test_nulls_are_found():
    assert arrow.valid(COLUMN).tolist() == [True, False, True, True]
    assert arrow.valid(COLUMN.slice(1)).tolist() == [False, True, True]
    assert arrow.valid(COLUMN.slice(2)) is None
    assert arrow.valid(pa.nulls(2)).tolist() == [False, False]
    assert arrow.first_null(COLUMN.slice(1)) == 0


@pytest.mark.parametrize("kind", [pa.int8(), pa.uint64(), pa.float32(), pa.float16(), pa.decimal128(21, 2), pa.bool_()])
def test_numbers_of_any_type_are_floats(kind):
    made = arrow.floats(pa.array([0, 1]).cast(kind))
    assert made.tolist() == [0, 1]
    assert made.dtype == (np.float32 if kind == pa.float32() else np.float64)


def test_a_missing_library_is_named_with_its_extra():
    with pytest.raises(MissingExtra, match=r"learnsys\[series\]"):
        arrow.arrow("no_such_part")


def test_a_scan_of_parquet_does_not_load_pandas(tmp_path):
    script = (
        "import sys, pyarrow as pa, pyarrow.parquet as pq\n"
        "from learnsys.series.sources.scan import scan\n"
        f"path = {str(tmp_path / 't.parquet')!r}\n"
        "stamps = pa.Array.from_buffers(pa.timestamp('ns', 'UTC'), 2, [None, pa.py_buffer(bytes(16))])\n"
        "numbers = pa.Array.from_buffers(pa.float64(), 2, [None, pa.py_buffer(bytes(16))])\n"
        "pq.write_table(pa.Table.from_arrays([stamps, numbers], ['ts', 'x']), path)\n"
        "assert sum(c.t.size for c in scan(path, time='ts', value='x').batches()) == 2\n"
        "print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
