import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.complete import naive

from learnsys.complete.caches.contexts import KINDS
from learnsys.complete.caches.occurrences import Occurrences, followers

MOST = 3
tokens = st.lists(st.integers(0, 4), min_size=1, max_size=30)


def hashes(names):
    """Contexts of kind k: the last k % 3 tokens."""
    rows = [[hash((k % 3, *names[max(0, t - k % 3) : t])) % 2**32 for k in range(KINDS)] for t in range(len(names))]
    return np.array(rows, np.uint32)


def found(store, kind, value):
    out = np.empty(MOST, np.int32)
    n = followers(store.arrays, (kind, np.uint32(value)), MOST, out)
    return out[:n].tolist()


def agree(store, twin, asked):
    for row in asked:
        for kind in (0, 1, 2, KINDS - 1):
            assert found(store, kind, row[kind]) == twin.find(kind, row[kind], MOST)


@settings(max_examples=40, deadline=None)
@given(st.lists(tokens, min_size=1, max_size=4))
def test_chains_find_what_plain_lists_find(files):
    store, twin = Occurrences(4), naive.Followers()
    for key, names in enumerate(files):
        store.add(np.array(names, np.int32), hashes(names))
        twin.add(key, np.array(names), hashes(names))
    agree(store, twin, hashes(files[0]).tolist())


@settings(max_examples=40, deadline=None)
@given(tokens, tokens, st.integers(0, 30))
def test_what_is_forgotten_leaves_no_trace(first, second, keep):
    store, twin = Occurrences(4), naive.Followers()
    keep = min(keep, len(first))
    store.add(np.array(first, np.int32), hashes(first))
    store.forget(keep)
    store.add(np.array(second, np.int32), hashes(second))
    twin.add(0, np.array(first[:keep]), hashes(first)[:keep])
    twin.add(1, np.array(second), hashes(second))
    agree(store, twin, hashes(first).tolist() + hashes(second).tolist())


def test_places_that_were_removed_no_longer_speak():
    store, names = Occurrences(), [1, 2, 1, 3, 1]
    store.add(np.array(names, np.int32), hashes(names))
    store.remove(1, 3)
    assert found(store, 0, hashes(names)[0][0]) == [1, 3, 1]
