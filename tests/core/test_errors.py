"""Errors carry what is wrong, the value and the next step, and survive a process boundary."""

import pickle

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.strategies import quick

from learnsys.core import errors
from learnsys.core.errors import BadFile, ErrorReport, InputError, LearnsysError, MissingExtra, UnknownName

MADE = {
    "below": (InputError.below("workers", 0, 1), "workers is 0, but must be at least 1; give workers >= 1"),
    "not finite": (InputError.not_finite("X", 3, 7, 2), "X contains 3 NaN or infinite values, the first in row 7, col"),
    "not finite in a vector": (InputError.not_finite("y", 1, 7), "1 NaN or infinite value, the first in row 7;"),
    "one class": (InputError.one_class("late"), "one class, late"),
    "many classes": (InputError.many_classes(list("abcdefg")), "7 classes (a, b, c, d, e, ...)"),
    "line": (BadFile.line("mail.txt", 7, "'a:1' is no index:value pair"), "mail.txt, line 7: 'a:1' is no"),
    "unreadable": (BadFile.unreadable("m.npz", ValueError("not a zip\nat all")), "cannot read m.npz: not a zip;"),
    "extra": (MissingExtra.of("polars", "data"), "polars is not installed; pip install 'learnsys[data]'"),
    "near": (UnknownName.of("method", "cocao", ["cocoa", "newton"]), "did you mean cocoa? known: cocoa, newton"),
    "far": (UnknownName.of("method", "xyz", ["cocoa", "newton"]), "unknown method 'xyz'; known: cocoa, newton"),
}  # fmt: skip


def subclasses(cls):
    return {cls, *(s for c in cls.__subclasses__() for s in subclasses(c))}


@pytest.mark.parametrize("case", MADE)
def test_the_sentence_says_what_is_wrong_and_what_to_do(case):
    error, says = MADE[case]
    assert says in str(error)
    assert "\n" not in str(error)
    assert error.next


@pytest.mark.parametrize("case", MADE)
def test_an_error_survives_pickling(case):
    error = MADE[case][0]
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert (str(copy), copy.value, copy.next, copy.message) == (str(error), error.value, error.next, error.message)


@pytest.mark.parametrize("cls", sorted(subclasses(LearnsysError), key=lambda c: c.__name__), ids=lambda c: c.__name__)
def test_every_error_ends_a_command_with_1_or_2_and_ctrl_c_with_130(cls):
    ctrl_c = 130 if cls is errors.Interrupted else 1
    assert cls.exit_code == (2 if issubclass(cls, errors.Refused) else ctrl_c)


def test_refusals_are_what_python_programs_catch():
    for cls, builtin in ((InputError, ValueError), (UnknownName, LookupError), (MissingExtra, ImportError)):
        assert issubclass(cls, builtin)


def test_a_missing_file_suggests_its_neighbour(tmp_path):
    (tmp_path / "flights.csv").touch()
    assert "did you mean flights.csv?" in str(BadFile.missing(tmp_path / "flight.csv"))
    assert "check the path" in str(BadFile.missing(tmp_path / "nowhere" / "flight.csv"))


@quick
@given(st.text(min_size=1), st.lists(st.text(min_size=1), max_size=30))
def test_a_known_name_is_always_suggested_first_for_itself(name, others):
    assert UnknownName.of("thing", name, [name, *others]).next.startswith(f"did you mean {name}")


def test_the_report_has_what_json_prints():
    report = ErrorReport.of(InputError.below("workers", 0, 1))
    assert msgspec.json.decode(msgspec.json.encode(report)) == {
        "kind": "InputError",
        "message": "workers is 0, but must be at least 1",
        "value": 0,
        "next": "give workers >= 1",
    }


def test_a_port_in_use_names_the_next_one():
    error = errors.PortInUse.of("127.0.0.1", 8000)
    assert error.exit_code == 1
    assert "--port 8001" in str(error)


def test_a_link_to_nothing_is_told(tmp_path):
    for name, target in (("gone.js", "nowhere.js"), ("round.js", "round.js")):
        (tmp_path / name).symlink_to(tmp_path / target)
        assert "is a link to no file" in str(BadFile.missing(tmp_path / name))
