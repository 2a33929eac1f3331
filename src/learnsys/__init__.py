"""Learning Systems: machine learning for systems, and systems for machine learning.

Each room answers one question and is imported when it is first used:

    learnsys.machines choose a machine type for a job, by predicted cost and time
    learnsys.convex   train a linear model on one core or a cluster, with a certificate
    learnsys.plan     choose algorithm and workers to reach a loss soonest
    learnsys.serve    answer each query within a deadline
    learnsys.series   tell how irregular series move together, and who leads
    learnsys.complete complete code, name things, point at what is unusual
    learnsys.core     what the rooms share: data, traces, engines, predictors, tables, charts
"""

from importlib import import_module
from types import ModuleType

__version__ = "0.1.0"

_ROOMS = ("complete", "convex", "core", "loop", "machines", "plan", "series", "serve")
__all__ = ["__version__", *_ROOMS]  # noqa: PLE0604  (the rooms are lazy attributes)


def __getattr__(name: str) -> ModuleType:
    """Import a room on first use, so that ``import learnsys`` stays cheap."""
    if name in _ROOMS:
        return import_module(f"learnsys.{name}")
    raise AttributeError(f"module 'learnsys' has no attribute {name!r}; its rooms are {', '.join(_ROOMS)}")


def __dir__() -> list[str]:
    return sorted(__all__)
