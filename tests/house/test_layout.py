"""Whoever knows one room knows all: the same files, a small door, a test beside each idea."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "learnsys"
ROOMS = sorted(p.name for p in SOURCE.iterdir() if p.is_dir() and p.name not in ("core", "loop", "__pycache__"))
PLAN = {"__init__.py", "README.md", "types.py", "charts.py", "cli.py"}
UNTESTED = PLAN | {"__main__.py"}  # cli and charts are tested through what they show
CAP = 400
MODULES = sorted(p.relative_to(SOURCE) for p in SOURCE.rglob("*.py"))


def test_the_rooms_are_those_of_the_architecture():
    assert set(ROOMS) <= {"machines", "plan", "convex", "series", "complete", "serve", "web"}
    assert ROOMS, "no room found"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_the_common_plan_and_an_idea(room):
    files = {p.name for p in (SOURCE / room).iterdir()}
    assert files >= PLAN, f"{room} lacks {sorted(PLAN - files)}"
    assert [f for f in files if f.endswith(".py") and f not in PLAN], f"{room} has no idea of its own"


@pytest.mark.parametrize("room", ROOMS)
def test_a_door_is_small_and_opens(room):
    door = import_module(f"learnsys.{room}")
    assert 0 < len(door.__all__) <= 8
    assert door.__doc__ is not None
    assert ">>>" in door.__doc__, "a door shows a tour that runs"
    for name in door.__all__:
        assert getattr(door, name).__doc__, f"{room}.{name} has no docstring"


@pytest.mark.parametrize("module", [m for m in MODULES if m.name not in UNTESTED], ids=str)
def test_a_module_has_a_test_of_its_name(module):
    assert (ROOT / "tests" / module.parent / f"test_{module.name}").is_file()


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_is_short_or_says_why(module):
    text = (SOURCE / module).read_text()
    lines = text.count("\n")
    assert lines <= CAP or "long because" in (ast.get_docstring(ast.parse(text)) or ""), f"{lines} lines"


@pytest.mark.parametrize("module", [m for m in MODULES if m.name != "__main__.py"], ids=str)
def test_everything_public_is_documented(module):
    tree = ast.parse((SOURCE / module).read_text())
    assert ast.get_docstring(tree), "a module says what it is for"
    missing = [
        f"line {node.lineno}: {node.name}"
        for parent in [tree, *(n for n in tree.body if isinstance(n, ast.ClassDef))]
        for node in parent.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not missing, missing
