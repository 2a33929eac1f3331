import numpy as np
import pytest
from tests.series.strategies import with_weights

from learnsys.core.errors import InputError
from learnsys.series.estimate import parts
from learnsys.series.estimate.types import Facts
from learnsys.series.sums.compute import sums
from learnsys.series.types import Kernel, Lags, Samples, SumsSpec


def drawn():
    rng = np.random.default_rng(0)
    series = {"a": (rng.uniform(0, 50, 40), rng.normal(size=40)), "flat": (np.arange(20.0), np.full(20, 1e6)),
              "b": (rng.uniform(0, 50, 30), rng.normal(size=30)), "few": ([1.0], [2.0])}  # fmt: skip
    return with_weights(Samples.of(series), rng)


def test_series_without_variance_or_samples_are_left_out():
    kept, notes = parts.usable(Facts.of(drawn()))
    assert kept == [0, 2]
    assert len(notes) == 2


def test_nothing_left_is_refused():
    with pytest.raises(InputError, match="of 1 series none"):
        parts.usable(Facts.of(Samples.of({"few": ([1.0], [2.0])})))


def test_parts_of_facts_and_sums_are_those_of_the_part():
    samples, kept = drawn(), [0, 2]
    part = parts.part_of_samples(samples, kept)
    assert part.ids == ("a", "b")
    facts, own = parts.part_of_facts(Facts.of(samples), kept), Facts.of(part)
    np.testing.assert_array_equal(facts.mean, own.mean)
    np.testing.assert_array_equal(facts.n, own.n)
    spec = SumsSpec(pairs="all", kernels=(Kernel(name="box", h=1.0),), lags=Lags(first_s=-2, step_s=1, count=5))
    cut = parts.part_of_sums(sums(samples, spec)[0], kept)
    alone = sums(part, spec)[0]
    assert cut.pairs.tolist() == alone.pairs.tolist()
    np.testing.assert_allclose(cut.xy, alone.xy, atol=1e-9)
