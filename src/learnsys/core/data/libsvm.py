"""Read libsvm text, ``label index:value index:value ...`` a line, gzipped or not, into compressed rows.

Indices start at 1 and grow along a line; ``#`` begins a comment. A block of lines is first read all at once by array
operations that accept only what is certainly right. Whatever they do not accept is read again line by line, which is
slow, exact, and finds the words for what is wrong.
"""

import gzip
import math
import re
import warnings
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from learnsys.core.data.dataset import Dataset, as_features
from learnsys.core.errors import BadFile
from learnsys.core.files import existing
from learnsys.core.host import this_host
from learnsys.core.units import format_size

BLOCK_BYTES: Final = 1 << 22
WEIGHTS: Final = 4  # vectors as long as a row that training keeps at once
LARGEST_INDEX: Final = 2**31 - 1
_PLAIN: Final = np.isin(np.arange(256), np.frombuffer(b"0123456789+-.eE: \t\r\n", np.uint8))
_DIGIT: Final = np.isin(np.arange(256), np.frombuffer(b"0123456789", np.uint8))


class Rows(NamedTuple):
    """Some rows: labels (n,), counts of entries in each row (n,), and the 1-based indices and values of all entries."""

    labels: NDArray[np.float64]
    counts: NDArray[np.int64]
    indices: NDArray[np.int64]
    values: NDArray[np.float64]


def read_libsvm(path: Path | str) -> Dataset:
    """Read a libsvm file into float64 compressed rows.

    Parameters
    ----------
    path : Path or str
        The file; a name that ends with ``.gz`` is unpacked on the way.

    Raises
    ------
    BadFile
        Naming the file, the line (1-based) and what is wrong with it; also where an index makes a row of weights so
        long that training would not fit into memory.
    """
    path, parts, line, most = existing(path), [], 1, _most_columns()
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for block in _blocks(file):
                rows = _fast(block) or _exact(block, path, line)
                _check_width(rows, most, path, block, line)
                parts.append(rows)
                line += block.count(b"\n")
    except (OSError, EOFError, zlib.error) as error:
        raise BadFile.unreadable(path, error) from error
    labels, counts, indices, values = (np.concatenate(part) for part in zip(*parts, strict=True))
    if labels.size == 0:
        raise BadFile.unreadable(path, "it has no rows")
    if indices.size == 0:
        raise BadFile.unreadable(path, "no row has an index:value pair")
    indptr = np.concatenate([[0], np.cumsum(counts)])
    X = as_features(sparse.csr_array((values, indices - 1, indptr), shape=(labels.size, int(indices.max()))))
    return Dataset(name=path.name, X=X, y=labels, target="label", source=str(path))


def _most_columns() -> int:
    """Count the columns whose weights and ``WEIGHTS - 1`` vectors of their length fit into the memory of this host."""
    return this_host().memory_bytes // (8 * WEIGHTS)


def _check_width(rows: Rows, most: int, path: Path, block: bytes, first_line: int) -> None:
    """Refuse an index beyond ``most``, naming its line."""
    if rows.indices.size == 0 or rows.indices.max() <= most:
        return
    at = int(np.argmax(rows.indices > most))
    row = int(np.searchsorted(np.cumsum(rows.counts), at, side="right"))
    filled = [n for n, text in enumerate(_lines(block), first_line) if text.partition("#")[0].split()]
    raise BadFile.line(
        path,
        filled[row],
        f"index {rows.indices[at]} makes weights of {format_size(8 * int(rows.indices[at]))}, "
        f"and the memory of this machine suffices for {most} columns",
        next="number the columns anew, without gaps",
    )


def _blocks(file: BinaryIO | gzip.GzipFile) -> Iterator[bytes]:
    """Cut a file into blocks of whole lines; there is at least one, perhaps empty."""
    rest = b""
    while more := file.read(BLOCK_BYTES):
        whole, newline, rest = (rest + more).rpartition(b"\n")
        if newline:
            yield whole + newline
    yield rest


def _lines(block: bytes) -> list[str]:
    return block.decode(errors="backslashreplace").split("\n")


def _fast(block: bytes) -> Rows | None:
    """Read a block at once, or return None if anything about it is unusual."""
    block = re.sub(rb"#[^\n]*", b"", block) if b"#" in block else block
    text = np.frombuffer(b"\n" + block + b"\n", np.uint8)
    if not _PLAIN[text].all():
        return None
    blank = text <= 32
    starts = np.flatnonzero(blank[:-1] & ~blank[1:]) + 1  # of tokens
    if starts.size == 0:
        return Rows(*(np.empty(0, kind) for kind in (float, np.int64, np.int64, float)))
    colons = np.flatnonzero(text == ord(":"))
    line = np.searchsorted(np.flatnonzero(text == ord("\n")), starts)
    label = np.diff(line, prepend=-1) > 0  # the first token of a line
    pairs = starts[~label]
    others = np.concatenate([[0], np.cumsum(~_DIGIT[text], dtype=np.int32)])  # how many no digits before each byte
    if pairs.size != colons.size or (others[pairs] != others[colons]).any():
        return None  # something else than digits between where a pair starts and its colon
    numbers = _numbers(block.replace(b":", b" "))
    # Blanks alone part numbers, so no token gives more than its share: an empty index or value leaves one too few.
    if numbers.size != starts.size + pairs.size or not np.isfinite(numbers).all():
        return None
    at = np.arange(starts.size) + np.concatenate([[0], np.cumsum(~label)[:-1]])  # of each token among the numbers
    indices, in_order = numbers[at[~label]].astype(np.int64), np.diff(line[~label]) > 0
    if indices.size and not (
        indices.min() >= 1 and indices.max() <= LARGEST_INDEX and (in_order | (np.diff(indices) > 0)).all()
    ):
        return None
    counts = np.bincount(np.cumsum(label)[~label] - 1, minlength=int(label.sum()))
    return Rows(numbers[at[label]], counts, indices, numbers[at[~label] + 1])


def _numbers(text: bytes) -> NDArray[np.float64]:
    """Read numbers between blanks; none if there is anything else."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # what older versions of numpy do instead of raising
        try:
            return np.fromstring(text.decode("ascii"), sep=" ")
        except (ValueError, DeprecationWarning):
            return np.empty(0)


def _exact(block: bytes, path: Path, first_line: int) -> Rows:
    """Read a block line by line, and stop at the first mistake with its line number."""
    labels, counts, indices, values = [], [], [], []
    for number, line in enumerate(_lines(block), first_line):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            labels.append(_number(words[0], "label"))
            pairs = [_pair(word) for word in words[1:]]
            _check_order([j for j, _ in pairs])
        except ValueError as error:
            raise BadFile.line(path, number, str(error)) from None
        counts.append(len(pairs))
        indices += [j for j, _ in pairs]
        values += [x for _, x in pairs]
    return Rows(
        np.array(labels, float), np.array(counts, np.int64), np.array(indices, np.int64), np.array(values, float)
    )


def _pair(word: str) -> tuple[int, float]:
    index, colon, value = word.partition(":")
    if index == "qid":
        raise ValueError(f"{word!r} groups rows for ranking, which is not supported")
    if not (colon and value and index.isascii() and index.isdigit()):
        raise ValueError(f"{word!r} is no index:value pair")
    if not 1 <= int(index) <= LARGEST_INDEX:
        raise ValueError(f"index {index} is not between 1 and {LARGEST_INDEX}")
    return int(index), _number(value, f"value of index {index}")


def _number(word: str, what: str) -> float:
    try:
        number = float(word.replace("_", "?"))  # Python reads 1_000 as a number
    except ValueError:
        raise ValueError(f"{what} {word!r} is no number") from None
    if not math.isfinite(number):
        raise ValueError(f"{what} {word!r} is not finite")
    return number


def _check_order(indices: list[int]) -> None:
    for before, after in pairwise(indices):
        if after <= before:
            raise ValueError(f"index {after} comes after {before}; indices must increase")
