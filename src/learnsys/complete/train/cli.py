"""``learnsys complete train``: a model of one's own code, or of a corpus."""

import time
from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Final, NamedTuple

from cyclopts import App
from msgspec.structs import replace

from learnsys.complete.corpus.types import Source
from learnsys.complete.languages import language as spoken
from learnsys.complete.train.types import Trained
from learnsys.core.chart import SUFFIXES
from learnsys.core.check import check_seed
from learnsys.core.console import progress
from learnsys.core.errors import Incompatible, InputError, Interrupted, MissingExtra
from learnsys.core.files import check_output
from learnsys.core.trace_file import SUFFIXES as TRACES
from learnsys.core.units import format_duration

MINUTES: Final = 2.0
MEASUREMENTS: Final = 24  # of the sample, about, in a run
app = App(name="train", help="Train a model of code on a folder or a corpus.")


@app.default
def train(
    folder: Path | None = None,
    /,
    *,
    corpus: Path | None = None,
    language: str | None = None,
    minutes: float | None = None,
    epochs: float | None = None,
    out: Path | None = None,
    checkpoint: Path | None = None,
    trace: Path | None = None,
    seed: int = 0,
    chart: Path | None = None,
) -> Trained:
    """Train a model of code on a folder or a corpus.

    Parameters
    ----------
    folder
        With sources; hidden and installed folders below it are skipped. The model gets the gate of the one that ships.
    corpus
        A corpus that learnsys complete corpus build made, instead of a folder; its validation packages teach the model
        how far to believe what file and project repeat.
    language
        js, py or cpp; the one that most of the folder is in, if not given.
    minutes
        Of CPU time on one core; 2 if neither this nor epochs is given.
    epochs
        Times that all files are gone through.
    out
        For the model (.safetensors); named after the language in the working folder, if not given.
    checkpoint
        Keeps the run, and is gone on from if it is there; beside the model if not given, and then deleted at the end.
    trace
        For the trace of the run (.jsonl or .parquet), which learnsys plan choose reads.
    seed
        Of first weights and of the order of files.
    chart
        For a picture of how bits a token fell (.svg, .png or .html).
    """
    _check(folder, corpus, language)
    check_seed(seed)
    for option, value in (("minutes", minutes), ("epochs", epochs)):
        if value is not None and not 0 < value < inf:
            raise InputError(f"--{option} is {value}", value=value, next="give a positive number")
    check_output(trace, TRACES)
    check_output(chart, SUFFIXES)
    given = _given(folder, corpus, language)
    out = out or Path(f"{given.key}.safetensors")
    check_output(out, (".safetensors",))
    kept = checkpoint or out.with_suffix(".checkpoint")
    check_output(kept)
    cpu_s = 60 * (minutes or MINUTES) if minutes or not epochs else None
    made = replace(_run(given, cpu_s=cpu_s, epochs=epochs, out=out, kept=kept, seed=seed), left_out=given.left_out)
    if trace is not None:
        made.trace.save(trace)
    if chart is not None:
        made.save(chart)
    if checkpoint is None:
        kept.unlink(missing_ok=True)
    return made


def _check(folder: Path | None, corpus: Path | None, language: str | None) -> None:
    if (folder is None) == (corpus is None):
        raise Incompatible("give a folder or --corpus, one of them", next="learnsys complete train FOLDER")
    if language is not None:
        spoken(language)


class _Given(NamedTuple):
    """What to learn from: sources, those of other packages, the key of their language, where they are from."""

    sources: tuple[Source, ...]
    others: tuple[Source, ...]
    key: str
    name: str
    left_out: dict[str, int]


def _given(folder: Path | None, corpus: Path | None, language: str | None) -> _Given:
    if folder is not None:
        from learnsys.complete.corpus.folder import read_folder, spoken_in

        key = spoken_in(folder, language)
        sources, left_out = read_folder(folder, key)
        return _Given(sources, (), key, folder.resolve().name, left_out)
    from learnsys.complete.corpus.stored import read, read_manifest

    assert corpus is not None
    key = read_manifest(corpus).language
    if language not in (None, key):
        raise InputError(f"{corpus} is in {spoken(key).title}", value=language, next=f"leave --language {language} out")
    return _Given(read(corpus, "train"), read(corpus, "valid"), key, corpus.stem, {})


def _run(given: _Given, *, cpu_s: float | None, epochs: float | None, out: Path, kept: Path, seed: int) -> Trained:
    try:
        from learnsys.complete.train.fit import Schedule
        from learnsys.complete.train.training import prepare
        from learnsys.complete.train.training import train as trained
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise MissingExtra.of("torch", "torch") from error
    with progress(f"reading {given.name}", total=1.0) as told:
        data = prepare(given.sources, given.key, notice=told)
    every_s = max(2.0, min(120.0, (cpu_s or 2880.0) / MEASUREMENTS))
    schedule = Schedule(epochs=epochs, cpu_s=cpu_s, seed=seed, every_s=every_s)
    try:
        with progress(f"training on {data.tokens:,} tokens", total=1.0) as told:
            return trained(
                data, schedule, out=out, name=given.name, checkpoint=kept, others=given.others, notice=_with_eta(told)
            )
    except KeyboardInterrupt:
        if not kept.exists():
            raise
        again = "the same command goes on from it"
        raise Interrupted(f"interrupted; the run is kept in {kept}", value=str(kept), next=again) from None


def _with_eta(told: Callable[[float, str], None]) -> Callable[[float, str], None]:
    """Add to each notice how long the rest will take, at the pace since the first one."""
    first: list[tuple[float, float]] = []

    def notice(share: float, note: str) -> None:
        now = time.monotonic()
        first.append((share, now)) if not first else None
        done = share - first[0][0]
        rest = f", {format_duration((now - first[0][1]) / done * (1 - share))} left" if done > 0 else ""
        told(share, note + rest)

    return notice
