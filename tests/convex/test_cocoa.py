import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from tests.convex import naive
from tests.convex.faults import killer
from tests.convex.strategies import cases, make, quick

from learnsys import convex
from learnsys.convex.cocoa import CocoaWorker
from learnsys.convex.partition import Part
from learnsys.core.trace import Stop, Target

TO_1E8 = Stop(target=Target.parse("1e-8"), rounds=2000)


@quick
@given(cases(), st.integers(1, 15))
def test_the_certificate_holds_and_the_bound_never_falls(threads, case, rounds):
    """P(w) is what the trace says; lower bounds rise and stay below the minimum."""
    w, trace = case.solve("cocoa+", threads, rounds=rounds)
    assert_allclose(trace.last.loss, case.objective(w), rtol=1e-9)
    bounds = [step.lower for step in trace.steps]
    assert bounds == sorted(bounds)
    assert min(step.gap for step in trace.steps) >= -1e-9 * max(1.0, trace.last.loss)
    if case.name != "hinge":
        assert bounds[-1] <= naive.minimum(case.name, case.dense, case.problem.y, case.lam) + 1e-9


@quick
@given(cases())
def test_the_dual_of_every_round_is_above_the_one_before_without_keeping_the_best(threads, case):
    """Adding is safe for any split: sigma' = p."""
    worker_sums, duals = CocoaWorkers(case), []
    w = np.zeros(case.problem.d + 1)
    for _ in range(6):
        w = w + worker_sums.round(w)
        duals.append(worker_sums.dual(w))
    scale = max(map(abs, duals)) + 1e-12
    assert all(b >= a - 1e-10 * scale for a, b in zip([0.0, *duals], duals, strict=False))


class CocoaWorkers:
    """The workers of a case, without an engine."""

    def __init__(self, case):
        problem, p = case.problem, min(case.workers, case.problem.y.size)
        self.case = case
        self.workers = [
            CocoaWorker(problem.settings, Part(index=k, parts=p, seed=case.seed), (problem.X, problem.y))
            for k in range(p)
        ]

    def round(self, w):
        return sum(worker.round(w)[0] for worker in self.workers)

    def dual(self, w):
        conjugates = sum(worker.certify(w)[0][1] for worker in self.workers)
        return -conjugates / self.case.problem.y.size - self.case.lam / 2 * w @ w


@quick
@given(cases())
def test_weights_are_those_of_the_dual_variables(case):
    group = CocoaWorkers(case)
    w = np.zeros(case.problem.d + 1)
    for _ in range(3):
        w = w + group.round(w)
    n = case.problem.y.size
    b = np.zeros(n)
    for worker in group.workers:
        b[np.arange(n)[worker._part.rows(n)]] = worker._b
    assert_allclose(w, case.dense.T @ b / (case.lam * n), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("name", naive.NAMES)
@pytest.mark.parametrize("workers", [1, 3])
def test_it_reaches_the_minimum(threads, name, workers):
    case = make(name, n=60, lam=0.05, bias=1.0, workers=workers)
    _, trace = case.solve("cocoa+", threads, rel=1e-7, rounds=3000)
    assert trace.ended == "target"
    assert_allclose(trace.last.loss, naive.minimum(name, case.dense, case.problem.y, case.lam), rtol=1e-6)


@pytest.mark.parametrize("name", naive.NAMES)
def test_dense_and_sparse_rows_give_the_same(threads, name):
    dense, sparse = (make(name, form=form, workers=2, bias=1.0) for form in ("dense", "sparse"))
    assert_allclose(*(case.solve("cocoa+", threads, rounds=5)[0] for case in (dense, sparse)), rtol=1e-9)


def test_more_local_passes_need_fewer_rounds():
    X, y = flights()
    rounds = []
    from learnsys.core.engine import local

    with local(slots=1) as engine:
        for passes in (1, 5):
            job = convex.job(X, y, C=0.1, local_passes=passes)
            rounds.append(job.run("cocoa+", workers=1, stop=TO_1E8, engine=engine)[0].rounds)
    assert rounds[1] < rounds[0]


def flights(n=400, d=6):
    """Rows of a size that messages and rounds matter."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(n, d))
    return X, (X @ rng.normal(size=d) + rng.normal(size=n) > 0).astype(int)


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(threads):
    case = make("logistic", workers=3)
    first, again = (case.solve("cocoa+", threads, rounds=4)[0] for _ in range(2))
    assert_array_equal(first, again)
    assert (first != case.solve("cocoa+", threads, rounds=4, seed=9)[0]).any()


@pytest.mark.parametrize("loss", ["logistic", "hinge"])
def test_every_engine_gives_the_same_bits(threads, processes, ray_engine, loss):
    job = convex.job(*flights(), loss=loss, C=0.1)
    runs = [job.run("cocoa+", workers=3, stop=Stop(rounds=6), engine=e) for e in (threads, processes, ray_engine)]
    (local, model), *others = runs
    for trace, other in others:
        assert_array_equal(other.coef, model.coef)
        assert [s.loss for s in trace.steps] == [s.loss for s in local.steps]
        assert trace.last.bytes_sent == local.last.bytes_sent


def test_a_run_on_ray_with_a_worker_killed_ends_with_the_weights_of_the_local_run(threads, ray_engine):
    job = convex.job(*flights(), C=0.1)
    calm, model = job.run("cocoa+", workers=4, stop=TO_1E8, engine=threads)
    restarts = ray_engine.stats.restarts
    on_step, victims = killer(ray_engine, at=3)
    struck, other = job.run("cocoa+", workers=4, stop=TO_1E8, engine=ray_engine, on_step=on_step)
    assert victims, "nobody was killed"
    assert ray_engine.stats.restarts >= restarts + 1
    assert calm.ended == struck.ended == "target"
    assert struck.rounds > 3
    assert_allclose(other.coef, model.coef, rtol=0, atol=1e-8)


def test_a_worker_goes_back_to_its_state(threads):
    case = make("logistic", workers=1)
    [worker] = CocoaWorkers(case).workers
    w = np.ones(case.problem.d + 1)
    worker.round(w)
    state = worker.get_state()
    first = worker.round(w)[0]
    worker.set_state(state)
    assert_array_equal(worker.round(w)[0], first)
    worker.set_state(state)
    assert_array_equal(worker.round(w)[0], first)
