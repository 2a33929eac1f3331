"""How every command talks: results on stdout, progress and errors on stderr, exit code 0, 1 or 2."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

# A log has no width: 160 columns keep tables whole.
ERR: Final = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else 160)


@contextmanager
def progress(what: str, total: float | None = None) -> Iterator[Callable[[float, str], None]]:
    """Show a line of progress on stderr while the ``with`` block runs.

    Yields a function ``update(done, note)``. On a terminal the line moves; elsewhere only its
    beginning is printed, so that logs stay short.
    """
    if not ERR.is_terminal:
        print(f"{what} ...", file=sys.stderr, flush=True)
        yield lambda done, note: None
        return
    bar = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"), console=ERR, transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task(what, total=total, note="")
        yield lambda done, note: bar.update(task, completed=done, note=note)
