"""Candidates come from the words that stand near, in the forms that names take."""

from learnsys.complete.names.candidates import MOST, candidates
from learnsys.complete.names.features import describe
from learnsys.complete.names.flat import flat
from learnsys.complete.names.votes import Vote


def proposed(text, name, language="js", **kw):
    found = next(f for f in describe(flat(text, language)) if f.symbol.name == name)
    given = {"votes": {}, "project": {}, "style": "camel", "used": frozenset(), **kw}
    return {c.name: c for c in candidates(found, given.pop("votes"), **given)}


def test_the_initialiser_gives_its_noun_and_the_plural_its_singular():
    found = proposed("function f() { const x = getUserNames(); }", "x")
    assert {"getUserNames", "userNames", "names", "name", "getUserName"} <= set(found)
    assert "init~rest" in found["userNames"].sources
    assert "user" in proposed("for (const x of users) g(x)", "x")


def test_style_is_that_of_the_file():
    assert "user_name" in proposed("const x = getUserName()", "x", style="snake")


def test_routines_get_a_verb_or_words_of_the_comment():
    text = "/** Returns the area of it. */\nfunction x() { return this.width }"
    found = proposed(text, "x")
    assert {"getWidth", "returnArea"} <= set(found)


def test_votes_and_used_names_are_told():
    vote = Vote(0.9, 1.0, 2, 0)
    found = proposed(
        "function f(x) { return x + y }",
        "x",
        votes={"rate": vote},
        project={"rate": vote, "other": vote},
        used=frozenset({"y"}),
    )
    assert (found["rate"].vote, found["rate"].project, found["other"].vote) == (vote, vote, None)
    assert found["y"].used
    assert not found["rate"].used


def test_there_is_an_end_to_them():
    text = "function x() {" + "".join(f"this.aB{chr(97 + i % 26)}{chr(97 + i // 26)}();" for i in range(200)) + "}"
    assert len(proposed(text, "x")) <= MOST["routine"]
