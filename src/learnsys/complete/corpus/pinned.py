"""The packages that the shipped models are trained, chosen and scored on.

Versions are pinned, licences permissive, and a package is whole in one split.
"""

import csv
from functools import cache
from importlib.resources import files

import msgspec

from learnsys.complete.corpus.types import Package
from learnsys.complete.languages import language


def pinned(key: str) -> tuple[Package, ...]:
    """Return the pinned packages of a language.

    Raises
    ------
    UnknownName
        If there is no such language.
    """
    return tuple(package for package in _all() if package.language == language(key).key)


@cache
def _all() -> tuple[Package, ...]:
    text = files("learnsys.complete.corpus").joinpath("packages.tsv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t")
    return tuple(msgspec.convert(row, Package) for row in rows)
