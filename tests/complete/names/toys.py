"""A corpus of three toy packages in which names follow from their use, and a model trained on it in a second."""

from functools import cache

from learnsys.complete.corpus.types import Source
from learnsys.complete.runtime.weights import Weights

NOUNS = ("user", "order", "group", "page", "token", "event", "color", "shape", "image", "point")


def text_of(noun):
    big = noun.capitalize()
    return f"""
function load{big}(path) {{ return open{big}(path.trim()); }}
function draw{big}(context) {{
  const {noun} = get{big}(context);
  context.fillRect({noun}.width);
  for (let i = 0; i < {noun}.length; i++) {{ context.stroke(i); }}
  for (const item of {noun}.items) {{ item.draw(context); }}
  return {noun};
}}
"""


def sources():
    return tuple(
        Source(split="train", package=package, path=f"{noun}.js", text=text_of(noun))
        for package in ("a", "b", "c")
        for noun in NOUNS
    )


@cache
def trained() -> Weights:
    from learnsys.complete.train.naming import train_names

    return train_names(sources(), "js", each=200, epochs=25, seed=0)
