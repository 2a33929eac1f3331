"""Small problems of every kind, for hypothesis."""

from typing import Any, NamedTuple

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from scipy import sparse
from tests.convex import naive

from learnsys.convex.losses import find_loss
from learnsys.convex.problem import Problem, Settings
from learnsys.convex.solver import solve
from learnsys.core.trace import Stop, Target

quick = settings(deadline=None, max_examples=25)


class Case(NamedTuple):
    """A problem, how it is run, and the same problem as a dense float64 matrix with its constant column."""

    problem: Problem
    workers: int
    seed: int
    dense: Any

    @property
    def name(self):
        return self.problem.settings.loss.name

    @property
    def lam(self):
        return self.problem.settings.lam

    def objective(self, w):
        return naive.objective(self.name, self.dense, self.problem.y, self.lam, w)

    def solve(self, method, engine, *, rel=None, rounds=None, seed=None):
        stop = Stop(target=None if rel is None else Target(kind="rel", value=rel), rounds=rounds)
        seed = self.seed if seed is None else seed
        return solve(self.problem, method, workers=self.workers, stop=stop, engine=engine, seed=seed)


def make(loss, *, n=60, d=4, lam=0.1, bias=0.0, workers=1, seed=0, form="dense", dtype=np.float64, share=0.6):
    """Draw rows, some of them empty or extreme, and targets that the rows explain in part."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) * (rng.random((n, d)) < share) * 10.0 ** rng.uniform(-1, 1, d)
    t = X @ rng.normal(size=d) + rng.normal(size=n)
    y = t if loss == "squared" else np.where(t > 0, 1.0, -1.0)
    X = X.astype(dtype)
    matrix = sparse.csr_array(X) if form == "sparse" else X
    settings = Settings(loss=find_loss(loss), lam=lam, n=n, bias=bias)
    return Case(Problem(X=matrix, y=y, settings=settings), workers, seed, naive.dense(matrix, bias))


@st.composite
def cases(draw, losses=naive.NAMES):
    """Problems of 5 to 80 rows on 1 to 5 workers, dense or sparse, float32 or float64, with or without constant."""
    return make(
        draw(st.sampled_from(losses)),
        n=draw(st.integers(5, 80)),
        d=draw(st.integers(1, 6)),
        lam=draw(st.sampled_from([1e-3, 1e-2, 0.1, 1.0])),
        bias=draw(st.sampled_from([0.0, 1.0, 3.0])),
        workers=draw(st.integers(1, 5)),
        seed=draw(st.integers(0, 2**20)),
        form=draw(st.sampled_from(["dense", "sparse"])),
        dtype=draw(st.sampled_from([np.float32, np.float64])),
        share=draw(st.sampled_from([0.2, 0.6, 1.0])),
    )
