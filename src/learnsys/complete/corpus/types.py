"""What a corpus is made of: pinned packages, source files, and the manifest that says what came from where."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, final

import msgspec

from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table

if TYPE_CHECKING:
    import altair as alt

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
class Manifest(AbstractResult, frozen=True, kw_only=True):
    """What a corpus holds; ``sha256`` is of all its sources in order: a model says by it what it was trained on.

    ``left_out`` counts files of no package in particular that were left out, by reason.
    """

    v: int = 1
    language: str
    packages: tuple[Kept, ...]
    sha256: str
    left_out: dict[str, int] = msgspec.field(default_factory=dict)

    def table(self) -> Table:
        """Return one row a package."""
        columns = (
            Column(name="split"), Column(name="package"), Column(name="version"), Column(name="licence"),
            Column(name="files", kind="integer"), Column(name="characters", kind="integer"), Column(name="left out"),
        )  # fmt: skip
        rows = (
            (
                p.package.split,
                p.package.name,
                p.package.version,
                p.package.licence,
                p.files,
                p.chars,
                counted(p.left_out),
            )
            for p in self.packages
        )
        left_out = (f"left out: {counted(self.left_out)}",) if self.left_out else ()
        return Table(columns=columns, rows=tuple(rows), notes=(*self._totals(), *left_out, f"sha256 {self.sha256}"))

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw how much each package holds."""
        from learnsys.complete.charts import manifest_chart

        return manifest_chart(self)

    def _totals(self) -> Iterator[str]:
        for split in SPLITS:
            kept = [p for p in self.packages if p.package.split == split]
            files, chars = sum(p.files for p in kept), sum(p.chars for p in kept)
            yield f"{split}: {files:,} file{'s' * (files != 1)}, {chars:,} characters"


@final
class Listing(AbstractResult, frozen=True, kw_only=True):
    """Packages that corpora can be built of, and the corpora that are built."""

    packages: tuple[Package, ...]
    built: tuple[str, ...]

    def table(self) -> Table:
        """Return one row a package."""
        names = ("language", "split", "registry", "name", "version", "licence")
        return Table(
            columns=tuple(Column(name=name) for name in names),
            rows=tuple(tuple(getattr(package, name) for name in names) for package in self.packages),
            notes=tuple(f"built: {path}" for path in self.built),
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw how many packages each language has."""
        from learnsys.complete.charts import listing_chart

        return listing_chart(self)


def counted(left_out: dict[str, int]) -> str:
    """Say how many files were left out, and why each."""
    return ", ".join(f"{count} {why}" for why, count in left_out.items() if count)
