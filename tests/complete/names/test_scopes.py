"""Names follow scopes: cases by hand, Python's own symbol table as a peer, and laws of renaming."""

import ast
import builtins
import symtable
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnsys.complete.names.flat import flat
from learnsys.complete.names.scopes import symbols


def told(text, language):
    """Name, declaration and lines and columns of the occurrences of each symbol."""
    tree = flat(text, language)
    return {(s.name, tree.starts[s.declared]): [tree.starts[i] for i in s.occurrences] for s in symbols(tree)}


def places(text, *marks):
    """Where ``«`` stands before a name in a text, and the text without."""
    pieces = text.split("«")
    return "".join(pieces), list(accumulate(map(len, pieces)))[:-1]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("js", "function f(«a) { { let a = 2; g(a) } return «a }"),
        ("js", "function f() { h(«x); if (1) { var «x = 1 } return «x }"),
        ("js", "function f({ k: «v = 1 }, b) { return v2 => «v + b.v }"),
        ("js", "for (const «k of k2) { g(«k, { «k }) } let k = 1;"),
        ("js", "try { } catch («e) { log(«e.e) } e()"),
        ("js", "const f = «x => y => «x + y"),
        ("js", "function g(q, ...«rest) { return () => «rest[q] }"),
        ("js", "const { a, b: [«c] } = o; c2.c(«c)"),
        ("py", "def f(«a):\n    def g(a): return a\n    return «a + o.a + h(a=1)\n"),
        ("py", "def f():\n    «x = 1\n    def g():\n        nonlocal_ = «x\n    return [«x for y in «x]\n"),
        ("py", "def f(v):\n    return [«t for «t in v if «t.t]\n"),
        ("py", "def f(p):\n    with open(p) as «h, g(«h): pass\n    «h = «h.h\n"),
        ("py", "def f():\n    for «i, (j, k) in z: print(«i, i2=«i)\n    return lambda i: i\n"),
        ("py", "class A:\n    x = 1\n    def f(self, «x=0): return self.x + «x\n"),
        ("py", "def f(«c):\n    def g(c=«c): return c\n    return lambda c=«c: c\n"),
        ("py", "def f(«x): return [x for x in «x]\n"),
        ("py", "def f(«x):\n    class A(«x): y = «x\n    return «x\n"),
        ("cpp", "int f(int «a) { { int a = 2; g(a); } return «a + b.a + A::a; }"),
        ("cpp", "void f() { for (int «i = 0; «i < n; «i++) { g(«i); } for (int i = 0;;) {} }"),
        ("cpp", "void f(V v) { for (auto& «x : v) { x2(«x); } auto l = [&](int x) { return x; }; }"),
        ("cpp", "void f() { int «k = 1; auto l = [&«k](int w) { return w + «k; }; }"),
        ("cpp", "void f(int x) { g(x); { int «x = 1; g(«x); } g(x); }"),
        ("cpp", "void f() { auto [c, «d] = g(); h(«d->d); }"),
    ],
)  # fmt: skip
def test_occurrences_are_those_that_are_marked(language, text):
    clean, marked = places(text)
    found = told(clean, language)
    assert marked in found.values(), found


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        (
            "js",
            "function f() {} g = { h() {}, k: function () {} }; A.m = () => 1; class B { constructor() {} n() {} }",
            "fhkmn",
        ),
        ("py", "def f(): pass\nclass A:\n    def g(self): pass\n    def __init__(self): pass\nh = lambda: 1\n", "fgh"),
        (
            "cpp",
            "int f() { return 1; } struct A { A() {} int g() { return 1; } int p(); }; A::A(int) {} void A::h() {}",
            "fgh",
        ),
    ],
)
def test_routines_but_not_those_whose_name_is_fixed(language, text, names):
    assert [s.name for s in symbols(flat(text, language)) if s.sort == "routine"] == list(names)


def test_parameters_of_custom_and_imports_are_not_asked_for():
    text = "import a, b.c as d\nfrom e import g\ndef f(self, x, *args, **kwargs):\n    global y\n    y = x\n"
    assert [s.name for s in symbols(flat(text, "py"))] == ["f", "x"]
    assert not symbols(flat("import a, { b, c as d } from 'm'; const e = require('e'), { g } = require('e')", "js"))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("js", "function f(a) { eval('a'); return a }"),
        ("js", "function f(a) { with (a) { b } }"),
        ("js", "function f(a) { return a +* }"),
        ("py", "def f(a):\n    return locals()\n"),
    ],
)
def test_where_names_cannot_be_followed_the_symbol_is_unsure(language, text):
    assert not any(s.sure for s in symbols(flat(text, language)) if s.name == "a")
    assert all(s.sure for s in symbols(flat("function g(b) { return b }", "js")))


STATEMENTS = (
    "a = b", "b = [a for a in c]", "for c in a: b = c", "print(a, b)", "a.b = c", "(lambda b: a + b)(c)",
    "with a as b: c = b", "global c", "c = {b: a for b, a in c if a}", "del b", "b += a", "if (a := b): c = a",
    "import c", "try: pass\n<>except a as c: print(c)", "f(a=b)", "nonlocal_ = 1",
)  # fmt: skip


@st.composite
def programs(draw, depth=0):
    pad = "    " * depth
    lines = []
    for _ in range(draw(st.integers(1, 4))):
        if depth < 3 and draw(st.integers(0, 2)) == 0:
            form = draw(st.sampled_from(["def f(a, b=c):", "class A:", "def g(*, c):", "def h(a: b):"]))
            lines += [pad + form, draw(programs(depth + 1))]
        else:
            lines.append(pad + draw(st.sampled_from(STATEMENTS)).replace("<>", pad))
    return "\n".join(lines)


def valid(text):
    try:
        symtable.symtable(text, "x", "exec")
    except SyntaxError:
        return False
    return True


def of_pythons_own_table(text):
    """Function scopes as (line, local names), imports and what is global left out."""
    found = []

    def visit(table):
        if table.get_type() == "function" and table.get_name() not in (
            "lambda",
            "listcomp",
            "dictcomp",
            "setcomp",
            "genexpr",
        ):
            kept = {
                s.get_name()
                for s in table.get_symbols()
                if s.is_local() and not s.is_imported() and not s.is_namespace()
            }
            found.append((table.get_lineno(), frozenset(kept)))
        for child in table.get_children():
            visit(child)

    visit(symtable.symtable(text, "x", "exec"))
    return sorted(found)


@settings(max_examples=150, deadline=None)
@given(programs().filter(valid))
def test_locals_of_functions_are_those_of_pythons_own_table(text):
    tree = flat(text, "py")
    imported = {
        alias.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import) for alias in node.names
    }
    of_line = {}
    for s in symbols(tree):
        if s.sort == "variable" and s.local and tree.types[s.routine] == "function_definition":
            scope = tree.within(
                s.declared,
                frozenset({"function_definition", "lambda", "list_comprehension", "dictionary_comprehension"}),
            )
            if scope == s.routine:
                of_line.setdefault(text.count("\n", 0, tree.starts[s.routine]) + 1, set()).add(s.name)
    for line, names in of_pythons_own_table(text):
        assert of_line.get(line, set()) - imported == names - imported - {"nonlocal_"} | (
            of_line.get(line, set()) & {"nonlocal_"}
        )
    assert not hasattr(builtins, "nonlocal_")


@settings(max_examples=100, deadline=None)
@given(programs().filter(valid), st.data())
def test_renaming_a_symbol_leaves_everything_else_as_it_is(text, data):
    tree = flat(text, "py")
    found = [s for s in symbols(tree) if s.sort == "variable" and s.sure]
    if not found:
        return
    chosen = data.draw(st.sampled_from(found))
    renamed = text
    for i in sorted(chosen.occurrences, reverse=True):
        renamed = renamed[: tree.starts[i]] + "z" + renamed[tree.ends[i] :]
    again = symbols(flat(renamed, "py"))
    assert [s.occurrences for s in again] == [s.occurrences for s in symbols(tree)]
