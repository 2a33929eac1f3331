"""Rank machines for a job by cost or time, under a deadline if there is one.

``rank`` gathers what it takes: the fingerprint, the benchmark, a fit for the machines that were measured. ``answer`` is
the question itself: a few array operations for all machines at once.
"""

from datetime import UTC, datetime
from typing import Any, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import Incompatible, InputError
from learnsys.core.fingerprint import Fingerprint
from learnsys.core.units import parse_duration, parse_money, parse_size
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.decide.beyond import beyond
from learnsys.machines.decide.deadline import order
from learnsys.machines.decide.divide import over, parse_shapes, what_more_buys
from learnsys.machines.decide.evidence import Evidence, gather, loaded
from learnsys.machines.decide.notes import notes, within
from learnsys.machines.decide.pareto import front
from learnsys.machines.decide.rates import Rates, parse_rates
from learnsys.machines.decide.select import ANYWHERE, Where
from learnsys.machines.models.forecast import SAMPLES
from learnsys.machines.predictions import FITS, Columns, Objective, Rows
from learnsys.machines.types import Ranking

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@final
class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a ranking.

    Attributes
    ----------
    objective : {"cost", "time"}, optional
        What is least; cost where there are prices if not given.
    deadline_s : float, optional
        Seconds within which a run is to end ...
    p : float
        ... with this probability.
    level : float
        Probability of the intervals.
    where : Where
        Which machines come into question.
    rates : Rates, optional
        What a core and a GiB cost where machines have no price of their own.
    """

    objective: Objective | None = None
    deadline_s: float | None = None
    p: float = 0.9
    level: float = 0.9
    where: Where = ANYWHERE
    rates: Rates | None = None

    def __post_init__(self) -> None:
        for name, value in (("p", self.p), ("level", self.level)):
            if not 0 < value < 1:
                raise InputError(
                    f"{name} is {value}, but must lie between 0 and 1", value=value, next=f"write --{name} 0.9"
                )
        if self.deadline_s is not None and not self.deadline_s > 0:
            raise InputError("a deadline of 0 s leaves no time", value=self.deadline_s, next="write --deadline 30m")


def ask(
    *,
    objective: Objective | None = None,
    deadline: str | float | None = None,
    p: float = 0.9,
    level: float = 0.9,
    vendor: str | None = None,
    region: str | None = None,
    arch: str | None = None,
    max_price: str | float | None = None,
    memory: str | float | None = None,
    max_vcpus: float | None = None,
    rates: str | None = None,
) -> Question:
    """Put a question in words: see ``rank``.

    Raises
    ------
    InputError
        If a value is out of range.
    """
    return Question(
        objective=objective,
        deadline_s=None if deadline is None else parse_duration(deadline),
        p=p,
        level=level,
        rates=None if rates is None else parse_rates(rates, today=datetime.now(UTC).date()),
        where=Where(
            vendor=vendor, region=region, arch=arch, max_vcpus=max_vcpus,
            max_price=None if max_price is None else parse_money(max_price),
            min_memory=None if memory is None else parse_size(memory),
        ),
    )  # fmt: skip


def rank(
    job: str | Fingerprint,
    *,
    benchmark: str | Benchmark = "lab",
    size: str | float | None = None,
    shape: str | None = None,
    scores: str | Benchmark | None = None,
    **question: Any,
) -> Ranking:
    """Rank the machines of a benchmark for a job.

    Parameters
    ----------
    job : str or Fingerprint
        The name under which it was fingerprinted, or its runs.
    benchmark : str or Benchmark
        Offline runs of known workloads: ``"lab"``, the name of another, or one's own.
    size : str or float, optional
        Data to predict for, as ``"10GB"``; the largest that was measured if not given.
    shape : str, optional
        Rank shapes of cores and memory instead of machines, as ``"cpu=1..64,mem=2g..512g"``; give ``rates`` too.
    scores : str or Benchmark, optional
        Public scores of servers, as ``"sparecores"``: rank those too that the benchmark has no run on.
    objective : {"cost", "time"}, optional
        What is least; cost where the machines have prices if not given.
    deadline : str or float, optional
        A run is to end within it, as ``"30m"``.
    p : float
        Probability with which it is to; 0.9 if not given.
    level : float
        Probability of the intervals; 0.9 if not given.
    vendor, region, arch : str, optional
        Keep only these; several vendors are separated by commas.
    max_price : str or float, optional
        Most dollars an hour of a machine.
    memory : str or float, optional
        Least memory of a machine, as ``"8GiB"``.
    max_vcpus : float, optional
        Most virtual cores, as a quota may say.
    rates : str, optional
        What a core and a GiB cost an hour where machines have no price: ``"cpu=0.033,mem=0.0045"``, or
        ``"n2@us-central1"`` for GCE's custom machines.

    Returns
    -------
    Ranking
        All machines that come into question, the best first.

    Raises
    ------
    UnknownName
        If there is no such job, benchmark, vendor, region or architecture.
    InputError
        If the job has no run that ended well on a machine of the benchmark, or a value is out of range.
    """
    asked = ask(**question)
    shapes = None if shape is None else parse_shapes(shape)
    evidence = gather(job, benchmark, size=None if size is None else float(parse_size(size)))
    if scores is not None:
        if shapes is not None:
            raise Incompatible("shapes have no scores", value=shape, next="give --shape or --scores, not both")
        evidence = beyond(evidence, loaded(scores))
    if shapes is None:
        return answer(evidence, asked)
    evidence, surface = over(evidence, shapes)
    ranking = answer(evidence, asked)
    more = what_more_buys(surface, ranking.rows.columns.machines[0], asked.rates)
    return msgspec.structs.replace(ranking, notes=(*more, *ranking.notes))


def answer(evidence: Evidence, question: Question) -> Ranking:
    """Rank machines from what is known of a job."""
    evidence = evidence.priced(question.rates)
    fleet, outline = evidence.fitted.fleet, evidence.fitted.outline
    chosen = fleet.select(question.where)
    usd_hour = fleet.offers(question.where.region)[1][chosen]
    objective = question.objective or ("cost" if np.isfinite(usd_hour).any() else "time")
    priced = np.isfinite(usd_hour) | (objective == "time")
    if not priced.any():
        raise InputError(
            f"no machine of {outline.name} has a price{within(question.where.region)}", value=question.where.region,
            next="rank by time: --objective time",
        )  # fmt: skip
    columns = _columns(evidence, question, chosen[priced], usd_hour[priced])
    cost = columns.usd if objective == "cost" else columns.median_s
    able = columns.p_fits >= FITS
    likely = columns.p_fits if columns.p_deadline is None else columns.p_deadline
    ahead, feasible = order(cost, columns.median_s, likely, FITS if columns.p_deadline is None else question.p, able)
    columns, able = columns.take(ahead), able[ahead]
    return Ranking(
        name=evidence.fingerprint.name, benchmark=outline.name, label=outline.note, objective=objective,
        deadline_s=question.deadline_s, p=question.p, level=question.level, nodes=1, references=evidence.references,
        rows=Rows(columns, objective, cost[ahead], feasible), feasible=feasible, front=_front(columns, able),
        notes=notes(evidence, question, columns, able, feasible=feasible, unpriced=int((~priced).sum())),
    )  # fmt: skip


def _columns(evidence: Evidence, question: Question, at: Indices, usd_hour: Floats) -> Columns:
    """Read times, probabilities and prices of the chosen machines off the forecast."""
    f, fleet = evidence.forecast, evidence.fitted.fleet
    log_s, scale = f.log_s[at], f.scale[at]
    low, median, high = np.exp(log_s + scale * f.ladder.quantile(
        [[0.5 - question.level / 2], [0.5], [0.5 + question.level / 2]]))  # fmt: skip
    prices, _ = fleet.offers(question.where.region)
    in_time = None if question.deadline_s is None else f.ladder.probability(
        (np.log(question.deadline_s) - log_s) / scale)  # fmt: skip
    p_fits = evidence.p_fits[at]
    return Columns(
        machines=tuple([fleet.machines[i] for i in at.tolist()]), prices=tuple([prices[i] for i in at.tolist()]),
        nodes=1, base_s=float(np.exp(evidence.observed.log_s[0])), mean_s=np.exp(log_s) * _mean_factor(f.ladder, scale),
        median_s=median, low_s=low, high_s=high, p90_s=median * np.exp(f.log_p90[at] - log_s), usd_hour=usd_hour,
        p_fits=p_fits, p_deadline=None if in_time is None else in_time * p_fits,
        measured=np.isin(at, evidence.observed.machines) & evidence.of_size, level=question.level,
        scored=np.zeros(at.size, bool) if evidence.scored is None else evidence.scored[at],
    )  # fmt: skip


def _mean_factor(ladder: Any, scale: Floats) -> Floats:
    """Mean of exp(error): of the distribution's quantiles, interpolated over a few scales."""
    knots = np.linspace(0.0, max(float(scale.max()), 1e-9), 16)
    means = np.exp(np.outer(knots, ladder.quantile(SAMPLES))).mean(axis=1)
    factor: Floats = np.interp(scale, knots, means)
    return factor


def _front(columns: Columns, able: NDArray[np.bool_]) -> tuple[str, ...]:
    cost = np.where(able, columns.usd, np.nan)
    return tuple(columns.machines[i].key for i in front(columns.median_s, cost).tolist())
