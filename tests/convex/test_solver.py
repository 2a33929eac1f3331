import pytest
from tests.convex.strategies import make

from learnsys.convex.solver import solve
from learnsys.core.errors import Incompatible, InputError
from learnsys.core.trace import Stop


@pytest.mark.parametrize("method", ["cocoa+", "newton"])
def test_a_trace_tells_the_whole_run(threads, method):
    case = make("logistic", workers=3)
    seen = []
    w, trace = solve(
        case.problem, method, workers=3, stop=Stop(rounds=2), engine=threads, seed=5, job="toy",
        params={"lam": 0.1}, on_step=lambda step: seen.append(step) or False,
    )  # fmt: skip
    assert w.shape == (case.problem.d + 1,)
    assert (trace.job, trace.method, trace.workers, trace.slots, trace.engine) == ("toy", method, 3, 2, "local")
    assert trace.params == {"lam": 0.1}
    assert tuple(seen) == trace.steps
    assert [step.iteration for step in trace.steps] == [0, 1, 2]
    assert trace.ended == "rounds"
    assert len(trace.last.part_s) == 3
    assert trace.steps[1].bytes_sent > 0
    first, last = trace.steps[0], trace.last
    assert 0 <= first.wall_s <= last.wall_s
    assert first.lower == 0.0


def test_a_callback_ends_the_run(threads):
    case = make("hinge")
    _, trace = solve(
        case.problem, "cocoa+", workers=1, stop=Stop(), engine=threads, on_step=lambda step: step.iteration == 2
    )
    assert trace.ended == "interrupted"
    assert trace.rounds == 2


def test_misfits_are_refused_before_any_worker_starts():
    engine = None  # would fail if it were touched
    with pytest.raises(Incompatible):
        solve(make("hinge").problem, "newton", workers=1, stop=Stop(), engine=engine)
    with pytest.raises(InputError, match="workers is 0"):
        solve(make("hinge").problem, "cocoa+", workers=0, stop=Stop(), engine=engine)
