"""Settings: what is right is taken, what is wrong is told, nothing fails."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.complete.lsp.configuration import Settings, settings

NAMES = sorted(field.encode_name for field in msgspec.structs.fields(Settings))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*NAMES, "x"]), inner, max_size=4),
    max_leaves=6,
)


@given(JSON)
def test_anything_gives_settings_and_what_is_wrong_is_told(given_):
    found, problems = settings(given_)
    assert isinstance(found, Settings)
    if isinstance(given_, dict):
        taken = {field.encode_name: getattr(found, field.name) for field in msgspec.structs.fields(Settings)}
        for name, value in given_.items():
            told = any(problem.startswith(f"learnsys.{name} ") for problem in problems)
            assert told or (taken[name] == value and type(taken[name]) is type(value))
        assert len(problems) <= len(given_)
    else:
        assert bool(problems) == (given_ is not None)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("items", 0, "learnsys.items is 0, but must be 1 to 100"),
        ("items", True, "learnsys.items is True, but must be a whole number"),
        ("inline", "on", "learnsys.inline is 'on', but must be true or false"),
    ],
)
def test_what_is_said(name, value, said):
    assert settings({name: value}) == (Settings(), (said,))


def test_the_extension_for_vs_code_has_the_same_settings():
    manifest = json.loads((Path(__file__).parents[3] / "editors" / "vscode" / "package.json").read_text())
    declared = manifest["contributes"]["configuration"]["properties"]
    ours = {f"learnsys.{field.encode_name}": field.default for field in msgspec.structs.fields(Settings)}
    starting = {"learnsys.command", "learnsys.models", "learnsys.log"}
    assert {name: value["default"] for name, value in declared.items() if name not in starting} == ours
    assert starting <= set(declared)
