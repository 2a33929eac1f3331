"""Which algorithm on how many workers reaches this loss soonest, or gets furthest in this budget?

``profile`` probes any training job briefly, ``choose`` turns probes into a plan, ``validate`` holds a plan against
what happened. Traces come from ``learnsys.convex``, from any loop through a ``Recorder``, or from a file:

>>> from learnsys.core.recorder import Recorder
>>> def probe(method, workers, pace):
...     recorder = Recorder(method, job="toy", workers=workers)
...     for i in range(12):
...         step = recorder.step(1.0 + 10 ** (-pace * i), lower=1.0)
...     return recorder.finish("rounds")
>>> probes = [probe(m, p, pace) for m, pace in (("fast", 0.5), ("slow", 0.01)) for p in (1, 2)]
>>> plan = choose(probes, target=1e-4, workers="1-4")
>>> plan.choice.method, plan.choice.rounds.median
('fast', 8.0)
"""

from learnsys.plan.choose import choose
from learnsys.plan.network import parse_network
from learnsys.plan.profile import profile
from learnsys.plan.types import Plan, PlanningCost, Profile, Validation
from learnsys.plan.validate import validate

__all__ = ["Plan", "PlanningCost", "Profile", "Validation", "choose", "parse_network", "profile", "validate"]
