"""``learnsys complete unusual``: names that look as if another one was meant."""

from pathlib import Path

from learnsys.complete.corpus.folder import files
from learnsys.complete.languages import LANGUAGES, language_of
from learnsys.complete.runtime.shipped import model_of
from learnsys.complete.source import read_text
from learnsys.complete.unusual.find import TIMES, find_unusual, merged
from learnsys.complete.unusual.types import Unusual
from learnsys.core.console import progress
from learnsys.core.errors import InputError
from learnsys.core.files import existing


def unusual(path: Path, /, *, times: float = TIMES, model: Path | None = None) -> Unusual:
    """Find variables and routines where another one, in scope, would be far likelier.

    Parameters
    ----------
    path
        A source file, or a folder of them.
    times
        How many times likelier another name must be.
    model
        Of the language; the one that ships if omitted.
    """
    known = {suffix for spoken in LANGUAGES.values() for suffix in spoken.suffixes}
    paths = [path]
    if existing(path).is_dir():
        paths = [one for one in files(path) if one.suffix.lower() in known]
        if not paths:
            raise InputError(f"{path} has no source files", value=str(path), next="known: " + " ".join(sorted(known)))
    results = []
    with progress("reading", len(paths)) as told:
        for done, one in enumerate(paths):
            told(done, one.name)
            key = language_of(one).key
            found = model_of(key, {} if model is None else {key: model})
            results.append(find_unusual(read_text(one), found, path=str(one), times=times))
    return merged(results)
