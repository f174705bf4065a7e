"""Ceilings: what the past decides reaches 1, what it cannot decide its exact chance, and nobody is better."""

import numpy as np
import pytest

from reading_neurons.corpora import arithmetic
from reading_neurons.corpora.shift_reduce import ARITHMETIC
from reading_neurons.corpora.strings import ParsedString, Strings
from reading_neurons.corpora.walks import Move, Walk
from reading_neurons.features import Feature
from reading_neurons.features.tree import open_of, range_of
from reading_neurons.methods.foreseeable import ceilings

# Throws of a coin, three in a string, with heads in 7 of 10.
COIN = Walk("coin", tuple((Move("h", n + 1, 0.7), Move("t", n + 1, 0.3)) for n in range(3)) + ((),), (0, 0, 0, 1), 3, 3)
THIS = Feature("heads", "this throw is heads", lambda item: [c == "h" for c in item.text])
NEXT = THIS.shift(-1).named("next is heads")
EITHER = Feature("any tails", "a throw of the string is tails", lambda item: ["t" in item.text] * len(item))


def tree(text):
    return ParsedString(text, ())


@pytest.fixture(scope="module")
def throws():
    rng = np.random.default_rng(1)
    return Strings("coin", "test", tuple(tree(COIN.draw(rng)) for _ in range(400)))


def test_what_has_been_read_is_certain_and_what_comes_is_its_chance(throws):
    found = ceilings([THIS, NEXT, EITHER], throws, COIN, tree, characters=5000).set_index("feature")
    assert found.loc["heads", "ceiling"] == 1.0
    # Next: heads after the first and second throw (7 of 10), never after the third, where there is none.
    assert found.loc["next is heads", "low"] < (0.7 + 0.7 + 1) / 3 < found.loc["next is heads", "high"] + 0.01
    # Tails somewhere: known once there was one, else a guess; by enumeration
    exact = np.mean([
        0.3 + 0.7 * max(0.49, 0.51), 0.51 + 0.49 * max(0.7, 0.3), 1.0,
    ])  # fmt: skip
    assert found.loc["any tails", "ceiling"] == pytest.approx(exact, abs=0.03)


def test_majority_is_the_base_rate_of_the_characters(throws):
    found = ceilings([THIS], throws, COIN, tree, characters=5000)
    share = np.mean([c == "h" for text in throws.texts for c in text])
    assert found["majority"][0] == pytest.approx(share)


def test_brackets_can_be_known_and_sums_cannot():
    corpus, walk = arithmetic.generate(strings=200), arithmetic.walk()
    kinds = [range_of("brackets"), range_of("sum")]
    found = ceilings(kinds, corpus.test, walk, ARITHMETIC.tree, characters=120, continuations=9).set_index("feature")
    assert found.loc["brackets, range", "ceiling"] == 1.0
    assert found.loc["sum, range", "high"] < 0.95


def test_the_seed_draws_the_same(throws):
    first, again, other = (ceilings([NEXT], throws, COIN, tree, characters=50, seed=s) for s in (1, 1, 2))
    assert first.equals(again) and not first.equals(other)


def test_bad_input(throws):
    with pytest.raises(ValueError, match="for binary features, found continuous ones: brackets, open"):
        ceilings([open_of("brackets", 2)], throws, COIN, tree)
    with pytest.raises(ValueError, match="found 0 and 5"):
        ceilings([THIS], throws, COIN, tree, continuations=0, characters=5)
    with pytest.raises(ValueError, match="found 'x' at column 1"):
        ceilings([THIS], Strings("coin", "test", (tree("x"),)), COIN, tree)
