"""Variants differ in form and not in size, and each learns in the same loop."""

import pytest
import torch
from tests.complete.toys import encoded

from learnsys.complete.models.variants import READING, VARIANTS, reading, variant
from learnsys.complete.train.streams import chunks, side_by_side
from learnsys.core.errors import UnknownName


@pytest.mark.parametrize("name", VARIANTS)
def test_what_reads_is_of_nearly_equal_size(name):
    assert reading(VARIANTS[name].make(100, 100)) == pytest.approx(READING, rel=0.05)


@pytest.mark.parametrize("name", VARIANTS)
def test_each_learns_from_a_chunk_and_carries_its_state(name):
    files, vocabulary, _ = encoded(4, statements=20)
    torch.manual_seed(0)
    model = variant(name).make(len(vocabulary.words), len(vocabulary.parts)).train()
    state, losses = model.start(2), []
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for chunk in [*chunks(side_by_side(files, streams=2), length=48)] * 2:
        log_p, counts, state = model(chunk, state)
        loss = -(log_p * counts).sum() / counts.sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    half = len(losses) // 2
    assert sum(losses[half:]) < 0.9 * sum(losses[:half])


def test_an_unknown_variant_is_refused_with_the_known_ones():
    with pytest.raises(UnknownName, match="mingru"):
        variant("minigru")
