"""Train a linear model on one core or a cluster, with a certificate of how good it is.

A job fixes data, loss and penalty; a run chooses method, workers and engine and gives a trace and a model:

>>> import numpy as np
>>> from learnsys.core.engine import local
>>> from learnsys.core.trace import Stop, Target
>>> rng = np.random.default_rng(0)
>>> X = rng.normal(size=(500, 5))
>>> late = X @ [1.0, -2.0, 0.5, 0.0, 0.0] + rng.normal(size=500) > 0
>>> with local(slots=2) as engine:
...     trace, model = job(X, late).run("cocoa+", workers=2, stop=Stop(target=Target.parse("1e-6")), engine=engine)
>>> trace.ended, trace.last.rel <= 1e-6, model.predict({"x": np.float32(X[:3])})["label"].tolist()
('target', True, [1, 0, 0])
"""

from typing import TYPE_CHECKING, Any

from learnsys.convex.evaluate import evaluate
from learnsys.convex.job import Job, job
from learnsys.convex.model import LinearModel, load_predictor
from learnsys.convex.types import Solution

if TYPE_CHECKING:
    from learnsys.convex.estimators import LinearClassifier, LinearRegressor

__all__ = [
    "Job", "LinearClassifier", "LinearModel", "LinearRegressor", "Solution", "evaluate", "job", "load_predictor",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import the estimators on first use: scikit-learn takes a second to import."""
    if name in ("LinearClassifier", "LinearRegressor"):
        from learnsys.convex import estimators

        return getattr(estimators, name)
    raise AttributeError(f"module 'learnsys.convex' has no attribute {name!r}")
