"""A model without training makes up code that parses."""

from tests.complete.runtime.models import random_model
from tests.complete.toys import program

from learnsys.complete.generate.sample import Sampling
from learnsys.complete.generate.text import generate


def test_any_model_makes_code_that_parses():
    model = random_model()[0]
    for given in ("", program(1, 5)):
        found = generate(model, Sampling(tokens=30, seed=2), given)
        assert found.errors == 0
        assert found == generate(model, Sampling(tokens=30, seed=2), given)
        assert "\n".join(row[1] for row in found.table().rows) == found.text
