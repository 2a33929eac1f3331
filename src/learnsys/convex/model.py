"""A trained linear model as a ``Predictor``: float32 rows in, scores out, saved as numbers and a card."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.convex.losses import find_loss
from learnsys.convex.rows import Vector
from learnsys.core.errors import BadFile
from learnsys.core.model_folder import check_place, load_folder, save_folder
from learnsys.core.predictor import ModelCard, TensorSpec, check_batch, read_card
from learnsys.core.trace import DataRef, Value

__all__ = ["LinearModel", "check_place", "load_predictor"]

ROOM, KIND = "convex", "linear"


@final
class LinearModel(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Scores t = x.coef + intercept, and what follows from them.

    Input ``x``, FP32 [-1, d]. Outputs, [-1] each: for a number ``value`` (FP64); for two classes ``label`` and, with
    the logistic loss, ``probability`` of the second class (FP64), with the hinges the score as ``margin`` (FP64). A
    label is INT64 where both classes are whole numbers, else BYTES. Rows are converted to float64 before they meet the
    weights, so that predictions are those of training.

    Parameters
    ----------
    name : str
        What it is called.
    coef : ndarray, shape (d,)
        Weights, float64.
    intercept : float
        What is added to every score.
    loss : str
        What it was trained for; decides the outputs.
    classes : tuple
        The negative and the positive label; empty for a number.
    columns : tuple of str
        Names of the features, if they have any.
    data, metrics, params, gap
        What it was trained on and how well, for its card.
    """

    name: str
    coef: Vector
    intercept: float = 0.0
    loss: str = "logistic"
    classes: tuple[int | float | str, ...] = ()
    columns: tuple[str, ...] = ()
    data: DataRef | None = None
    metrics: dict[str, float] = {}
    params: dict[str, Value] = {}
    gap: float | None = None

    @property
    def version(self) -> str:
        """The first digits of the sha256 of its numbers."""
        return sha256(self._numbers()).hexdigest()[:12]

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """Rows of features."""
        return (TensorSpec(name="x", dtype="FP32", shape=(None, self.coef.size)),)

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """What it tells of each row."""
        if not self.classes:
            return (TensorSpec(name="value", dtype="FP64", shape=(None,)),)
        score = "probability" if self.loss == "logistic" else "margin"
        label = "INT64" if self._whole else "BYTES"
        return (
            TensorSpec(name=score, dtype="FP64", shape=(None,)),
            TensorSpec(name="label", dtype=label, shape=(None,)),
        )

    @property
    def max_rows(self) -> int | None:
        """There is no bound."""
        return None

    def predict(self, batch: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Score rows.

        Raises
        ------
        InputError
            If ``x`` is missing, or of another type or shape.
        """
        check_batch(batch, self.inputs)
        t = self.scores(batch["x"])
        if not self.classes:
            return {"value": t}
        known = np.array(self.classes, np.int64 if self._whole else np.object_)
        label = known[(t > 0).astype(np.intp)]
        if self.loss != "logistic":
            return {"margin": t, "label": label}
        with np.errstate(over="ignore"):
            return {"probability": 1.0 / (1.0 + np.exp(-t)), "label": label}

    def scores(self, X: Any) -> Vector:
        """Compute x.coef + intercept of every row of a matrix, dense or sparse, shape (n,)."""
        dense = X.astype(np.float64, copy=False) if isinstance(X, np.ndarray) else X
        t: Vector = dense @ self.coef + self.intercept
        return t

    def save(self, path: Path | str) -> Path:
        """Save as a folder with ``model.json`` and ``model.safetensors``, whole or not at all.

        An older model there is replaced; anything else is left alone. Where several processes save
        to one place, the last one's stays.

        Raises
        ------
        BadFile
            If something that is no model is there, or the place cannot be written.
        """
        numbers = self._numbers()
        card = ModelCard(
            room=ROOM, kind=KIND, name=self.name, version=self.version, inputs=self.inputs, outputs=self.outputs,
            data=msgspec.to_builtins(self.data) if self.data else {}, metrics=self.metrics, gap=self.gap,
            params={**self.params, "loss": self.loss, "classes": list(self.classes), "columns": list(self.columns)},
            sha256=sha256(numbers).hexdigest(),
        )  # fmt: skip
        return save_folder(Path(path), card, numbers)

    @property
    def _whole(self) -> bool:
        return all(not isinstance(c, str) and float(c).is_integer() for c in self.classes)

    def _numbers(self) -> bytes:
        from safetensors.numpy import save

        numbers: bytes = save({"coef": self.coef, "intercept": np.array([self.intercept])})
        return numbers


def load_predictor(path: Path | str) -> LinearModel:
    """Load a model that ``LinearModel.save`` wrote; nothing from the folder is executed.

    Raises
    ------
    BadFile
        If the folder is no whole linear model.
    """
    return load_folder(Path(path), _load)


def _load(path: Path) -> LinearModel:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    card = read_card(path)
    if (card.room, card.kind) != (ROOM, KIND):
        raise BadFile.unreadable(
            path / "model.json", f"it is a {card.kind} model of {card.room}, not a {KIND} one of {ROOM}"
        )
    numbers = path / "model.safetensors"
    try:
        tensors = load(numbers.read_bytes())
        params = dict(card.params)
        model = LinearModel(
            name=card.name, coef=tensors["coef"], intercept=float(tensors["intercept"][0]),
            loss=find_loss(params.pop("loss")).name, classes=tuple(params.pop("classes")),
            columns=tuple(params.pop("columns")), data=msgspec.convert(card.data, DataRef) if card.data else None,
            metrics=card.metrics, params=params, gap=card.gap,
        )  # fmt: skip
    except (SafetensorError, LookupError, TypeError, ValueError) as error:
        raise BadFile.unreadable(numbers, f"it is no {KIND} model: {error}") from error
    if card.inputs != model.inputs or card.outputs != model.outputs:
        raise BadFile.unreadable(path / "model.json", "its tensors do not fit its numbers")
    return model
