import numpy as np
import polars as pl
from hypothesis import given
from tests.series.strategies import samples

from learnsys.series.estimate.describe import Describe, describe, describe_samples
from learnsys.series.estimate.types import Facts
from learnsys.series.sources.scan import scan
from learnsys.series.types import Samples

FIELDS = ("n", "first_s", "last_s", "mean_gap_s", "median_gap_s", "burstiness", "in_gaps", "duplicates", "mean", "sd")


@given(samples())
def test_a_source_and_its_samples_are_described_alike(made):
    source = scan({name: made.one(d)[:2] for d, name in enumerate(made.ids)})
    ours, theirs = describe(source), describe_samples(made)
    assert ours.ids == theirs.ids
    for name in FIELDS:
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-9)


def test_facts_agree():
    made = Samples.of({"a": ([0, 1, 4], [1.0, 2.0, 6.0]), "none": ([], []), "one": ([2], [5.0])}, t0_ns=5)
    facts = Facts.of(made)
    description = Describe().finish(made, facts)
    assert Describe().needs(facts) is None
    assert description.t0_ns == 5
    np.testing.assert_allclose(description.mean, facts.mean)
    np.testing.assert_allclose(description.sd**2, facts.variance)
    np.testing.assert_array_equal(description.first_s, facts.first_s)
    assert np.isnan(description.mean_gap_s[1:]).all()


def test_what_is_wrong_is_noted():
    notes = describe(
        scan(
            {
                "flat": ([0.0, 0.3, 0.9], [2.0, 2.0, 2.0]),
                "none": ([], []),
                "one": ([1.0], [1.0]),
                "bad": ([0.0, 1.7, 2.9], [1.0, np.nan, np.inf]),
                "twice": ([0.0, 0.0, 7.1], [1.0, 2.0, 3.0]),
                "back": ([5.0, 1.3, 2.2], [1.0, 2.0, 3.0]),
            }
        )
    ).notes
    assert notes[:6] == (
        "1 series has no sample: none",
        "2 series have one sample only: one, bad",
        "1 series is constant, which has no correlations: flat",
        "2 values were NaN, infinite or missing, and are left out: bad",
        "9.1 % of the samples are at the stamp of the one before: twice",
        "1 series is not in order of time: back",
    )


def test_a_time_quantum_is_noted_where_it_shows():
    rng = np.random.default_rng(1)
    t = np.sort(rng.integers(0, 5000, 1000))
    x = rng.normal(size=1000)
    assert any("multiples of 1 s or more" in note for note in describe(scan({"a": (t, x)})).notes)
    assert describe(scan({"a": (np.sort(t + rng.uniform(size=1000)), x)})).notes == ()


def test_parts_of_a_source_are_described():
    frame = pl.DataFrame({"t": [0.0, 1.0, 2.0], "s": ["a", "b", "a"], "x": [1.0, 2.0, 3.0]})
    made = describe(scan(frame), time_range=(1.0, None), ids=("b", "a"))
    assert made.ids == ("b", "a")
    assert made.n.tolist() == [1, 1]


def test_what_was_guessed_is_noted():
    made = describe(scan({"a": (np.array([1_700_000_000, 1_700_000_007]), [1.0, 2.0])}))
    assert made.notes[0] == "stamps in column 'time' were taken for s since 1970"
    assert made.t0_ns == 1_700_000_000 * 10**9
    assert made.first_s.tolist() == [0]


def test_one_value_is_not_many():
    notes = describe(scan({"a": ([0.0, 1.7, 2.9], [1.0, np.nan, 2.0])})).notes
    assert "1 value was NaN, infinite or missing, and is left out: a" in notes
