"""Fluent inputs: the front of a small space against all of it, planted words, pinned ones, corpora, and bad input."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
import torch

from reading_neurons.methods.fluent_inputs import at_fluency, corpus_front, drawn_ngrams, fluent_inputs
from reading_neurons.methods.fluent_search import Evolution
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.methods.judge import Judge
from reading_neurons.methods.pareto import front
from reading_neurons.models import Imaginet, LanguageModel
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.neurons import output, unit
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

VOCABULARY = Vocabulary([f"w{number}" for number in range(9)])
NETWORK = Imaginet(VOCABULARY, ["object:x", "object:y"], embedding=8, units=10, seed=4).eval()
NETWORK.embedding.weight.data.mul_(20)
VISUAL, TEXTUAL = NETWORK.pathways["visual"], NETWORK.pathways["textual"]
JUDGE = LanguageModel(VOCABULARY, embedding=8, units=10, seed=5).eval().pathways["language model"]
JUDGE.network.embedding.weight.data.mul_(20)
JUDGE.network.readouts["language model"].weight.data.mul_(5)


def exhaustive(pathway, neuron, length, sign=1, pinned=None):
    ids = np.array([one for one in product(range(4, len(VOCABULARY)), repeat=length) if all(one[p] == w for p, w in (pinned or {}).items())])
    numbers = torch.from_numpy(ids)
    activation = Reader(pathway, [neuron]).read(numbers, torch.zeros(len(ids), dtype=torch.long)).detach().numpy()
    values = np.stack((sign * activation, Judge(JUDGE).read(numbers).numpy()), axis=1)
    kept = np.flatnonzero(front(values))
    return {" ".join(VOCABULARY.decode(ids[i])) for i in kept[np.argsort(-values[kept, 0])]}


@pytest.mark.parametrize("lowest", [False, True])
@pytest.mark.parametrize("pinned", [None, {1: "w3"}])
def test_in_a_small_space_the_front_is_that_of_everything(lowest, pinned):
    for pathway, which in ((VISUAL, "x"), (TEXTUAL, "w2")):
        neuron = output(pathway, which)
        numbers = {place: VOCABULARY.number(word) for place, word in (pinned or {}).items()}
        expected = exhaustive(pathway, neuron, 3, -1 if lowest else 1, numbers)
        found = fluent_inputs(pathway, neuron, JUDGE, 3, pinned=pinned, lowest=lowest, evolution=Evolution(evaluations=3000))
        assert set(found["words"]) == expected
        assert found["log_probability"].is_monotonic_increasing
        assert found["activation"].is_monotonic_increasing if lowest else found["activation"].is_monotonic_decreasing


def test_rows_are_in_the_order_of_the_neurons_and_hold_true_values():
    neurons = [unit(3), output(VISUAL, "y"), unit(1)]
    found = fluent_inputs(VISUAL, neurons, JUDGE, 2, evolution=Evolution(evaluations=300))
    assert list(dict.fromkeys(found["neuron"])) == ["unit 3", "object:y", "unit 1"]
    for neuron in neurons:
        own = found[found["neuron"] == neuron.name]
        numbers = torch.tensor([[VOCABULARY.number(word) for word in words.split()] for words in own["words"]])
        read = Reader(VISUAL, [neuron]).read(numbers, torch.zeros(len(own), dtype=torch.long))
        np.testing.assert_allclose(own["activation"], read.detach(), atol=1e-5)
        np.testing.assert_allclose(own["log_probability"], Judge(JUDGE).read(numbers), atol=1e-5)


def test_evaluations_include_those_of_the_optimum():
    neuron, evolution = output(VISUAL, "x"), Evolution(evaluations=300)
    optimum = optimize(VISUAL, neuron, 3)
    found = fluent_inputs(VISUAL, neuron, JUDGE, 3, optimum=optimum, evolution=evolution)
    assert optimum["evaluations"][0] < found["evaluations"][0] <= optimum["evaluations"][0] + 300
    peer = fluent_inputs(VISUAL, neuron, JUDGE, 3, evolution=Evolution(way="epo", evaluations=900))
    assert peer["evaluations"][0] <= 900


def test_half_precision_gives_exact_values_of_a_true_front():
    found = fluent_inputs(VISUAL, output(VISUAL, "x"), JUDGE, 3, precision="bfloat16", evolution=Evolution(evaluations=3000))
    expected = exhaustive(VISUAL, output(VISUAL, "x"), 3)
    assert len(set(found["words"]) & expected) >= 0.8 * len(expected)
    numbers = torch.tensor([[VOCABULARY.number(word) for word in words.split()] for words in found["words"]])
    np.testing.assert_allclose(found["log_probability"], Judge(JUDGE).read(numbers), atol=1e-5)


def test_a_detectors_word_stays_on_the_whole_front_but_where_fluency_is_all():
    pathway = DetectorPathway(VOCABULARY, [Detector("w7", on=["w7"], hold=0.5)])
    found = fluent_inputs(pathway, unit(0), JUDGE, 4, evolution=Evolution(evaluations=2000))
    excited = found[found["activation"] > 0]
    assert len(excited) and excited["words"].str.contains("w7").all()
    assert found["activation"].iloc[0] == 1 and found["words"].iloc[0].endswith("w7")


def test_the_corpus_is_a_start_and_counts_words():
    found = fluent_inputs(VISUAL, output(VISUAL, "x"), JUDGE, 2, corpus=["w1 w2", "w1 w2", "w3"], min_count=2, evolution=Evolution(evaluations=200))
    assert set(" ".join(found["words"]).split()) <= {"w1", "w2"}


POINTS = pd.DataFrame(
    {"neuron": ["a", "a", "a", "b"], "words": list("wxyz"), "activation": [3.0, 2.0, 1.0, 5.0], "log_probability": [-9.0, -5.0, -2.0, -9.0]}
)


def test_the_best_point_of_some_fluency():
    assert at_fluency(POINTS, -5.0)["words"].tolist() == ["x"]
    assert at_fluency(POINTS, -9.0)["words"].tolist() == ["w", "z"]
    assert at_fluency(POINTS, -9.0, lowest=True)["words"].tolist() == ["y", "z"]
    assert at_fluency(POINTS, 0.0).empty


def test_drawn_ngrams_are_those_of_the_corpus():
    corpus = ["w1 w2 w3", "w4 unheard w5 w6", "w7"]
    drawn = drawn_ngrams(corpus, VOCABULARY, 2)
    assert sorted(" ".join(VOCABULARY.decode(row)) for row in drawn) == ["w1 w2", "w2 w3", "w5 w6"]
    opening = drawn_ngrams(corpus, VOCABULARY, 2, openings=True)
    assert [" ".join(VOCABULARY.decode(row)) for row in opening] == ["w1 w2"]
    assert len(drawn_ngrams(corpus, VOCABULARY, 2, 1)) == 1
    with pytest.raises(ValueError, match="no 5-gram of known words"):
        drawn_ngrams(corpus, VOCABULARY, 5)


def test_the_front_of_a_corpus_is_that_of_all_its_ngrams():
    rng = np.random.default_rng(0)
    corpus = [" ".join(f"w{n}" for n in rng.integers(0, 9, size=6)) for _ in range(60)]
    neurons = [output(VISUAL, "x"), output(VISUAL, "y")]
    found = corpus_front(VISUAL, neurons, JUDGE, corpus, 2, top=81)
    ngrams = np.unique(drawn_ngrams(corpus, VOCABULARY, 2), axis=0)
    numbers = torch.from_numpy(ngrams)
    for row, neuron in enumerate(neurons):
        activation = Reader(VISUAL, neurons).read(numbers, torch.full((len(ngrams),), row)).detach().numpy()
        values = np.stack((activation, Judge(JUDGE).read(numbers).numpy()), axis=1)
        own = found[found["neuron"] == neuron.name]
        expected = {" ".join(VOCABULARY.decode(ngrams[i])) for i in np.flatnonzero(front(values))}
        assert set(own["words"]) == expected and own["mean"].iloc[0] == pytest.approx(activation.mean(), abs=1e-5)
    best = corpus_front(VISUAL, neurons, JUDGE, corpus, 2, top=1)
    assert len(best) == 2 and best["activation"].tolist() == pytest.approx(found.groupby("neuron", sort=False)["activation"].max().tolist(), abs=1e-5)


def test_bad_input_is_an_error():
    neuron = output(VISUAL, "x")
    with pytest.raises(ValueError, match="cannot judge"):
        fluent_inputs(VISUAL, neuron, VISUAL, 2)
    with pytest.raises(ValueError, match="at least one neuron"):
        fluent_inputs(VISUAL, [], JUDGE, 2)
    with pytest.raises(ValueError, match="does not know this word"):
        fluent_inputs(VISUAL, neuron, JUDGE, 2, pinned={0: "unheard"})
    with pytest.raises(ValueError, match="has no 5-gram"):
        corpus_front(VISUAL, [neuron], JUDGE, ["w1 w2"], 5)
