"""Candidates of a whole file: who votes, and who may not."""

from learnsys.complete.names.features import describe
from learnsys.complete.names.flat import flat
from learnsys.complete.names.proposals import Project, proposals

TEXT = "function f(rate) { use(rate, 3) }\nfunction g(rate, b) { use(rate, 3) }\nfunction h(x) { use(x, 3) }"


def weight(feature):
    return 1.0


def described(text=TEXT):
    return describe(flat(text, "js"))


def voted(file, asked, at, kind="vote"):
    return {c.name for c in asked[at] if getattr(c, kind) is not None}


def test_variables_used_alike_vote_but_strictly_none_does():
    file = described()
    names = [found.symbol.name for found in file]
    asked = proposals(file, weight, "js")
    assert "rate" in voted(file, asked, names.index("x"))
    assert "rate" in voted(file, asked, names.index("rate"))
    assert not voted(file, proposals(file, weight, "js", strict=True), names.index("x"))


def test_routines_of_the_same_name_never_vote_in_their_file():
    file = described("class A { area() { return this.w } } class B { area() { return this.w } }")
    asked = proposals(file, weight, "js")
    assert all("area" not in voted(file, asked, at) for at in range(2))


def test_other_files_of_a_project_vote_but_not_those_that_may_be_copies():
    file, other = described(), described("function k(scale) { use(scale, 3) }")
    x = [found.symbol.name for found in file].index("x")
    project = Project([("src/k.js", other)], weight)
    assert "scale" in voted(file, proposals(file, weight, "js", project=project, path="main.js"), x, "project")
    assert not voted(file, proposals(file, weight, "js", project=project, path="dist/k.min.js"), x, "project")
    assert not voted(file, proposals(file, weight, "js"), x, "project")


def test_names_of_the_same_routine_are_used():
    file = described("function f(a, b) { return a.b }")
    asked = proposals(file, weight, "js")
    a = [found.symbol.name for found in file].index("a")
    assert {c.name: c.used for c in asked[a]}["b"]
