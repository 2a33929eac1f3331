"""Archives of every registry give the files that were put in."""

import pytest
from tests.complete.corpus.archives import deb, npm, wheel

from learnsys.complete.corpus.unpack import members
from learnsys.core.errors import BadFile, InputError

FILES = {"lib/a.js": "let ä = 1;\r\n", "b.bin": "\0\1"}


def test_a_tarball_of_npm(tmp_path):
    found = dict(members(npm(tmp_path / "x.tgz", FILES)))
    assert found.pop("package/package.json").startswith(b"{")
    assert found == {f"package/{name}": text.encode() for name, text in FILES.items()}


def test_a_wheel(tmp_path):
    found = dict(members(wheel(tmp_path / "x.whl", {**FILES, "folder/": ""})))
    assert found.pop("x-1.dist-info/METADATA")
    assert found == {name: text.encode() for name, text in FILES.items()}


def test_a_debian_package(tmp_path):
    found = dict(members(deb(tmp_path, {"usr/include/a.h": "int ä;\n"})))
    assert found["./usr/include/a.h"] == "int ä;\n".encode()


@pytest.mark.parametrize("name", ["x.tgz", "x.whl", "x.deb", "x.tar.gz", "x.what"])
@pytest.mark.parametrize("content", [b"", b"not an archive at all"])
def test_a_damaged_archive_is_named(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadFile, match=name):
        list(members(tmp_path / name))


def test_a_cut_tarball_is_named(tmp_path):
    path = npm(tmp_path / "x.tgz", {"a.js": "".join(f"x{i};" for i in range(9999))})
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(BadFile, match=r"x\.tgz"):
        list(members(path))


def test_without_dpkg_a_debian_package_says_what_to_install(tmp_path, monkeypatch):
    path = deb(tmp_path, {})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="install dpkg"):
        list(members(path))
