"""What there is to learn from: data sets by name, and files.

    names()                     the data sets that come by name
    load("nycflights")          a Dataset: X, y, the names of its columns, and its fingerprint ``ref``
    load("mail.libsvm.gz")      or a file: libsvm, npz, Parquet, CSV
    describe("nycflights")      its size, the balance of its target, the scale of its columns

>>> names()
('nycflights',)
"""

from learnsys.core.data.dataset import Dataset
from learnsys.core.data.describe import Description, describe
from learnsys.core.data.registry import load, names

__all__ = ["Dataset", "Description", "describe", "load", "names"]
