"""What a corpus is made of: pinned packages, source files, and the manifest that says what came from where."""

from typing import Literal, final

import msgspec

Split = Literal["train", "valid", "test"]
SPLITS: tuple[Split, ...] = ("train", "valid", "test")
Registry = Literal["npm", "pypi", "deb", "folder"]


@final
class Package(msgspec.Struct, frozen=True, kw_only=True):
    """A package at one version, its licence (SPDX), and the sha256 of the sources kept of it (empty: not pinned)."""

    language: str
    split: Split
    registry: Registry
    name: str
    version: str
    licence: str
    sha256: str = ""


@final
class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One source file of a package."""

    split: Split
    package: str
    path: str
    text: str


@final
class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What was kept of a package: files, characters, and what left out the others, by reason."""

    package: Package
    files: int
    chars: int
    left_out: dict[str, int]


@final
class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a corpus holds; ``sha256`` is of all its sources in order: a model says by it what it was trained on."""

    v: int = 1
    language: str
    packages: tuple[Kept, ...]
    sha256: str
