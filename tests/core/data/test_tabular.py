"""A table becomes a matrix whose columns can be traced back, or is refused with the place of what is wrong."""

import gzip
import io

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.strategies import finite, quick

from learnsys.core.data.tabular import MOST_LEVELS, read_table
from learnsys.core.errors import BadFile, InputError, UnknownName

words = st.text(st.characters(codec="ascii", categories=["Lu"]), min_size=1, max_size=3)
frames = st.integers(1, 8).flatmap(
    lambda n: st.builds(
        lambda x, k, flag, word, y: pl.DataFrame({"x": x, "k": k, "flag": flag, "word": word, "y": y}),
        x=st.lists(finite, min_size=n, max_size=n),
        k=st.lists(st.integers(-(2**40), 2**40), min_size=n, max_size=n),
        flag=st.lists(st.booleans(), min_size=n, max_size=n),
        word=st.lists(words.map("w".__add__), min_size=n, max_size=n),
        y=st.lists(st.sampled_from(["late", "early"]), min_size=n, max_size=n),
    )
)


def saved(path, frame):
    match path.suffixes:
        case [".parquet"]:
            frame.write_parquet(path)
        case [".csv"]:
            frame.write_csv(path)
        case [".csv", ".gz"]:
            frame.write_csv(out := io.BytesIO())
            path.write_bytes(gzip.compress(out.getvalue()))
    return path


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".csv.gz"])
@quick
@given(frame=frames)
def test_every_form_gives_the_same_matrix(tmp_path_factory, suffix, frame):
    data = read_table(saved(tmp_path_factory.getbasetemp() / f"t{suffix}", frame))
    levels = sorted(set(frame["word"]))
    assert data.columns == ("x", "k", "flag", *(f"word={level}" for level in levels))
    by_row = [
        [x, k, float(flag), *(float(word == level) for level in levels)] for x, k, flag, word, _ in frame.iter_rows()
    ]
    assert data.X.tolist() == by_row
    assert data.X.flags.c_contiguous
    assert (data.target, data.y.tolist()) == ("y", frame["y"].to_list())


@pytest.mark.parametrize(
    ("values", "dtype"),
    [([1.5, 2.5], np.float64), ([1, 2], np.int64), ([True, False], np.int64), (["a", "b"], np.dtype("<U1"))],
)
def test_a_target_keeps_its_kind(tmp_path, values, dtype):
    frame = pl.DataFrame({"y": values, "x": [1.0, 2.0]})
    data = read_table(saved(tmp_path / "t.parquet", frame), target="y")
    assert data.columns == ("x",)
    assert data.y.dtype == dtype
    assert data.y.tolist() == values


def test_categories_are_text(tmp_path):
    frame = pl.DataFrame({"c": ["b", "a"], "e": ["x", "x"], "y": [0, 1]}).with_columns(
        pl.col("c").cast(pl.Categorical), pl.col("e").cast(pl.Enum(["w", "x"]))
    )
    data = read_table(saved(tmp_path / "t.parquet", frame))
    assert data.columns == ("c=a", "c=b", "e=x")
    assert data.X.tolist() == [[0, 1, 1], [1, 0, 1]]


def test_an_unknown_target_suggests_its_neighbour(tmp_path):
    with pytest.raises(UnknownName, match="did you mean delay"):
        read_table(saved(tmp_path / "t.csv", pl.DataFrame({"delay": [1], "x": [2]})), target="dely")


@pytest.mark.parametrize("gap", [None, "NA", "NaN", "nan", "null", "N/A"])
def test_what_is_missing_is_counted_and_its_first_place_named(tmp_path, gap):
    (tmp_path / "t.csv").write_text(f"a,b,y\n1,2,0\n3,{gap or ''},1\n{gap or ''},5,0\n")
    with pytest.raises(InputError, match=r"t\.csv has 2 missing or NaN values, the first in row 1, column 'b'"):
        read_table(tmp_path / "t.csv")


def test_missing_text_and_nan_in_parquet_are_refused_too(tmp_path):
    frame = pl.DataFrame({"a": ["u", None], "y": [0, 1]})
    with pytest.raises(InputError, match="row 1, column 'a'"):
        read_table(saved(tmp_path / "t.parquet", frame))
    frame = pl.DataFrame({"a": [1.0, 2.0], "b": [float("inf"), float("nan")], "y": [0, 1]})
    with pytest.raises(InputError, match="contains 2 NaN or infinite values, the first in row 0, column 1"):
        read_table(saved(tmp_path / "t.parquet", frame))
    frame = pl.DataFrame({"a": [1.0, 2.0], "y": [0.0, float("nan")]})
    with pytest.raises(InputError, match=r"y in .* contains 1 NaN"):
        read_table(saved(tmp_path / "t.parquet", frame))


@pytest.mark.parametrize("count", [MOST_LEVELS, MOST_LEVELS + 1])
def test_text_of_more_levels_than_columns_allow_is_refused(tmp_path, count):
    frame = pl.DataFrame({"word": [f"w{k:03}" for k in range(count)], "y": [0] * count})
    path = saved(tmp_path / "t.csv", frame)
    if count <= MOST_LEVELS:
        assert np.array_equal(read_table(path).X, np.eye(count))
        return
    with pytest.raises(InputError, match=r"column 'word' has 51 different texts \(such as w000, w001, w002\)"):
        read_table(path)


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
@pytest.mark.parametrize("strays", [1, 2, 4])
def test_a_few_texts_among_numbers_are_refused_with_their_line(tmp_path, suffix, strays):
    cells = ["1.5", "-2e3", " 7", "8"] * 8
    cells[10 : 10 + strays] = ["12 km", "oops", "x", "y"][:strays]
    text = "note,far,y\n" + "".join(f'"{k % 2}\na",{cell},{k % 2}\n' for k, cell in enumerate(cells))
    path = tmp_path / f"t{suffix}"
    path.write_bytes(gzip.compress(text.encode()) if suffix == ".csv.gz" else text.encode())
    if strays == 4:  # a tenth and more: levels
        assert "far=12 km" in read_table(path).columns
        return
    with pytest.raises(BadFile, match="line 23: '12 km' in column 'far' is no number"):
        read_table(path)


def test_text_that_is_all_numbers_in_quotes_is_no_mistake(tmp_path):
    (tmp_path / "t.csv").write_text('word,y\n"1",0\n"2",1\n')
    assert read_table(tmp_path / "t.csv").X.shape[0] == 2


def test_a_column_that_is_no_feature_is_named(tmp_path):
    frame = pl.DataFrame({"when": [pl.date(2013, 1, 1)], "y": [0]}, strict=False).with_columns(when=pl.date(2013, 1, 1))
    with pytest.raises(InputError, match="column 'when' is of type Date"):
        read_table(saved(tmp_path / "t.parquet", frame))


BAD = {
    "more fields": ("a,b\n1,2\n3,4,5\n", "line 3: 3 fields, where the header has 2"),
    "fewer fields": ("a,b,y\n1,2,3\n\n4,5\n", "line 4: 2 fields, where the header has 3"),
    "more fields in quotes": ('a,b\n"1\n1",2\n3,4,5\n', "line 4: 3 fields"),
    "empty": ("", "empty"),
    "only a header": ("a,b\n", "0 rows of 2 columns"),
    "one column": ("a\n1\n", "1 rows of 1 columns"),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_a_malformed_csv_file_is_refused_with_its_line(tmp_path, case, suffix):
    text, says = BAD[case]
    (tmp_path / f"t{suffix}").write_bytes(gzip.compress(text.encode()) if suffix == ".csv.gz" else text.encode())
    with pytest.raises(BadFile, match=says):
        read_table(tmp_path / f"t{suffix}")


@pytest.mark.parametrize("name", ["t.parquet", "t.csv.gz"])
def test_a_file_that_is_of_another_form_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"\x1f\x8b\x08 neither one nor the other")
    with pytest.raises(BadFile, match=name):
        read_table(tmp_path / name)
    with pytest.raises(BadFile, match="no file"):
        read_table(tmp_path / f"no_{name}")
