"""Looks through a text for names where another one, in scope, would be far likelier."""

from collections.abc import Iterable
from typing import Final

from learnsys.complete.data.encode import encode
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.lexing.positions import line_of
from learnsys.complete.runtime.model import Model
from learnsys.complete.unusual.evidence import Evidence
from learnsys.complete.unusual.scope import uses
from learnsys.complete.unusual.surprise import LEAST, Surprise
from learnsys.complete.unusual.types import Oddity, Unusual
from learnsys.core.errors import InputError

TIMES: Final = 20.0


def find_unusual(
    text: str, model: Model, *, path: str = "", times: float = TIMES, lexicon: Lexicon | None = None
) -> Unusual:
    """Find what is unusual in a text of the model's language.

    Parameters
    ----------
    text : str
        Of the file.
    model : Model
        That has learned what is usual.
    path : str
        Told in the result.
    times : float
        How many times likelier another name must be, > 1.
    lexicon : Lexicon, optional
        Of a session, so that words are numbered once.

    Raises
    ------
    InputError
        If ``times`` is not over 1.
    """
    if not times > 1:
        raise InputError("another name is likelier only if it is more than 1 times so", value=times, next="20, say")
    lexicon = lexicon or Lexicon()
    file = encode(text, model.vocabulary, lexicon)
    if not len(file):
        return Unusual(items=(), bits={path: 0.0})
    found, surprise = file.tokens, Surprise(model, file, lexicon)
    evidence = Evidence(found.words, surprise)
    items = []
    for use in uses(found):
        if len(use.visible) > 1 and (p := evidence.odd(use, times)) is not None:
            usual = max(p, key=p.__getitem__)
            items.append(
                Oddity(
                    path=path, line=line_of(text, int(found.starts[use.t])),
                    start=int(found.starts[use.t]), end=int(found.ends[use.t]), word=use.word, p=p[use.word],
                    usual=usual, times=p[usual] / max(p[use.word], LEAST),
                )
            )  # fmt: skip
    return Unusual(items=_ordered(items), bits={path: surprise.bits()})


def merged(results: Iterable[Unusual]) -> Unusual:
    """Put the results of several files together."""
    results = tuple(results)
    return Unusual(
        items=_ordered(item for one in results for item in one.items),
        bits={path: bits for one in results for path, bits in one.bits.items()},
    )


def _ordered(items: Iterable[Oddity]) -> tuple[Oddity, ...]:
    return tuple(sorted(items, key=lambda one: -one.times))
