"""The shared words fit together: a trainer of a few lines is trained, stopped and traced as any room's would be."""

import inspect
import math

import pytest

from learnsys.core.recorder import Recorder
from learnsys.core.trace import DataRef, Stop, Target
from learnsys.core.trainable import Trainable


class Halving:
    """Minimises w^2 by halving w; the bound is 0 from below, so the loss is the gap."""

    data = DataRef(name="toy", digest="0", n=8, d=1, nnz=8)
    methods = ("halving",)

    def run(self, method, *, workers, stop, engine, share=1.0, seed=0, on_step=None):
        recorder = Recorder(method, data=self.data, workers=workers, on_step=on_step)
        w = 1.0
        recorder.step(w * w, lower=0.0)
        while (ended := stop.reason(recorder.steps[-1])) is None and not recorder.interrupted:
            w /= 2
            recorder.step(w * w, lower=0.0)
        return recorder.finish(ended or "interrupted"), None


def words_of(run):
    """Names, kinds and defaults of the parameters."""
    return [(p.name, p.kind, p.default) for p in inspect.signature(run).parameters.values() if p.name != "self"]


def test_the_twin_has_the_words_of_the_protocol():
    assert words_of(Halving.run) == words_of(Trainable.run)


@pytest.mark.parametrize("target", ["gap=1e-3", "loss=1e-6"])
def test_it_ends_at_the_first_step_that_meets_the_target(target):
    trace, _ = Halving().run("halving", workers=1, stop=Stop(target=Target.parse(target), rounds=99), engine=None)
    value = Target.parse(target).value
    assert trace.ended == "target"
    assert trace.rounds == math.ceil(math.log(value, 0.25))
    assert trace.first(Target.parse(target)) is trace.last


def test_it_ends_after_its_rounds_or_when_asked():
    trace, _ = Halving().run("halving", workers=1, stop=Stop(rounds=3), engine=None)
    assert (trace.ended, trace.rounds) == ("rounds", 3)
    trace, _ = Halving().run(
        "halving", workers=1, stop=Stop(rounds=9), engine=None, on_step=lambda step: step.iteration == 2
    )
    assert (trace.ended, trace.rounds) == ("interrupted", 2)
