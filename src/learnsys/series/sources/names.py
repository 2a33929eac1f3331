"""Names of series as small integers, one numbering over all batches of a pass.

Batches of a Parquet file share the dictionary of their row group, so numbers are translated once a dictionary, and not
at all while the dictionary is in the order of the numbering.
"""

from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.series.sources.arrow import arrow, first_null, view


@final
class Names:
    """A numbering of names in the order in which they are met.

    Attributes
    ----------
    ids : tuple of str
        The names so far.

    Examples
    --------
    >>> names = Names()
    >>> names.codes(arrow().array(["b", "a", "b"])).tolist(), names.codes(arrow().array(["c", "a"])).tolist(), names.ids
    ([0, 1, 0], [2, 1], ('b', 'a', 'c'))
    """

    def __init__(self) -> None:
        self.ids: tuple[str, ...] = ()
        self._number: dict[str, int] = {}
        self._dictionary: Any = None
        self._words: list[str] = []
        self._numbers = np.empty(0, np.int32)  # of the words; -1 for those that have not occurred
        self._same = False  # the number of each word is its place
        self._complete = True  # all words have occurred

    def codes(self, column: Any) -> NDArray[np.int32]:
        """Number the names in an Arrow array, shape (n,).

        Raises
        ------
        InputError
            If a name is null.
        """
        pa = arrow()
        if pa.types.is_dictionary(column.type) and column.dictionary.null_count:  # a word that is null is a null
            column = column.dictionary_decode()
        if column.null_count:
            row = first_null(column)
            raise InputError(
                f"names of series are null: {column.null_count}, the first in row {row} of its batch",
                value=column.null_count,
                next="drop the rows without a name first",
            )
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        places = column.indices
        raw = view(places if places.type == pa.int32() else places.cast(pa.int32()), "i4")
        if self._dictionary is None or not column.dictionary.equals(self._dictionary):
            self._dictionary = column.dictionary
            words = column.dictionary.to_pylist()
            self._words = [word.decode() if isinstance(word, bytes) else str(word) for word in words]
            self._translate()
        if not self._complete:
            self._meet(raw)
        return raw if self._same else translated(raw, self._numbers)

    def _meet(self, raw: NDArray[np.int32]) -> None:
        """Number the words that occur, in order of their first occurrence."""
        places, first = np.unique(raw, return_index=True)
        for place in places[np.argsort(first)]:
            self._number.setdefault(self._words[place], len(self._number))
        if len(self._number) > len(self.ids):
            self.ids = tuple(self._number)
            self._translate()

    def _translate(self) -> None:
        self._numbers = np.array([self._number.get(word, -1) for word in self._words], np.int32)
        self._complete = bool((self._numbers >= 0).all())
        self._same = bool(np.array_equal(self._numbers, np.arange(self._numbers.size)))


@final
class Choice:
    """The numbers that chosen names have among the chosen.

    Parameters
    ----------
    ids : tuple of str
        The chosen names.
    """

    def __init__(self, ids: tuple[str, ...]) -> None:
        self.ids = ids
        self._of: tuple[str, ...] = ()
        self._places = np.empty(0, np.int32)

    def codes(self, ids: tuple[str, ...], codes: NDArray[np.int32]) -> NDArray[np.int32]:
        """Translate numbers of ``ids``; those that are not chosen get -1.

        Examples
        --------
        >>> Choice(("c", "a")).codes(("a", "b", "c"), np.arange(3, dtype=np.int32)).tolist()
        [1, -1, 0]
        """
        if ids is not self._of:
            place = {name: i for i, name in enumerate(self.ids)}
            self._of, self._places = ids, np.array([place.get(name, -1) for name in ids], np.int32)
        return translated(codes, self._places)


def translated(codes: NDArray[np.int32], numbers: NDArray[np.int32]) -> NDArray[np.int32]:
    """Look up each code in ``numbers``, shape (n,).

    Numpy would first make 64-bit indices of them, which takes as long as reading the column.
    """
    from learnsys.series.sources.kernels import look_up

    return np.asarray(look_up(codes, numbers))
