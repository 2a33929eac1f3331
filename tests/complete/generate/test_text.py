"""A model without training makes up code that parses."""

import msgspec
import pytest
from tests.complete.runtime.models import random_model
from tests.complete.toys import program

from learnsys.complete.caches.gate import Gate
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.fragments.veto import errors
from learnsys.complete.generate.sample import Sampling
from learnsys.complete.generate.text import generate
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.runtime.memory import ProjectMemory
from learnsys.complete.runtime.shipped import model_of

MODEL = random_model()[0]
HALF = program(1, 5) + "class A {\n  f(a) {\n    "


@pytest.mark.parametrize("given", ["", program(1, 5), HALF])
def test_any_model_makes_code_that_parses(given):
    found = generate(MODEL, Sampling(tokens=30, seed=2), given)
    assert found.errors == errors(given + found.text, "js") == 0
    assert found == generate(MODEL, Sampling(tokens=30, seed=2), given)
    assert "\n".join(row[1] for row in found.table().rows) == found.text


@pytest.mark.parametrize("given", [program(1, 5), program(1, 5) + "// so far\n", "function f() {\n  a();\n  "])
def test_what_ended_a_line_is_gone_on_from_on_the_next(given):
    text = generate(MODEL, Sampling(tokens=30, seed=1), given).text
    assert text
    assert not text.startswith("\n" * 4)
    n = len(tokens(given, "js"))
    assert tokens(given + text, "js").words[:n] == tokens(given, "js").words


@pytest.mark.parametrize("seed", [2, 3, 5])
def test_what_is_given_broken_is_gone_on_from(seed):
    broken = "let = = 3;\n" + program(1, 5)
    found = generate(MODEL, Sampling(tokens=60, seed=seed), broken)
    assert found.text
    assert found.errors <= errors(broken, "js")


SINGLE = "const a = require('fs')\nconst b = read('x', 'y')\nlet c = f(b)\nlet d = g(c)\nd.push('z')\n" * 6


@pytest.mark.parametrize("text", [SINGLE, SINGLE.replace("'", '"').replace("\n", ";\n")])
def test_quotes_and_semicolons_are_those_of_file_and_project(text):
    model, memory, start = model_of("js", {}), ProjectMemory(Lexicon(), "js"), "const assert = "
    memory.add(tokens(text, "js"))
    made = "".join(generate(model, Sampling(tokens=60, seed=seed), start, memory=memory).text for seed in range(3))
    mine, other = ("'", '"') if text is SINGLE else ('"', "'")
    assert made.count(mine) > made.count(other)
    ends = [line for line in made.split("\n") if line.endswith((")", ");"))]
    assert ends
    assert all(line.endswith(";") == (text is not SINGLE) for line in ends)


def test_a_project_has_a_say():
    memory = ProjectMemory(Lexicon(), "js")
    for _ in range(5):
        memory.add(tokens("theirs.open(theirFile);\n" * 9, "js"))
    model = msgspec.structs.replace(MODEL, gate=Gate.plain())
    sampling = Sampling(tokens=60, seed=1, temperature=0.3)
    found = [generate(model, sampling, program(1, 5), memory=own).text for own in (None, memory)]
    assert ["their" in text for text in found] == [False, True]
