"""The default library of every language: labels that vary, names of their own, no feature twice by accident."""

import numpy as np
import pytest

from reading_neurons.corpora import load
from reading_neurons.features.libraries import library_of


@pytest.mark.parametrize("name", ["parentheses", "arithmetic"])
def test_every_feature_of_a_language_varies(name):
    library, strings = library_of(name), load(name, strings=300).test
    labels = library.labels(strings.items)
    assert labels.shape == (len(library), sum(map(len, strings.texts)))
    assert (labels.std(axis=1) > 0.05).all() and labels.min() == 0 and labels.max() == 1


def test_parentheses_have_every_level_twice():
    names = library_of("parentheses").names
    assert [f"brackets {level}, {kind}" for kind in ("range", "impulse") for level in range(1, 5)] == list(names[:8])
    library, strings = library_of("parentheses"), load("parentheses", strings=100).test
    labels = dict(zip(names, library.labels(strings.items), strict=True))
    nesting = np.stack([labels[f"nesting {count}"] for count in range(5)])
    np.testing.assert_array_equal(nesting.sum(axis=0), 1)
    np.testing.assert_allclose(np.arange(5) @ nesting / 4, labels["brackets, open"])


def test_a_digit_of_arithmetic_is_its_own_range_and_impulse():
    library, strings = library_of("arithmetic"), load("arithmetic", strings=100).test
    labels = dict(zip(library.names, library.labels(strings.items), strict=True))
    np.testing.assert_array_equal(labels["digit, range"], labels["digit, impulse"])
    np.testing.assert_array_equal(labels["brackets, range"], labels["brackets 1, range"])


def test_the_table_lists_kinds_and_descriptions():
    table = library_of("arithmetic").table().set_index("feature")
    assert table.loc["stack height", "kind"] == "continuous" and table.loc["sum, range", "kind"] == "binary"
    assert table["description"].str.len().min() > 10


def test_a_corpus_without_a_library_is_told():
    with pytest.raises(ValueError, match="the corpus 'scenes' has no feature library of its own, known are those of"):
        library_of("scenes")
