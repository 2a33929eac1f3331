"""``learnsys complete``: complete, name, point at what is unusual; other parts are mounted, not imported."""

from pathlib import Path

from cyclopts import App
from msgspec.structs import replace

from learnsys.complete.languages import language_of
from learnsys.complete.types import Suggestions
from learnsys.core.chart import SUFFIXES
from learnsys.core.console import progress
from learnsys.core.errors import InputError
from learnsys.core.files import check_output
from learnsys.core.result import Result

app = App(name="complete", help="What code comes next; what to call this; what looks unusual.")
app.command("learnsys.complete.corpus.cli:app", name="corpus", help="Corpora of pinned packages or your own folders.")
app.command("learnsys.complete.train.cli:app", name="train", help="Train a model of code on a folder or a corpus.")
app.command("learnsys.complete.names.cli:names", name="names", help="Better names for variables and routines.")
app.command("learnsys.complete.names.cli:train_names", name="train-names", help="Train a model of names on a corpus.")
app.command("learnsys.complete.style.cli:style", name="style", help="Tell the habits of a folder.")
app.command("learnsys.complete.style.cli:train_spaces", name="train-spaces", help="Learn the white space of a corpus.")
app.command("learnsys.complete.unusual.cli:unusual", name="unusual", help="Names where another one is likelier.")
app.command("learnsys.complete.generate.cli:generate", name="generate", help="Let a model make up code.")
app.command("learnsys.complete.lsp.cli:lsp", name="lsp", help="Complete code in an editor: a language server.")


@app.command
def suggest(
    file: Path, /, *, line: int, column: int, n: int = 5, model: Path | None = None, chart: Path | None = None
) -> Suggestions:
    """Complete a file at a cursor: what would come next, how likely, and where it comes from.

    Parameters
    ----------
    file
        JavaScript, Python or C++, by its suffix; code that is broken is fine.
    line
        Of the cursor, from 1.
    column
        Of the cursor, from 1, in code points: the character before which it stands.
    n
        Most suggestions.
    model
        A model that learnsys complete train made, instead of the one that comes with learnsys.
    chart
        For a picture (.svg, .png or .html).
    """
    from learnsys.complete.session import suggest as suggested

    check_output(chart, SUFFIXES)
    found = suggested(file, line, column, n, models=None if model is None else {language_of(file).key: model})
    if chart is not None:
        found.save(chart)
    return found


@app.command
def evaluate(
    folder: Path,
    /,
    *,
    language: str | None = None,
    model: Path | None = None,
    tokens: int = 60_000,
    chart: Path | None = None,
) -> Result:
    """Tell how often a model is right about the code of a folder, its files alone and with the others known.

    Parameters
    ----------
    folder
        With sources.
    language
        js, py or cpp; the one that most of the folder is in, if not given.
    model
        A model that learnsys complete train made, instead of the one that comes with learnsys.
    tokens
        To ask for, about.
    chart
        For a picture (.svg, .png or .html).
    """
    from learnsys.complete.corpus.folder import read_folder, spoken_in
    from learnsys.complete.runtime.shipped import model_of
    from learnsys.complete.score.evaluate import evaluate as evaluated

    check_output(chart, SUFFIXES)
    if tokens < 1:
        raise InputError.below("tokens", tokens, 1)
    key = spoken_in(folder, language)
    sources, left_out = read_folder(folder, key)
    made = model_of(key, None if model is None else {key: model})
    with progress(f"reading {folder}", total=1.0) as told:
        found = evaluated(sources, made, name=folder.resolve().name, tokens=tokens, notice=told)
    found = replace(found, left_out=left_out)
    if chart is not None:
        found.save(chart)
    return found
