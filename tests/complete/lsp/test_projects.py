"""A path belongs to the innermost folder that holds it; a folder's project is made once, when it is needed."""

from pathlib import Path

from learnsys.complete.lsp.projects import Projects


def test_paths_and_folders():
    made = []
    projects = Projects(lambda folder: made.append(folder) or str(folder))
    assert projects.add(Path("/a"))
    assert projects.add(Path("/a/b"))
    assert not projects.add(Path("/a"))
    assert made == []
    asked = ["/a/x.js", "/a/b/x.js", "/ab/x.js", "/a/b/c/d.js", "/a/x.js"]
    assert [projects.of(Path(path)) for path in asked] == ["/a", "/a/b", "None", "/a/b", "/a"]
    assert made == [Path("/a"), Path("/a/b"), None]
    projects.remove(Path("/a/b"))
    projects.remove(Path("/nowhere"))
    assert projects.of(Path("/a/b/x.js")) == "/a"
