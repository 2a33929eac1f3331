# Numba has no types for its decorators.
# mypy: disable-error-code="untyped-decorator"
"""How far each expert is to be believed here: a small network on what the experts show of themselves.

``share = softmax(W_out tanh(W_hidden f + b) + c)`` over the experts that found anything; the answer is the mean of what
they say, weighted by it; the likeliest candidates then go through the ranker. Both are trained on the validation
packages, whose names the backbone has never seen either.
"""

from collections.abc import Mapping
from typing import Any, Final, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.caches.ranker import Arrays, Ranker
from learnsys.complete.caches.voting import EACH, EXPERTS, FEATURES
from learnsys.complete.compiled import jit
from learnsys.core.errors import BadFile

HIDDEN: Final = 24
TENSORS: Final = ("gate.hidden", "gate.hidden_bias", "gate.out", "gate.out_bias")


@final
class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """Weights: ``hidden`` (H, FEATURES), ``hidden_bias`` (H,), ``out`` (EXPERTS, H), ``out_bias`` (EXPERTS,).

    ``ranker`` is None where candidates keep what the experts give them.
    """

    hidden: NDArray[np.float32]
    hidden_bias: NDArray[np.float32]
    out: NDArray[np.float32]
    out_bias: NDArray[np.float32]
    ranker: Ranker | None = None

    @classmethod
    def of(cls, tensors: Mapping[str, NDArray[np.float32]]) -> Self:
        """Take a gate out of a model file's tensors.

        Raises
        ------
        BadFile
            If it has none, or one for other contexts than these.
        """
        try:
            own = {name.removeprefix("gate."): np.ascontiguousarray(tensors[name]) for name in TENSORS}
            found = cls(**own, ranker=Ranker.of(tensors))
        except KeyError as error:
            raise BadFile(
                f"the model has no {error.args[0]}", next="train it again: learnsys complete train"
            ) from error
        units = len(found.hidden)
        if found.ranker is not None and found.ranker.place.shape[1] != units:
            raise BadFile(
                f"the model's ranker is for a gate of {found.ranker.place.shape[1]} units, not {units}",
                next="train it again: learnsys complete train",
            )
        if found.hidden.shape[1] != FEATURES or len(found.out) != EXPERTS:
            raise BadFile(
                f"the model's gate is for {found.hidden.shape[1]} features and {len(found.out)} experts, "
                f"not {FEATURES} and {EXPERTS}",
                next="train it again: learnsys complete train",
            )
        return found

    @classmethod
    def plain(cls) -> Self:
        """Return a gate that no training made: the backbone, and all experts that found anything, alike."""
        return cls(
            hidden=np.zeros((1, FEATURES), np.float32), hidden_bias=np.zeros(1, np.float32),
            out=np.zeros((EXPERTS, 1), np.float32), out_bias=np.zeros(EXPERTS, np.float32),
        )  # fmt: skip

    @property
    def arrays(self) -> tuple[Arrays, Arrays]:
        """The weights as kernels take them: the gate's four, then the ranker's four."""
        ranker = self.ranker or Ranker.none(len(self.hidden_bias))
        return (self.hidden, self.hidden_bias, self.out, self.out_bias), ranker.arrays

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """Return the weights by their names in a model file."""
        return dict(zip(TENSORS, self.arrays[0], strict=True)) | (self.ranker.tensors() if self.ranker else {})


@jit(fastmath={"reassoc", "contract"})
def weigh(features: NDArray[np.float32], gate: Any, share: NDArray[np.float32]) -> NDArray[np.float32]:
    """Write the share of each expert into ``share`` (EXPERTS,), 0 for those that found nothing; return tanh(...) (H,).

    ``gate`` are the gate's own arrays.
    """
    hidden, hidden_bias, out, out_bias = gate
    size = len(hidden_bias)
    h = np.empty(size, np.float32)
    for i in range(size):
        total = hidden_bias[i]
        for j in range(FEATURES):
            total += hidden[i, j] * features[j]
        h[i] = np.tanh(total)
    highest = np.float32(-1e30)
    for e in range(EXPERTS):
        total = out_bias[e]
        for i in range(size):
            total += out[e, i] * h[i]
        share[e] = total if e == 0 or features[EACH * (e - 1)] > 0 else np.float32(-1e30)
        highest = max(highest, share[e])
    total = np.float32(0)
    for e in range(EXPERTS):
        share[e] = np.exp(share[e] - highest)
        total += share[e]
    for e in range(EXPERTS):
        share[e] /= total
    return h
