"""What a user keeps between commands: traces, fingerprints, models, catalogues, by kind and name, every version.

A folder holds ``store.db`` (SQLite, write-ahead log) and ``blobs/``, where each value lies under the sha256 of its
content. A value is moved into ``blobs`` whole, and its row is written in the same exclusive transaction: two processes
can write at once, and one that is killed leaves at most a blob that no row names, which the next ``delete`` sweeps up.
"""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final, final

import msgspec

from learnsys.core.errors import BadFile, InputError, UnknownName
from learnsys.core.files import existing, write_atomic
from learnsys.core.fingerprint import Fingerprint
from learnsys.core.machine import Catalog
from learnsys.core.predictor import load, read_card
from learnsys.core.result import encode_json
from learnsys.core.trace import Trace
from learnsys.core.trace_file import decode_traces, encode_traces

KINDS: Final = ("trace", "fingerprint", "model", "catalog")
VERSION: Final = 1
WAIT_S: Final = 60.0  # how long a writer waits for another
MODEL_FILES: Final = ("model.json", "model.safetensors")
_SCHEMA: Final = """
    CREATE TABLE versions (
        kind TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, digest TEXT NOT NULL, created TEXT NOT NULL,
        PRIMARY KEY (kind, name, version)
    ) WITHOUT ROWID
"""


@final
class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """The latest version of one name; all versions from 1 to it are kept."""

    kind: str
    name: str
    version: int
    digest: str
    created: datetime


@final
class Store:
    """The user's folder.

    Parameters
    ----------
    root : Path or str, optional
        The folder; ``$LEARNSYS_HOME``, ``$XDG_DATA_HOME/learnsys`` or ``~/.local/share/learnsys`` if not given.

    Raises
    ------
    BadFile
        If the folder cannot be written, is no store, or was written by a newer learnsys.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from learnsys.core.recorder import Recorder
    >>> folder = TemporaryDirectory()
    >>> store = Store(folder.name)
    >>> store.put("trace", "first try", Recorder("sgd").finish("rounds"))
    1
    >>> store.get("trace", "first try").method
    'sgd'
    >>> folder.cleanup()
    """

    def __init__(self, root: Path | str | None = None) -> None:
        self.root = default_root() if root is None else Path(root)
        self._blobs = self.root / "blobs"
        self._db = self.root / "store.db"
        try:
            self._blobs.mkdir(parents=True, exist_ok=True)
            with (self.root / "lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)  # two processes that meet an empty folder
                self._prepare()
        except OSError as error:
            raise BadFile.unreadable(self.root, error) from error

    def put(self, kind: str, name: str, value: Any) -> int:
        """Append a version of ``name``.

        Parameters
        ----------
        kind : {"trace", "fingerprint", "model", "catalog"}
            What it is.
        name : str
            What to call it.
        value : Trace, Fingerprint, Catalog, or for a model the Path of its folder
            What to keep; a model is copied.

        Returns
        -------
        int
            The version, from 1.

        Raises
        ------
        UnknownName
            If the kind is not one of these.
        InputError
            If the name is empty or the value is of another type.
        BadFile
            If the folder is no whole model.
        """
        if not name:
            raise InputError("a stored value needs a name", value=name, next="give a name that is not empty")
        content = _content(kind, value)
        digest = _digest(content)
        with self._transaction() as db:
            self._keep(content, digest)
            (last,) = db.execute("SELECT max(version) FROM versions WHERE kind=? AND name=?", (kind, name)).fetchone()
            row = (kind, name, version := (last or 0) + 1, digest, datetime.now(UTC).isoformat())
            db.execute("INSERT INTO versions VALUES (?, ?, ?, ?, ?)", row)
        return version

    def get(self, kind: str, name: str, version: int | None = None) -> Any:
        """Read a version of ``name``, the latest if none is given.

        Returns
        -------
        Trace, Fingerprint, Catalog or Predictor
            By the kind.

        Raises
        ------
        UnknownName
            If there is no such kind, name or version; the nearest are suggested.
        BadFile
            If its content was damaged.
        """
        _known(kind)
        query = "SELECT version, digest FROM versions WHERE kind=? AND name=? ORDER BY version"
        with self._reading() as db:
            digests = dict(db.execute(query, (kind, name)).fetchall())
        if not digests:
            raise UnknownName.of(kind, name, [s.name for s in self.list(kind)])
        if version is not None and version not in digests:
            raise UnknownName.of(f"version of {kind} {name!r}", str(version), map(str, digests))
        return _value(kind, self._blobs / digests[version or max(digests)])

    def list(self, kind: str) -> tuple[Stored, ...]:
        """List the names of a kind in order, each with its latest version.

        Raises
        ------
        UnknownName
            If there is no such kind.
        """
        _known(kind)
        # Of the columns beside max(), SQLite takes those of the row that has the maximum.
        query = "SELECT name, max(version), digest, created FROM versions WHERE kind=? GROUP BY name ORDER BY name"
        with self._reading() as db:
            rows = db.execute(query, (kind,)).fetchall()
        return tuple(
            Stored(kind=kind, name=n, version=v, digest=d, created=datetime.fromisoformat(c)) for n, v, d, c in rows
        )

    def delete(self, kind: str, name: str) -> None:
        """Forget every version of ``name``.

        Raises
        ------
        UnknownName
            If there is no such kind or name.
        """
        _known(kind)
        with self._transaction() as db:
            gone = db.execute("DELETE FROM versions WHERE kind=? AND name=?", (kind, name)).rowcount
        if not gone:
            raise UnknownName.of(kind, name, [s.name for s in self.list(kind)])
        with self._transaction() as db:  # only now, for a row must never outlive its blob
            self._sweep({digest for (digest,) in db.execute("SELECT DISTINCT digest FROM versions")})

    def _prepare(self) -> None:
        with self._reading() as db:
            db.execute("PRAGMA journal_mode = WAL")
        with self._transaction() as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version > VERSION:
                raise BadFile(
                    f"{self._db} has version {version}, and this learnsys reads up to {VERSION}",
                    value=version,
                    next="upgrade learnsys, or set LEARNSYS_HOME to another folder",
                )
            if version == 0:
                db.execute(_SCHEMA)
                db.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Connect for the ``with`` block; a connection for each, so that threads and forks are safe."""
        try:
            with closing(sqlite3.connect(self._db, timeout=WAIT_S, isolation_level=None)) as db:
                db.execute("PRAGMA synchronous = FULL")
                yield db
        except sqlite3.Error as error:
            raise BadFile.unreadable(self._db, error) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Be the only writer for the ``with`` block, which counts as a whole or not at all."""
        with self._reading() as db:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")

    def _keep(self, content: bytes | Path, digest: str) -> None:
        """Move content into ``blobs``; called by the only writer, so that nothing sweeps it before its row is there."""
        if (blob := self._blobs / digest).exists():
            if _intact(blob):
                return
            shutil.rmtree(blob) if blob.is_dir() else blob.unlink()  # damaged: here is what it should be
        if isinstance(content, bytes):
            write_atomic(blob, content)
            return
        folder = Path(mkdtemp(prefix=f".{digest}.", dir=self._blobs))
        for name in MODEL_FILES:
            write_atomic(folder / name, (content / name).read_bytes())
        os.rename(folder, blob)

    def _sweep(self, wanted: set[str]) -> None:
        """Remove blobs without a row, and the beginnings of blobs whose writer was killed."""
        for blob in self._blobs.iterdir():
            if blob.name not in wanted:
                shutil.rmtree(blob) if blob.is_dir() else blob.unlink()


def default_root() -> Path:
    """Find the user's folder by the environment."""
    if home := os.environ.get("LEARNSYS_HOME"):
        return Path(home)
    data = os.environ.get("XDG_DATA_HOME") or ""
    return (Path(data) if os.path.isabs(data) else Path.home() / ".local" / "share") / "learnsys"


def _known(kind: str) -> None:
    if kind not in KINDS:
        raise UnknownName.of("kind", kind, KINDS)


def _content(kind: str, value: Any) -> bytes | Path:
    """Make the bytes or find the folder that holds ``value``."""
    _known(kind)
    match kind, value:
        case "trace", Trace():
            return encode_traces([value])
        case ("catalog", Catalog()) | ("fingerprint", Fingerprint()):
            content = encode_json(value)
            try:
                msgspec.json.decode(content, type=type(value))
            except msgspec.ValidationError as error:  # JSON has no NaN: it could never be read again
                raise InputError(f"this {kind} has a value that is no number: {error}", next="mend it first") from error
            return content
        case "model", str() | Path():
            read_card(value)
            return Path(value)
    raise InputError(
        f"a {type(value).__name__} is no {kind}",
        value=type(value).__name__,
        next="give a Trace, a Fingerprint, a Catalog, or the path of a saved model",
    )


def _digest(content: bytes | Path) -> str:
    if isinstance(content, bytes):
        return sha256(content).hexdigest()
    return sha256(
        "".join(sha256((content / name).read_bytes()).hexdigest() for name in MODEL_FILES).encode()
    ).hexdigest()


def _intact(blob: Path) -> bool:
    """Tell whether a blob holds what its name says."""
    try:
        return _digest(blob if blob.is_dir() else blob.read_bytes()) == blob.name
    except OSError:
        return False


def _value(kind: str, blob: Path) -> Any:
    """Read a value again, checked against the digest that names it."""
    if not _intact(existing(blob)):
        raise BadFile.unreadable(blob, "its content is not what was stored")
    if kind == "model":
        return load(blob)
    content = blob.read_bytes()
    if kind == "trace":
        return decode_traces(content, blob)[0]
    return msgspec.json.decode(content, type=Catalog if kind == "catalog" else Fingerprint)
