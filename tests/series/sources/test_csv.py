import gzip

import pytest

from learnsys.core.errors import BadFile, InputError
from learnsys.series.sources.csv import separator
from learnsys.series.sources.scan import scan

TEXT = "when,id,price\n2026-01-05T12:00:00Z,007,1\n2026-01-05T12:00:01Z,7,2.5\n2026-01-05T12:00:02.5Z,007,\n"


def written(path, text):
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.tsv"])
def test_separators_and_compression_are_found(name, sep, tmp_path):
    path = written(tmp_path / name, TEXT.replace(",", sep))
    assert separator(str(path)) == sep
    made = scan(path, time="when", series="id", value="price").collect()
    assert made.samples.ids == ("007", "7")
    assert made.samples.t.tolist() == [0, 1]
    assert made.samples.x.tolist() == [1, 2.5]
    assert made.dropped.tolist() == [1, 0]


def test_types_that_show_late_are_no_surprise(tmp_path):
    lines = [f"{n},{n % 3},{n}" for n in range(300_000)]
    lines[-1] = "299999,x,1.5"
    source = scan(written(tmp_path / "t.csv", "t,id,v\n" + "\n".join(lines) + "\n"), time="t", series="id", value="v")
    samples = source.samples()
    assert samples.ids == ("0", "1", "2", "x")
    assert samples.x[-1] == 1.5


def test_stamps_of_a_given_form(tmp_path):
    path = written(tmp_path / "t.csv", "day,v\n20260105,1\n20260107,2\n")
    assert scan(path, time="day", value="v", tz="UTC", format="%Y%m%d").samples().t.tolist() == [0, 2 * 86400]
    path = written(tmp_path / "t.csv", "day;v\n05.01.2026 13:00;1\n")
    with pytest.raises(InputError, match="format="):
        scan(path, time="day", value="v", tz="UTC")
    assert scan(path, time="day", value="v", tz="UTC", format="%d.%m.%Y %H:%M").samples().t.size == 1
    path = written(tmp_path / "t.csv", "ts,v\n2026-01-05 12:00:00,1\n2026-01-05 12:00:00.25,2\n")
    assert scan(path, tz="UTC").samples().t.tolist() == [0, 0.25]


def test_a_header_alone_is_an_empty_table(tmp_path):
    samples = scan(written(tmp_path / "t.csv", "ts,id,v\n"), time="ts", series="id", value="v").samples()
    assert (samples.ids, samples.t.size) == ((), 0)


def test_text_that_is_no_table_is_named(tmp_path):
    for text, why in (("", "empty"), ("a,b\n1,2\n1,2,3\n", "got 3"), ("t,v\n1,2\n2,many\n", "many")):
        path = written(tmp_path / "t.csv", text)
        with pytest.raises((BadFile, InputError), match=rf"t\.csv.*{why}|is of type string"):
            scan(path, time="a" if "a" in text[:1] else "t", value="b" if "b" in text else "v").samples()


def test_names_are_the_same_text_when_they_alone_are_read(tmp_path):
    source = scan(written(tmp_path / "a.csv", "time,series,value\n1,007,1\n2,008,2\n"), series="series")
    assert source.names() == source.samples().ids == ("007", "008")


def test_plain_seconds_may_get_fractions_late(tmp_path):
    lines = "".join(f"{i},1\n" for i in range(300_000))
    source = scan(written(tmp_path / "a.csv", f"t,v\n{lines}300000.5,1\n"), time="t")
    assert source.samples().t[-1] == 300_000.5
