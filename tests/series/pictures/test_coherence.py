"""Coherences and phases are drawn where they are known; what was not asked for is refused."""

import numpy as np
import pytest
from tests.series.pictures.made import shown

from learnsys.core.errors import InputError
from learnsys.series.results.coherence import CrossSpectrum


def spectrum(d=2, *, partial=True):
    f = np.linspace(0, 0.5, 21)
    full = np.broadcast_to(np.exp(-10 * f)[:, None, None], (21, d, d)).copy()
    full[15:] = np.nan
    more, limit = full if partial else None, np.full_like(full, 0.1)
    return CrossSpectrum(
        ids=tuple(f"c{i}" for i in range(d)), frequencies_hz=f, spectrum=full.astype(complex), coherence=full,
        coherence_low=full / 2, coherence_high=np.minimum(1, full * 1.5), phase=np.ones_like(full),
        phase_low=np.ones_like(full) - 0.1, phase_high=np.ones_like(full) + 0.1, threshold=limit,
        partial=more, partial_low=more, partial_high=more, partial_threshold=limit if partial else None,
        causes=more, causes_low=more, causes_high=more, causes_are="pairwise" if partial else None, degrees=30.0,
        level=0.95,
    )  # fmt: skip


def test_the_phase_is_drawn_where_the_coherence_is_over_its_threshold():
    words, svg = shown(spectrum().chart())
    assert "c0 → c1" in words
    assert "180°" in words
    dots = svg.count('aria-roledescription="circle"')
    assert dots == (np.exp(-10 * np.linspace(0, 0.5, 21)) > 0.1)[:15].sum()


@pytest.mark.parametrize(("kind", "said"), [("partial", "given all other series"), ("causes", "pairwise")])
def test_other_kinds_and_what_was_not_asked_for(kind, said):
    assert said in shown(spectrum(4).chart(kind))[0]
    with pytest.raises(InputError, match="not asked for"):
        spectrum(partial=False).chart(kind)
