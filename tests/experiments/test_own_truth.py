"""Networks of four forms, trained in a second or two: what was planted is found, and nothing in shuffled words."""

import numpy as np
import pytest

from reading_neurons.corpora import polarity
from reading_neurons.experiments import own_truth
from reading_neurons.models import own_networks as own
from reading_neurons.models.training import Schedule, fit

QUICK = Schedule(epochs=3, batch_size=64, learning_rate=4e-3, decay=0.6, patience=3)
SIGNLESS = ("score omission", "integrated gradients")


@pytest.fixture(scope="module")
def corpus():
    return polarity.generate(600)


@pytest.fixture(scope="module", params=own.OWN)
def learnt(request, corpus):
    vocabulary = own.vocabulary_of(corpus)
    network = own.untrained(request.param, vocabulary)
    fit(network, *own.examples(corpus, vocabulary), QUICK)
    return own.wrapped(request.param, network)


def test_what_was_planted_is_found_and_not_in_shuffled_words(learnt, corpus):
    table = own_truth.attributed(learnt, corpus.test, SIGNLESS)
    for method in SIGNLESS:
        found = own_truth.correlation(table, method, signed=False)
        assert found["low"] > found["null_high"], (learnt.name, method, found)
        nothing = own_truth.correlation(own_truth.shuffled(table), method, signed=False)
        assert abs(nothing["correlation"]) < 0.15


def test_a_table_for_the_chart_of_recovery(learnt, corpus):
    few = corpus.test.take(range(12))
    table = own_truth.recovery({learnt.name: learnt}, few)
    assert table["test"].tolist()[:2] == ["omission, size", "score omission, size"]
    assert len(table) == len(own_truth.ASKED) + 3 and set(table["pathway"]) == {learnt.name}
    expected = own_truth.correlation(own_truth.attributed(learnt, few), "derivative", signed=False)
    row = table.set_index("test").loc["derivative, size"]
    np.testing.assert_allclose([row["correlation"], row["low"]], [expected["correlation"], expected["low"]])
