"""Training of names: it learns, it repeats, and takes what it can."""

import numpy as np
import pytest
from tests.complete.names.toys import sources, trained

from learnsys.complete.corpus.types import Source
from learnsys.complete.train.naming import train_names
from learnsys.core.errors import InputError


def test_it_learns():
    assert trained().card.training["bits"] < 1.5
    assert trained().card.task == "names"
    assert trained().card.training["packages"] == 3


def test_the_same_seed_gives_the_same_model():
    first, second = (train_names(sources(), "js", each=40, epochs=1, seed=3) for _ in range(2))
    assert all(np.array_equal(first.tensors[name], second.tensors[name]) for name in first.tensors)
    other = train_names(sources(), "js", each=40, epochs=1, seed=4)
    assert not np.array_equal(first.tensors["inner"], other.tensors["inner"])


def test_no_package_gives_more_than_its_share():
    assert train_names(sources(), "js", each=10, epochs=1).card.training["symbols"] <= 30


def test_one_package_is_too_few():
    alone = [Source(split="train", package="a", path="a.js", text="function f(x) { return x }")]
    with pytest.raises(InputError, match="two packages"):
        train_names(alone, "js")
