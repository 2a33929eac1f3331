import msgspec
import numpy as np

from learnsys.series.results.spectrum import Spectrum


def made(power):
    power = np.atleast_2d(power).astype(float)
    nothing = np.full(power.shape, np.nan)
    return Spectrum(
        ids=tuple("ab"[: len(power)]), normalization="density", frequencies_hz=0.1 * np.arange(power.shape[1]),
        power=power, low=power / 2, high=power * 2, false_alarm=nothing, floor=np.zeros(len(power)),
        degrees=np.full(len(power), 9.0), resolution_hz=0.25, level=0.95, notes=("a note",),
    )  # fmt: skip


def test_peaks_are_local_maxima_apart_from_each_other():
    assert made([5, 1, 3, 4, 2, 0, 4.5, 4.5, 1, 0, 1]).peaks(0).tolist() == [0, 6, 3, 10]
    assert made([5, 1, 3, 4, 2, 0, 4.5, 4.5, 1, 0, 1]).peaks(0, most=2).tolist() == [0, 6]
    assert made([np.nan] * 5).peaks(0).size == 0
    assert made([0, 3, 2.9, 3, 0]).peaks(0).tolist() == [1]


def test_the_table_names_periods_and_leaves_unknowns_empty(tmp_path):
    table = made([[0, 1, 2, 1, 0], [3, 1, 0, 0, 0]]).table()
    assert table.rows == (("a", 0.2, 5.0, 2.0, 1.0, 4.0, None), ("b", 0.0, None, 3.0, 1.5, 6.0, None))
    assert table.notes == ("a note",)
    kept = msgspec.json.decode(made([0, 1, 0]).save(tmp_path / "s.json").read_bytes())
    assert kept["frequencies_hz"] == [0, 0.1, 0.2]
