"""What the talk's character LSTM writes: a sample from one trained here, for the page that shows code then and now.

It is the "characters" of ``accuracy.py``, trained for as many CPU seconds, or read from ``$LEARNSYS_RUNS``. It has
nothing to go on from. Layout is not its own: a line ends behind ``;``, ``{`` and ``}``.

    python bench/complete/then.py --language js --cpu-s 300 --seed 0
"""

import argparse
import os
import re
import sys
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
import torch
from _data import load
from _trained import CHARACTER, scorer
from msgspec.structs import replace

from _harness import finish, machine
from learnsys.complete.data.encode import encode
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.data.vocabulary import SPECIAL, Vocabulary
from learnsys.complete.models.backbone import Backbone
from learnsys.complete.models.characters import END, by_character
from learnsys.complete.train.streams import chunks, stream


def sample(model: Backbone, letters: Vocabulary, *, length: int, temperature: float, seed: int) -> list[str]:
    """Draw characters one after the other; return the tokens that they make."""
    draw, words = torch.Generator().manual_seed(seed), [""]
    empty = encode("", letters, Lexicon())
    while len(words) <= length:
        file = replace(empty, tokens=replace(empty.tokens, words=tuple(words)))  # its last END is what is asked for
        (chunk,) = chunks([stream([by_character(file, letters)])], length=sum(map(len, words)) + len(words) + 1)
        p = model.answers(chunk, model.start(1))[0].words[-1, 0] ** (1 / temperature)
        p[: len(SPECIAL)] = 0.0
        drawn = letters.words[int(torch.multinomial(p, 1, generator=draw))]
        words = [*words, ""] if drawn == END else [*words[:-1], words[-1] + drawn]
    return words[:-1]


def main() -> None:
    """Train or read, draw, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="30 tokens")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here: there are none, a sample has no figure")
    parser.add_argument("--language", default="js", choices=("js", "py", "cpp"))
    parser.add_argument("--cpu-s", type=float, default=300.0)
    parser.add_argument("--temperature", type=float, default=0.8)
    options = parser.parse_args()
    print(machine())
    data = load(options.language, "valid", sample=1000)
    made = scorer(CHARACTER, data, cpu_s=options.cpu_s, seed=0)
    with torch.no_grad():
        words = sample(
            made.model, made.letters, length=30 if options.quick else 120, temperature=options.temperature,
            seed=options.seed,
        )  # fmt: skip
    print(re.sub(r"(?<=[;{}]) ", "\n", " ".join(words)))
    finish([], options.json)


if __name__ == "__main__":
    main()
