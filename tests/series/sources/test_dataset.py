"""Many files as one table, and what can be wrong with them."""

import pickle

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from learnsys.core.errors import BadFile, Incompatible, InputError
from learnsys.series.sources.dataset import Dataset, kind_of
from learnsys.series.sources.scan import scan
from learnsys.series.sources.types import Condition

INSTANT = pa.timestamp("ns", "UTC")


def table(first=0, count=100, kind=INSTANT):
    rng = np.random.default_rng(first)
    stamps = pa.array((first + np.arange(count)) * 10**9 + 1_700_000_000 * 10**9)
    return pa.table(
        {
            "ts": stamps.cast(pa.timestamp("ns", kind.tz)).cast(kind),
            "sym": pa.array(rng.choice(["a", "b", "c"], count)),
            "px": rng.normal(size=count),
        }
    )


WRITE = {
    ".parquet": lambda data, path: pq.write_table(data, path, row_group_size=30),
    ".csv": pyarrow.csv.write_csv,
    ".arrow": lambda data, path: pyarrow.feather.write_feather(data, path, chunksize=30),
}
ROLES = {"time": "ts", "series": "sym", "value": "px"}


@pytest.mark.parametrize("suffix", WRITE)
def test_a_glob_and_a_list_and_a_folder_are_one_table(suffix, tmp_path):
    for n in range(3):
        WRITE[suffix](table(100 * n), tmp_path / f"part-{n}{suffix}")
    whole = scan(pa.concat_tables([table(100 * n) for n in range(3)]), **ROLES).samples()
    for what in (str(tmp_path / "part-*"), sorted(tmp_path.iterdir()), tmp_path):
        source = scan(what, **ROLES)
        samples = source.samples()
        assert samples.ids == whole.ids
        np.testing.assert_array_equal(samples.t, whole.t)
        np.testing.assert_array_equal(samples.x, whole.x)
        assert source.count_hint == (300 if suffix == ".parquet" else None)
        assert pickle.loads(pickle.dumps(source)) == source


@pytest.mark.parametrize("suffix", [".parquet", ".arrow"])
def test_parts_add_up(suffix, tmp_path):
    for n in range(2):
        WRITE[suffix](table(100 * n), tmp_path / f"{n}{suffix}")
    data = scan(tmp_path, **ROLES).table
    parts = data.all_parts()
    assert parts == tuple((f, g) for f in range(2) for g in range(4))
    source = scan(tmp_path, **ROLES)
    import msgspec

    apart = [msgspec.structs.replace(source, table=Dataset(data.kind, data.paths, (part,))) for part in parts]
    assert sum(one.samples().t.size for one in apart) == 200
    assert len({one.fingerprint for one in apart}) == 8
    assert apart[0].table.all_parts() == parts[:1]
    assert apart[0].count_hint is None


def test_parts_of_paths_are_columns(tmp_path):
    for year, venue in ((2025, "X"), (2026, "X"), (2026, "Y")):
        folder = tmp_path / f"year={year}" / f"venue={venue}"
        folder.mkdir(parents=True)
        pq.write_table(table(year, 10), folder / "part.parquet")
    pq.write_table(table(0, 10), tmp_path / "_metadata.parquet")
    source = scan(tmp_path, **ROLES)
    assert source.columns == ("ts", "sym", "px", "year", "venue")
    assert source.samples().t.size == 30
    assert source.samples(predicate=[Condition("year", "==", 2026), Condition("venue", "==", "Y")]).t.size == 10
    assert scan(tmp_path, time="ts", series="venue", value="px").samples().ids == ("X", "Y")
    assert scan(tmp_path, time="ts", value="year").samples().x.max() == 2026


def test_files_that_no_row_is_wanted_of_are_not_opened(tmp_path):
    for year in (2025, 2026):
        (tmp_path / f"year={year}").mkdir()
        pq.write_table(table(year, 10), tmp_path / f"year={year}" / "part.parquet")
    source = scan(tmp_path, **ROLES)
    (tmp_path / "year=2026" / "part.parquet").write_bytes(b"PAR1 garbage")
    assert source.samples(predicate=[Condition("year", "<", 2026)]).t.size == 10
    with pytest.raises(BadFile, match="year=2026"):
        source.samples()


@pytest.mark.parametrize("suffix", WRITE)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.95])
def test_a_truncated_file_is_named(suffix, share, tmp_path):
    WRITE[suffix](table(), path := tmp_path / f"t{suffix}")
    content = path.read_bytes()
    cut = content[: int(share * len(content))]
    path.write_bytes(cut[:-3] if suffix == ".csv" else cut)  # a line of text that ends in its second column
    if suffix == ".csv" and share:
        path.write_bytes(content[: content.rindex(b",")] + b"\n")
    with pytest.raises(BadFile, match=f"t{suffix}"):
        scan(path, **ROLES).samples()


def test_a_file_damaged_inside_is_named(tmp_path):
    WRITE[".parquet"](table(), path := tmp_path / "t.parquet")
    content = bytearray(path.read_bytes())
    content[4:400] = bytes(396)
    path.write_bytes(content)
    with pytest.raises(BadFile, match=r"t\.parquet"):
        scan(path, **ROLES).samples()


def test_a_file_that_disappears_is_named(tmp_path):
    for n in range(2):
        WRITE[".parquet"](table(100 * n), tmp_path / f"{n}.parquet")
    source = scan(tmp_path / "*.parquet", **ROLES)
    chunks = source.batches()
    next(chunks)
    (tmp_path / "1.parquet").unlink()
    with pytest.raises(BadFile, match=r"no file .*1\.parquet"):
        list(chunks)
    with pytest.raises(BadFile, match=r"1\.parquet"):
        _ = source.fingerprint


def test_files_of_one_table_have_its_columns(tmp_path):
    WRITE[".parquet"](table(), tmp_path / "a.parquet")
    WRITE[".parquet"](table().drop(["px"]), tmp_path / "b.parquet")
    with pytest.raises(BadFile, match=r"b\.parquet has no column 'px'"):
        scan(tmp_path, **ROLES).samples()


def test_files_of_one_table_have_its_kinds_of_columns(tmp_path):
    WRITE[".parquet"](table(), tmp_path / "a.parquet")
    WRITE[".parquet"](table(100, kind=pa.timestamp("us", "UTC")), tmp_path / "b.parquet")
    assert scan(tmp_path, **ROLES).samples().t.max() == 199
    WRITE[".parquet"](table(200, kind=pa.timestamp("ns")), tmp_path / "c.parquet")
    with pytest.raises(Incompatible, match=r"timestamp\[ns\] in .*c\.parquet, but of type timestamp\[ns, tz=UTC\] in"):
        scan(tmp_path, **ROLES).samples()


def test_kinds_are_not_mixed(tmp_path):
    WRITE[".parquet"](table(), tmp_path / "a.parquet")
    WRITE[".csv"](table(), tmp_path / "b.csv")
    (tmp_path / "c.xls").write_bytes(b"x")
    with pytest.raises(InputError, match=r"b\.csv is no parquet file"):
        scan(tmp_path, **ROLES)
    with pytest.raises(InputError, match="no known kind"):
        scan(tmp_path / "c.xls")
    assert kind_of("A.CSV.GZ") == "csv"


def test_an_empty_table_has_no_series_and_no_samples(tmp_path):
    WRITE[".parquet"](table(count=0), tmp_path / "a.parquet")
    samples = scan(tmp_path, **ROLES).samples()
    assert (samples.ids, samples.t.size) == ((), 0)
    wide = scan(tmp_path, time="ts", value="px").samples()
    assert (wide.ids, wide.t.size) == (("px",), 0)
