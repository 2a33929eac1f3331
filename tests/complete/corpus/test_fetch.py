"""Archives come from a registry's own tool, once; here a tool that stands on PATH in its place."""

import sys

import pytest
from tests.complete.corpus.archives import npm, package, registry

from learnsys.complete.corpus import fetch as fetching
from learnsys.complete.corpus.fetch import fetch, made
from learnsys.core.errors import BadFile, InputError, WorkFailed


@pytest.fixture
def asked(tmp_path, monkeypatch):
    archive = npm(tmp_path / "x-1.tgz", {"a.js": "1"})
    asked = registry(tmp_path / "bin", {"x@1": archive, "@scope/x@1": archive})
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return asked


def test_a_package_is_fetched_once(tmp_path, asked):
    first = fetch(package(), tmp_path / "kept")
    assert first.read_bytes() == (tmp_path / "x-1.tgz").read_bytes()
    assert fetch(package(), tmp_path / "kept") == first
    assert len(asked.read_text().splitlines()) == 1
    assert "--ignore-scripts" in asked.read_text()


def test_names_with_a_scope_and_versions_with_an_epoch_are_folders(tmp_path, asked):
    path = fetch(package("@scope/x"), tmp_path / "kept")
    assert path.parent.parent == tmp_path / "kept" / "npm"
    (place := tmp_path / "kept" / "deb" / "y@1_2-3").mkdir(parents=True)
    (place / "y.deb").write_bytes(b"")
    assert fetch(package("y", registry="deb", version="1:2-3"), tmp_path / "kept") == place / "y.deb"


def test_what_the_registry_says_is_told_and_nothing_is_kept(tmp_path, asked):
    with pytest.raises(WorkFailed, match=r"npm did not give y 1: 404 Not Found; check the network"):
        fetch(package("y"), tmp_path / "kept")
    assert not list((tmp_path / "kept" / "npm").iterdir())


def test_a_missing_tool_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="install npm, or build the corpus from a folder"):
        fetch(package(), tmp_path / "kept")


def test_a_tool_that_gives_nothing_is_no_success(tmp_path, asked):
    (asked.parent / "npm").write_text("#!/bin/sh\nexit 0\n")
    with pytest.raises(WorkFailed, match="npm gave no archive of x"):
        fetch(package(), tmp_path / "kept")


def test_a_tool_that_hangs_is_ended(tmp_path, asked, monkeypatch):
    (asked.parent / "npm").write_text("#!/bin/sh\nexec sleep 60\n")
    monkeypatch.setattr(fetching, "TIMEOUT_S", 0.2)
    with pytest.raises(WorkFailed, match=r"npm took over 0\.2 s for x"):
        fetch(package(), tmp_path / "kept")


@pytest.mark.parametrize(
    ("registry", "words"),
    [
        ("npm", ["npm", "pack", "x@1", "--ignore-scripts"]),
        ("pypi", [sys.executable, "-m", "pip", "download", "--only-binary", ":all:", "--no-deps", "x==1"]),
        ("deb", ["apt-get", "download", "x=1"]),
    ],
)
def test_each_registry_is_asked_by_its_own_tool_for_what_runs_nothing(registry, words, monkeypatch, tmp_path):
    commands = []
    monkeypatch.setattr(fetching, "_run", lambda command, **_: commands.append(command))
    with pytest.raises(WorkFailed, match="no archive"):
        fetch(package(registry=registry), tmp_path)
    assert set(words) <= set(commands[0])
    assert commands[0][0] == words[0]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadFile, match="cannot make"):
        made(tmp_path / "file" / "below")
    assert made(tmp_path / "a" / "b").is_dir()
