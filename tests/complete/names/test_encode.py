"""Numbers say what the words said."""

import numpy as np
from tests.complete.names.toys import sources

from learnsys.complete.names.encode import NUMBERS, encode
from learnsys.complete.names.features import describe
from learnsys.complete.names.flat import flat
from learnsys.complete.names.proposals import proposals
from learnsys.complete.names.vocabulary import learn_names


def test_arrays_hold_the_features_and_candidates_of_each_symbol():
    files = [(source.package, describe(flat(source.text, "js"))) for source in sources()]
    vocabulary = learn_names(files, "js", features=100, names=5)
    file = files[0][1]
    asked = proposals(file, vocabulary.weight, "js")
    found = encode(file, asked, vocabulary)
    assert len(found) == len(file)
    for i, described in enumerate(file):
        own = found.features[found.feature_offsets[i] : found.feature_offsets[i + 1]]
        assert {vocabulary.features[j] for j in own} == set(described.features) & set(vocabulary.features)
    flat_candidates = [(i, c) for i, own in enumerate(asked) for c in own]
    assert found.owners.tolist() == [i for i, _ in flat_candidates]
    for j, (_, candidate) in enumerate(flat_candidates):
        parts = found.parts[found.part_offsets[j] : found.part_offsets[j + 1]]
        assert len(parts) == max(len(candidate.words), 1)
        known = found.known[j]
        assert (vocabulary.names[known] if known >= 0 else None) == (
            candidate.name if candidate.name in vocabulary.names else None
        )
    assert found.numbers.shape == (len(flat_candidates), NUMBERS)
    assert np.isfinite(found.numbers).all()


def test_a_file_without_symbols_is_empty():
    vocabulary = learn_names([], "js")
    found = encode([], [], vocabulary)
    assert len(found) == 0
    assert found.numbers.shape == (0, NUMBERS)
