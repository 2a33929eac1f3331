"""``learnsys complete lsp``: the language server that an editor starts."""

import logging
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from learnsys.complete.languages import LANGUAGES
from learnsys.core.console import ERR
from learnsys.core.errors import BadFile, WorkFailed
from learnsys.core.files import check_output

if TYPE_CHECKING:
    from learnsys.complete.lsp.types import NamesAt, Naming, Surprises


def lsp(*, models: Path | None = None, log: Path | None = None) -> None:
    """Complete code in an editor: a language server that talks on stdin and stdout.

    Parameters
    ----------
    models
        A folder with models of your own: js.safetensors, js-names.safetensors; for the rest, those that ship.
    log
        A file that gets what the server does; without it, warnings go to stderr.
    """
    check_output(log)
    own = own_models(models)
    from learnsys.complete.lsp.server import serve
    from learnsys.complete.session import Session

    logging.basicConfig(filename=log, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("learnsys").setLevel(logging.WARNING if log is None else logging.INFO)
    if sys.stdin.isatty():
        ERR.print("An editor starts this; it waits for one at stdin. Ctrl-C ends it.")
    if not serve(lambda folder: Session(folder, models=own), _naming(models), _surprises(own)):
        raise WorkFailed("the editor went without saying so", next="see its log for why")


def own_models(folder: Path | None) -> dict[str, Path]:
    """Return the models in a folder by language.

    Raises
    ------
    BadFile
        If it is no folder or holds none.
    """
    if folder is None:
        return {}
    if not folder.is_dir():
        raise BadFile.missing(folder)
    found = {key: path for key in LANGUAGES if (path := folder / f"{key}.safetensors").is_file()}
    if not found:
        wanted = " or ".join(f"{key}.safetensors" for key in LANGUAGES)
        raise BadFile(f"no model in {folder}", value=str(folder), next=f"put {wanted} there")
    return found


def _surprises(models: Mapping[str, Path]) -> "Surprises":
    """Return what finds unusual code, by the models that complete."""
    from learnsys.complete.runtime.shipped import model_of
    from learnsys.complete.unusual.find import find_unusual

    return lambda text, key: find_unusual(text, model_of(key, models)).items


def _naming(folder: Path | None) -> "Naming":
    """Return what names symbols: by a model of the folder, else by the one that ships, else not at all."""
    from learnsys.complete.names.ranker import SHIPPED, Ranker, load_names
    from learnsys.complete.names.suggest import NamedText, NameSuggestions

    @cache
    def ranker(key: str) -> Ranker | None:
        for place in (SHIPPED if folder is None else folder, SHIPPED):
            if (path := place / f"{key}-names.safetensors").is_file():
                return load_names(path)
        logging.getLogger(__name__).warning("no model of names for %s", LANGUAGES[key].title)
        return None

    def naming(text: str, key: str) -> "NamesAt":
        weights = ranker(key)
        return (lambda _: NameSuggestions(items=())) if weights is None else NamedText(text, key, weights).at

    return naming
