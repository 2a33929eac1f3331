"""What is exported is what was trained, under the names that the runtime reads."""

import numpy as np
import torch
from tests.complete.toys import encoded

from learnsys.complete.models.backbone import Backbone, Sizes
from learnsys.complete.runtime.weights import load_weights, save_weights
from learnsys.complete.train.export import exported
from learnsys.complete.train.fit import Progress

SIZES = Sizes(width=8, sequence=6, stack=5, pointer=4)


def test_a_file_brings_the_model_back_to_half_precision(tmp_path):
    _, vocabulary, _ = encoded(2)
    torch.manual_seed(0)
    model = Backbone(len(vocabulary.words), len(vocabulary.parts), SIZES)
    at = Progress(tokens=1000, cpu_s=2.04, bits=3.14159)
    path = save_weights(tmp_path / "js.safetensors", exported(model, vocabulary, at=at, corpus="ab" * 32))
    loaded = load_weights(path)
    assert loaded.card.vocabulary == vocabulary
    assert loaded.card.sizes == {"width": 8, "sequence": 6, "stack": 5, "pointer": 4}
    assert loaded.card.training == {"tokens": 1000.0, "cpu_s": 2.0, "bits": 3.1416}
    assert loaded.card.corpus == "ab" * 32
    state = model.state_dict()
    assert set(loaded.tensors) == set(state)
    for name, tensor in loaded.tensors.items():
        np.testing.assert_allclose(tensor, state[name].numpy(), rtol=1e-3, atol=1e-7)
        assert tensor.dtype == np.float32
