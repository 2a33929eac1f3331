import pytest
from tests.convex import naive

from learnsys.convex.losses import LOSSES, find_loss
from learnsys.core.errors import UnknownName


def test_all_four_are_there_with_different_codes():
    assert tuple(LOSSES) == naive.NAMES
    assert len({loss.code for loss in LOSSES.values()}) == 4


def test_an_unknown_loss_is_refused_with_the_nearest():
    with pytest.raises(UnknownName, match=r"unknown loss 'logistc'; did you mean logistic\?"):
        find_loss("logistc")
