import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.serve.toys import FAULTS, Toy

from learnsys.core.errors import InputError
from learnsys.core.predictor import TensorSpec
from learnsys.serve.isolate import ModelFailed, answer, check_outputs

D = 4


def requests(sizes, poisoned=()):
    rng = np.random.default_rng(0)
    made = []
    for i, n in enumerate(sizes):
        x = rng.standard_normal((n, D))
        if i in poisoned:
            x[n // 2, 0] = 666
        made.append({"x": x})
    return made


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=30), st.sets(st.integers(0, 29)), st.sampled_from(sorted(FAULTS))
)
@settings(deadline=None, max_examples=60)
def test_only_the_poisoned_fail_and_the_rest_get_their_own_rows(sizes, poisoned, fault):
    model = Toy(d=D, fault=FAULTS[fault])
    asked = requests(sizes, poisoned)
    for i, (request, outcome) in enumerate(zip(asked, answer(model, asked), strict=True)):
        if i in poisoned:
            assert isinstance(outcome, ModelFailed)
        else:
            np.testing.assert_allclose(outcome["score"], request["x"] @ model.w, rtol=1e-12)


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_a_model_that_wants_to_end_the_process_ends_one_request(error):
    def leave(score, poisoned):
        raise error

    *good, bad = answer(Toy(d=D, fault=leave), requests([1] * 5, {4}))
    assert type(error).__name__ in str(bad)
    assert all(isinstance(o, dict) for o in good)


def test_an_error_that_cannot_be_printed_is_named_by_its_class():
    class MuteError(Exception):
        def __str__(self):
            raise ZeroDivisionError

    def mute(score, poisoned):
        raise MuteError

    (bad,) = answer(Toy(d=D, fault=mute), requests([1], {0}))
    assert str(bad).endswith("MuteError")


def test_one_of_64_costs_few_more_runs():
    model = Toy(d=D, fault=FAULTS["explode"])
    answer(model, requests([1] * 64, {17}))
    assert len(model.batches) == 1 + 2 * 6


def test_a_refusal_of_the_model_stays_a_refusal():
    outcome = answer(Toy(d=D), [{"x": np.zeros((1, D + 1))}])
    assert isinstance(outcome[0], InputError)
    assert "must have [-1, 4]" in str(outcome[0])


def test_when_nobody_waits_any_more_it_gives_up():
    model = Toy(d=D, fault=FAULTS["explode"])
    outcomes = answer(model, requests([1] * 8, {0}), give_up=lambda: True)
    assert all(isinstance(o, ModelFailed) for o in outcomes)
    assert len(model.batches) == 1


SPECS = (TensorSpec(name="p", dtype="FP32", shape=(None, 2)),)


@pytest.mark.parametrize(
    ("outputs", "says"),
    [
        ({"q": np.zeros((3, 2), np.float32)}, "names"),
        ({"p": np.zeros((3, 2))}, "FP32"),
        ({"p": np.zeros((2, 2), np.float32)}, r"\[3, 2\]"),
        ({"p": np.zeros((3, 1), np.float32)}, r"\[3, 2\]"),
        ({"p": np.zeros(3, np.float32)}, r"\[3, 2\]"),
        ({"p": np.full((3, 2), np.inf, np.float32)}, "finite"),
    ],
)
def test_a_broken_promise_is_named(outputs, says):
    with pytest.raises(ModelFailed, match=says):
        check_outputs(outputs, SPECS, 3)


def test_a_kept_promise_passes():
    check_outputs({"p": np.zeros((3, 2), np.float32)}, SPECS, 3)
