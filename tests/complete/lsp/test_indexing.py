"""Progress is reported some times a second, and says when to end; the editor's part is tested end to end."""

import threading

from learnsys.complete.lsp import indexing
from learnsys.complete.lsp.indexing import Report


def test_reports_are_rare_and_the_end_is_told(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(indexing.time, "monotonic", lambda: now[0])
    sent, ended = [], threading.Event()
    report = Report(sent.append, ended)
    for done in range(1001):
        now[0] += 0.001
        assert report(done, 1000)
    assert 4 <= len(sent) <= 5
    assert sent[-1].percentage == int(sent[-1].message.split()[0]) // 10
    assert report(0, 0)
    ended.set()
    assert not report(1, 1)
