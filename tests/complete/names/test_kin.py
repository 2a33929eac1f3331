"""Where routines stand."""

import pytest

from learnsys.complete.names.features import describe
from learnsys.complete.names.flat import flat
from learnsys.complete.names.kin import NEAR, groups
from learnsys.complete.names.scopes import symbols

JS = """
class Store extends Base.Map { static async load() {} get size() {} save() {} }
const tools = {trim() {}, pad: function () {}};
Foo.prototype.reset = function () {};
extend(Foo.prototype, {clear: function () {}});
"""
PY = """
class Store(Base, abc.Map, metaclass=Meta):
    @size.setter
    def size(self, value): pass
    @cached(1)
    async def load(self): pass
"""
CPP = """
struct Store : public Base, Map<int> { virtual int load() { return 1; } static inline void save() {} };
void Store::clear() {}
"""


def kin(text, language, name, path=""):
    return set(next(found.kin for found in describe(flat(text, language), path=path) if found.symbol.name == name))


@pytest.mark.parametrize(
    ("text", "language", "name", "expected"),
    [
        (JS, "js", "load", {("base", "Map"), ("modifier", "static"), ("modifier", "async"), ("after", "size")}),
        (JS, "js", "save", {("before", "size"), ("sibling", "load"), ("sibling", "size")}),
        (JS, "js", "size", {("modifier", "get"), ("before", "load"), ("after", "save")}),
        (JS, "js", "pad", {("owner", "tools"), ("before", "trim")}),
        (JS, "js", "reset", {("owner", "Foo")}),
        (JS, "js", "clear", {("owner", "extend")}),
        (PY, "py", "size", {("base", "Base"), ("base", "Map"), ("decorator", "setter"), ("sibling", "load")}),
        (PY, "py", "load", {("decorator", "cached"), ("modifier", "async"), ("before", "size")}),
        (CPP, "cpp", "load", {("base", "Base"), ("base", "Map"), ("modifier", "virtual"), ("after", "save")}),
        (CPP, "cpp", "clear", {("owner", "Store")}),
    ],
)
def test_what_the_place_says(text, language, name, expected):
    found = kin(text, language, name)
    assert expected <= found
    assert name not in {word for _, word in found}


def test_the_folder_is_told():
    assert ("folder", "shop") in kin(JS, "js", "load", "lib/shop/store.js")


def test_routines_of_one_place_stand_together():
    tree = flat(JS, "js")
    found = [[s.name for s in own] for own in groups(tree, symbols(tree)).values()]
    assert ["load", "size", "save"] in found
    assert ["trim", "pad"] in found


def test_only_near_siblings_are_told():
    text = "".join(f"function f{i}() {{}}\n" for i in range(40))
    siblings = [word for role, word in kin(text, "js", "f20") if role == "sibling"]
    assert sorted(siblings) == sorted(f"f{i}" for i in range(20 - NEAR, 20 + NEAR + 1) if i != 20)
