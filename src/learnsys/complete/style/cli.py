"""``learnsys complete style`` and ``train-spaces``: habits of a folder, counts of white space from a corpus."""

from pathlib import Path

from msgspec.structs import replace

from learnsys.complete.corpus.folder import read_folder, spoken_in
from learnsys.complete.corpus.stored import read, read_manifest
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.style.habits import Habits
from learnsys.complete.style.shipped import EACH, save_counts, some
from learnsys.core.chart import SUFFIXES
from learnsys.core.console import ERR
from learnsys.core.errors import InputError
from learnsys.core.files import check_output


def style(folder: Path, /, *, language: str | None = None, chart: Path | None = None) -> Habits:
    """Tell the habits of a folder: indents, quotes, semicolons, last commas, how names are written.

    Parameters
    ----------
    folder
        With sources.
    language
        js, py or cpp; the one that most of the folder is in, if not given.
    chart
        For a picture (.svg, .png or .html).
    """
    check_output(chart, SUFFIXES)
    key = spoken_in(folder, language)
    sources, left_out = read_folder(folder, key)
    found = replace(Habits.of([tokens(source.text, key) for source in sources], key), left_out=left_out)
    if chart is not None:
        found.save(chart)
    return found


def train_spaces(corpus: Path, *, out: Path, each: int = EACH) -> None:
    """Count the white space of the training packages of a corpus; a minute on one core.

    Parameters
    ----------
    corpus
        A corpus that ``complete corpus build`` made (.parquet).
    out
        File for the counts (.bin).
    each
        Tokens to read of each package, about.
    """
    check_output(out, (".bin",))
    if each < 1:
        raise InputError.below("each", each, 1)
    key = read_manifest(corpus).language
    counts = save_counts(out, some(read(corpus, "train"), key, each), key)
    ERR.print(f"{out}: {len(counts.table):,} contexts, {out.stat().st_size / 1e6:.2f} MB")
