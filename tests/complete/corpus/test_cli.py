"""``learnsys complete corpus``: what it prints, where it puts things, and how it refuses."""

import json

import pytest
from tests.complete.corpus.archives import npm, package, registry, source

from learnsys.cli import app
from learnsys.complete.corpus import cli
from learnsys.complete.corpus.stored import read
from learnsys.core.command import run


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LEARNSYS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mine").mkdir()
    for i in range(12):
        (tmp_path / "mine" / f"f{i}.js").write_text(source("js", f"name{i}"))
    return tmp_path / "mine"


def test_a_folder_becomes_a_corpus_that_list_shows(home, folder, capfd):
    assert run(app, ["complete", "corpus", "build", "--folder", str(folder), "--json"]) == 0
    envelope = json.loads(capfd.readouterr().out)
    assert envelope["command"] == "complete corpus build"
    assert envelope["result"]["language"] == "js"
    path = home / "corpora" / "mine-js.parquet"
    assert len(read(path)) == 12
    assert run(app, ["complete", "corpus", "list", "--language", "js"]) == 0
    out = capfd.readouterr().out
    assert f"built: {path}" in out
    assert "lodash" in out
    assert "sympy" not in out


def test_pinned_packages_are_built_from_their_registry(home, tmp_path, monkeypatch, capfd):
    registry(tmp_path / "bin", {"x@1": npm(tmp_path / "x.tgz", {"a.js": source("js", "a")})})
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(cli, "pinned", lambda key: (package(language=key),))
    words = ["complete", "corpus", "build", "--language", "js", "--out", str(tmp_path / "o.parquet")]
    assert run(app, [*words, "--archives", str(tmp_path / "kept")]) == 0
    assert [kept.path for kept in read(tmp_path / "o.parquet")] == ["package/a.js"]
    assert (tmp_path / "kept" / "npm" / "x@1").is_dir()
    assert not home.exists()
    assert "train: 1 file," in capfd.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "which language?; give --language js|py|cpp, or --folder"),
        (["--language", "rust"], "unknown language 'rust'; known: js, py, cpp"),
        (["--language", "js", "--by", "file"], "--by says how a folder is split"),
        (["--folder", "FOLDER", "--archives", "x"], "a folder has no archives"),
        (["--folder", "FOLDER", "--out", "x.csv"], "end it with .parquet"),
        (["--folder", "FOLDER", "--language", "py"], "has no Python to learn from"),
        (["--folder", "FOLDER", "--by", "package"], "1 package cannot be split"),
        (["--folder", "missing"], "no file missing"),
    ],
)
def test_bad_words_are_refused_in_one_line(words, says, home, folder, capfd):
    words = [str(folder) if word == "FOLDER" else word for word in words]
    assert run(app, ["complete", "corpus", "build", *words]) == 2
    errors = [line for line in capfd.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert says in errors[0]


def test_the_listing_can_be_drawn(home):
    chart = cli.list_().chart().to_dict()
    assert {row["language"] for row in chart["data"]["values"]} == {"js", "py", "cpp"}
