"""The table of rooms names rooms that are there and can load a model."""

from importlib import import_module

import pytest

from learnsys.core.rooms import ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_that_makes_models_can_load_them(room):
    assert ROOMS[room] == f"learnsys.{room}"
    assert callable(import_module(ROOMS[room]).load_predictor)
