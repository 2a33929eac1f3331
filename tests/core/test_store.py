"""What was kept is there again: after another writer, after a kill, and never half."""

import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.store_writer import trace
from tests.core.strategies import quick, traces
from tests.core.test_fingerprint import PRINT
from tests.core.test_predictor import save

from learnsys.core import predictor
from learnsys.core.errors import BadFile, InputError, UnknownName
from learnsys.core.machine import Catalog, Machine
from learnsys.core.store import VERSION, Store, default_root

WRITER = Path(__file__).with_name("store_writer.py")
CATALOG = Catalog(
    machines=(Machine(key="aws/m6i.large", vcpus=2, memory_bytes=8 << 30),),
    source="test", licence="CC0", as_of=date(2026, 1, 1), sha256="",
)  # fmt: skip


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "home")


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A folder of a model whose room gives back the path that it reads."""
    monkeypatch.setattr(predictor, "ROOMS", {"toy": "toys"})
    monkeypatch.setattr(predictor, "import_module", {"toys": SimpleNamespace(load_predictor=lambda path: path)}.get)
    return save(tmp_path / "model")


def writer(root, *words):
    """Start the other process."""
    return subprocess.Popen(
        [sys.executable, WRITER, str(root), *map(str, words)],
        cwd=WRITER.parents[2], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def kill(process):
    process.send_signal(signal.SIGKILL)
    out, err = process.communicate()
    assert err == ""
    return out.split()


def is_whole(store):
    """Whether the database is sound and every blob that a row names is there and has the content of its name."""
    with closing(sqlite3.connect(store.root / "store.db")) as db:
        sound = db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        digests = {d for (d,) in db.execute("SELECT digest FROM versions WHERE kind = 'trace'")}
    blobs = store.root / "blobs"
    return sound and all(sha256((blobs / d).read_bytes()).hexdigest() == d for d in digests)


@settings(quick, max_examples=15)
@given(found=st.lists(traces, min_size=1, max_size=4))
def test_every_version_of_a_trace_comes_back(tmp_path_factory, found):
    store = Store(tmp_path_factory.mktemp("home"))
    assert [store.put("trace", "run", t) for t in found] == list(range(1, len(found) + 1))
    assert [store.get("trace", "run", k) for k in range(1, len(found) + 1)] == found
    assert store.get("trace", "run") == found[-1]


def test_a_fingerprint_comes_back(store):
    store.put("fingerprint", "etl", PRINT)
    assert store.get("fingerprint", "etl") == PRINT


def test_what_json_cannot_hold_is_refused_before_it_hides_what_is_kept(store):
    store.put("fingerprint", "etl", PRINT)
    run = msgspec.structs.replace(PRINT.runs[0], cpu_s=float("nan"))
    with pytest.raises(InputError, match="no number"):
        store.put("fingerprint", "etl", msgspec.structs.replace(PRINT, runs=(run,)))
    assert store.get("fingerprint", "etl") == PRINT


def test_a_damaged_blob_is_mended_by_putting_its_value_again(store):
    store.put("catalog", "mine", CATALOG)
    (blob,) = (store.root / "blobs").iterdir()
    blob.write_bytes(blob.read_bytes()[:10])
    with pytest.raises(BadFile, match="not what was stored"):
        store.get("catalog", "mine")
    store.put("catalog", "mine", CATALOG)
    assert store.get("catalog", "mine", 1) == store.get("catalog", "mine", 2) == CATALOG


def test_a_catalogue_comes_back(store):
    store.put("catalog", "mine", CATALOG)
    assert store.get("catalog", "mine") == CATALOG


def test_a_model_is_copied_whole_and_loaded_from_the_copy(store, model):
    store.put("model", "m", model)
    assert store.put("model", "m", str(model)) == 2, "the same content is a new version"
    for file in model.iterdir():
        file.unlink()
    copy = store.get("model", "m", 1)
    assert copy == store.get("model", "m", 2)
    assert copy.parent == store.root / "blobs"
    assert sorted(f.name for f in copy.iterdir()) == ["model.json", "model.safetensors"]


def test_a_folder_that_is_no_whole_model_is_refused_and_not_kept(store, model):
    (model / "model.safetensors").write_bytes(b"other numbers")
    with pytest.raises(BadFile, match="sha256"):
        store.put("model", "m", model)
    assert store.list("model") == ()
    assert not list((store.root / "blobs").iterdir())


def test_the_list_names_the_latest_version_of_each(store):
    before = datetime.now(UTC)
    for name in ("b", "a", "b"):
        store.put("trace", name, trace(0))
    found = store.list("trace")
    assert [(s.kind, s.name, s.version) for s in found] == [("trace", "a", 1), ("trace", "b", 2)]
    assert all(before <= s.created <= datetime.now(UTC) for s in found)
    assert store.list("catalog") == ()


def test_another_store_object_sees_what_was_kept(store):
    store.put("trace", "run", kept := trace(0))
    assert Store(store.root).get("trace", "run") == kept


def test_delete_forgets_the_name_and_keeps_content_that_another_name_has(store):
    shared, own = trace(0), trace(1)
    store.put("trace", "a", shared)
    store.put("trace", "a", own)
    store.put("trace", "b", shared)
    store.delete("trace", "a")
    assert [s.name for s in store.list("trace")] == ["b"]
    assert store.get("trace", "b") == shared
    assert len(list((store.root / "blobs").iterdir())) == 1
    assert store.put("trace", "a", own) == 1


def test_unknown_names_suggest_their_neighbours(store):
    store.put("trace", "first run", trace(0))
    with pytest.raises(UnknownName, match="did you mean first run"):
        store.get("trace", "frst run")
    with pytest.raises(UnknownName, match="did you mean first run"):
        store.delete("trace", "first rum")
    with pytest.raises(UnknownName, match="known: 1"):
        store.get("trace", "first run", 2)
    for verb in (store.list, lambda kind: store.get(kind, "x"), lambda kind: store.delete(kind, "x")):
        with pytest.raises(UnknownName, match="did you mean trace"):
            verb("traces")


@pytest.mark.parametrize(
    ("kind", "name", "value", "says"),
    [("trace", "x", CATALOG, "a Catalog is no trace"), ("catalog", "x", 3, "an? int is no catalog"),
     ("model", "x", trace(0), "a Trace is no model"), ("trace", "", trace(0), "needs a name")],
)  # fmt: skip
def test_a_value_of_another_kind_or_without_a_name_is_refused(store, kind, name, value, says):
    with pytest.raises(InputError, match=says):
        store.put(kind, name, value)
    assert store.list(kind) == ()


def test_damaged_content_is_noticed(store, model):
    store.put("trace", "run", trace(0))
    store.put("model", "m", model)
    for blob in (store.root / "blobs").iterdir():
        file = blob / "model.json" if blob.is_dir() else blob
        file.write_bytes(file.read_bytes().replace(b"1", b"2"))
    for kind, name in (("trace", "run"), ("model", "m")):
        with pytest.raises(BadFile, match="not what was stored"):
            store.get(kind, name)


def test_a_newer_store_is_left_alone(store):
    with closing(sqlite3.connect(store.root / "store.db")) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(BadFile, match="LEARNSYS_HOME"):
        Store(store.root)


def test_a_folder_that_is_no_store_is_named(tmp_path):
    (tmp_path / "store.db").write_text("this is not a database, but it is long enough to be read as one" * 20)
    with pytest.raises(BadFile, match=r"store\.db"):
        Store(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(BadFile, match="file"):
        Store(tmp_path / "file")


@pytest.mark.parametrize(
    ("environment", "root"),
    [
        ({"LEARNSYS_HOME": "/a", "XDG_DATA_HOME": "/b"}, "/a"),
        ({"XDG_DATA_HOME": "/b"}, "/b/learnsys"),
        ({"XDG_DATA_HOME": "relative"}, "/home/me/.local/share/learnsys"),
        ({"LEARNSYS_HOME": "", "XDG_DATA_HOME": ""}, "/home/me/.local/share/learnsys"),
    ],
)
def test_the_environment_names_the_folder(monkeypatch, environment, root):
    for name in ("LEARNSYS_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"HOME": "/home/me"} | environment).items():
        monkeypatch.setenv(name, value)
    assert default_root() == Path(root)


def test_threads_share_one_store(store):
    with ThreadPoolExecutor(4) as pool:
        versions = list(pool.map(lambda k: store.put("trace", "run", trace(k)), range(20)))
    assert sorted(versions) == list(range(1, 21))
    assert {store.get("trace", "run", v).params["k"] for v in versions} == set(range(20))


def test_two_processes_write_at_once_and_lose_nothing(tmp_path):
    both = [writer(tmp_path / "home", "run", 100) for _ in range(2)]  # both meet an empty folder
    said = [process.communicate(timeout=120) for process in both]
    assert [err for _, err in said] == ["", ""]
    versions = [int(word) for out, _ in said for word in out.split()]
    assert sorted(versions) == list(range(1, 201))
    store = Store(tmp_path / "home")
    wrote = [(t.params["pid"], t.params["k"]) for t in (store.get("trace", "run", v) for v in range(1, 201))]
    assert sorted(wrote) == sorted((p.pid, k) for p in both for k in range(100))
    assert is_whole(store)


@pytest.mark.parametrize("stop", ["blob", "row", "model"])
def test_a_process_killed_in_the_middle_of_a_put_leaves_what_was_kept_and_no_half(tmp_path, model, stop):
    process = writer(tmp_path / "home", "run", 3, stop)
    said = [process.stdout.readline().strip() for _ in range(3)]
    assert said == ["1", "2", "here"]
    process.send_signal(signal.SIGKILL)
    process.communicate()
    store = Store(tmp_path / "home")
    assert [(s.name, s.version) for s in store.list("trace")] == [("run", 2)]
    assert store.list("model") == ()
    assert [store.get("trace", "run", v).params["k"] for v in (1, 2)] == [0, 1]
    assert is_whole(store)
    assert store.put("trace", "run", trace(2)) == 3, "the dead process holds no lock"
    store.put("trace", "other", trace(9))
    store.delete("trace", "other")
    assert len(list((store.root / "blobs").iterdir())) == 3, "what it left half done is swept up"


@pytest.mark.parametrize("wait_s", [0.0, 0.05, 0.2])
def test_a_process_killed_at_any_time_loses_nothing_that_it_said_was_kept(tmp_path, wait_s):
    process = writer(tmp_path / "home", "run", 100_000)
    first = process.stdout.readline()
    time.sleep(wait_s)
    said = [first.strip(), *kill(process)]
    store = Store(tmp_path / "home")
    (latest,) = store.list("trace")
    assert latest.version in (len(said), len(said) + 1), "one more may have been kept and not yet said"
    assert [store.get("trace", "run", int(v)).params["k"] for v in said] == list(range(len(said)))
    assert is_whole(store)


def test_many_meet_an_empty_folder_at_once(tmp_path):
    for k in range(20):
        with ThreadPoolExecutor(8) as pool:
            stores = list(pool.map(Store, [tmp_path / f"home{k}"] * 8))
        assert [store.list("trace") for store in stores] == [()] * 8


def test_a_reader_keeps_no_writer_waiting_and_sees_what_was_there_when_it_began(store, monkeypatch):
    monkeypatch.setattr("learnsys.core.store.WAIT_S", 0.1)
    store.put("trace", "run", trace(0))
    with closing(sqlite3.connect(store.root / "store.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM versions").fetchone() == (1,)
        assert store.put("trace", "run", trace(1)) == 2
        assert reader.execute("SELECT count(*) FROM versions").fetchone() == (1,)


def test_a_writer_keeps_no_reader_waiting(tmp_path):
    process = writer(tmp_path / "home", "run", 2, "row")
    try:
        assert [process.stdout.readline().strip() for _ in range(2)] == ["1", "here"]
        with closing(sqlite3.connect(tmp_path / "home" / "store.db", timeout=0)) as reader:
            assert reader.execute("SELECT count(*) FROM versions").fetchone() == (1,)
    finally:
        kill(process)
