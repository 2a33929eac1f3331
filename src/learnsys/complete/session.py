"""Files that are open in an editor, completed while one types: what a plug-in, a notebook or a server talks to."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock, Thread
from typing import TYPE_CHECKING, Protocol, final

import numpy as np

from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.fragments.cut import PRECISION, Cut
from learnsys.complete.fragments.words import in_text
from learnsys.complete.languages import language, language_of
from learnsys.complete.lexing.positions import line_of, offset_at
from learnsys.complete.runtime.blend import Blend
from learnsys.complete.runtime.memory import ProjectMemory
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.neighbours import Neighbours
from learnsys.complete.runtime.project import Advance, Project
from learnsys.complete.runtime.shipped import Given, model_of
from learnsys.complete.runtime.sources import Sources
from learnsys.complete.runtime.spread import Words
from learnsys.complete.runtime.state import Stop, Stopped
from learnsys.complete.runtime.typed import Asked, Typed
from learnsys.complete.source import read_text
from learnsys.complete.style.near import Near
from learnsys.complete.types import Suggestion, Suggestions
from learnsys.core.errors import BadFile, InputError, Interrupted
from learnsys.core.files import existing

if TYPE_CHECKING:
    from learnsys.complete.fragments.types import Fragment
    from learnsys.complete.unusual.types import Oddity


class Cancel(Protocol):
    """What a caller keeps to take a question back, such as a `threading.Event`."""

    def is_set(self) -> bool:
        """Tell whether the answer is not wanted any more."""


@final
class Session:
    """The open files of one project, its words, and the models that complete it. Safe to use from several threads.

    Parameters
    ----------
    project : path, optional
        Folder that the files belong to.
    language : str, optional
        Language of all files; by default each file's suffix tells.
    models : mapping of str to path, optional
        Model files by language, in the place of those that ship.

    Raises
    ------
    UnknownName
        If there is no such language.
    BadFile
        If the project is no folder.
    """

    def __init__(
        self,
        project: Path | str | None = None,
        language: str | None = None,
        models: Mapping[str, Given] | None = None,
    ) -> None:
        self.project = None if project is None else _folder(project)
        self._language = None if language is None else _key(language)
        self._models = dict(models or {})
        self._lexicon = Lexicon()
        self._words: dict[str, Words] = {}
        self._memories: dict[str, ProjectMemory] = {}
        self._open: dict[Path, OpenFile] = {}
        self._lock = RLock()
        self._neighbours = Neighbours(self.memory)
        self._project = None if self.project is None else Project(self.project, self.memory, self._lock)

    def open(self, path: Path | str, text: str | None = None) -> "OpenFile":
        """Open a file, with the text that its editor holds or that of the disk; opened twice, the second counts.

        Raises
        ------
        InputError
            If its suffix belongs to no known language.
        BadFile
            If it cannot be read as text, is too large, or there is no usable model of its language.
        """
        path = Path(path)
        key = self._language or language_of(path).key
        text = read_text(path) if text is None else text
        model = model_of(key, self._models)
        with self._lock:
            self._forget(path)
            file = self._open[path] = OpenFile(path, Typed(text, model, self._lexicon), self._known(model), self)
            self._neighbours.open(file._typed, file._lock)
        if self._project is not None:
            self._project.hide(path)
        return file

    def close(self, path: Path | str) -> None:
        """Forget an open file, whose text on the disk counts from now on; one that is not open is none to forget."""
        path = Path(path)
        with self._lock:
            known = self._forget(path)
        if known and self._project is not None:
            self._project.show(path)

    def index(self, advance: Advance = lambda done, total: True) -> str:
        """Learn the files of the project; meanwhile other threads may ask.

        Parameters
        ----------
        advance : callable
            Told (files read, files in all); its answer False ends the reading.

        Returns
        -------
        str
            What was read, and what was left out and why.
        """
        return "no project to read" if self._project is None else self._project.index(advance)

    def refresh(self, path: Path | str) -> None:
        """Learn a file of the project anew that was written, made, renamed or deleted outside of its editor."""
        if self._project is not None:
            self._project.refresh(Path(path))

    def start_indexing(self, advance: Advance = lambda done, total: True) -> Thread:
        """Learn the files of the project in a thread of its own, which is returned."""
        thread = Thread(target=self.index, args=(advance,), name="learnsys project", daemon=True)
        thread.start()
        return thread

    @property
    def lexicon(self) -> Lexicon:
        """All words seen, by number."""
        return self._lexicon

    @property
    def lock(self) -> RLock:
        """Held while what was learned of the project changes or is asked."""
        return self._lock

    def memory(self, key: str) -> ProjectMemory:
        """Return what was learned of the project's files in one language."""
        with self._lock:
            if key not in self._memories:
                self._memories[key] = ProjectMemory(self._lexicon, key)
            return self._memories[key]

    def _forget(self, path: Path) -> bool:
        file = self._open.pop(path, None)
        if file is not None:
            self._neighbours.close(file._typed)
        return file is not None

    def _known(self, model: Model) -> Words:
        key = model.vocabulary.language
        if key not in self._words:
            self._words[key] = Words(model.vocabulary, self._lexicon)
        return self._words[key]


@final
class OpenFile:
    """A file that is being edited; made by `Session.open`. Places are code points of its text."""

    def __init__(self, path: Path, typed: Typed, words: Words, session: Session) -> None:
        self.path = path
        self._typed, self._session = typed, session
        gate, memory = typed.reading.model.gate, session.memory(typed.document.language)
        blend = None if gate is None else Blend(gate, session.lexicon, memory.caches, words)
        self._sources = Sources(words=words, counts=memory.counts, lexicon=session.lexicon, blend=blend)
        self._near = Near()
        self._lock = RLock()

    @property
    def text(self) -> str:
        """The text as it is now."""
        return self._typed.document.text

    @property
    def language(self) -> str:
        """Key of its language."""
        return self._typed.document.language

    def edit(self, start: int, end: int, new: str) -> None:
        """Replace the code points from ``start`` to ``end`` by ``new``.

        Raises
        ------
        InputError
            If the text has no such places.
        """
        with self._lock:
            self._typed.document.edit(start, end, new)

    def become(self, text: str) -> None:
        """Take over a whole new text; what it shares with the old one at both ends is not read again."""
        with self._lock:
            self._typed.document.become(text)

    def suggest(self, offset: int, n: int = 5, *, cancel: Cancel | None = None) -> Suggestions:
        """Return the ``n`` likeliest tokens at a cursor, or fewer; none inside a comment.

        What is typed of the token before the cursor is the prefix: all suggestions begin with it and go on from it.
        Texts with white space, which are parts of strings, are suggested in strings only.

        Parameters
        ----------
        offset : int
            Where the cursor is, 0 ... length of the text.
        n : int
            Most suggestions.
        cancel : Cancel, optional
            Asked now and then; when it is set, the question is dropped.

        Raises
        ------
        InputError
            If there is no such place, or ``n`` < 1.
        Interrupted
            If it was cancelled.
        """
        if n < 1:
            raise InputError.below("n", n, 1)
        with self._lock, _takes_back():
            self._check(offset)
            asked = self._typed.ask(offset, stop=_stop(cancel))
            if asked.cursor.commented:
                return Suggestions(items=(), prefix="")
            return Suggestions(items=self._items(asked, n), prefix=asked.cursor.prefix)

    def rerank(self, offset: int, candidates: Sequence[str], *, cancel: Cancel | None = None) -> Suggestions:
        """Return what another server offers at a cursor, the likeliest first; fails as `suggest` does.

        Of labels the first token counts: ``join(sep)`` is ``join``. All candidates come back; those that the model
        does not expect keep their order, behind, with p = 0.
        """
        from learnsys.complete.rerank import rerank

        return rerank(self, offset, candidates, cancel=cancel)

    def fragment(self, offset: int, precision: float = PRECISION, *, cancel: Cancel | None = None) -> "Fragment":
        """Return the tokens that are sure enough to go on from a cursor, to the end of the line at most.

        They keep to the white space of file and project, close no bracket that the file closes itself, do not say what
        stands behind the cursor already, and leave the file no more broken than it was.

        Parameters
        ----------
        offset : int
            Where the cursor is, 0 ... length of the text.
        precision : float
            Of the fragments that are not empty, in such a share the first token is right; a higher one shows fewer.
        cancel : Cancel, optional
            Asked now and then; when it is set, the question is dropped.

        Raises
        ------
        InputError
            If there is no such place, or ``precision`` is no share.
        Interrupted
            If it was cancelled.
        """
        from learnsys.complete.fragments.cursor import fragment_at

        cut, style = Cut.of(self.language, precision), (self._session.memory(self.language).spaces, self._near)
        with self._lock, self._session.lock, _takes_back():
            self._check(offset)
            self._session._neighbours.ask(self._typed)
            return fragment_at(self._typed, offset, self._sources, style, cut=cut, stop=_stop(cancel))

    def unusual(self) -> "tuple[Oddity, ...]":
        """Return the names of the file where another one, in scope, would be far likelier, the worst first."""
        from learnsys.complete.unusual.find import find_unusual

        with self._lock:
            text, model = self.text, self._typed.reading.model
        return find_unusual(text, model, path=str(self.path), lexicon=self._session.lexicon).items

    def close(self) -> None:
        """Tell the session that nobody edits it any more."""
        self._session.close(self.path)

    def _check(self, offset: int) -> None:
        if not 0 <= offset <= len(self.text):
            raise InputError(
                f"a cursor at {offset} is outside a text of {len(self.text)} code points",
                value=offset, next="read the whole text again",
            )  # fmt: skip

    def _items(self, asked: Asked, n: int) -> tuple[Suggestion, ...]:
        prefix, words = asked.cursor.prefix, self._session.lexicon.words
        with self._session.lock:
            self._session._neighbours.ask(self._typed)
            if self._sources.blend is not None:
                self._sources.blend.follow(self._typed.prefix.tape, asked.cursor.t)
            spread = self._sources.spread(asked.answer, asked.line, prefix)
        best = self._sources.words.best(spread, prefix, n, spaced=in_text(asked.tokens, asked.cursor))
        return tuple(
            Suggestion(
                text=words[name],
                p=p,
                origin=origin,
                line=self._line(name, asked) if origin == "file" else None,
            )
            for name, p, origin in best
        )

    def _line(self, name: int, asked: Asked) -> int:
        """Return the line, from 1, of the last token before the cursor that is called so."""
        found = asked.tokens
        t = int(np.flatnonzero(self._typed.prefix.tape.names[: asked.cursor.t] == name)[-1])
        return line_of(found.text, int(found.starts[t]))


def suggest(
    path: Path | str, line: int, column: int, n: int = 5, *, models: Mapping[str, Given] | None = None
) -> Suggestions:
    """Complete a file on the disk.

    Parameters
    ----------
    path : path
        Of the file.
    line, column : int
        Of the cursor, from 1, in code points.
    n : int
        Most suggestions.
    models : mapping of str to path, optional
        As of a `Session`.

    Raises
    ------
    BadFile, InputError
        As `Session.open` and `OpenFile.suggest`; or if there is no such line.
    """
    file = Session(models=models).open(path)
    return file.suggest(offset_at(file.text, line, column, name=str(path)), n)


@contextmanager
def _takes_back() -> Iterator[None]:
    try:
        yield
    except Stopped:
        raise Interrupted("the question was taken back") from None


def _stop(cancel: Cancel | None) -> Stop:
    return cancel.is_set if cancel else lambda: False


def _folder(path: Path | str) -> Path:
    if not (path := existing(path)).is_dir():
        raise BadFile(f"{path} is no folder", value=str(path), next="name the folder of the project")
    return path


def _key(key: str) -> str:
    return language(key).key
