"""Split names into the words they are made of: ``parseHTTPHeader_v2`` is parse, http, header, v, 2."""

import re
from functools import lru_cache
from typing import Final

_LETTER: Final = r"[^\W\d_A-Z]"  # of any script; all but A-Z count as small
_PARTS: Final = re.compile(rf"[A-Z]+(?=[A-Z]{_LETTER})|[A-Z]?{_LETTER}+|[A-Z]+|\d+")


@lru_cache(1 << 14)
def subtokens(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case; a token without any is its own only word.

    Examples
    --------
    >>> subtokens("parseHTTPHeader_v2"), subtokens("=>")
    (('parse', 'http', 'header', 'v', '2'), ('=>',))
    """
    return tuple(part.lower() for part in _PARTS.findall(name)) or (name,)
