"""Groups: two units that know a feature only together are found, and nothing where there is nothing."""

import numpy as np
import pytest

from reading_neurons import passes
from reading_neurons.corpora.strings import ParsedString, Strings
from reading_neurons.features import Feature
from reading_neurons.methods import predictive_groups
from reading_neurons.methods.predictive_groups import groups
from reading_neurons.methods.relevance import relevance
from reading_neurons.models.counting import CountingPathway
from reading_neurons.text import Vocabulary


def strings(count=60, seed=0):
    rng = np.random.default_rng(seed)
    texts = ["".join(rng.choice(list("ab()"), size=20)) for _ in range(count)]
    return Strings("toy", "test", tuple(ParsedString(text, ()) for text in texts))


def known(name, values):
    """A feature of the place and text of a string, looked up among states."""
    table = dict(zip(strings().texts, values.reshape(-1, 20), strict=True))
    return Feature(name, "", lambda item: table[item.text])


@pytest.fixture(scope="module")
def pathway():
    return CountingPathway(Vocabulary(list("ab()"), list), noise=11, most=3)


def test_two_units_that_know_it_together(pathway):
    states = passes.states(pathway, strings())
    scaled = (states - states.mean(axis=0)) / states.std(axis=0)
    both = known("both", scaled[:, 3] + scaled[:, 8] > 0.3)
    found = groups(pathway, strings(), both, strengths=(0.003, 0.03, 0.3, 3))
    assert found["units"].is_monotonic_increasing and found["strength"].is_monotonic_increasing
    assert set(found["members"].iloc[-1][:2]) == {3, 8}
    alone = relevance(pathway, strings(), both, folds=5)["accuracy"].max()
    assert found["accuracy"].iloc[-1] > 0.95 > alone + 0.05
    assert (found["majority"] < 0.7).all() and found["balanced"].iloc[-1] > 0.95


def test_labels_that_mean_nothing_have_no_group(pathway):
    noise = known("noise", np.random.default_rng(1).random(1200) < 0.4)
    found = groups(pathway, strings(), noise, strengths=(0.001, 0.1))
    assert found["units"].iloc[0] == 0 and found["members"].iloc[0] == ()
    assert (found["accuracy"] < found["majority"] + 0.03).all() and found["balanced"].max() < 0.55


def test_only_so_many_characters_are_read(pathway, monkeypatch):
    read = []

    def constant(pathway, tokens):
        read.append(tokens)
        return np.ones((200, 2))

    monkeypatch.setattr(predictive_groups.passes, "states", constant)
    found = groups(pathway, strings(), known("half", np.arange(1200) % 2 == 0), characters=200, strengths=(1,))
    assert sum(map(len, read[0])) == 200 and found["units"].tolist() == [0]


def test_bad_input(pathway):
    depth = Feature("depth", "", lambda item: np.arange(len(item)), continuous=True, most=20)
    with pytest.raises(ValueError, match="'depth' is continuous"):
        groups(pathway, strings(), depth)
    with pytest.raises(ValueError, match="strengths above 0, found \\[0.1, 0\\]"):
        groups(pathway, strings(), known("all", np.ones(1200)), strengths=(0.1, 0))
    with pytest.raises(ValueError, match="is 1 at every one of"):
        groups(pathway, strings(), known("all", np.ones(1200)))
