"""Habits of a folder, and counts of white space from a corpus, by commands."""

import json

from tests.complete.corpus.archives import package
from tests.complete.toys import program

from learnsys.cli import app
from learnsys.complete.corpus.stored import write
from learnsys.complete.corpus.types import Kept, Source
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.style.shipped import load_counts, shipped_counts
from learnsys.complete.style.spaces import Spaces, learn
from learnsys.core.command import run


def test_a_corpus_teaches_its_training_packages(tmp_path, capsysbinary):
    path, out = tmp_path / "js.parquet", tmp_path / "js.bin"
    sources = [Source(split="train", package="p", path=f"{i}.js", text=program(i)) for i in range(3)]
    other = Source(split="valid", package="q", path="q.js", text=program(9).replace("(", "( "))
    write(path, [*sources, other], [Kept(package=package(), files=3, chars=1, left_out={})])
    assert run(app, ["complete", "train-spaces", str(path), "--out", str(out)]) == 0
    assert b"contexts" in capsysbinary.readouterr().err
    assert load_counts(out, "js").table == learn(tokens(one.text, "js") for one in sources).table
    assert run(app, ["complete", "train-spaces", str(path), "--out", str(out), "--each", "0"]) == 2
    assert run(app, ["complete", "train-spaces", str(path), "--out", str(tmp_path / "x.txt")]) == 2


def test_the_habits_of_a_folder_are_told(tmp_path, capsysbinary):
    (tmp_path / "a.js").write_text("let someName = 'x'\nuse(someName)\nlet otherName = use('y')\n" * 5)
    (tmp_path / "tiny.js").write_text("x")
    assert run(app, ["complete", "style", str(tmp_path), "--json", "--chart", str(tmp_path / "h.svg")]) == 0
    told = json.loads(capsysbinary.readouterr().out)["result"]
    assert told["counts"]["quotes"] == {"'": 10}
    assert told["counts"]["names of variables"] == {"camel": 10}
    assert told["left_out"] == {"too small": 1}
    assert (tmp_path / "h.svg").read_text().startswith("<svg")
    assert run(app, ["complete", "style", str(tmp_path), "--language", "perl"]) == 2


def test_what_ships_knows_the_customs_of_each_language():
    for key, text in (("js", "f(a, b);"), ("py", "x = f(a, b=1)"), ("cpp", "int a = f(b);")):
        found = tokens(text, key)
        expected = [text[found.ends[i - 1] : found.starts[i]] for i in range(1, len(found))]
        assert Spaces(shipped_counts(key)).names(found) == [str(len(gap)) for gap in expected]
