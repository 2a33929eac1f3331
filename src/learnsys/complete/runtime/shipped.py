"""Where the model of a language is: the one that ships, or one of the user's."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from learnsys.complete.caches.gate import Gate
from learnsys.complete.languages import language
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.weights import load_weights
from learnsys.core.errors import BadFile, Incompatible

FOLDER: Final = Path(__file__).parent.parent / "weights"


Given = Path | str | Model


def model_of(key: str, models: Mapping[str, Given] | None = None) -> Model:
    """Return the model of a language, loaded once.

    Parameters
    ----------
    key : str
        The language.
    models : mapping, optional
        Models, or paths of their files, by language, used before those that ship.

    Raises
    ------
    BadFile
        If there is none, or it is damaged, foreign or of another version; its sha256 is named.
    Incompatible
        If it is one of another language.
    """
    given = (models or {}).get(key)
    model = given if isinstance(given, Model) else _of_file(shipped_file(key) if given is None else Path(given))
    if model.vocabulary.language != key:
        raise Incompatible(
            f"{given} is a model of {model.vocabulary.language!r}, and {key!r} is asked for",
            value=str(given), next="give each language a model of its own",
        )  # fmt: skip
    return model


def shipped_gate(key: str) -> Gate | None:
    """Return the gate, with its ranker, of the model that ships for a language; None where none does."""
    return model_of(key).gate if _place(key).exists() else None


def shipped_file(key: str) -> Path:
    """Return the file of the model that ships for a language.

    Raises
    ------
    BadFile
        If there is none.
    """
    if not (path := _place(key)).exists():
        title = language(key).title
        raise BadFile(
            f"no model of {title} comes with this installation", value=key,
            next=f"train one: learnsys complete train FOLDER --language {key}",
        )  # fmt: skip
    return path


def _place(key: str) -> Path:
    return FOLDER / f"{key}.safetensors"


def _of_file(path: Path) -> Model:
    return _loaded(path, path.stat().st_mtime_ns if path.exists() else 0)


@lru_cache(8)
def _loaded(path: Path, mtime_ns: int) -> Model:
    """Load a file; one that was written anew is another."""
    return Model.of(load_weights(path))
