import numpy as np

from learnsys.series.results.coherence import CrossSpectrum


def made(**fields):
    half = np.full((3, 2, 2), 0.5)
    some = dict.fromkeys(("coherence", "coherence_low", "coherence_high", "phase", "phase_low", "phase_high"), half)
    none = dict.fromkeys(
        ("partial", "partial_low", "partial_high", "partial_threshold", "causes", "causes_low", "causes_high")
    )
    rest = {
        "ids": ("a", "b"), "frequencies_hz": np.array([0.0, 0.1, 0.2]), "spectrum": half + 0j, "threshold": half / 5,
        "causes_are": None, "degrees": 40.0, "level": 0.95, "notes": ("a note",),
    }  # fmt: skip
    return CrossSpectrum(**{**some, **none, **rest, **fields})


def test_the_table_shows_each_pair_at_its_peak():
    peaked = np.full((3, 2, 2), 0.2)
    peaked[1] = 0.9
    row = made(coherence=peaked, coherence_low=peaked - 0.1).table().rows[0]
    assert row[:5] == ("a", "b", 0.1, 10.0, 0.9)
    assert row[8] == 0.5 / (2 * np.pi * 0.1)
    assert row[9:] == (None, None, None)


def test_a_large_coherence_of_which_nothing_is_known_is_no_peak():
    large, low = np.full((3, 2, 2), 0.6), np.full((3, 2, 2), 0.4)
    large[2], low[2] = 1.0, 0.0
    low[1] = 0.5
    assert made(coherence=large, coherence_low=low).table().rows[0][2:6] == (0.1, 10.0, 0.6, 0.5)


def test_what_is_lost_has_no_peak():
    lost = np.full((3, 2, 2), np.nan)
    assert made(coherence=lost, coherence_low=lost).table().rows == (("a", "b", *(None,) * 10),)


def test_frequency_zero_has_no_period():
    high = np.full((3, 2, 2), 0.1)
    high[0] = 0.8
    assert made(coherence=high, coherence_low=high, causes=high, partial=high).table().rows[0][2:4] == (0.0, None)


def test_other_libraries_take_it_over(tmp_path):
    taken = made(partial=np.full((3, 2, 2), 0.25)).to_xarray()
    assert float(taken["partial"].sel(a="a", b="b", frequency=0.1)) == 0.25
    assert "causes" not in taken
    assert made().save(tmp_path / "coherence.md").read_text().endswith("a note\n")
