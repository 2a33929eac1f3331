"""The rules of all languages say the same things."""

import pytest

from learnsys.complete.languages import LANGUAGES, grammar
from learnsys.complete.names.scopes import RULES


def test_every_language_has_rules():
    assert set(RULES) == set(LANGUAGES)


@pytest.mark.parametrize("language", list(RULES))
def test_types_of_nodes_are_those_of_the_grammar(language):
    rules, known = RULES[language], grammar(language)
    kinds = {known.node_kind_for_id(i) for i in range(known.node_kind_count)}
    told = rules.leaves | rules.scopes | rules.routines | rules.closed | rules.opaque | rules.dynamic
    assert told <= kinds, told - kinds
    assert rules.routines <= rules.scopes
