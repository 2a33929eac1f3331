"""Results to draw, and what a drawing shows."""

import re

import numpy as np
import vl_convert

from learnsys.series.results.covariance import CrossCovariance
from learnsys.series.types import lags


def shown(chart):
    """The words in a drawing, and how many marks of each role it has."""
    svg = vl_convert.vegalite_to_svg(chart.to_json())
    assert "NaN" not in svg
    assert "undefined" not in svg
    words = " | ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))
    return words.replace("&gt;", ">").replace("\xa0", " "), svg


def covariances(d=3, *, intervals=True, constant=False):
    """Bumps whose lag is the difference of the numbers of two series; lags from -5 to 5 s."""
    pairs = np.stack(np.triu_indices(d), axis=1)
    at = lags(-5, 5, 0.25)
    delay = (pairs[:, 1] - pairs[:, 0])[:, None]
    values = 2 * np.exp(-0.5 * (at.values - delay) ** 2)
    values[:, 0] = np.nan
    wide = 0.2 if intervals else np.nan
    variance = np.full(d, np.nan if constant else 2.0)
    return CrossCovariance(
        ids=tuple(f"series {i}" for i in range(d)), pairs=pairs, lags=at, values=values, raw=values,
        correlation=values / (np.nan if constant else 2.0), standard_error=np.full_like(values, wide),
        low=values - wide, high=values + wide, effective_pairs=np.full_like(values, 500.0), variance=variance,
        nugget=np.zeros(d), level=0.95 if intervals else None, kernel="k4", bandwidth_s=np.full(len(pairs), 0.5),
    )  # fmt: skip
