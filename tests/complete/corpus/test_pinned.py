"""The list that ships: pinned to the byte, each package in one split, every language complete."""

import re
from collections import Counter

import pytest

from learnsys.complete.corpus.pinned import pinned
from learnsys.complete.corpus.types import SPLITS
from learnsys.complete.languages import LANGUAGES
from learnsys.core.errors import UnknownName


@pytest.mark.parametrize("key", LANGUAGES)
def test_packages_are_pinned_by_version_and_sources(key):
    for package in pinned(key):
        assert package.language == key
        assert package.version
        assert re.fullmatch(r"[0-9a-f]{64}", package.sha256), package.name
        assert package.registry in {"js": ("npm",), "py": ("pypi",), "cpp": ("npm", "deb")}[key]


@pytest.mark.parametrize("key", LANGUAGES)
def test_a_package_is_in_one_split_and_every_split_has_some(key):
    names = Counter(package.name for package in pinned(key))
    assert set(names.values()) == {1}
    assert {package.split for package in pinned(key)} == set(SPLITS)
    assert len({package.sha256 for package in pinned(key)}) == len(names)


def test_an_unknown_language_lists_the_known():
    with pytest.raises(UnknownName, match="known: js, py, cpp"):
        pinned("rust")
