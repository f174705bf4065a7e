"""Scores fold by fold: their means are those of relevance."""

import numpy as np
import pytest

from reading_neurons.corpora.strings import ParsedString, Strings
from reading_neurons.features import Feature, Library
from reading_neurons.features.text import characters, digit_value
from reading_neurons.methods.relevance import from_states, top
from reading_neurons.methods.relevance_folds import by_fold

RNG = np.random.default_rng(0)
STRINGS = Strings("toy", "test", tuple(ParsedString("".join(RNG.choice(list("a19"), size=12)), ()) for _ in range(30)))
FEATURES = Library([characters("a"), digit_value()])
LABELS = FEATURES.labels(STRINGS.items)
STATES = np.stack([LABELS[0] + 0.3 * RNG.normal(size=360), RNG.normal(size=360), LABELS[1]], axis=1)


def test_means_over_folds_are_relevance_and_the_best_unit_is_that_of_all_folds():
    table = from_states(STATES, STRINGS, FEATURES, folds=5, seed=2)
    found = by_fold(STATES, STRINGS, FEATURES, folds=5, seed=2)
    best = top(table, k=1).set_index("feature")
    for name, rows in found.groupby("feature"):
        assert len(rows) == 5 and set(rows["unit"]) == {best.loc[name, "unit"]}
        assert rows["best"].mean() == pytest.approx(best.loc[name, "score"])
        assert rows["majority"].mean() == pytest.approx(best.loc[name, "majority"], nan_ok=True)


def test_units_that_answer_are_counted():
    found = by_fold(STATES, STRINGS, FEATURES, folds=5).groupby("feature")["answering"].agg(["min", "max"])
    # Of the letter both its own unit and the digit's (which is 0 there) tell; of the digit its own alone, by R2.
    assert found.loc["one of a"].tolist() == [2, 2]
    assert found.loc["digit value", "min"] >= 1 and found.loc["digit value", "max"] <= 2


def test_noise_answers_nothing():
    noise = Feature("noise", "", lambda item: np.random.default_rng([*map(ord, item.text)]).random(len(item)) < 0.3)
    assert by_fold(STATES, STRINGS, noise, folds=3)["answering"].max() == 0
    with pytest.raises(ValueError, match="found 3 states for 360 labels"):
        by_fold(STATES[:3], STRINGS, noise, folds=3)
