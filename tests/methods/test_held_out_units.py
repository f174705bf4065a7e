"""Units chosen on one split and measured on another: against scikit-learn, with a planted unit, and with none."""

import zlib

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from reading_neurons import passes
from reading_neurons.corpora import tiny_c
from reading_neurons.features.feature import Feature, Library
from reading_neurons.features.libraries import library_of
from reading_neurons.methods import held_out_units
from reading_neurons.models.counting import CountingPathway
from reading_neurons.statistics import cluster_draws
from reading_neurons.text import Vocabulary

LIBRARY = library_of("tiny_c")


@pytest.fixture(scope="module")
def corpus():
    return tiny_c.generate(150, seed=6)


@pytest.fixture(scope="module")
def pathway(corpus):
    vocabulary = Vocabulary.of(corpus.train.tokens, 1, list)
    return CountingPathway(vocabulary, noise=12, unit=5, opens="{", closes="}", most=4)


def test_the_planted_unit_is_chosen_and_holds(corpus, pathway):
    table, draws = held_out_units.held_out(pathway, corpus.train, corpus.test, LIBRARY, replicates=50)
    row = table.set_index("feature").loc["braces, range"]
    assert row["unit"] == 5 and row["low"] > 0.95 and row["low"] <= row["knowledge"] <= row["high"]
    assert table["feature"].tolist() == list(LIBRARY.names) and set(draws) == set(LIBRARY.names)


def test_knowledge_against_scikit_learn_and_numpy(corpus, pathway):
    states, labels = passes.states(pathway, corpus.test), LIBRARY.labels(corpus.test.items)
    found = held_out_units.signed_knowledge(states, labels, LIBRARY)
    for place, feature in enumerate(LIBRARY):
        for unit in (0, 5, 12):
            if feature.continuous:
                correlation = np.corrcoef(states[:, unit], labels[place])[0, 1]
                expected = np.sign(correlation) * correlation**2
            else:
                expected = 2 * roc_auc_score(labels[place], states[:, unit]) - 1
            assert found[place, unit] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", ["braces, range", "braces, depth"])
def test_draws_count_each_string_as_often_as_it_was_drawn(corpus, pathway, name):
    table, draws = held_out_units.held_out(
        pathway, corpus.train, corpus.test, Library([LIBRARY[name]]), replicates=4, seed=3
    )
    unit = table["unit"][0]
    counts = cluster_draws(len(corpus.test), 4, 3)
    for drawn, count in zip(draws[name], counts, strict=True):
        again = corpus.test.take(np.repeat(np.arange(len(corpus.test)), count))
        values, labels = passes.states(pathway, again)[:, unit], LIBRARY[name].labels
        labels = np.concatenate([labels(item) for item in again.items])
        expected = 2 * roc_auc_score(labels, values) - 1 if "range" in name else np.corrcoef(values, labels)[0, 1] ** 2
        assert abs(drawn) == pytest.approx(expected, abs=1e-5)


def test_a_label_that_means_nothing_is_not_known_elsewhere(corpus, pathway):
    """Random labels: the best of the units seems to know something where it was chosen, and nothing elsewhere."""

    def random(name):
        def values(item):
            return np.random.default_rng(zlib.crc32(f"{name} {item.text}".encode())).random(len(item)) < 0.1

        return Feature(name, "at random", values)

    library = Library([random(f"random {number}") for number in range(3)])
    table, _ = held_out_units.held_out(pathway, corpus.validation, corpus.train, library, replicates=100)
    assert (table["chosen"] > 0.02).all()
    assert (table["knowledge"].abs() < 0.06).all() and ((table["low"] < 0) & (table["high"] > 0)).sum() >= 2


def test_differences_are_paired(corpus, pathway):
    other = CountingPathway(pathway.vocabulary, noise=12, unit=5, opens="(", closes=")", most=4)
    library = LIBRARY[:2] + [LIBRARY["braces, range"]]
    made = {
        name: held_out_units.held_out(one, corpus.train, corpus.test, library, replicates=50)
        for name, one in (("braces", pathway), ("brackets", other))
    }  # fmt: skip
    draws, tables = ({name: pair[place] for name, pair in made.items()} for place in (1, 0))
    found = held_out_units.differences(draws, tables, "braces", "brackets").set_index("feature")
    assert found.loc["braces, range", "low"] > 0.2
    same = held_out_units.differences(draws, tables, "braces", "braces")
    assert (same[["difference", "low", "high"]] == 0).all(axis=None)


def test_no_string_is_an_error(corpus, pathway):
    with pytest.raises(ValueError, match="found none|at least one"):
        held_out_units.held_out(pathway, corpus.train, corpus.test.take([]), LIBRARY)
