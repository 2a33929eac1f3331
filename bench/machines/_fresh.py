"""Fresh runs: of programs of the lab, and of some that no table has. Every prediction is on disk before its run."""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from _decisions import Record
from _figures import figure

from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.lab.journal import judged
from learnsys.machines.lab.programs import PROGRAMS
from learnsys.machines.lab.runner import run_program
from learnsys.machines.measure.shape import Shape
from learnsys.machines.models.memory import need_of
from learnsys.machines.models.model import fit
from learnsys.machines.models.observe import observe
from learnsys.machines.models.references import choose_references

QUESTION = "lab"
TIME_BAR = 12.0
NEW = ("bz2_pack", "set_algebra", "solve", "unique")
PROGRAMS_FILE = str(Path(__file__).with_name("_fresh_programs.py"))
TRIES, REPS = 3, 2
CHOSEN: dict[str, np.ndarray] = {}
PLENTY, TIGHT = Shape.parse("cpu=1,mem=4g"), Shape.parse("cpu=1,mem=128m")
SMALL = (0.125, 0.25, 0.5)
LADDER = tuple(Shape.parse(f"cpu=1,mem={mem}") for mem in ("256m", "512m", "1g"))


def fresh_figures(lab: Benchmark, quick: bool, seed: int) -> list[Record]:
    """Predict and run: times of lab programs and of new ones, then whether new ones fit."""
    rng = np.random.default_rng(seed)
    full = lab.only(workloads=[i for i, w in enumerate(lab.workloads) if w.size == 1.0])
    known = rng.choice(full.groups, 2 if quick else 12, replace=False).tolist()
    new = rng.permutation(NEW)[: 2 if quick else len(NEW)].tolist()
    records = []
    for case, names, targets in (
        ("programs of the lab", known, 1 if quick else 2),
        ("new programs", new, 1 if quick else 6),
    ):
        errors, of = [], []
        for name in names:
            found = _times(full, name, targets, rng)
            errors += found
            of += [name] * len(found)
        if errors:
            told = f"fresh runs, {case}"
            records.append(figure(QUESTION, told, "MAPE %", np.array(errors), of, rng, bar=TIME_BAR))
    return records if quick else records + _memory(new, rng)


def command(name: str, size: float) -> tuple[str, ...]:
    """Words that run a program, of the lab or new."""
    if name in PROGRAMS:
        return PROGRAMS[name].command(size)
    return (sys.executable, PROGRAMS_FILE, name, f"{size:g}")


def fresh(name: str, size: float, shape: Shape, held: int | None = None) -> Run:
    """Run it now; again if other work disturbed it."""
    for _ in range(TRIES):
        run = run_program(command(name, size), shape, held)
        if run.rejected is None:
            break
    return Run(**{f: getattr(run, f) for f in run.__struct_fields__} | {"size": size, "rejected": None})


def repeated(name: str, shape: Shape, held: int | None = None) -> list[Run]:
    """Run the full input twice; what took longer than the fastest does not count, as in the lab."""
    return [run for run in judged([fresh(name, 1.0, shape, held) for _ in range(REPS)]) if run.rejected is None]


def _times(full: Benchmark, name: str, count: int, rng: np.random.Generator) -> list[float]:
    """Percentage errors of one program's time in some shapes, told from runs on each of two references."""
    training = full.only(workloads=np.flatnonzero(full.groups != name)) if name in full.groups else full
    references = _references(training)
    seen = [run for v in references for run in repeated(name, Shape.parse(training.keys[v]))]
    if any(run.outcome != "ok" for run in seen):
        return []  # the references do not hold it: there is nothing to predict from
    observed = observe(training, Fingerprint(name=name, command=command(name, 1.0), runs=tuple(seen)))
    seconds = np.exp(fit(training, observed.machines).predict(observed).log_s)
    held = max(run.peak_bytes for run in seen)
    able = [v for v, m in enumerate(training.catalog.machines) if m.memory_bytes > 1.3 * held and m.vcpus >= 0.5]
    targets = rng.permutation(np.setdiff1d(able, references))[:count]
    errors = []
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder, "predicted.json")
        kept.write_text(json.dumps({training.keys[v]: seconds[v] for v in targets}))
        for key, predicted in json.loads(kept.read_text()).items():
            ended = [run.elapsed_s for run in repeated(name, Shape.parse(key), held) if run.elapsed_s is not None]
            if ended:
                took = float(np.mean(ended))
                errors.append(100 * abs(predicted / took - 1))
                print(f"  fresh {name} on {key}: predicted {predicted:.2f} s, took {took:.2f} s")
    return errors


def _references(training: Benchmark) -> np.ndarray:
    """Two references; chosen once for all programs that the table does not have."""
    if training.digest not in CHOSEN:
        CHOSEN[training.digest] = choose_references(training, 2)
    return CHOSEN[training.digest]


def _memory(names: list[str], rng: np.random.Generator) -> list[Record]:
    """Whether new programs fit, told from smaller inputs in plenty of memory and in little."""
    wrong, of = [], []
    for name in names:
        runs = [fresh(name, size, shape) for size in SMALL for shape in (PLENTY, TIGHT)]
        need = need_of(runs, lambda key: float(Shape.parse(key).memory_bytes))
        doubt = {shape: float(need.p_fits(1.0, shape.memory_bytes)) < 0.5 for shape in LADDER}
        for shape, flagged in doubt.items():
            run = fresh(name, 1.0, shape, round(float(need.appetite(1.0))))
            wrong.append(100.0 * (flagged != (run.outcome == "oom")))
            of.append(name)
    return [figure(QUESTION, "fresh runs, new programs", "wrong about does not fit, %", np.array(wrong), of, rng)]
