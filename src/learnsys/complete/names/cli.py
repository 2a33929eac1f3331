"""``learnsys complete names``: what the variables and routines of a file could better be called."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from learnsys.complete.languages import language_of
from learnsys.complete.lexing.positions import offset_at
from learnsys.complete.names.suggest import NameSuggestions, suggest_names
from learnsys.complete.source import read_text
from learnsys.core.check import check_seed
from learnsys.core.console import ERR, progress
from learnsys.core.errors import Incompatible, MissingExtra
from learnsys.core.files import check_output


def names(
    file: Path,
    /,
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
        Ask only for what is declared or used in this line, from 1.
    column
        And at this column of it, from 1, in code points.
    every
        Show every symbol, not only those with a clearly better name.
    model
        A model of names that learnsys complete train-names made, instead of the one that comes with learnsys.
    """
    if column is not None and line is None:
        raise Incompatible("--column says where in a line", value=column, next="give --line too")
    language, text = language_of(file).key, read_text(file)
    weights = None
    if model is not None:
        from learnsys.complete.names.ranker import load_names

        weights = load_names(model)
    found = suggest_names(text, language, weights, path=str(file))
    if line is not None:
        return _there(found, text, line, column, name=str(file))
    return found if every else NameSuggestions(items=found.renames())


def _there(found: NameSuggestions, text: str, line: int, column: int | None, *, name: str) -> NameSuggestions:
    """Return what is asked of a line, or of the place in it."""
    if column is not None:
        return found.at(offset_at(text, line, column, name=name))
    low = offset_at(text, line, 1, name=name)
    high = offset_at(text, line, len(text) + 1, name=name)
    return NameSuggestions(
        items=tuple(item for item in found.items if any(a <= high and low <= b for a, b in item.spans))
    )


def train_names(corpus: Path, /, *, out: Path, seed: int = 0) -> None:
    """Train a model of names on the training packages of a corpus; some minutes on one core.

    Parameters
    ----------
    corpus
        A corpus that learnsys complete corpus build made (.parquet).
    out
        For the model (.safetensors).
    seed
        Of the choice of files, their order and the first weights.
    """
    check_output(out, (".safetensors",))
    check_seed(seed)
    from learnsys.complete.corpus.stored import read, read_manifest

    manifest, sources = read_manifest(corpus), read(corpus, "train")
    try:
        from learnsys.complete.train.naming import train_names as train
    except ImportError as error:
        raise MissingExtra.of("torch", "torch") from error
    from learnsys.complete.runtime.weights import save_weights

    with progress(f"learning names from {len(sources):,} files"):
        weights = train(sources, manifest.language, seed=seed, corpus=manifest.sha256)
    save_weights(out, weights)
    told = weights.card.training
    ERR.print(f"{out}: {told['symbols']:,.0f} symbols of {told['packages']:.0f} packages, {told['cpu_s']:.0f} s of CPU")
