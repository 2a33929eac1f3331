"""The list of programs is that of the functions, and names what is missing."""

import ast
from pathlib import Path

from learnsys.machines.lab import programs
from learnsys.machines.lab.programs import PROGRAMS, Program

HELPERS = {"words.text", "machinery.java", "fitting.memory_limit"}


def test_every_public_function_is_a_program():
    found = {
        f"{path.stem}.{node.name}"
        for path in Path(programs.__file__).parent.glob("[a-z]*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }
    assert found - HELPERS == set(PROGRAMS)


def test_there_are_programs_of_every_nature():
    assert len(PROGRAMS) >= 24
    assert len({name.partition(".")[0] for name in PROGRAMS}) >= 6


def test_what_is_missing_is_named():
    assert Program(name="x.y", libraries=("json", "no_such_library")).lacks() == "no_such_library"
    assert Program(name="x.y", tools=("no_such_tool",)).lacks() == "no_such_tool"
    assert Program(name="x.y", libraries=("json",)).lacks() is None
