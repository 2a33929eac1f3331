import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.complete import naive
from tests.complete.toys import encoded

from learnsys.complete.caches.contexts import KINDS, marks, rows
from learnsys.complete.caches.occurrences import followers
from learnsys.complete.caches.project import Project

FILES, _, LEXICON = encoded(6)
MOST = 64


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=12))
def test_knows_the_files_that_were_added_and_not_removed(steps):
    project, twin = Project(LEXICON), naive.Followers()
    for add, i in steps:
        file = FILES[i]
        if add:
            assert project.add(i, file.names, file.lines)
            twin.add(i, file.names, rows(file.names, file.lines, marks(LEXICON))[0])
        else:
            project.remove(i)
            twin.remove(i)
    assert len(project) == sum(map(len, twin.files.values()))
    asked = rows(FILES[0].names, FILES[0].lines, marks(LEXICON))[0]
    out = np.empty(MOST, np.int32)
    for t in (5, 20):
        for kind in range(KINDS):
            n = followers(project.arrays, (kind, asked[t, kind]), MOST, out)
            expected = twin.find(kind, int(asked[t, kind]), 10**6)
            assert out[:n].tolist() == expected[:n]
            assert n == min(len(expected), MOST)


def test_a_full_project_leaves_files_out_and_takes_them_when_there_is_room():
    size = len(FILES[0])
    project = Project(LEXICON, most=size + 5)
    assert project.add("a", FILES[0].names, FILES[0].lines)
    assert not project.add("b", FILES[1].names, FILES[1].lines)
    assert "a" in project
    assert "b" not in project
    project.remove("a")
    assert project.add("b", FILES[1].names[:size], FILES[1].lines[:size])


def test_files_that_change_often_take_no_more_room():
    project = Project(LEXICON)
    names, lines = np.tile(FILES[0].names, 20), np.tile(FILES[0].lines, 20)
    for _ in range(30):
        project.add("a", names, lines)
    assert len(project) == len(names)
    assert len(project.arrays[0]) < 20 * len(names)


def test_no_more_places_are_made_than_a_full_project_needs():
    names, lines = np.tile(FILES[0].names, 20)[:1000], np.tile(FILES[0].lines, 20)[:1000]
    project = Project(LEXICON, most=3000)
    for i in range(3):
        assert project.add(i, names, lines)
    project.remove(1)
    assert project.room == 1000
    assert project.add(3, names, lines)
    assert len(project.arrays[0]) == 3000
