"""``learnsys complete generate``: code that a model makes up."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from learnsys.complete.generate.sample import Sampling
from learnsys.complete.generate.text import generate as generated
from learnsys.complete.generate.types import Generated
from learnsys.complete.languages import language as spoken
from learnsys.complete.languages import language_of
from learnsys.complete.runtime.shipped import model_of
from learnsys.complete.session import Session
from learnsys.complete.source import read_text
from learnsys.core.check import check_seed


def generate(
    *,
    language: str | None = None,
    seed: int = 0,
    tokens: int = 200,
    temperature: float = 1.0,
    top_p: float = 0.95,
    start: Annotated[Path | None, Parameter(name="--from")] = None,
    project: Path | None = None,
    model: Path | None = None,
) -> Generated:
    """Let a model make up code: what it has learned of a language, shown.

    Parameters
    ----------
    language
        js, py or cpp; that of the file, or js, if not given.
    seed
        Of the draws.
    tokens
        Most that are drawn.
    temperature
        Below 1 likely tokens become likelier.
    top_p
        Share of probability of the tokens that are drawn among.
    start
        A file whose text is gone on from.
    project
        Folder of the project that it belongs to: its words and its white space.
    model
        Of the language; the one that ships if omitted.
    """
    check_seed(seed)
    key = spoken(language).key if language is not None else language_of(start).key if start is not None else "js"
    sampling = Sampling(tokens=tokens, temperature=temperature, top_p=top_p, seed=seed)
    given = "" if start is None else read_text(start)
    models = None if model is None else {key: model}
    session = Session(project, key, models)
    session.index()
    if start is not None:
        session.open(start, given)  # what the project says of the same file does not count
    return generated(model_of(key, models), sampling, given, memory=session.memory(key))
