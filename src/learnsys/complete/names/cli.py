"""``learnsys complete names``: what the variables and routines of a file could better be called."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from learnsys.complete.languages import language_of
from learnsys.complete.names.suggest import NameSuggestions, suggest_names
from learnsys.core.console import ERR
from learnsys.core.errors import BadFile, InputError, MissingExtra
from learnsys.core.files import check_output, existing


def names(
    file: Path,
    *,
    line: int | None = None,
    column: int | None = None,
    every: Annotated[bool, Parameter(name="--all", negative="")] = False,
    model: Path | None = None,
) -> NameSuggestions:
    """Suggest names for the variables and routines of a file.

    Parameters
    ----------
    file
        Source in JavaScript, Python or C++.
    line
        Ask only for what is declared or used in this line (1-based).
    column
        And at this column of it (1-based, in code points).
    every
        Show every symbol, not only those with a clearly better name.
    model
        A model of names; the one that ships if omitted.
    """
    language = language_of(existing(file)).key
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadFile.unreadable(file, f"no UTF-8 text: {error}") from error
    weights = None
    if model is not None:
        from learnsys.complete.names.ranker import load_names

        weights = load_names(model)
    found = suggest_names(text, language, weights, path=str(file))
    if line is not None:
        return _there(found, text, line, column)
    return found if every else NameSuggestions(items=found.renames())


def _there(found: NameSuggestions, text: str, line: int, column: int | None) -> NameSuggestions:
    rows = text.split("\n")
    if not 1 <= line <= len(rows):
        raise InputError(f"line {line} is not in the file", value=line, next=f"it has {len(rows)} lines")
    begin = sum(len(row) + 1 for row in rows[: line - 1])
    if column is not None:
        return found.at(begin + column - 1)
    low, high = begin, begin + len(rows[line - 1])
    return NameSuggestions(
        items=tuple(item for item in found.items if any(a <= high and low <= b for a, b in item.spans))
    )


def train_names(corpus: Path, *, out: Path, seed: int = 0) -> None:
    """Train a model of names on the training packages of a corpus; some minutes on one core.

    Parameters
    ----------
    corpus
        A corpus that ``complete corpus build`` made (.parquet).
    out
        File for the model (.safetensors).
    seed
        Of the choice of files, their order and the first weights.
    """
    check_output(out, (".safetensors",))
    try:
        from learnsys.complete.train.naming import train_names as train
    except ImportError as error:
        raise MissingExtra.of("torch", "torch") from error
    from learnsys.complete.corpus.stored import read, read_manifest
    from learnsys.complete.runtime.weights import save_weights

    manifest = read_manifest(corpus)
    weights = train(read(corpus, "train"), manifest.language, seed=seed, corpus=manifest.sha256)
    save_weights(out, weights)
    ERR.print(f"{out}: {weights.card.training}")
