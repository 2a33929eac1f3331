"""A higher precision asks for a higher cut."""

import pytest

from learnsys.complete.fragments.cut import CUTS, PRECISIONS, Cut
from learnsys.complete.languages import LANGUAGES
from learnsys.core.errors import InputError


@pytest.mark.parametrize("key", LANGUAGES)
def test_cuts_grow_with_the_precision_that_is_asked_for(key):
    cuts = [Cut.of(key, precision / 50) for precision in range(51)]
    firsts = [cut.first for cut in cuts]
    assert firsts == sorted(firsts)
    assert (firsts[0], firsts[-1]) == (0, 1)
    assert all(cut.whole <= cut.first and cut.whole <= 0.5 for cut in cuts)


@pytest.mark.parametrize("key", LANGUAGES)
def test_what_was_measured_is_met(key):
    assert list(PRECISIONS[key]) == sorted(PRECISIONS[key])
    for first, precision in zip(CUTS, PRECISIONS[key], strict=True):
        assert Cut.of(key, precision).first == pytest.approx(first)
        assert precision > first  # the mean of all that is over the cut


@pytest.mark.parametrize("precision", [-0.1, 1.1, 90])
def test_what_is_no_share_is_refused(precision):
    with pytest.raises(InputError):
        Cut.of("js", precision)
