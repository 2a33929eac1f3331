"""Answer each query within its deadline, whatever the load.

    with running("models/delay", slo="10ms") as url:      # or: learnsys serve run models/delay --slo 10ms
        report = load(url, rate=500, seconds=10)          #     learnsys serve load URL --rate 500

A server forms batches while the model is busy and sheds what it cannot answer in time:

>>> batcher = Batcher(0.010, CostModel())
>>> ticket = batcher.offer("a request", rows=1, now=0.0)
>>> batch, shed = batcher.take(now=0.0)
>>> batch == [ticket], shed
(True, [])
"""

from learnsys.serve.app import App
from learnsys.serve.batcher import Batcher
from learnsys.serve.cost import CostModel
from learnsys.serve.loadtest import load
from learnsys.serve.process import running
from learnsys.serve.runner import Runner
from learnsys.serve.server import serve
from learnsys.serve.types import LoadReport

__all__ = ["App", "Batcher", "CostModel", "LoadReport", "Runner", "load", "running", "serve"]
