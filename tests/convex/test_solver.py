import pytest
from tests.convex.strategies import make

from learnsys.convex.solver import solve
from learnsys.convex.types import Solution
from learnsys.core.errors import Incompatible, InputError
from learnsys.core.trace import Stop
from learnsys.core.trace_file import read_traces


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


def test_a_solution_prints_draws_and_saves_itself(threads, tmp_path):
    case = make("squared", workers=2)
    _, trace = solve(case.problem, "newton", workers=2, stop=Stop(rounds=3), engine=threads)
    solution = Solution.of(trace, model=tmp_path / "m")
    assert (solution.rounds, solution.loss, solution.gap) == (trace.rounds, trace.last.loss, trace.last.gap)
    assert solution.table().notes == (f"model saved in {tmp_path / 'm'}",)
    assert read_traces(solution.save(tmp_path / "s.jsonl")) == [trace]
    for suffix in ("json", "csv", "md", "svg"):
        assert solution.save(tmp_path / f"s.{suffix}").stat().st_size > 0
