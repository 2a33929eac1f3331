import subprocess
import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.complete.runtime.models import saved_model
from tests.complete.toys import program

from learnsys import complete
from learnsys.complete import Session
from learnsys.complete.runtime import shipped
from learnsys.complete.source import LARGEST_BYTES
from learnsys.core.errors import BadFile, InputError, Interrupted, UnknownName


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return {"js": saved_model(tmp_path_factory.mktemp("models") / "js.safetensors")}


@pytest.fixture(scope="module")
def gated(tmp_path_factory):
    return {"js": saved_model(tmp_path_factory.mktemp("gated") / "js.safetensors", gated=True)}


@pytest.fixture
def session(models):
    return Session(models=models)


def test_suggestions_are_a_ranked_list_of_different_tokens(session):
    text = program(1, 20)
    found = session.open("a.js", text).suggest(len(text), 7)
    assert len(found.items) == len({item.text for item in found.items}) == 7
    assert [item.p for item in found.items] == sorted((item.p for item in found.items), reverse=True)
    assert 0 < sum(item.p for item in found.items) <= 1 + 1e-5


def test_what_is_typed_filters(session):
    text = "const parseItem = 1;\nconst parts = 2;\nf(par"
    found = session.open("a.js", text).suggest(len(text), 9)
    assert found.prefix == "par"
    assert {"parseItem", "parts"} <= {item.text for item in found.items}
    assert all(item.text.startswith("par") and item.text != "par" for item in found.items)


def test_a_copy_says_from_which_line(session):
    text = "a;\n\nlet zebra = 1;\nf(zebra);\nf(ze"
    [item] = session.open("a.js", text).suggest(len(text)).items
    assert (item.text, item.origin, item.line, item.detail) == ("zebra", "file", 4, "copy, line 4")


def test_lines_end_with_carriage_returns_too(session):
    text = "a;\r\r\nlet zebra = 1;\rf(ze"
    [item] = session.open("a.js", text).suggest(len(text)).items
    assert item.line == 3


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("say('zebra crossing ahead'); f(ze", ["zebra"]),
        ("say('zebra crossing ahead'); f('ze", ["zebra crossing ahead"]),
        ("say(`zebra crossing ${ze", ["zebra"]),
    ],
)
def test_texts_with_white_space_are_offered_in_strings_only(session, text, offered):
    text = "let zebra = 1;\n" + text
    found = {item.text for item in session.open("a.js", text).suggest(len(text), 50).items}
    assert set(offered) <= found
    if " " not in offered[0]:
        assert not any(" " in word for word in found)


def test_edits_and_whole_texts_come_to_the_same(session):
    a, b = session.open("a.js", "let total = 1;\n"), session.open("b.js", "x")
    a.edit(15, 15, "f(tot")
    b.become("let total = 1;\nf(tot")
    assert a.text == b.text
    assert a.suggest(20) == b.suggest(20)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 99), where=st.integers(0, 19), paired=st.booleans())
def test_typing_key_by_key_offers_what_a_text_opened_anew_does(gated, seed, where, paired):
    lines = program(seed, 20).split("\n")
    before, after = "\n".join(lines[:where]) + "\n", "\n" + "\n".join(lines[where:])
    document = Session(models=gated).open("a.js", before + after)
    at, pairs = len(before), {"(": ")", "[": "]", "'": "'"} if paired else {}
    for key in "  const leftNode = parseItem('a b', [value, node]); // le":
        if paired and key in pairs.values() and document.text[at : at + 1] == key:
            at += 1  # an editor that closes brackets types over them
        else:
            document.edit(at, at, key + pairs.get(key, ""))
            at += 1
        anew = Session(models=gated).open("a.js", document.text).suggest(at, 10)
        found = document.suggest(at, 10)
        assert [(one.text, one.detail) for one in found.items] == [(one.text, one.detail) for one in anew.items]
        assert [one.p for one in found.items] == pytest.approx([one.p for one in anew.items], rel=1e-3)
        assert found.prefix == anew.prefix


def test_nothing_is_offered_in_a_comment(session):
    assert session.open("a.js", "let total = 1; // to").suggest(20).items == ()


def test_places_outside_the_text_and_lists_of_nothing_are_refused(session):
    document = session.open("a.js", "a")
    for wrong in (lambda: document.suggest(2), lambda: document.suggest(-1), lambda: document.suggest(1, 0)):
        with pytest.raises(InputError):
            wrong()
    with pytest.raises(InputError, match="outside"):
        document.edit(0, 2, "")


def test_a_question_that_is_taken_back_ends(session):
    text = program(3, 60)
    taken_back = threading.Event()
    taken_back.set()
    document = session.open("a.js", text)
    with pytest.raises(Interrupted):
        document.suggest(len(text), cancel=taken_back)
    assert document.suggest(len(text), cancel=threading.Event()) == session.open("b.js", text).suggest(len(text))


def test_threads_that_type_and_ask_do_not_disturb_each_other(session):
    text = program(5, 30)
    documents = [session.open(f"{i}.js", text) for i in range(2)]
    failures = []

    def work(document):
        try:
            for _ in range(10):
                document.edit(0, 0, "f(total);\n")
                document.suggest(len(document.text) // 2)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(document,)) for document in documents for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    anew = session.open("c.js", documents[0].text)
    assert [i.text for i in documents[0].suggest(40).items] == [i.text for i in anew.suggest(40).items]


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"\xff\xfe", "UTF-8"), (b"a\0b", "binary"), (b"a" * (LARGEST_BYTES + 1), "larger")],
    ids=["latin", "binary", "huge"],
)
def test_files_that_are_no_text_are_refused(session, tmp_path, content, why):
    (tmp_path / "a.js").write_bytes(content)
    with pytest.raises(BadFile, match=why):
        session.open(tmp_path / "a.js")


def test_folders_languages_and_missing_files_are_told(session, tmp_path):
    with pytest.raises(BadFile):
        session.open(tmp_path / "none.js")
    with pytest.raises(BadFile):
        Session(project=tmp_path / "none")
    with pytest.raises(InputError, match="no language"):
        session.open("a.cobol", "")
    with pytest.raises(UnknownName):
        Session(language="cobol")


def test_a_language_can_be_given_for_files_without_suffix(models):
    assert Session(language="js", models=models).open("script", "a").language == "js"


def test_a_file_that_is_closed_is_forgotten(session):
    document = session.open("a.js", "a")
    document.close()
    session.close("a.js")
    assert session.open("a.js", "b").text == "b"


def test_a_file_on_the_disk_is_completed_at_a_line_and_column(tmp_path, models, monkeypatch):
    monkeypatch.setattr(shipped, "FOLDER", models["js"].parent)
    (tmp_path / "a.js").write_text("let zebra = '😀';\r\nf('😀', ze)")
    assert complete.suggest(tmp_path / "a.js", line=2, column=10).items[0].text == "zebra"
    (tmp_path / "marked.js").write_text("let zebra; f(ze", encoding="utf-8-sig")
    assert complete.suggest(tmp_path / "marked.js", line=1, column=16).items[0].text == "zebra"
    for line, column in ((0, 1), (3, 1), (1, 0)):
        with pytest.raises(InputError):
            complete.suggest(tmp_path / "a.js", line=line, column=column)


def test_the_door_loads_neither_compiler_nor_parser():
    code = (
        "import sys, learnsys.complete as c; assert len(c.__all__) <= 8\n"
        "print([m for m in ('numba', 'tree_sitter', 'torch', 'polars') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
    with pytest.raises(AttributeError):
        _ = complete.nothing
    for name in complete.__all__:
        assert getattr(complete, name).__module__.startswith("learnsys.complete")


def test_words_of_the_project_are_offered_until_their_file_is_gone(tmp_path, models):
    (tmp_path / "lib.js").write_text("function zebraCrossing() {}\n")
    (tmp_path / "app.js").write_text("zebraFish()")
    session = Session(tmp_path, models=models)
    assert session.index() == "read 2 of 2 files, 9 tokens"
    document = session.open(tmp_path / "app.js", "let a = 1;\nzeb")
    [item] = document.suggest(14).items  # what the open file has on the disk does not count
    assert (item.text, item.origin, item.detail) == ("zebraCrossing", "project", "project")
    document.close()
    document = session.open(tmp_path / "b.js", "zeb")
    assert {item.text for item in document.suggest(3).items} == {"zebraCrossing", "zebraFish"}
    (tmp_path / "lib.js").unlink()
    session.refresh(tmp_path / "lib.js")
    assert [item.text for item in document.suggest(3).items] == ["zebraFish"]


def test_a_project_is_read_in_the_background(tmp_path, models):
    (tmp_path / "lib.js").write_text("zebra")
    session = Session(tmp_path, models=models)
    session.start_indexing().join()
    assert session.open("b.js", "ze").suggest(2).items[0].text == "zebra"
    assert Session().index() == "no project to read"


def test_with_a_gate_file_and_project_are_asked_what_stood_in_such_places(tmp_path):
    models = {"js": saved_model(tmp_path / "js.safetensors", gated=True)}
    (tmp_path / "lib.js").write_text("open(zebraDoor, quietly);\n" * 4)
    session = Session(tmp_path, models=models)
    session.index()
    document = session.open(tmp_path / "app.js", "open(")
    first = document.suggest(5).items[0]
    assert (first.text, first.origin, first.line) == ("zebraDoor", "project", None)
    document.become("open(ownDoor, a);\nopen(ownDoor, b);\nopen(")
    items = {item.text: item for item in document.suggest(len(document.text)).items}
    assert (items["ownDoor"].origin, items["ownDoor"].line) == ("file", 2)
    text = document.text
    words = [item.text for item in document.suggest(len(text)).items]
    document.close()
    assert words == [item.text for item in session.open("new.js", text).suggest(len(text)).items]


def test_the_list_of_another_server_is_put_in_the_order_of_what_is_suggested(session):
    document = session.open("a.js", "use(zebra.length);\nuse(zebra.")
    at = len(document.text)
    found = document.rerank(at, ["at(index)", "zebra", "length", "unheardOf"])
    p = {item.text: item.p for item in document.suggest(at, 1000).items}
    assert [(item.text, item.p) for item in found.items] == sorted(
        [("at(index)", p.get("at", 0)), ("zebra", p["zebra"]), ("length", p["length"]), ("unheardOf", 0)],
        key=lambda pair: -pair[1],
    )
    assert document.rerank(at, []).items == ()
    with pytest.raises(InputError, match="outside"):
        document.rerank(at + 1, ["length"])


def test_a_fragment_goes_on_from_the_cursor(session):
    document = session.open("a.js", program(2, 30) + "const total = ")
    found = document.fragment(len(document.text))
    assert found.text.strip() == "" or found.words
    taken_back = threading.Event()
    taken_back.set()
    with pytest.raises(InputError, match="outside"):
        document.fragment(len(document.text) + 1)
    with pytest.raises(Interrupted):
        session.open("b.js", program(3, 60)).fragment(len(program(3, 60)), cancel=taken_back)


def test_unusual_names_of_an_open_file_are_found(session):
    lines = "let item = 1;\nlet index = 2;\n" + "use(item.name);\ncount(index + 1);\n" * 12
    at = lines.rindex("item")
    found = session.open("a.js", lines[:at] + "index" + lines[at + 4 :]).unusual()
    assert all(one.times > 20 and one.path == "a.js" for one in found)


def test_what_is_typed_in_an_open_file_is_known_in_the_others_and_gone_when_it_is_closed(session):
    a, b = session.open("a.js", "let one = 1;\n"), session.open("b.js", "f(zeb")
    assert b.suggest(5).items == ()
    a.edit(4, 7, "zebra")
    a.suggest(0)
    [item] = b.suggest(5).items
    assert (item.text, item.origin) == ("zebra", "project")
    a.close()
    assert b.suggest(5).items == ()
