import asyncio
import threading
import time

import numpy as np
import pytest
from tests.serve.toys import FAULTS, Toy

from learnsys.core.errors import InputError, UnknownName
from learnsys.core.predictor import TensorSpec
from learnsys.serve import runner as module
from learnsys.serve.isolate import ModelFailed
from learnsys.serve.runner import ClientGone, Runner, Shed

D = 4
LONG = 60.0


def play(model, script, *, slo_s=LONG):
    """Run ``script(runner)`` on an event loop with a started runner."""

    async def main():
        runner = Runner(model, slo_s=slo_s)
        runner.start()
        try:
            return await script(runner)
        finally:
            runner.stop()

    return asyncio.run(main())


def row(value):
    return {"x": np.full((1, D), float(value))}


def submit(runner, inputs):
    return runner.submit(inputs, arrived=runner.clock())


class Gate(Toy):
    """A model that works only while its gate is open."""

    def __init__(self, **kwargs):
        super().__init__(d=D, **kwargs)
        self.gate = threading.Event()

    def predict(self, batch):
        self.gate.wait(LONG)
        return super().predict(batch)


def test_everyone_gets_the_answer_to_their_own_rows():
    model = Toy(d=D)

    async def script(runner):
        rng = np.random.default_rng(0)
        asked = [{"x": rng.standard_normal((int(n), D))} for n in rng.integers(1, 6, 200)]
        tickets = [submit(runner, x) for x in asked]
        return asked, [await t.payload.future for t in tickets]

    for x, outputs in zip(*play(model, script), strict=True):
        np.testing.assert_allclose(outputs["score"], x["x"] @ model.w)
    assert sum(model.batches) > len(model.batches), "batches formed while the model was busy"


def test_only_the_poisoned_request_fails():
    model = Gate(fault=FAULTS["explode"])

    async def script(runner):
        tickets = [submit(runner, row(666 if i == 7 else i)) for i in range(24)]
        model.gate.set()
        return await asyncio.gather(*(t.payload.future for t in tickets), return_exceptions=True)

    outcomes = play(model, script)
    assert isinstance(outcomes.pop(7), ModelFailed)
    want = [10.0 * i for i in range(24) if i != 7]
    assert [float(o["score"][0]) for o in outcomes] == want


def test_a_hanging_model_does_not_keep_anyone_beyond_the_deadline():
    model = Gate()

    async def script(runner):
        tickets = [submit(runner, row(i)) for i in range(5)]
        outcomes = await asyncio.gather(*(t.payload.future for t in tickets), return_exceptions=True)
        # the model still hangs: nothing was answered because it came back
        assert not model.gate.is_set()
        model.gate.set()
        return outcomes

    outcomes = play(model, script, slo_s=0.05)
    assert all(isinstance(o, Shed) for o in outcomes)
    assert "within 50 ms" in str(outcomes[0])


def test_an_answer_that_comes_late_is_not_given():
    class Slow(Toy):
        def predict(self, batch):
            outputs = super().predict(batch)
            clock["now"] += 1.0
            return outputs

    clock = {"now": 0.0}

    async def main():
        runner = Runner(Slow(d=D), slo_s=0.5, clock=lambda: clock["now"])
        runner.start()
        try:
            with pytest.raises(Shed):
                await submit(runner, row(1)).payload.future
        finally:
            runner.stop()

    asyncio.run(main())


def test_who_leaves_the_queue_is_not_run():
    model = Gate()

    async def script(runner):
        first, leaves, stays = (submit(runner, row(i)) for i in range(3))
        runner.leave(leaves)
        model.gate.set()
        with pytest.raises(ClientGone):
            await leaves.payload.future
        await first.payload.future
        await stays.payload.future

    play(model, script)
    assert model.batches == [1, 1]


@pytest.mark.parametrize(
    ("inputs", "error", "says"),
    [
        ({"y": np.zeros((1, D))}, UnknownName, "unknown input 'y'"),
        ({}, InputError, "'x' is missing"),
        ({"x": np.zeros((1, D + 1))}, InputError, "must have"),
        ({"x": np.zeros((1, D), np.float32)}, InputError, "FP64"),
        ({"x": np.zeros((0, D))}, InputError, "rows"),
        ({"x": np.zeros((9, D))}, InputError, "9 rows, but 'toy' takes at most 8"),
        ({"x": np.array([[1, 2, 3, 4], [1, np.nan, -np.inf, 4]])}, InputError, "'x' contains 2 NaN .* row 1, column 1"),
    ],
)
def test_bad_tensors_are_refused_before_they_queue(inputs, error, says):
    model = Toy(d=D, max_rows=8)

    async def script(runner):
        with pytest.raises(error, match=says):
            submit(runner, inputs)

    play(model, script)
    assert model.batches == []


def test_huge_but_finite_numbers_are_no_infinity():
    async def script(runner):
        return await submit(runner, {"x": np.full((1, D), 1e307)}).payload.future

    assert play(Toy(d=D), script)["score"].shape == (1,)


def test_the_place_in_a_tensor_of_three_axes_is_its_row_and_the_column_of_the_row():
    class Deep(Toy):
        def __init__(self):
            super().__init__()
            self.inputs = (TensorSpec(name="x", dtype="FP32", shape=(None, 2, 3)),)

    x = np.zeros((4, 2, 3), np.float32)
    x[2, 1, 0] = np.inf

    async def script(runner):
        with pytest.raises(InputError, match="1 NaN or infinite value, the first in row 2, column 3"):
            submit(runner, {"x": x})

    play(Deep(), script)


def test_a_model_that_exits_or_breaks_the_loop_itself_serves_on(monkeypatch):
    def leave(score, poisoned):
        raise SystemExit(3)

    async def script(runner):
        with pytest.raises(ModelFailed, match="SystemExit"):
            await submit(runner, row(666)).payload.future
        with monkeypatch.context() as patch:
            patch.setattr(module, "answer", leave)
            with pytest.raises(ModelFailed):
                await submit(runner, row(1)).payload.future
        assert runner.ready
        return await submit(runner, row(1)).payload.future

    assert play(Toy(d=D, fault=leave), script)["score"].tolist() == [10.0]


@pytest.mark.parametrize(("slo_s", "patience_s"), [(0.01, 1.0), (LONG, 10 * LONG)])
def test_a_model_whose_batch_is_long_overdue_is_not_ready_until_it_ends(slo_s, patience_s):
    now, model = {"s": 0.0}, Gate()

    async def main():
        runner = Runner(model, slo_s=slo_s, clock=lambda: now["s"])
        assert not runner.ready, "not started"
        runner.start()
        assert runner.ready
        now["s"] = 7 * patience_s
        ticket = submit(runner, row(1))
        now["s"] += patience_s * 0.99
        assert runner.ready
        now["s"] += patience_s * 0.02
        assert not runner.ready
        model.gate.set()
        with pytest.raises(Shed):
            await ticket.payload.future
        while runner.batcher.busy:
            await asyncio.sleep(0.001)
        assert runner.ready
        runner.stop()
        runner._thread.join(LONG)
        assert not runner.ready, "its thread has ended"

    asyncio.run(main())


def test_batches_keep_to_max_rows():
    model = Gate(max_rows=3)

    async def script(runner):
        tickets = [submit(runner, row(i)) for i in range(10)]
        model.gate.set()
        await asyncio.gather(*(t.payload.future for t in tickets))

    play(model, script)
    assert max(model.batches) == 3


def test_warming_up_learns_the_cost_within_max_rows():
    model = Toy(d=D, max_rows=20)
    runner = Runner(model, slo_s=1.0)
    runner.warm_up()
    assert set(model.batches) == {1, 4, 16}
    assert 0 < runner.batcher.cost.predict(1) <= runner.batcher.cost.predict(16)
    assert "one row" in runner.cost_line()


def test_warming_up_ends_where_a_batch_exceeds_the_slo():
    model = Toy(d=D, sleep_s=0.002)
    Runner(model, slo_s=0.001).warm_up()
    assert set(model.batches) == {1}


def test_warming_up_a_slow_model_ends(monkeypatch):
    monkeypatch.setattr(module, "WARM_S", 0.02)
    model = Toy(d=D, sleep_s=0.015)
    Runner(model, slo_s=LONG).warm_up()
    assert len(model.batches) <= 1 + 2


def test_the_cost_of_a_model_that_compiles_for_long_is_known(monkeypatch):
    class Compiling(Toy):
        def predict(self, batch):
            time.sleep(0 if self.batches else 0.03)
            return super().predict(batch)

    monkeypatch.setattr(module, "WARM_S", 0.02)
    model = Compiling(d=D)
    Runner(model, slo_s=LONG).warm_up()
    assert len(model.batches) >= 1 + module.WARM_RUNS


def test_a_model_that_refuses_zeros_is_served_cold():
    class Fussy(Toy):
        def predict(self, batch):
            if not batch["x"].any():
                raise ZeroDivisionError
            return super().predict(batch)

    async def script(runner):
        runner.warm_up()
        return await submit(runner, row(1)).payload.future

    assert play(Fussy(d=D), script)["score"].tolist() == [10.0]


def test_the_thread_ends_when_told():
    async def script(runner):
        await submit(runner, row(1)).payload.future

    before = threading.active_count()
    play(Toy(d=D), script)
    for _ in range(200):
        if threading.active_count() <= before:
            break
        time.sleep(0.01)
    assert threading.active_count() <= before
