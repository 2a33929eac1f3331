"""Run a batch so that a bad request fails alone.

Requests are joined by rows, run at once, checked and split again. If the model raises or breaks its
promise, the batch is halved until the requests at fault stand alone: 1 of n at fault costs about
2 log2 n more runs, and its neighbours get the answers they would have had without it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError, WorkFailed
from learnsys.core.predictor import DTYPES, Predictor, TensorSpec

Tensors = Mapping[str, NDArray[Any]]


class ModelFailed(WorkFailed):
    """A model raised, or gave something else than it promised."""

    @classmethod
    def raised(cls, model: str, error: BaseException) -> Self:
        """``model`` raised ``error`` on one request alone."""
        try:
            words = f": {error}"
        except Exception:  # an error of the model's own, which cannot even say what it is
            words = ""
        return cls(f"model {model!r} failed on this request: {type(error).__name__}{words}", value=model)

    @classmethod
    def promised(cls, output: str, promise: object, given: object) -> Self:
        """An output is not as its ``TensorSpec`` and the rows of the batch say."""
        return cls(f"output {output!r} should be {promise}, but is {given}", value=str(given))


def check_outputs(outputs: Tensors, specs: Sequence[TensorSpec], rows: int) -> None:
    """Hold a model to its promise: the outputs it declared, one row for each row in, dtype, shape, finite.

    Raises
    ------
    ModelFailed
        Naming the output and what is wrong with it.
    """
    if outputs.keys() != {s.name for s in specs}:
        raise ModelFailed.promised("names", sorted(s.name for s in specs), sorted(outputs))
    for spec in specs:
        array = outputs[spec.name]
        want = (rows, *spec.shape[1:])
        if array.dtype != DTYPES[spec.dtype]:
            raise ModelFailed.promised(spec.name, spec.dtype, array.dtype)
        if array.ndim != len(want) or any(w not in (None, n) for w, n in zip(want, array.shape, strict=True)):
            raise ModelFailed.promised(spec.name, f"of shape {list(want)}", list(array.shape))
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ModelFailed.promised(spec.name, "finite", "NaN or infinite")


def answer(
    predictor: Predictor, requests: Sequence[Tensors], *, give_up: Callable[[], bool] = lambda: False
) -> list[Tensors | Exception]:
    """Answer each request, or say what is wrong with it.

    Parameters
    ----------
    predictor : Predictor
        The model.
    requests : sequence of mappings
        Named inputs of each request, checked, each with its own number of rows.
    give_up : callable
        Asked before a failed batch is halved; True blames all of it (nobody waits any more).

    Returns
    -------
    list
        In the order of the requests: outputs, or ``InputError`` if the model refused the request,
        or ``ModelFailed``.
    """
    rows = [len(next(iter(r.values()))) for r in requests]
    try:
        outputs = predictor.predict(_join(requests))
        check_outputs(outputs, predictor.outputs, sum(rows))
    except BaseException as error:  # whatever a model may raise: sys.exit() too ends a request, not the server
        if len(requests) == 1 or give_up():
            known = error if isinstance(error, InputError) else ModelFailed.raised(predictor.name, error)
            return [known] * len(requests)
        half = len(requests) // 2
        return answer(predictor, requests[:half], give_up=give_up) + answer(predictor, requests[half:], give_up=give_up)
    ends = np.cumsum(rows)
    return [{k: v[end - n : end] for k, v in outputs.items()} for n, end in zip(rows, ends, strict=True)]


def _join(requests: Sequence[Tensors]) -> Tensors:
    if len(requests) == 1:
        return requests[0]
    return {name: np.concatenate([r[name] for r in requests]) for name in requests[0]}
