"""Discoveries: what is planted is among them, what is not stays at the rate, autocorrelation or not."""

import numpy as np
import pytest

from reading_neurons.corpora.strings import ParsedString, Strings
from reading_neurons.features import Feature
from reading_neurons.methods.relevance_null import NULLS, discoveries
from reading_neurons.models.counting import CountingPathway
from reading_neurons.text import Vocabulary

VOCABULARY = Vocabulary(list("01234()"), list)


def walks(count=80, seed=0):
    rng = np.random.default_rng(seed)
    texts = []
    for _ in range(count):
        depth, text = 0, ""
        for _ in range(rng.integers(8, 24)):
            move = rng.choice([m for m in "d()" if not (m == "(" and depth == 4 or m == ")" and depth == 0)])
            depth += (move == "(") - (move == ")")
            text += str(depth) if move == "d" else move
        texts.append(text + ")" * depth)
    return Strings("toy", "test", tuple(ParsedString(text, ()) for text in texts))


DEPTH = Feature(
    "depth", "", lambda item: np.cumsum([(c == "(") - (c == ")") for c in item.text]), continuous=True, most=4
)


def run_of_labels(seed):
    """Labels in runs that have nothing to do with the string."""

    def values(item):
        rng = np.random.default_rng([seed, *map(ord, item.text)])
        return np.repeat(rng.random(len(item) // 5 + 1) < 0.5, 5)[: len(item)]

    return Feature(f"runs {seed}", "", values)


@pytest.mark.parametrize("null", NULLS)
def test_the_counter_is_found_and_runs_of_labels_are_not(null):
    pathway = CountingPathway(VOCABULARY, noise=20, unit=4)
    features = [DEPTH, *map(run_of_labels, range(8))]
    table = discoveries(pathway, walks(), features, null=null, permutations=100)
    assert len(table) == 9 * 21
    depth = table[table["feature"] == "depth"].set_index("unit")
    assert depth.loc[4, "found"] and depth["correlation"].abs().idxmax() == 4
    rest = table[table["feature"] != "depth"]
    assert rest["found"].mean() < 0.05
    # Over 168 nulls p is uniform but for chance.
    assert 0.01 < (rest["p"] < 0.1).mean() < 0.25


def test_shuffling_single_characters_would_find_what_is_not_there(monkeypatch):
    monkeypatch.setitem(NULLS, "characters", lambda lengths, rng: rng.permutation(lengths.sum()))
    pathway, strings = CountingPathway(VOCABULARY, noise=20, unit=4), walks()
    features = list(map(run_of_labels, range(8)))
    naive = discoveries(pathway, strings, features, null="characters", permutations=100)
    ours = discoveries(pathway, strings, features, permutations=100)
    assert (naive["p"] < 0.05).mean() > 1.5 * (ours["p"] < 0.05).mean()


def test_columns_follow_from_one_another():
    pathway = CountingPathway(VOCABULARY, noise=3)
    table = discoveries(pathway, walks(20), DEPTH, permutations=50, rate=0.2)
    assert table["q"].ge(table["p"] - 1e-12).all()
    assert (table["found"] == (table["q"] <= 0.2)).all()
    assert table["correlation"].abs().le(1).all()
    assert table.equals(discoveries(pathway, walks(20), DEPTH, permutations=50, rate=0.2))


@pytest.mark.parametrize("null", NULLS)
def test_orders_keep_runs(null):
    lengths = np.array([3, 5, 4, 8])
    order = NULLS[null](lengths, np.random.default_rng(0))
    assert order.shape == (20,) and order.min() >= 0 and order.max() < 20
    assert (np.diff(order) == 1).mean() > 0.6


def test_bad_input():
    pathway, strings = CountingPathway(VOCABULARY, noise=2), walks(5)
    with pytest.raises(ValueError, match="unknown null 'bootstrap'"):
        discoveries(pathway, strings, DEPTH, null="bootstrap")
    with pytest.raises(ValueError, match="at least 20 permutations, found 3"):
        discoveries(pathway, strings, DEPTH, permutations=3)
    with pytest.raises(ValueError, match="between 0 and 1, found 1.5"):
        discoveries(pathway, strings, DEPTH, rate=1.5)
    with pytest.raises(ValueError, match="of which 2 are needed: found 1"):
        discoveries(pathway, strings.take([0]), DEPTH)
