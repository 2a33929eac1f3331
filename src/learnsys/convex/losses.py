"""The losses, as data: what each is for and what it can do, so that misfits are refused before the first iteration.

logistic       log(1 + exp(-z))       z = y x.w, y = -1 or +1
hinge          max(0, 1 - z)
squared_hinge  max(0, 1 - z)^2
squared        (x.w - y)^2 / 2        y a number
"""

from collections.abc import Mapping
from typing import Final, Literal, final

import msgspec

from learnsys.convex import kernels
from learnsys.core.errors import UnknownName


@final
class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """A loss: its number in the kernels, whether targets are two classes or numbers, whether it has a curvature."""

    name: str
    code: int
    task: Literal["classes", "number"]
    curved: bool


LOSSES: Final[Mapping[str, Loss]] = {
    loss.name: loss
    for loss in (
        Loss(name="logistic", code=kernels.LOGISTIC, task="classes", curved=True),
        Loss(name="hinge", code=kernels.HINGE, task="classes", curved=False),
        Loss(name="squared_hinge", code=kernels.SQUARED_HINGE, task="classes", curved=True),
        Loss(name="squared", code=kernels.SQUARED, task="number", curved=True),
    )
}


def find_loss(name: str) -> Loss:
    """Look a loss up by its name.

    Raises
    ------
    UnknownName
        If there is no such loss; the nearest name is suggested.

    Examples
    --------
    >>> find_loss("hinge").curved
    False
    """
    if name not in LOSSES:
        raise UnknownName.of("loss", name, LOSSES)
    return LOSSES[name]
