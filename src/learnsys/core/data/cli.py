"""``learnsys data``: list and describe data sets and files."""

from pathlib import Path

from cyclopts import App

from learnsys.core.data.describe import Description
from learnsys.core.data.describe import describe as describe_data
from learnsys.core.data.registry import DatasetList
from learnsys.core.files import check_output
from learnsys.core.result import SUFFIXES

app = App(name="data", help="List and describe data sets and files.")


@app.command(name="list")
def list_data() -> DatasetList:
    """List the data sets that are loaded by name."""
    return DatasetList()


@app.command
def describe(data: str, *, target: str | None = None, save: Path | None = None) -> Description:
    """Say what is in a data set: its size, the balance of its target, the scale of its columns.

    Parameters
    ----------
    data : str
        Name of a data set, or a file: .libsvm .svm .svmlight .txt .npz .parquet .csv.
    target : str
        Column of a table to predict, the last one if not given.
    save : Path
        Keep the description too: .json .jsonl .csv .md .parquet (the table), .svg .png .html (a chart).
    """
    check_output(save, SUFFIXES, source=data)
    found = describe_data(data, target=target)
    if save is not None:
        found.save(save)
    return found
