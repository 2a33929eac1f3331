"""Train the composer of routine names on the routines of a corpus."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch

from learnsys.complete.models.composer import Composer
from learnsys.complete.names.features import Described
from learnsys.complete.names.slots import PartVocabulary, fill, learn_parts, slots, spell, written

EPOCHS: Final = 5
BATCH: Final = 256
RATE: Final = 4e-3


def train_composer(
    routines: Sequence[tuple[str, Described]], *, epochs: int = EPOCHS, seed: int = 0
) -> tuple[Composer, PartVocabulary, float]:
    """Train on routines, each with its package; return the model, its words, and the last mean loss in bits a step."""
    torch.manual_seed(seed)
    told = [(package, found) for package, found in routines if written(found.symbol.name)]
    vocabulary = learn_parts(told)
    filled = fill([slots(found) for _, found in told], vocabulary)
    names = torch.from_numpy(spell([found.symbol.name for _, found in told], filled.fresh, vocabulary))
    inputs = [torch.from_numpy(array) for array in (filled.roles, filled.parts, filled.words)]
    model = Composer(vocabulary)
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE)
    steps = epochs * -(-len(told) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps + 1, pct_start=0.15)
    rng, bits = np.random.default_rng(seed), 0.0
    model.train()
    for _ in range(epochs if told else 0):
        total, count = 0.0, 0
        order = torch.from_numpy(rng.permutation(len(told)))
        for a in range(0, len(told), BATCH):
            rows = order[a : a + BATCH]
            loss, n = -model(*(array[rows] for array in inputs), names[rows]).sum(), int((names[rows] >= 0).sum())
            optimiser.zero_grad()
            (loss / n).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total, count = total + float(loss.detach()), count + n
        bits = total / max(count, 1) / float(np.log(2))
    return model.eval(), vocabulary, bits
