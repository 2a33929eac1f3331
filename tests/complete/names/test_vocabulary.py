"""What has a number is what several packages have."""

import pytest
from tests.complete.names.toys import sources

from learnsys.complete.names.features import describe
from learnsys.complete.names.flat import flat
from learnsys.complete.names.vocabulary import learn_names


@pytest.fixture(scope="module")
def files():
    return [(source.package, describe(flat(source.text, "js"))) for source in sources()]


def test_names_that_one_package_has_are_left_out(files):
    alone = describe(flat("function alone(lonely) { return lonely.item }", "js"))
    found = learn_names([*files, ("d", alone)], "js")
    assert {"context", "item", "i", "user"} <= set(found.names)
    assert not {"alone", "lonely"} & set(found.names)


def test_there_are_no_more_than_asked_for_and_numbers_fit(files):
    found = learn_names(files, "js", features=50, names=7, parts=9, sources=11)
    assert [len(x) for x in (found.features, found.idf, found.names, found.parts, found.sources)] == [50, 50, 7, 9, 11]
    assert [found.features[i] for i in found.feature_ids.values()] == list(found.features)
    assert found.name_ids[found.names[3]] == 3


def test_what_is_rare_weighs_more(files):
    found = learn_names(files, "js")
    assert found.weight("never seen") >= found.weight("method=draw") > found.weight("sort=variable")
