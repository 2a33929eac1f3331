from threading import RLock, Thread

import pytest
from tests.complete.runtime.models import random_model

from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.runtime.neighbours import Neighbours
from learnsys.complete.runtime.typed import Typed

MODEL, *_ = random_model(count=1, statements=5)


class Shelf:
    def __init__(self):
        self.texts = []

    def add(self, found, *, near=False):
        assert near
        self.texts.append(found.text)
        return found.text

    def remove(self, learned):
        self.texts.remove(learned)


@pytest.fixture
def files():
    return [Typed(text, MODEL, Lexicon()) for text in ("let a", "let b", "let c")]


def test_who_is_asked_knows_the_others_as_they_are_and_nothing_of_itself(files):
    shelf = Shelf()
    neighbours = Neighbours(lambda key: shelf)
    for file in files:
        neighbours.open(file, RLock())
    a, b, _ = files
    neighbours.ask(a)
    assert sorted(shelf.texts) == ["let b", "let c"]
    a.document.edit(4, 5, "new")
    neighbours.ask(a)
    assert sorted(shelf.texts) == ["let b", "let c"]
    neighbours.ask(b)
    assert sorted(shelf.texts) == ["let c", "let new"]
    neighbours.close(a)
    neighbours.close(b)
    assert shelf.texts == ["let c"]
    neighbours.open(b, RLock())
    neighbours.ask(files[2])
    assert shelf.texts == ["let b"]


def test_a_file_that_is_being_edited_is_learned_later(files):
    shelf, lock = Shelf(), RLock()
    neighbours = Neighbours(lambda key: shelf)
    a, b, c = files
    for file, held in ((a, RLock()), (b, lock), (c, RLock())):
        neighbours.open(file, held)
    lock.acquire()
    asked = Thread(target=neighbours.ask, args=(a,))
    asked.start()
    asked.join()
    assert shelf.texts == ["let c"]
    lock.release()
    neighbours.ask(c)
    assert sorted(shelf.texts) == ["let a", "let b"]
