"""Small programs that look like code: brackets that match, names that come again, a grammar that can be learned."""

import numpy as np

from learnsys.complete.data.encode import Encoded, Lexicon, encode
from learnsys.complete.data.vocabulary import Vocabulary, learn_vocabulary
from learnsys.complete.lexing.leaves import tokens

NAMES = ("total", "count", "parseItem", "node", "left", "right", "value", "index_of")


def program(seed: int, statements: int = 12) -> str:
    """A JavaScript text; the same seed gives the same."""
    rng = np.random.default_rng(seed)
    lines: list[str] = []
    depth = 0
    for _ in range(statements):
        a, b, c = rng.choice(NAMES, 3)
        form = rng.integers(4)
        if form == 0:
            lines.append("  " * depth + f"if ({a} > {b}) {{")
            depth += 1
        elif form == 1 and depth:
            depth -= 1
            lines.append("  " * depth + "}")
        else:
            lines.append("  " * depth + f"const {a} = {b}(own{seed}, [{c}, 1]);")
    lines += ["  " * level + "}" for level in range(depth - 1, -1, -1)]
    return "\n".join(lines) + "\n"


def encoded(count: int, statements: int = 12) -> tuple[list[Encoded], Vocabulary, Lexicon]:
    """``count`` programs as arrays, with a vocabulary that knows the own word of one of them only."""
    texts = [program(seed, statements) for seed in range(count)]
    vocabulary = learn_vocabulary([(str(i), tokens(text, "js")) for i, text in enumerate(texts)], words=24, parts=40)
    lexicon = Lexicon()
    return [encode(text, vocabulary, lexicon) for text in texts], vocabulary, lexicon
