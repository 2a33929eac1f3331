import numpy as np
from tests.complete.naive import backbone
from tests.complete.runtime.models import random_model

from learnsys.complete.runtime.answer import answer, ask
from learnsys.complete.runtime.state import Reading, Tape

MODEL, TENSORS, FILES, _ = random_model(count=2, statements=110)


def test_probabilities_are_those_of_the_equations():
    file = FILES[0]
    assert len(file) > 600  # longer than the pointer's window
    reading, tape, found = Reading(MODEL), Tape.of(file), []
    for t in range(len(file)):
        given = ask(reading, tape, int(file.lines[t]))
        copied = given.mass[given.names == file.names[t]].sum()
        found.append(given.vocabulary[file.words[t]] + copied)
        if file.words[t]:
            assert found[-1] == np.float32(given.p(int(file.words[t]), int(file.names[t])))
        reading.follow(tape, t + 1, same=t)
    np.testing.assert_allclose(found, backbone(TENSORS, file), rtol=1e-3)


def test_all_probabilities_sum_to_one_and_places_are_the_last_ones():
    file, reading = FILES[1], Reading(MODEL)
    reading.follow(Tape.of(file), len(file), same=0)
    given = ask(reading, Tape.of(file), 0)
    np.testing.assert_allclose(given.vocabulary.sum() + given.mass.sum(), 1, rtol=1e-4)
    for name, last in zip(given.names.tolist(), given.last.tolist(), strict=True):
        assert np.flatnonzero(file.names == name)[-1] == last


def test_with_nothing_to_copy_the_vocabulary_has_it_all():
    none = np.zeros(0, np.int32)
    given = answer(MODEL, Reading(MODEL).output(None, 0, 1), np.zeros((0, 6), np.float32), none, none)
    assert given.share == 0
    np.testing.assert_allclose(given.vocabulary.sum(), 1, rtol=1e-5)
