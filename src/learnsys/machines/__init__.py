"""Which machine should a job run on, what will it cost, how long will it take?

``fingerprint`` runs a command under measurement, ``rank`` predicts it on every machine of an offline benchmark and puts
them in order, ``next_reference`` says which machine to measure next or that enough is known, ``explain`` why.

Here a job ran twice on a shape of this host, one processor and 4 GiB, and is predicted on the others of the lab:

>>> from learnsys.core.fingerprint import Fingerprint, Run
>>> runs = [
...     Run(machine="host/cpu=1,mem=4GiB", outcome="ok", elapsed_s=t, cpu_s=t, peak_bytes=2**29, working_set_bytes=0)
...     for t in (2.0, 2.1)
... ]
>>> job = Fingerprint(name="etl", command=("python", "etl.py"), runs=tuple(runs))
>>> ranking = rank(job, benchmark=load_benchmark("lab"), deadline="20s")
>>> ranking.label, ranking.objective
('shapes of one host', 'time')
>>> slow = ranking["host/cpu=0.25,mem=512MiB"]
>>> 3 < slow.slowdown.median < 6, slow.p_fits < 0.5  # a quarter of a processor; half a GiB and a little is needed
(True, True)
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
