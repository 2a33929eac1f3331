"""``learnsys machines spot``: describe a history of spot capacity, advise on a job, run policies on it."""

from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import TypeVar

from cyclopts import App

from learnsys.core.chart import SUFFIXES as CHARTS
from learnsys.core.chart import save_chart
from learnsys.core.console import progress
from learnsys.core.errors import InputError
from learnsys.core.files import check_output
from learnsys.core.result import SUFFIXES, AbstractResult
from learnsys.core.units import parse_duration, parse_money
from learnsys.machines.spot.outlook import SpotAdvice, SpotHistory
from learnsys.machines.spot.types import Pool, SpotJob, SpotRuns

R = TypeVar("R", bound=AbstractResult)

app = App(name="spot", help="Spot capacity: what it did, what a job on it costs, and which policy to use.")


@app.command
def describe(
    file: Path,
    *,
    pools: str = "*",
    on: str | None = None,
    until: str | None = None,
    save: Path | None = None,
    chart: Path | None = None,
) -> SpotHistory:
    """Show the pools of a history: when they were watched and how much capacity they had.

    A table has a row for each change, which holds until the next one of its pool; the last one ends what was observed.
    Columns: `zone`; `time` (ISO 8601 or seconds), or `start_date` with `t_s` since then; `available` (instances, -1:
    nobody looked) or `price_usd_hour`, or both; where there are several, `instance`, `cloud`, `kind`, `nodes`, `gap_s`.

    Parameters
    ----------
    file
        History: parquet or csv of changes, or the json of `aws ec2 describe-spot-price-history`.
    pools
        Only pools of this name, as us-east-1*/v100_1.
    on
        Only pools that were watched at this time, as 2023-02-20.
    until
        When the json was fetched: its last prices held until then.
    save
        File for the table: json, csv, md.
    chart
        File for a picture: svg, png or html.
    """
    _check(save, chart)
    return _keep(SpotHistory(pools=_choose(file, pools, on, until)), save, chart)


@app.command
def advise(
    file: Path,
    *,
    work: str,
    deadline: str,
    on_demand_price: str,
    spot_price: str | None = None,
    restart: str = "5m",
    checkpoint: str = "0s",
    period: str | None = None,
    migration: str = "0s",
    bid: str | None = None,
    horizon: str = "1h",
    windows: int = 20,
    pools: str = "*",
    on: str | None = None,
    until: str | None = None,
    save: Path | None = None,
    chart: Path | None = None,
) -> SpotAdvice:
    """Advise on a job: preemptions, checkpoint period, bid and expected cost per pool, and the policy to use.

    Parameters
    ----------
    file
        History of spot capacity; see describe.
    work
        Time of computing, as 20h.
    deadline
        Time by which it must be done, counted from its start, as 30h.
    on_demand_price
        Dollars an hour of capacity that is never taken away.
    spot_price
        Dollars an hour of spot capacity where the history has no prices.
    restart
        Time of a start: boot, load the last checkpoint.
    checkpoint
        Time to save progress; 0s if it is saved as it is made.
    period
        Work between two checkpoints; the best if not given.
    migration
        More time of a start in another zone.
    bid
        Highest price to pay, in dollars an hour; the on-demand price if not given.
    horizon
        Time over which the probability of a preemption is wanted.
    windows
        Starts in the past on which policies are tried.
    pools
        Only pools of this name, as us-east-1*/v100_1; all that are left may be used together.
    on
        Only pools that were watched at this time, as 2023-02-20.
    until
        When the json was fetched: its last prices held until then.
    save
        File for the advice: json, csv, md.
    chart
        File for a picture of the costs: svg, png or html.
    """
    _check(save, chart)
    job = _job(work, deadline, on_demand_price, spot_price, restart, checkpoint, period, migration, bid)
    chosen, ahead = _choose(file, pools, on, until), parse_duration(horizon)
    from learnsys.machines.spot.advise import advise as advise_on

    with progress(f"trying policies on {windows} windows"):
        return _keep(advise_on(chosen, job, horizon_s=ahead, windows=windows), save, chart)


@app.command
def simulate(
    file: Path,
    *,
    work: str,
    deadline: str,
    on_demand_price: str,
    spot_price: str | None = None,
    policy: str = "ours,uniform,greedy,on-demand",
    at: str | None = None,
    restart: str = "5m",
    checkpoint: str = "0s",
    period: str | None = None,
    migration: str = "0s",
    bid: str | None = None,
    pools: str = "*",
    on: str | None = None,
    until: str | None = None,
    save: Path | None = None,
    chart: Path | None = None,
) -> SpotRuns:
    """Run a job under policies on a recorded history.

    Parameters
    ----------
    file
        History of spot capacity; see describe.
    work
        Time of computing, as 20h.
    deadline
        Time by which it must be done, counted from its start, as 30h.
    on_demand_price
        Dollars an hour of capacity that is never taken away.
    spot_price
        Dollars an hour of spot capacity where the history has no prices.
    policy
        Names, separated by commas: ours, uniform, greedy, on-demand.
    at
        When the job starts, as 2023-03-01T12:00 (UTC); in the middle of the history if not given.
    restart
        Time of a start: boot, load the last checkpoint.
    checkpoint
        Time to save progress; 0s if it is saved as it is made.
    period
        Work between two checkpoints; the best if not given.
    migration
        More time of a start in another zone.
    bid
        Highest price to pay, in dollars an hour; the on-demand price if not given.
    pools
        Only pools of this name, as us-east-1*/v100_1; all that are left may be used together.
    on
        Only pools that were watched at this time, as 2023-02-20.
    until
        When the json was fetched: its last prices held until then.
    save
        File for the comparison: json, csv, md.
    chart
        File for a picture of the timelines: svg, png or html.
    """
    _check(save, chart)
    job = _job(work, deadline, on_demand_price, spot_price, restart, checkpoint, period, migration, bid)
    chosen = _choose(file, pools, on, until)
    names = [name.strip() for name in policy.split(",")]
    start = None if at is None else _moment(at).timestamp()
    from learnsys.machines.spot.advise import compare

    return _keep(compare(chosen, job, start_s=start, policies=names), save, chart)


def _check(save: Path | None, chart: Path | None) -> None:
    check_output(save, SUFFIXES)
    check_output(chart, CHARTS)


def _keep(result: R, save: Path | None, chart: Path | None) -> R:
    if save is not None:
        result.save(save)
    if chart is not None:
        save_chart(result.chart(), chart)
    return result


def _choose(file: Path, pattern: str, on: str | None, until: str | None) -> tuple[Pool, ...]:
    from learnsys.machines.spot.readers import read_pools

    known = read_pools(file, until=None if until is None else _moment(until))
    at = None if on is None else _moment(on).timestamp()
    kept = tuple(
        p for p in known if fnmatch(p.name, pattern) and (at is None or (p.start_s <= at + 86400 and at < p.end_s))
    )
    if not kept:
        names = ", ".join(sorted({p.name for p in known})[:12])
        raise InputError(f"no pool {pattern!r}" + (f" watched on {on}" if on else ""), value=pattern,
                         next=f"known: {names}")  # fmt: skip
    return kept


def _job(
    work: str, deadline: str, on_demand: str, spot: str | None, restart: str, checkpoint: str, period: str | None,
    migration: str, bid: str | None,
) -> SpotJob:  # fmt: skip
    return SpotJob(
        work_s=parse_duration(work),
        deadline_s=parse_duration(deadline),
        on_demand_usd_hour=parse_money(on_demand),
        spot_usd_hour=None if spot is None else parse_money(spot),
        restart_s=parse_duration(restart),
        checkpoint_s=parse_duration(checkpoint),
        period_s=None if period is None else parse_duration(period),
        migration_s=parse_duration(migration),
        bid_usd_hour=None if bid is None else parse_money(bid),
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{text!r} is no time", value=text, next="write 2023-03-01T12:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
