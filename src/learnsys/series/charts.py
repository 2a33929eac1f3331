"""Pictures of the room's results; each function takes a result and the name of a kind, and gives a chart."""

from learnsys.series.pictures.autoregression import vector_autoregression_chart
from learnsys.series.pictures.coherence import cross_spectrum_chart
from learnsys.series.pictures.correlogram import cross_covariance_chart
from learnsys.series.pictures.forecast import prediction_chart
from learnsys.series.pictures.memory import long_memory_chart
from learnsys.series.pictures.network import lead_lag_chart
from learnsys.series.pictures.samples import (
    density_chart,
    description_chart,
    kept_chart,
    simulation_chart,
    watching_chart,
)
from learnsys.series.pictures.spectrum import spectrum_chart

__all__ = [
    "cross_covariance_chart",
    "cross_spectrum_chart",
    "density_chart",
    "description_chart",
    "kept_chart",
    "lead_lag_chart",
    "long_memory_chart",
    "prediction_chart",
    "simulation_chart",
    "spectrum_chart",
    "vector_autoregression_chart",
    "watching_chart",
]
