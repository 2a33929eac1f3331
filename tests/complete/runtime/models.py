"""Small random models."""

import numpy as np
from tests.complete.toys import encoded

from learnsys.complete.caches.gate import Gate
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.weights import Card, Weights, save_weights

D, H, G, K = 8, 12, 10, 6


def random_tensors(vocabulary, seed=0, scale=0.6):
    rng = np.random.default_rng(seed)
    words, parts = len(vocabulary.words), len(vocabulary.parts)
    shapes = {
        "word": (words, D), "part": (parts, D), "line": (4, D), "next_line": (4, D), "vocabulary_bias": (words,),
        "head.weight": (D, H + G), "head.bias": (D,),
        "sequence.weight_ih": (4 * H, D), "sequence.weight_hh": (4 * H, H), "sequence.bias": (4 * H,),
        "stack.weight_ih": (4 * G, D), "stack.weight_hh": (4 * G, G), "stack.weight_child": (4 * G, G),
        "stack.bias": (4 * G,), "pointer.query": (K, D), "pointer.key_context": (K, D), "pointer.key_word": (K, D),
        "pointer.distance": (16,), "pointer.gate": (D,), "pointer.gate_bias": (),
    }  # fmt: skip
    return {name: np.asarray(rng.normal(0, scale, shape), np.float32) for name, shape in shapes.items()}


def random_model(count=3, statements=30):
    """A model, its tensors, and files that it can read."""
    files, vocabulary, lexicon = encoded(count, statements)
    tensors = random_tensors(vocabulary)
    weights = Weights(card=Card(vocabulary=vocabulary, sizes={}), tensors=tensors)
    return Model.of(weights), tensors, files, lexicon


def saved_model(path, seed=0, *, gated=False):
    """A random model of JavaScript on the disk, with a plain gate if ``gated``."""
    _, vocabulary, _ = encoded(3, 30)
    tensors = random_tensors(vocabulary, seed) | (Gate.plain().tensors() if gated else {})
    return save_weights(path, Weights(card=Card(vocabulary=vocabulary, sizes={}), tensors=tensors))
