import numpy as np
import pytest
import torch
from tests.complete.runtime.models import random_tensors
from tests.complete.toys import encoded

from learnsys.complete.models.backbone import Backbone, Sizes
from learnsys.complete.runtime.answer import ask
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.state import Reading, Tape
from learnsys.complete.runtime.weights import Card, Weights
from learnsys.complete.train.streams import chunks, side_by_side
from learnsys.core.errors import BadFile

SPELLED = 1e-3


def trained_as(sizes, vocabulary, seed):
    torch.manual_seed(seed)
    backbone = Backbone(len(vocabulary.words), len(vocabulary.parts), sizes).eval()
    with torch.no_grad():
        for parameter in backbone.parameters():
            parameter.normal_(0, 0.4)
    tensors = {name: tensor.detach().numpy() for name, tensor in backbone.state_dict().items()}
    return backbone, Model.of(Weights(card=Card(vocabulary=vocabulary, sizes={}), tensors=tensors))


def torch_log_p(backbone, file):
    state, found = backbone.start(1), []
    with torch.no_grad():
        for chunk in chunks(side_by_side([file], streams=1), length=64):
            log_p, _, state = backbone(chunk, state)
            found.append(log_p[:, 0].numpy())
    return np.concatenate(found)


def runtime_log_p(model, file):
    reading, tape, found = Reading(model), Tape.of(file), []
    for t in range(len(file)):
        answer = ask(reading, tape, int(file.lines[t]))
        copied = answer.mass[answer.names == file.names[t]].sum()
        found.append(np.log(copied + answer.vocabulary[file.words[t]] * (SPELLED if file.words[t] == 0 else 1)))
        reading.follow(tape, t + 1, same=t)
    return np.array(found)


@pytest.mark.parametrize(
    "sizes",
    [
        Sizes(width=16, sequence=20, stack=12, pointer=8),
        Sizes(width=16, sequence=20, stack=0, pointer=8),
        Sizes(width=16, sequence=0, stack=12, pointer=8),
        Sizes(width=16, sequence=20, stack=12, pointer=0),
    ],
    ids=["both", "sequence", "tree", "no pointer"],
)
def test_the_runtime_says_what_the_training_graph_says(sizes):
    files, vocabulary, _ = encoded(2, 40)
    backbone, model = trained_as(sizes, vocabulary, seed=1)
    for file in files:
        # The graph multiplies in bfloat16, whose numbers have 8 bits.
        np.testing.assert_allclose(runtime_log_p(model, file), torch_log_p(backbone, file), atol=0.05)


def test_inputs_are_the_mean_of_known_parts_only():
    _, vocabulary, _ = encoded(1)
    tensors = random_tensors(vocabulary)
    model = Model.of(Weights(card=Card(vocabulary=vocabulary, sizes={}), tensors=tensors))
    parts = np.array([[3, 0, 5], [0, 0, 0]], np.int32)
    x = model.inputs(np.array([2, 2], np.int32), parts, np.array([1, 1], np.uint8))
    np.testing.assert_allclose(x[0] - x[1], (tensors["part"][3] + tensors["part"][5]) / 2, rtol=1e-5, atol=1e-6)


def test_a_model_that_lacks_a_tensor_or_does_not_fit_its_words_is_refused():
    _, vocabulary, _ = encoded(1)
    tensors = random_tensors(vocabulary)
    card = Card(vocabulary=vocabulary, sizes={})
    with pytest.raises(BadFile, match=r"head\.weight"):
        Model.of(Weights(card=card, tensors={k: v for k, v in tensors.items() if k != "head.weight"}))
    with pytest.raises(BadFile, match=r"sha256.*do not fit"):
        Model.of(Weights(card=card, tensors=tensors | {"word": tensors["word"][1:]}))
