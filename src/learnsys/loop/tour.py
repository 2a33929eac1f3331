"""The delay desk, end to end: will this flight be late? From raw flights to a served model with a certificate.

The prediction of the plan is on disk before training starts, and the run that checks it was no input of it. The same
holds for the prediction of the machine.
"""

import time
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from learnsys import convex, machines, plan, serve
from learnsys.convex.model import check_place
from learnsys.core.console import ERR
from learnsys.core.data import Dataset, load
from learnsys.core.data.movements import load_movements
from learnsys.core.engine import Engine, local
from learnsys.core.errors import BadFile
from learnsys.core.files import check_output
from learnsys.core.predictor import Predictor
from learnsys.core.result import Result
from learnsys.core.store import Store
from learnsys.core.trace import Stop, Target, Trace
from learnsys.core.trace_file import write_traces
from learnsys.loop.lagged import AHEAD_S, with_lagged
from learnsys.loop.leaders import find_leaders
from learnsys.loop.machine import check_machine, choose_machine, training_command
from learnsys.loop.machine_types import MachineChoice
from learnsys.loop.probe import Ask, probe_and_choose, run_choice
from learnsys.loop.tour_code import complete_client
from learnsys.loop.tour_report import tour_report
from learnsys.loop.tour_types import Lead, Score, Setting, Tour
from learnsys.machines.measure.keep import keep
from learnsys.machines.measure.proc import most_resident

FULL: Final = Setting(rows=None, probe_rows=32_000, requests=2000, rate=200.0, reps=2, check_s=12.0)
QUICK: Final = Setting(rows=40_000, probe_rows=8_000, requests=300, rate=150.0, reps=1, check_s=6.0)
HELD_OUT_FROM: Final = 25  # day of the month
METHODS: Final = ("cocoa+", "newton")
TARGET: Final = Target(kind="rel", value=1e-4)
PROBE_BUDGET: Final = "12s"
SLO: Final = "10ms"
SEED: Final = 0
LAGGED_S: Final = 60.0  # most seconds of training with the features that lag
JOB: Final = "learnsys-tour"  # the training among the user's fingerprints


def take_tour(out: Path, setting: Setting = FULL) -> Tour:
    """Take the tour and leave its report, prediction, trace and model in a folder.

    Parameters
    ----------
    out : Path
        Folder to write to; made if it is not there.
    setting : Setting
        ``FULL`` or ``QUICK``.

    Raises
    ------
    BadFile
        If the folder cannot be made.
    TargetNotReached
        If the chosen method does not reach the target.
    """
    began = time.perf_counter()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadFile(
            f"cannot make folder {out}: {error.strerror}", value=str(out), next="choose another --out"
        ) from error
    check_place(out / "model")
    store = Store()
    for name in ("prediction.json", "machine.json", "trace.jsonl", "report.html"):
        check_output(out / name)
    _stage(1, "load flights, weather and planes")
    flights = load("nycflights")
    train, test = _split(flights, setting)
    _say(f"{len(train.y):,} flights x {train.X.shape[1]}, {np.mean(train.y):.1%} late; {len(test.y):,} held out")
    job = convex.job(train.X, train.y, loss="logistic", name=train.name, ref=train.ref)
    with local() as engine:
        profile, chosen = _plan(job, setting, engine, out)
        trace, model = _train(job, chosen, engine, out)
    validation = plan.validate(chosen, trace)
    _show(validation)
    _stage(5, "score it on the held-out days, beside scikit-learn")
    scores = _scores(model, trace, train, test)
    leaders, lagged = _who_leads(flights, setting, chosen)
    _stage(7, f"serve it and send {setting.requests:,} requests at {setting.rate:g} a second")
    with serve.running(out / "model", slo=SLO) as url:
        latency = serve.load(
            url, rate=setting.rate, requests=setting.requests, inputs=_inputs(model, test.X), slo=SLO, seed=SEED
        )
    _show(latency)
    machine = _machine(chosen, setting, out, store)
    _stage(9, "complete: what comes next in the code of a client of that server?")
    code = complete_client()
    _show(code)
    tour = Tour(
        rows=len(train.y),
        columns=train.X.shape[1],
        held_out=len(test.y),
        positive=float(np.mean(train.y)),
        profile=profile,
        plan=chosen,
        trace=trace,
        validation=validation,
        scores=(*scores, lagged),
        leads=Lead.of(leaders),
        load=latency,
        machine=machine,
        code=code,
        compile_s=profile.planning.compile_s + trace.compile_s,
        elapsed_s=time.perf_counter() - began,
        peak_bytes=1024 * most_resident(),
        report=str(out / "report.html"),
        model=str(out / "model"),
    )
    _stage(10, "write the report")
    tour_report(tour, leaders, out / "report.html")
    return tour


def _split(data: Dataset, setting: Setting) -> tuple[Dataset, Dataset]:
    """Split the flights by day of the month; a quick tour keeps some, evenly spread over the year."""
    if setting.rows is not None:
        data = data.rows(np.linspace(0, len(data.y) - 1, setting.rows).astype(np.int64))
    held_out = data.extra["day"] >= HELD_OUT_FROM
    return data.rows(~held_out), data.rows(held_out)


def _plan(job: convex.Job, setting: Setting, engine: Engine, out: Path) -> tuple[plan.Profile, plan.Plan]:
    _stage(2, f"probe {' and '.join(METHODS)} on 1, 2 and 4 workers with {setting.probe_rows:,} flights")
    profile, chosen = probe_and_choose(
        job,
        Ask(target=TARGET),
        engine=engine,
        methods=METHODS,
        share=min(1.0, setting.probe_rows / job.data.n),
        probe_budget=PROBE_BUDGET,
        seed=SEED,
    )
    _show(profile)
    _stage(3, f"plan: which method and how many workers reach a relative gap of {TARGET} soonest?")
    _show(chosen)
    chosen.save(out / "prediction.json")
    return profile, chosen


def _train(job: convex.Job, chosen: plan.Plan, engine: Engine, out: Path) -> tuple[Trace, convex.LinearModel]:
    _stage(4, "train with the choice on all flights, to the target")
    trace, model = run_choice(job, chosen, engine=engine, seed=SEED)
    write_traces([trace], out / "trace.jsonl")
    model.save(out / "model")
    _show(trace)
    return trace, model


def _who_leads(data: Dataset, setting: Setting, chosen: plan.Plan) -> tuple[Any, Score]:
    """Find who leads whom, and train once more with what is known of other flights before each is due."""
    _stage(6, "series: who leads? Delays of airports and carriers, and the weather; then with features that lag")
    movements = load_movements()
    leaders = find_leaders(movements)
    for lead in Lead.of(leaders):
        _say(str(lead))
    train, test = _split(with_lagged(data, movements), setting)
    job = convex.job(train.X, train.y, loss="logistic", name=f"{train.name}, lagged", ref=train.ref)
    choice = chosen.choice
    assert choice is not None
    with local() as engine:
        trace, model = job.run(
            choice.method, workers=choice.workers, stop=Stop(target=TARGET, wall_s=LAGGED_S), engine=engine, seed=SEED
        )
    p = model.predict(_inputs(model, test.X))["probability"]
    score = _score("with features that lag", test.y, p, trace.last.cpu_s + trace.last.eval_s)
    known = f"known {AHEAD_S / 60:.0f} min before a flight is due"
    _say(f"AUC {score.auc:.4f}, accuracy {score.accuracy:.4f} with {train.X.shape[1]} features, {known}")
    return leaders, score


def _score(name: str, y: NDArray[Any], p: NDArray[Any], cpu_s: float | None) -> Score:
    from sklearn.metrics import accuracy_score, roc_auc_score

    late = p > 0.5
    return Score(model=name, auc=float(roc_auc_score(y, p)), accuracy=float(accuracy_score(y, late)), cpu_s=cpu_s)


def _scores(model: Predictor, trace: Trace, train: Dataset, test: Dataset) -> tuple[Score, ...]:
    from sklearn.linear_model import LogisticRegression

    X = train.X.astype(np.float64)  # in float32 this solver finds its Hessian singular
    start = time.process_time()
    peer = LogisticRegression(C=1.0, solver="newton-cholesky", fit_intercept=False).fit(X, train.y)
    peer_s = time.process_time() - start
    scores = (
        _score(
            "learnsys",
            test.y,
            model.predict(_inputs(model, test.X))["probability"],
            trace.last.cpu_s + trace.last.eval_s,
        ),
        _score("scikit-learn", test.y, peer.predict_proba(test.X)[:, 1], peer_s),
        _score("base rate", test.y, np.full(len(test.y), np.mean(train.y)), None),
    )
    for s in scores:
        _say(f"{s.model:>13}: AUC {s.auc:.4f}, accuracy {s.accuracy:.4f}")
    return scores


def _machine(chosen: plan.Plan, setting: Setting, out: Path, store: Store) -> MachineChoice:
    _stage(8, "which machine should train? Measure the job on shapes of this host, predict it on others, check one")
    choice = chosen.choice
    assert choice is not None
    found = choose_machine(
        JOB, training_command(choice.method, choice.workers, str(TARGET)), machines.load_benchmark("lab"),
        out / "machine.json", reps=setting.reps, check_s=setting.check_s,
    )  # fmt: skip
    keep(store, found.fingerprint, replace=True)  # for learnsys machines rank, explain ...
    _show(found)
    checked = check_machine(found)
    for what, answer in checked.lines():
        _say(f"{what}: {answer}")
    return checked


def _inputs(model: Predictor, X: Any) -> dict[str, NDArray[Any]]:
    return {model.inputs[0].name: X}


def _stage(number: int, what: str) -> None:
    ERR.print(f"\n[bold]{number}/10[/bold] {what}")


def _say(text: str) -> None:
    ERR.print(f"    {text}")


def _show(result: Result) -> None:
    ERR.print(result.table().rich())
