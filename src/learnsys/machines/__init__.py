"""Which machine should a job run on, what will it cost, how long will it take?

``fingerprint`` runs a command under measurement, ``rank`` predicts it on every machine of an offline benchmark and puts
them in order, ``next_reference`` says which machine to measure next or that enough is known, ``explain`` why.
"""

from learnsys.machines.benchmark import Benchmark
from learnsys.machines.decide.explain import explain
from learnsys.machines.decide.propose import next_reference
from learnsys.machines.decide.rank import rank
from learnsys.machines.measure.repeat import fingerprint
from learnsys.machines.offline.registry import load_benchmark
from learnsys.machines.types import Proposal, Ranking

__all__ = [
    "Benchmark",
    "Proposal",
    "Ranking",
    "explain",
    "fingerprint",
    "load_benchmark",
    "next_reference",
    "rank",
]
