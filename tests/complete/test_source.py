"""Files are read as text in UTF-8, or refused with the reason."""

import pytest

from learnsys.complete.source import LARGEST_BYTES, read_text
from learnsys.core.errors import BadFile


def test_line_ends_stay_and_a_byte_order_mark_goes(tmp_path):
    (tmp_path / "a.py").write_bytes(b"\xef\xbb\xbfa = 1\r\nb = 2\rc")
    assert read_text(tmp_path / "a.py") == "a = 1\r\nb = 2\rc"


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"\xff\xfe", "UTF-8"), (b"a\0b", "binary"), (b"a" * (LARGEST_BYTES + 1), "larger"), (None, "directory")],
    ids=["latin", "binary", "huge", "folder"],
)
def test_what_is_no_text_is_refused(tmp_path, content, why):
    if content is None:
        (tmp_path / "a.js").mkdir()
    else:
        (tmp_path / "a.js").write_bytes(content)
    with pytest.raises(BadFile, match=why):
        read_text(tmp_path / "a.js")
