"""The unit that knows best: against a loop, with a unit whose knowledge is known, and where nobody knows anything."""

import numpy as np
import pytest

from reading_neurons import passes
from reading_neurons.corpora import tiny_c
from reading_neurons.features.libraries import library_of
from reading_neurons.methods import best_units, relevance
from reading_neurons.models.counting import CountingPathway
from reading_neurons.text import Vocabulary


@pytest.fixture(scope="module")
def functions():
    return tiny_c.generate(60, seed=4)


@pytest.fixture(scope="module")
def table(functions):
    """A unit that counts braces among 20 random ones, asked for what there is to know of C."""
    vocabulary = Vocabulary.of(functions.train.tokens, 1, list)
    pathway = CountingPathway(vocabulary, noise=20, unit=7, opens="{", closes="}", most=4)
    features = library_of("tiny_c")
    states = passes.states(pathway, functions.train)
    return relevance.from_states(states, functions.train, [*features], folds=5)


def test_the_counter_is_the_best_for_braces_and_knows_them_all_but_perfectly(table):
    best = best_units.best_units(table).set_index("feature")
    assert best.loc["braces, range", "unit"] == 7 and best.loc["braces, range", "knowledge"] > 0.98
    assert best.loc["braces, depth", "unit"] == 7 and best.loc["braces, depth", "knowledge"] > 0.9


def test_by_accuracy_a_rare_feature_has_no_best_unit(table):
    """What the measure is for: all units score the same, by never expecting it, and yet they differ."""
    rare = table[table["feature"] == "conditional, impulse"]
    assert np.ptp(rare["accuracy"]) < 1e-9 < np.ptp(best_units.knowledge(rare))


def test_against_a_loop(table):
    found = best_units.best_units(table, each=3)
    for feature, rows in table.groupby("feature", sort=False):
        known = [abs(2 * row.auc - 1) if row.auc == row.auc else max(row.score, 0) for row in rows.itertuples()]
        order = np.argsort(-np.array(known), kind="stable")[:3]
        part = found[found["feature"] == feature]
        assert part["unit"].tolist() == rows["unit"].to_numpy()[order].tolist()
        assert np.allclose(part["knowledge"], np.array(known)[order]) and part["rank"].tolist() == [0, 1, 2]
    assert found["feature"].unique().tolist() == table["feature"].unique().tolist()


def test_units_that_know_nothing(functions):
    rng = np.random.default_rng(0)
    characters = sum(map(len, functions.train.texts))
    table = relevance.from_states(
        rng.standard_normal((characters, 30)), functions.train, library_of("tiny_c")[:4], folds=5
    )
    assert best_units.knowledge(table).max() < 0.25 and best_units.knowledge(table).median() < 0.05


def test_two_networks_below_each_other(table):
    found = best_units.compared({"trained": table, "untrained": table}, each=2)
    assert found["network"].tolist() == ["trained"] * 44 + ["untrained"] * 44
    assert found[["type", "labels"]].iloc[0].tolist() == ["terminator", "range"]
    assert "function head" in set(found["type"]) and set(found["labels"]) == {"range", "impulse", "depth", "open"}


def test_what_cannot_be_asked(table):
    with pytest.raises(ValueError, match="the best 0 units, expected at least 1"):
        best_units.best_units(table, each=0)
    with pytest.raises(ValueError, match="at least one network, found none"):
        best_units.compared({})
