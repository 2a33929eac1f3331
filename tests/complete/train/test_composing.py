"""Training of the composer: it learns and repeats."""

import numpy as np
from tests.complete.names.toys import sources

from learnsys.complete.names.features import describe
from learnsys.complete.names.flat import flat
from learnsys.complete.train.composing import train_composer


def routines():
    return [
        (source.package, found)
        for source in sources()
        for found in describe(flat(source.text, "js"))
        if found.symbol.sort == "routine"
    ]


def test_it_learns():
    _, _, few = train_composer(routines(), epochs=2)
    _, vocabulary, many = train_composer(routines(), epochs=40)
    assert many < few / 2
    assert {"load", "draw"} <= set(vocabulary.parts)


def test_the_same_seed_gives_the_same_model():
    first, second, other = (dict(train_composer(routines(), epochs=1, seed=s)[0].named_parameters()) for s in (3, 3, 4))
    assert all(np.array_equal(first[name].detach(), second[name].detach()) for name in first)
    assert not np.array_equal(first["part"].detach(), other["part"].detach())


def test_no_routines_leave_it_as_it_begins():
    _, vocabulary, bits = train_composer([])
    assert bits == 0.0
    assert vocabulary.roles == ("",)
