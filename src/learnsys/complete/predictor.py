"""A model of code as a `Predictor`, so that it can be served: the code before a cursor in, suggestions out.

The last texts are kept open, since an editor sends nearly the same text with each key; where a text is long, what is
looked at begins at a place that moves in large steps, so that what was read of it serves again.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, Final, Self, final

import numpy as np
from numpy.typing import NDArray

from learnsys.complete.lexing.difference import shared
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.shipped import shipped_file
from learnsys.complete.runtime.weights import load_weights
from learnsys.complete.session import OpenFile, Session
from learnsys.core.errors import BadFile, InputError
from learnsys.core.files import existing
from learnsys.core.model_folder import load_folder, save_folder
from learnsys.core.predictor import ModelCard, TensorSpec, check_batch, read_card

ROOM, KIND = "complete", "code"
SHOWN: Final = 5
LOOKED_AT: Final = 6000  # characters before the cursor, at least where there are so many
STEP: Final = 3000
KEPT: Final = 16  # texts that are kept open
MOST_WORDS: Final = 200_000  # different ones, before all that is kept is let go


@final
class CodeModel:
    """Suggests what comes next in one language.

    Input ``text``, BYTES [-1]: the code before the cursor in UTF-8. Outputs ``suggestion`` (BYTES) and ``p`` (FP32),
    [-1, 5] each: the likeliest tokens in order, which all begin with what is typed of the last token; empty and 0 where
    there are fewer.

    Parameters
    ----------
    name : str
        What it is called.
    content : bytes
        The file that `learnsys complete train` wrote.
    model : Model
        What is in it.
    """

    def __init__(self, name: str, content: bytes, model: Model) -> None:
        self._name, self._content, self._model = name, content, model
        self._lock = Lock()
        self._forget()

    @classmethod
    def of(cls, path: Path | str, name: str | None = None) -> Self:
        """Take a model file; without a name it is called after its language.

        Raises
        ------
        BadFile
            If it is missing, damaged or no model of code.
        """
        model = Model.of(load_weights(path))
        return cls(name or f"complete-{model.vocabulary.language}", existing(path).read_bytes(), model)

    @classmethod
    def shipped(cls, language: str, name: str | None = None) -> Self:
        """Take the model that ships for a language.

        Raises
        ------
        BadFile
            If there is none.
        """
        return cls.of(shipped_file(language), name)

    @property
    def name(self) -> str:
        """What it is called."""
        return self._name

    @property
    def version(self) -> str:
        """The first digits of the sha256 of its file."""
        return sha256(self._content).hexdigest()[:12]

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """The code before the cursor."""
        return (TensorSpec(name="text", dtype="BYTES", shape=(None,)),)

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """Suggestions and their probabilities."""
        return (
            TensorSpec(name="suggestion", dtype="BYTES", shape=(None, SHOWN)),
            TensorSpec(name="p", dtype="FP32", shape=(None, SHOWN)),
        )

    @property
    def max_rows(self) -> int | None:
        """There is no bound."""
        return None

    def predict(self, batch: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Complete each text.

        Raises
        ------
        InputError
            If ``text`` is missing, of another form, or not UTF-8.
        """
        n = check_batch(batch, self.inputs)
        texts = [_text(value) for value in batch["text"].tolist()]
        suggestion, p = np.full((n, SHOWN), "", np.object_), np.zeros((n, SHOWN), np.float32)
        for row, text in enumerate(texts):
            with self._lock:
                found = self._document(_end(text)).suggest(len(_end(text)), SHOWN)
            for column, item in enumerate(found.items):
                suggestion[row, column], p[row, column] = item.text, item.p
        return {"suggestion": suggestion, "p": p}

    def save(self, path: Path | str) -> Path:
        """Save as a folder that `learnsys.core.predictor.load` reads; an older model there is replaced.

        Raises
        ------
        BadFile
            If something that is no model is there, or the place cannot be written.
        """
        card = ModelCard(
            room=ROOM, kind=KIND, name=self.name, version=self.version, inputs=self.inputs, outputs=self.outputs,
            params={"language": self._model.vocabulary.language}, sha256=sha256(self._content).hexdigest(),
        )  # fmt: skip
        return save_folder(Path(path), card, self._content)

    def _document(self, text: str) -> OpenFile:
        """Return an open file with this text: the one whose text is most like it, or a new one."""
        if len(self._session.lexicon) > MOST_WORDS:
            self._forget()
        alike = [shared(document.text, text) for document in self._open]
        at = max(range(len(alike)), key=alike.__getitem__, default=-1)
        if at >= 0 and (2 * alike[at] > len(text) or len(self._open) == KEPT):
            document = self._open.pop(at if 2 * alike[at] > len(text) else 0)
            document.become(text)
        else:
            document = self._session.open(f"{len(self._open)}", text)
        self._open.append(document)  # the first is the one that was not used for longest
        return document

    def _forget(self) -> None:
        key = self._model.vocabulary.language
        self._session = Session(language=key, models={key: self._model})
        self._open: list[OpenFile] = []


def load_predictor(path: Path | str) -> CodeModel:
    """Load a model that `CodeModel.save` wrote; nothing from the folder is executed.

    Raises
    ------
    BadFile
        If the folder is no whole model of code.
    """
    return load_folder(Path(path), _load)


def _load(path: Path) -> CodeModel:
    card = read_card(path)
    if (card.room, card.kind) != (ROOM, KIND):
        raise BadFile.unreadable(
            path / "model.json", f"it is a {card.kind} model of {card.room}, not a {KIND} one of {ROOM}"
        )
    found = CodeModel.of(path / "model.safetensors", card.name)
    if (card.inputs, card.outputs) != (found.inputs, found.outputs):
        raise BadFile.unreadable(path / "model.json", "its tensors are not those of a model of code")
    return found


def _text(value: object) -> str:
    try:
        return value.decode() if isinstance(value, bytes) else str(value)
    except UnicodeDecodeError as error:
        raise InputError("a text is not UTF-8", value=error.start, next="send UTF-8") from error


def _end(text: str) -> str:
    """Return the end of a text, from the beginning of a line; where that is moves in steps of `STEP`."""
    begin = (len(text) - LOOKED_AT) // STEP * STEP
    return text if begin <= 0 else text[text.find("\n", begin) + 1 :]
