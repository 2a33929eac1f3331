"""Split names into the words they are made of: ``parseHTTPHeader_v2`` is parse, http, header, v, 2."""

import re
from functools import lru_cache
from typing import Final

_PARTS: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_]+")


@lru_cache(200_000)
def subtokens(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case; a token without any is its own only word.

    Examples
    --------
    >>> subtokens("parseHTTPHeader_v2"), subtokens("=>")
    (('parse', 'http', 'header', 'v', '2'), ('=>',))
    """
    return tuple(part.lower() for part in _PARTS.findall(name)) or (name,)
