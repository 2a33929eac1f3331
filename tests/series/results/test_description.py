import msgspec

from learnsys.series.estimate.describe import describe_samples
from learnsys.series.types import Samples


def test_a_row_a_series_and_blanks_for_what_cannot_be_told(tmp_path):
    made = describe_samples(Samples.of({"a": ([0, 60, 120], [1.0, 2.0, 3.0]), "none": ([], [])}))
    table = made.table()
    assert [row[0] for row in table.rows] == ["a", "none"]
    assert table.rows[1][1:4] == (0, None, None)
    assert "| a | 3 | 2 min |" in table.markdown()
    assert "1 series has no sample: none" in table.markdown()
    assert msgspec.json.decode(made.save(tmp_path / "d.json").read_bytes())["n"] == [3, 0]
    assert made.save(tmp_path / "d.csv").read_text().startswith("series,n,span [s]")
