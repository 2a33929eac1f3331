"""A second process for the tests of the store: ``python store_writer.py ROOT NAME COUNT [STOP]``.

It puts COUNT traces and says each version once it is kept. With STOP, it stands still in the middle of the last put:
``blob`` when the file is half written, ``row`` when the row is written and not yet committed, ``model`` when one of the
two files of a model (the folder ROOT/../model) is copied; it says ``here`` and waits to be killed.
"""

import os
import sqlite3
import sys
import time
from functools import partial
from pathlib import Path

from learnsys.core import files, store
from learnsys.core.recorder import Recorder


def stand_still(*args):
    print("here", flush=True)
    time.sleep(600)


class HaltingBeforeCommit(sqlite3.Connection):
    def execute(self, sql, *args):
        return stand_still() if sql == "COMMIT" else super().execute(sql, *args)


def trace(k):
    recorder = Recorder("sgd", params={"k": k, "pid": os.getpid()})
    for loss in range(50):
        recorder.step(float(loss))
    return recorder.finish("rounds")


def main(root, name, count, stop=""):
    keep = store.Store(root)
    for k in range(int(count)):
        last = k == int(count) - 1
        if last and stop == "blob":
            files.os.replace = stand_still
        if last and stop == "row":
            store.sqlite3.connect = partial(sqlite3.connect, factory=HaltingBeforeCommit)
        if last and stop == "model":
            store.os.rename = stand_still
            keep.put("model", name, Path(root).parent / "model")
        print(keep.put("trace", name, trace(k)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
