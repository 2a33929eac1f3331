"""``learnsys complete style`` and ``train-spaces``: habits of a folder, counts of white space from a corpus."""

from pathlib import Path

from learnsys.complete.corpus.folder import commonest, read_folder
from learnsys.complete.corpus.stored import read, read_manifest
from learnsys.complete.languages import language as spoken
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.style.habits import Habits
from learnsys.complete.style.shipped import EACH, save_counts, some
from learnsys.core.console import ERR
from learnsys.core.errors import InputError
from learnsys.core.files import check_output


def style(folder: Path, /, *, language: str | None = None) -> Habits:
    """Tell the habits of a folder: indents, quotes, semicolons, last commas, how names are written.

    Parameters
    ----------
    folder
        With sources.
    language
        js, py or cpp; the one that most of the folder is in, if not given.
    """
    key = spoken(language).key if language is not None else commonest(folder)
    return Habits.of([tokens(source.text, key) for source in read_folder(folder, key)[0]], key)


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
