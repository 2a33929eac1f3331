"""Polars, imported where a table file is read or written and nowhere else."""

from types import ModuleType

from learnsys.core.errors import MissingExtra


def polars() -> ModuleType:
    """Import Polars, or say which extra brings it.

    Raises
    ------
    MissingExtra
        If it is not installed.
    """
    try:
        import polars
    except ImportError as error:
        raise MissingExtra.of("polars", "data") from error
    return polars
