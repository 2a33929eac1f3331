"""Spectra name their largest peaks by period; powers that are not positive do not break the logarithm."""

import msgspec
import numpy as np
import pytest
from tests.series.pictures.made import shown

from learnsys.series.results.spectrum import Spectrum


def spectrum(normalization="density"):
    f = np.linspace(0, 0.5, 501)
    power = np.exp(-(((f - 0.1) / 0.01) ** 2)) + 0.3 * np.exp(-(((f - 0.25) / 0.01) ** 2)) - 1e-3
    nothing = np.full((2, f.size), np.nan)
    density = normalization == "density"
    both = np.stack([power, np.full_like(power, np.nan)])
    return Spectrum(
        ids=("a", "short"), normalization=normalization, frequencies_hz=f, power=both,
        low=both - 0.1 if density else nothing, high=both + 0.1 if density else nothing,
        false_alarm=nothing, floor=np.zeros(2), degrees=np.full(2, 60.0), resolution_hz=0.01, level=0.95,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["frequency", "period"])
@pytest.mark.parametrize("normalization", ["density", "standard"])
def test_peaks_are_named_by_their_period(kind, normalization):
    words, _ = shown(spectrum(normalization).chart(kind))
    assert "10 s" in words
    assert "4 s" in words
    assert "1 of 2 series" in words
    assert ("intervals" in words) == (normalization == "density")
    assert ("period, s" if kind == "period" else "frequency, mHz") in words


def test_labels_of_peaks_do_not_cover_each_other():
    made = spectrum()
    power = made.power.copy()
    power[0] += 0.5 * np.exp(-(((made.frequencies_hz - 0.125) / 0.004) ** 2))
    words, _ = shown(msgspec.structs.replace(made, power=power).chart())
    assert "10 s" in words
    assert "8 s" not in words
