"""What optimal inputs must say in generated worlds, and a method that would not say it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from reading_neurons.corpora import scenes
from reading_neurons.experiments import input_truth
from reading_neurons.experiments.input_truth import (
    Followers,
    by_hand,
    enumerated,
    next_words,
    outputs,
    planted_words,
    says,
)
from reading_neurons.experiments.panel import panel
from reading_neurons.experiments.record import read
from reading_neurons.experiments.truth import claims_of, figures_of
from reading_neurons.methods import corpus_search
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.models import Imaginet
from reading_neurons.neurons import Neuron, output, unit
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

RECORDED = sorted((Path(__file__).parents[2] / "book" / "results").glob("input-optimization-scenes.json"))
CAPTIONS = scenes.generate(scenes=300).train


@pytest.fixture(scope="module")
def found():
    """The checks of one tiny world, whose networks have learnt next to nothing."""
    return list(input_truth.checks(panel("scenes", quick=True, networks=("imaginet",))))


def test_a_tiny_world_is_asked_every_check(found):
    assert len(found) == 12 and len({check.check for check in found}) == 12
    assert all(0 <= check.low <= check.value <= check.high <= 1 for check in found)


def test_what_does_not_depend_on_training_holds_in_a_tiny_world(found):
    sure = ("written by hand", "enumerated", "without training, too")
    held = [check.holds for check in found if any(words in check.check for words in sure)]
    assert held == [True] * 3


def test_a_search_that_finds_anything_fails_the_checks(monkeypatch):
    monkeypatch.setattr(input_truth, "optimize", lambda *args, **options: optimize(*args, lowest=True, **options))
    vocabulary = Vocabulary.of(CAPTIONS.tokens)
    assert not input_truth._written_by_hand(vocabulary).holds
    pathway = Imaginet(vocabulary, CAPTIONS.dimensions, embedding=8, units=16).eval().pathways["visual"]
    assert input_truth._enumerated(pathway, outputs(pathway, CAPTIONS.dimensions[:5]), 0).value == 0


def test_every_neuron_written_by_hand_can_reach_one():
    vocabulary = Vocabulary.of(CAPTIONS.tokens)
    pathway, neurons = by_hand(vocabulary)
    ids = torch.tensor([[vocabulary.number(word) for word in "a dog red near two".split()]])
    reached = Reader(pathway, neurons).read(ids.repeat(len(neurons), 1), torch.arange(len(neurons)))
    assert reached.tolist() == pytest.approx([0, 1, 1, 1, 1, 1, 1])
    found = optimize(pathway, neurons)
    assert set(found["words"].iloc[6].split()) & {"dog", "dogs"} and found["words"].iloc[6].split()[-1] in {
        "two",
        "three",
        "four",
        "five",
    }


def test_the_enumerated_optimum_is_that_of_a_loop():
    vocabulary = Vocabulary(["a", "dog", "two", "runs"])
    pathway = Imaginet(vocabulary, ["object:dog", "number:two"], embedding=4, units=8).eval().pathways["visual"]
    neurons = outputs(pathway, ["object:dog", "number:two"])
    reader = Reader(pathway, neurons)
    best = np.full(2, -np.inf)
    for first in range(4, 8):
        for second in range(4, 8):
            values = reader.read(torch.tensor([[first, second]] * 2), torch.tensor([0, 1])).numpy()
            best = np.maximum(best, values)
    np.testing.assert_allclose(enumerated(pathway, neurons, 2), best, atol=1e-6)


def test_planted_words_are_the_forms_of_the_lexicon():
    assert planted_words("object:dog") == ("dog", "dogs") and planted_words("attribute:red") == (
        "red",
        "crimson",
        "scarlet",
    )
    known = {word for words in CAPTIONS.tokens for word in words}
    assert all(set(planted_words(name)) & known for name in scenes.DIMENSIONS)


def test_what_is_planted_is_read_off_the_words():
    pathway = (
        Imaginet(Vocabulary.of(CAPTIONS.tokens), CAPTIONS.dimensions, embedding=4, units=8).eval().pathways["visual"]
    )
    neurons = [output(pathway, "dog"), output(pathway, "two"), output(pathway, "red")]
    assert says(neurons, ["boat dogs and", "dog", "a scarlet toy"]).tolist() == [True, False, True]


def test_followers_know_what_stands_before_a_word():
    follows = Followers([("a", "dog", "runs"), ("runs",)])
    neurons = [Neuron("output", (0,), name) for name in ("dog", "a", "runs")]
    assert follows.share(["runs a", "a a", "a dog"], neurons).tolist() == [True, False, True]


def test_next_words_are_frequent_and_drawn_by_the_seed():
    pathway = (
        Imaginet(Vocabulary.of(CAPTIONS.tokens), CAPTIONS.dimensions, embedding=4, units=8).eval().pathways["textual"]
    )
    drawn = next_words(pathway, CAPTIONS.tokens, seed=0, count=12)
    counts = pd.Series([word for words in CAPTIONS.tokens for word in words]).value_counts()
    assert len(drawn) == 12 and counts[[neuron.name for neuron in drawn]].min() >= input_truth.FREQUENT
    assert drawn == next_words(pathway, CAPTIONS.tokens, seed=0, count=12)
    assert drawn != next_words(pathway, CAPTIONS.tokens, seed=1, count=12)


def test_chance_is_told_from_what_was_planted():
    rng = np.random.default_rng(0)
    noise = rng.random((60, 60)) < 0.2
    assert input_truth._by_chance("words", noise, 0).holds
    assert not input_truth._by_chance("words", noise | np.eye(60, dtype=bool), 0).holds


def test_weights_of_nouns_are_read_with_what_follows():
    found = input_truth.noun_weights(CAPTIONS)
    assert len(found) >= 2 * len(CAPTIONS) and set(found["next"]) == {
        "and",
        "preposition",
        "noun",
        "end of the caption",
        "another word",
    }
    assert (found["next"] == "end of the caption").sum() <= len(CAPTIONS)
    assert set(found["weight"].round(2)) <= {1.0, 0.7, 0.45, 0.3, 0.15}
    with pytest.raises(ValueError, match="without planted weights"):
        input_truth.noun_weights(replace(CAPTIONS, weights=None))


def test_heights_are_in_deviations_of_the_corpus():
    pathway = (
        Imaginet(Vocabulary.of(CAPTIONS.tokens), CAPTIONS.dimensions, embedding=8, units=16).eval().pathways["textual"]
    )
    neurons = [unit(0), unit(1)]
    found = input_truth.heights(pathway, neurons, CAPTIONS, every=1)
    reader, (*_, grams) = Reader(pathway, neurons), corpus_search.distinct_ngrams(CAPTIONS, pathway.vocabulary, 5)
    values = reader.read(torch.from_numpy(grams), torch.ones(len(grams), dtype=torch.long)).double().numpy()
    best = optimize(pathway, unit(1))["activation"][0]
    assert found["height"][1] == pytest.approx((best - values.mean()) / values.std(ddof=1), rel=1e-4)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_the_recorded_truth_asks_the_same_checks(path, found):
    record = read(path)
    table = record.tables["truth"]
    assert table["check"].unique().tolist() == [check.check for check in found] and table["seed"].nunique() == 5
    assert record.figures == figures_of(table)
    for recorded, again in zip(record.claims, claims_of(table), strict=True):
        assert (recorded.claim, recorded.holds) == (again.claim, again.holds)
        assert (recorded.here, *recorded.interval) == pytest.approx((again.here, *again.interval), rel=2e-5)
