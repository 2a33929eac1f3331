"""Which machine to measure next, or when to stop: what a measurement buys against what it costs.

A measurement is worth the drop of expected regret that it brings, per dollar of the run. Measuring stops where the
expected regret is small enough, or where no run on a reference pays for itself over the runs to come. CherryPick
(Alipourfard et al., NSDI 2017) stops on expected improvement, after a fixed number of runs at least.
"""

from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.core.estimate import P90
from learnsys.core.fingerprint import Fingerprint
from learnsys.core.machine import Catalog
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.decide.evidence import Evidence, counted, fingerprint_of, gather, good_machines, loaded
from learnsys.machines.decide.rank import Question, ask
from learnsys.machines.decide.rates import priced
from learnsys.machines.decide.regret import Belief, Costs, Value, believe, believe_nothing, value
from learnsys.machines.decide.select import Fleet
from learnsys.machines.decide.standin import memory_by_key, stand_in
from learnsys.machines.models.cells import log_cells
from learnsys.machines.models.references import choose_references
from learnsys.machines.predictions import FITS, Objective
from learnsys.machines.types import Proposal, Trial

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

ENOUGH: Final = 0.01
RIVALS: Final = 120  # machines compared: those that could be the best; the rest only cost time
NEAR: Final = 1.1  # times the least error, that still counts as about best
SHOWN: Final = 8
SEED: Final = 0  # of the scenarios: the same question gets the same answer


def next_reference(
    job: str | Fingerprint,
    *,
    benchmark: str | Benchmark = "lab",
    enough: float = ENOUGH,
    runs: float | None = None,
    **question: Any,
) -> Proposal:
    """Propose the machine to measure next, or say that enough is known.

    Parameters
    ----------
    job : str or Fingerprint
        The name under which it was fingerprinted, or its runs. It need not have run on any machine of the benchmark.
    benchmark : str or Benchmark
        As for ``rank``.
    enough : float
        Expected regret at which to stop, as a share of the least cost.
    runs : float, optional
        How often the job will run on the machine that is chosen; a measurement then has to save what it costs.
    **question
        Objective, deadline and conditions, as for ``rank``; they hold for the machine to measure as well.

    Returns
    -------
    Proposal
        With the candidates that are worth most.

    Raises
    ------
    UnknownName
        If there is no such job, benchmark, vendor, region or architecture.
    InputError
        If a value is out of range.
    """
    if not enough > 0:
        raise InputError(f"enough is {enough}, but must be above 0", value=enough, next="write --enough 0.01")
    if runs is not None and not runs > 0:
        raise InputError(f"runs is {runs}, but must be above 0", value=runs, next="write --runs 100")
    asked = ask(**question)
    fingerprint = job if isinstance(job, Fingerprint) else fingerprint_of(job)
    table = loaded(benchmark)
    known = set(table.keys).intersection(good_machines(stand_in(counted(fingerprint), table.catalog.machines)[0]))
    if known:
        return propose(gather(fingerprint, benchmark), asked, enough=enough, runs=runs)
    return propose_first(table, _larger(asked, fingerprint, table), name=fingerprint.name, enough=enough, runs=runs)


def propose(evidence: Evidence, question: Question, *, enough: float = ENOUGH, runs: float | None = None) -> Proposal:
    """Propose from what is known of a job."""
    evidence = evidence.priced(question.rates)
    f, fitted = evidence.forecast, evidence.fitted
    sd = f.scale * (f.ladder.quantile(0.9) - f.ladder.quantile(0.1)) / (2 * P90)
    chosen, rate, objective = _rates(fitted.fleet, question)
    holds = evidence.p_fits[chosen] >= FITS
    if holds.any():
        chosen, rate = chosen[holds], rate[holds]
    among = _rivals(chosen, f.log_s[chosen], sd[chosen], rate)
    belief = believe(f.log_s[among], sd[among], fitted.model.residuals[:, among], noise=fitted.model.run_log_sd**2)
    rate = rate[np.searchsorted(chosen, among)]
    fresh = np.flatnonzero(~np.isin(among, evidence.observed.machines))
    costs = _costs(belief, rate, question)
    weighed = value(belief, costs, fresh, np.random.default_rng(SEED))
    late = [f"regret counts a run that misses the deadline as {1 / (1 - question.p):.3g} runs more"] * (
        question.deadline_s is not None
    )
    return _advise(
        fitted.fleet.keys[among], belief, rate, fresh, weighed, enough=enough, runs=runs,
        name=evidence.fingerprint.name, benchmark=fitted.outline.name, objective=objective,
        references=evidence.references, notes=(*late, *evidence.notes),
    )  # fmt: skip


def propose_first(
    benchmark: Benchmark, question: Question, *, name: str, enough: float = ENOUGH, runs: float | None = None
) -> Proposal:
    """Propose the first machine to measure: the cheapest to run of those that predict the others about best.

    One machine alone tells how long a job takes, not yet what is different about it, so there is no regret to weigh.
    """
    catalog = benchmark.catalog if question.rates is None else priced(benchmark.catalog, question.rates)
    fleet = Fleet(catalog.machines)
    chosen, rate, objective = _rates(fleet, question)
    everywhere = believe_nothing(log_cells(benchmark), noise=benchmark.run_log_sd**2)
    spread = np.sqrt(np.diag(everywhere.K))
    among = _rivals(chosen, everywhere.mu[chosen], spread[chosen], rate)
    belief = Belief(mu=everywhere.mu[among], K=everywhere.K[np.ix_(among, among)], noise=everywhere.noise)
    rate = rate[np.searchsorted(chosen, among)]
    known = np.flatnonzero((benchmark.runs[:, among] > 0).any(axis=0))
    if not known.size:
        raise InputError(f"none of these machines has offline data in {benchmark.name}", next="loosen a condition")
    K = belief.K
    error = np.sqrt((np.diag(K)[:, None] + np.diag(K) - 2 * K).mean(axis=0))[known]
    usd = np.exp(belief.mu[known]) * rate[known]
    first = known[np.argmin(np.where(error <= NEAR * error.min(), usd, np.inf))]
    now = value(belief, _costs(belief, rate, question), known[:0], np.random.default_rng(SEED))
    key = str(fleet.keys[among[first]])
    return Proposal(
        name=name, benchmark=benchmark.name, objective=objective, references=(), regret=now.regret, enough=enough,
        runs=runs, choice=str(fleet.keys[among[now.choice]]), next=key, trials=(),
        why=f"measure {key} first: it predicts the others well, and its runs "
        + ("cost little" if objective == "cost" else "are short"),
    )  # fmt: skip


def _larger(question: Question, fingerprint: Fingerprint, benchmark: Benchmark) -> Question:
    """Ask for what the job held where it ran, and for more than that in which it was killed."""
    memory = memory_by_key(benchmark.catalog.machines)
    killed = max((round(memory(r.machine) or 0) for r in fingerprint.runs if r.outcome == "oom"), default=0)
    held = max((r.peak_bytes for r in fingerprint.runs if r.outcome == "ok"), default=0)
    least = max(killed + 1 if killed else 0, held, question.where.min_memory or 0)
    where = msgspec.structs.replace(question.where, min_memory=least or None)
    return msgspec.structs.replace(question, where=where)


def _rates(fleet: Fleet, question: Question) -> tuple[Indices, Floats, Objective]:
    """Machines that may be chosen, and what a second on each costs."""
    chosen = fleet.select(question.where)
    usd_hour = fleet.offers(question.where.region)[1][chosen]
    priced = np.isfinite(usd_hour)
    objective: Objective = question.objective or ("cost" if priced.any() else "time")
    if objective == "time":
        return chosen, np.ones(chosen.size), objective
    return chosen[priced], usd_hour[priced] / 3600, objective


def _rivals(chosen: Indices, mu: Floats, sd: Floats, rate: Floats) -> Indices:
    """Keep the machines that could be the best if all went well for them, in the order of ``chosen``."""
    hopeful = np.log(rate) + mu - 2 * sd
    return chosen[np.sort(np.argsort(hopeful, kind="stable")[:RIVALS])]


def _costs(belief: Belief, rate: Floats, question: Question) -> Costs:
    """Price a missed deadline so that missing one with probability 1 - p costs as much as a run."""
    if question.deadline_s is None:
        return Costs(rate=rate)
    costs = Costs(rate=rate, log_deadline=np.log(question.deadline_s), p=question.p)
    v = costs.choose(belief.mu, variance := np.diag(belief.K))
    run = float(np.exp(belief.mu[v] + variance[v] / 2) * rate[v])
    return msgspec.structs.replace(costs, penalty=run / (1 - question.p))


def _advise(
    keys: NDArray[np.str_], belief: Belief, rate: Floats, fresh: Indices, weighed: Value,
    *, enough: float, runs: float | None, objective: Objective, **told: Any,
) -> Proposal:  # fmt: skip
    """Turn values into advice."""
    seconds = np.exp(belief.mu[fresh] + np.diag(belief.K)[fresh] / 2)
    price = seconds * rate[fresh]
    saved = weighed.now - weighed.after
    worth = saved / price if runs is None else runs * saved - price
    best = np.argsort(-worth, kind="stable")
    trials = tuple(
        Trial(
            machine=str(keys[fresh[i]]), usd=float(price[i]) if objective == "cost" else None,
            time_s=float(seconds[i]), regret_after=float(weighed.after[i] / weighed.least - 1), worth=float(worth[i]),
        )
        for i in best[:SHOWN]
    )  # fmt: skip
    choice, regret = str(keys[weighed.choice]), f"{100 * weighed.regret:.1f} %"
    stop = ""
    if weighed.regret <= enough:
        stop = f"expected regret {regret} <= {100 * enough:g} %"
    elif not trials:
        stop = "every machine that could be the best was measured"
    elif trials[0].worth <= 0:
        stop = f"expected regret {regret}, and " + (
            "no measurement would lower it" if runs is None else f"no measurement pays for itself in {runs:g} runs"
        )
    if stop:
        why = f"stop: {stop}; choose {choice}"
    else:
        why = (
            f"measure {trials[0].machine}: expected regret {regret} would fall to {100 * trials[0].regret_after:.1f} %"
        )
    return Proposal(
        regret=weighed.regret, enough=enough, runs=runs, choice=choice, next=None if stop else trials[0].machine,
        trials=trials, why=why, objective=objective, **told,
    )  # fmt: skip


def references(k: int, *, benchmark: str | Benchmark = "lab", **question: Any) -> Catalog:
    """Choose k machines to measure a new job on: those that predict the others best.

    Parameters
    ----------
    k : int
        How many.
    benchmark : str or Benchmark
        As for ``rank``.
    **question
        Conditions on the machines, as for ``rank``.

    Raises
    ------
    InputError
        If k is out of range.
    """
    table = loaded(benchmark)
    allowed = Fleet(table.catalog.machines).select(ask(**question).where)
    measured = allowed[(table.runs[:, allowed] > 0).any(axis=0)]
    chosen = choose_references(table, k, allowed=measured)
    return msgspec.structs.replace(table.catalog, machines=tuple(table.catalog.machines[i] for i in chosen))
