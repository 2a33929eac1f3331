"""A probability is one, whichever parts the model has; nothing is copied from another file."""

import itertools

import msgspec
import numpy as np
import pytest
import torch
from tests.complete.toys import encoded

from learnsys.complete.data.vocabulary import UNKNOWN
from learnsys.complete.models.backbone import SPELLED, Backbone, Sizes
from learnsys.complete.models.pointer import WINDOW
from learnsys.complete.train.streams import chunks, side_by_side, stream

SMALL = Sizes(width=8, sequence=12, stack=10, pointer=6, dropout=0.0)
FORMS = {
    "both": SMALL,
    "sequence only": msgspec.structs.replace(SMALL, stack=0),
    "tree only": msgspec.structs.replace(SMALL, sequence=0),
    "no pointer": msgspec.structs.replace(SMALL, pointer=0),
}


def made(sizes, words, parts, seed=0):
    torch.manual_seed(seed)
    model = Backbone(words, parts, sizes)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return model.eval()


def log_p(model, streams, length):
    found, state = [], model.start(len(streams))
    with torch.no_grad():
        for chunk in chunks(streams, length=length):
            value, _, state = model(chunk, state)
            found.append(value)
    return torch.cat(found)


@pytest.mark.parametrize("form", FORMS)
def test_chunks_change_nothing(form):
    files, vocabulary, _ = encoded(4, statements=30)
    model = made(FORMS[form], len(vocabulary.words), len(vocabulary.parts))
    streams = side_by_side(files, streams=2)
    whole = log_p(model, streams, 100_000)
    for length in (13, 64):
        torch.testing.assert_close(log_p(model, streams, length), whole, rtol=0, atol=0.03)


@pytest.mark.parametrize("form", FORMS)
def test_probabilities_of_all_next_words_add_up_to_one(form):
    """Every word of the vocabulary, and of the words it does not know those in the window: each is a target once."""
    files, vocabulary, lexicon = encoded(3, statements=30)
    model = made(FORMS[form], len(vocabulary.words), len(vocabulary.parts))
    chunk = next(chunks([stream(files[:1])], length=60))
    targets = {lexicon.id(word): i for word, i in vocabulary.word_ids.items() if i != UNKNOWN}
    targets |= {
        int(name): UNKNOWN for name, word in zip(files[0].names, files[0].words, strict=True) if word == UNKNOWN
    }
    total = torch.zeros(len(chunk.words))
    for name, word in targets.items():
        changed = msgspec.structs.replace(
            chunk, target=np.full_like(chunk.target, word), target_name=np.full_like(chunk.target_name, name)
        )
        with torch.no_grad():
            value, _, _ = model(changed, model.start(1))
        p = value[:, 0].exp()
        total += p
    # What is left over is what spelling gives to words that are neither: all of p(unknown) but a thousandth a word.
    assert (total <= 1.02).all()
    with torch.no_grad():
        unknown = msgspec.structs.replace(
            chunk, target=np.full_like(chunk.target, UNKNOWN), target_name=np.full_like(chunk.target_name, 10**6)
        )
        left = model(unknown, model.start(1))[0][:, 0].exp() / SPELLED
    torch.testing.assert_close(total + left, torch.ones(len(total)), rtol=0, atol=0.02)


@pytest.mark.parametrize("form", FORMS)
def test_an_answer_depends_on_nothing_that_comes_later(form):
    files, vocabulary, _ = encoded(2, statements=30)
    model = made(FORMS[form], len(vocabulary.words), len(vocabulary.parts))
    chunk = next(chunks([stream(files[:1])], length=60))
    at = 30
    changed = {}
    for field in ("words", "names", "parts", "lines"):
        values = getattr(chunk, field).copy()
        values[at + 1 :] = values[at + 1 :][::-1]
        changed[field] = values
    with torch.no_grad():
        before, after = (
            model(c, model.start(1))[0][: at + 1] for c in (chunk, msgspec.structs.replace(chunk, **changed))
        )
    assert torch.equal(before, after)


def test_nothing_is_copied_or_remembered_across_files():
    """The second file of a stream gets the answers that it gets alone."""
    files, vocabulary, _ = encoded(3, statements=20)
    model = made(SMALL, len(vocabulary.words), len(vocabulary.parts))
    first = len(files[0]) + 1
    together, alone = log_p(model, [stream(files[:2])], 16), log_p(model, [stream(files[1:2])], 16)
    torch.testing.assert_close(together[first:], alone, rtol=0, atol=0.03)


def test_copying_stays_inside_the_window():
    """A token that stands further back than the window cannot be copied, whatever the model."""
    files, vocabulary, _ = encoded(1, statements=200)
    model = made(SMALL, len(vocabulary.words), len(vocabulary.parts))
    with torch.no_grad():
        model.pointer.gate_bias.fill_(50.0)  # copies only
    one = stream(files)
    log = log_p(model, [one], 100)[:, 0]
    for t, name in itertools.islice(enumerate(one.names[1:].tolist()), 50, len(log)):
        copied = name in one.names[max(1, t - WINDOW + 1) : t + 1]
        assert (float(log[t]) > -27) == copied  # 1e-12 stands for nothing


@pytest.mark.parametrize("form", FORMS)
def test_every_parameter_learns(form):
    files, vocabulary, _ = encoded(3, statements=30)
    model = made(FORMS[form], len(vocabulary.words), len(vocabulary.parts)).train()
    chunk = next(chunks([stream(files)], length=200))
    model(chunk, model.start(1))[0].sum().backward()
    still = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert still == []
