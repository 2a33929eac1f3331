"""``learnsys complete corpus``: build a corpus from pinned packages or a folder, list packages and what is built."""

from pathlib import Path
from typing import Literal

from cyclopts import App

from learnsys.complete.corpus.fetch import made
from learnsys.complete.corpus.pinned import pinned
from learnsys.complete.corpus.types import Listing, Manifest
from learnsys.complete.languages import LANGUAGES
from learnsys.complete.languages import language as spoken
from learnsys.core.console import progress
from learnsys.core.errors import Incompatible, InputError
from learnsys.core.files import check_output
from learnsys.core.store import default_root

app = App(name="corpus", help="Corpora of pinned packages or of your own folders.")


@app.command
def build(
    *,
    language: str | None = None,
    folder: Path | None = None,
    by: Literal["file", "package"] | None = None,
    out: Path | None = None,
    archives: Path | None = None,
) -> Manifest:
    """Build a corpus: fetch, unpack, filter, leave out copies, split.

    Parameters
    ----------
    language
        js, py or cpp; the one that most of the folder is in, if there is a folder and this is not given.
    folder
        With sources of your own, instead of the pinned packages.
    by
        What is held out of a folder: file by file, or its subfolders as packages; file if not given.
    out
        For the corpus (.parquet), its manifest beside it (.json); among what learnsys keeps for you, if not given.
    archives
        Folder that keeps what was fetched; among what learnsys keeps for you, if not given.
    """
    check_output(out, (".parquet",))
    if folder is not None:
        return _of_folder(folder, language, by or "file", out, archives)
    if by is not None:
        raise Incompatible("--by says how a folder is split", next="add --folder, or leave it out")
    if language is None:
        raise InputError("which language?", next=f"give --language {'|'.join(LANGUAGES)}, or --folder")
    from learnsys.complete.corpus.build import build as build_corpus

    packages = pinned(language)
    kept = archives or _home() / "archives"
    with progress(f"fetching {len(packages)} packages of {spoken(language).title}", total=len(packages)) as told:
        return build_corpus(packages, out or _place(language), archives=kept, notice=told)


@app.command(name="list")
def list_(*, language: str | None = None) -> Listing:
    """List the pinned packages, and the corpora that are built.

    Parameters
    ----------
    language
        Only of this one.
    """
    keys = list(LANGUAGES) if language is None else [spoken(language).key]
    built = sorted(str(path) for path in _home().glob("*.parquet"))
    return Listing(packages=tuple(package for key in keys for package in pinned(key)), built=tuple(built))


def _of_folder(
    folder: Path, language: str | None, by: Literal["file", "package"], out: Path | None, archives: Path | None
) -> Manifest:
    if archives is not None:
        raise Incompatible("a folder has no archives", next="leave out --archives")
    from learnsys.complete.corpus.folder import spoken_in
    from learnsys.complete.corpus.own import build_folder

    key = spoken_in(folder, language)
    with progress(f"reading {folder}", total=1.0) as told:
        return build_folder(folder, key, out or _place(f"{folder.resolve().name}-{key}"), by=by, notice=told)


def _place(name: str) -> Path:
    return made(_home()) / f"{name}.parquet"


def _home() -> Path:
    return default_root() / "corpora"
