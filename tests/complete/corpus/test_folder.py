"""A folder's sources are those that a person wrote in the language asked for."""

from pathlib import Path

import pytest
from tests.complete.toys import program

from learnsys.complete.corpus.folder import commonest, files, read_folder
from learnsys.core.errors import BadFile, InputError


@pytest.fixture
def folder(tmp_path):
    texts = {
        "app/main.js": program(1), "app/tests/main.test.js": program(2), "lib/util.mjs": program(3),
        "top.js": program(4), "app/node_modules/other/index.js": program(5), ".git/hook.js": program(6),
        "setup.py": "import os\n" * 30,
        "lib/app.min.js": "x=1;" * 2000, "lib/tiny.js": "x",
    }  # fmt: skip
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "lib" / "latin.js").write_bytes("// é\n".encode("latin-1") * 100)
    (tmp_path / "lib" / "huge.js").write_text("let x;\n" * 100_000)
    return tmp_path


def test_written_code_is_kept_and_what_is_left_out_is_told(folder):
    sources, left_out = read_folder(folder, "js")
    assert [s.path for s in sources] == ["top.js", "app/main.js", "lib/util.mjs"]
    assert [s.package for s in sources] == [folder.name, "app", "lib"]
    assert left_out == {"built": 1, "too small": 1, "not utf-8": 1, "too large or empty": 1, "tests": 1}


def test_hidden_and_installed_folders_are_not_looked_into(folder):
    assert not [path for path in files(folder) if {"node_modules", ".git"} & set(path.parts)]


def test_the_commonest_language_is_that_of_most_bytes(folder):
    assert commonest(folder) == "js"
    assert commonest(folder.parent / folder.name) == "js"
    (folder / "big.py").write_text("import os\n" * 100_000)
    assert commonest(folder) == "py"


def test_a_folder_without_sources_is_refused(folder, tmp_path):
    with pytest.raises(InputError, match="no C\\+\\+"):
        read_folder(folder, "cpp")
    (empty := tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no sources"):
        commonest(empty)
    with pytest.raises(BadFile, match="no file"):
        read_folder(tmp_path / "missing", "js")
    with pytest.raises(BadFile, match="no folder"):
        read_folder(folder / "top.js", "js")


def test_files_that_vanish_or_cannot_be_read_are_left_out_and_told(folder, monkeypatch):
    read = Path.read_bytes

    def refused(path):
        if path.name == "util.mjs":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    (folder / "loop.js").symlink_to(folder / "loop.js")
    (folder / "around").symlink_to(folder)
    sources, left_out = read_folder(folder, "js")
    assert [s.path for s in sources] == ["top.js", "app/main.js"]
    assert left_out["not readable"] == 1


def test_a_byte_order_mark_is_no_part_of_a_source(tmp_path):
    (tmp_path / "a.js").write_text("let a = 1;\n" * 30, encoding="utf-8-sig")
    assert read_folder(tmp_path, "js")[0][0].text[0] == "l"
