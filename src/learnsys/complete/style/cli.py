"""``learnsys complete train-spaces``: counts of white space, learned from a corpus."""

from pathlib import Path

from learnsys.complete.corpus.stored import read, read_manifest
from learnsys.complete.style.shipped import EACH, save_counts, some
from learnsys.core.console import ERR
from learnsys.core.errors import InputError
from learnsys.core.files import check_output


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
