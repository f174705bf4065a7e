"""The search for an input, watched."""

import numpy as np
import pandas as pd
import pytest
import torch

from reading_neurons.corpora import scenes
from reading_neurons.methods import corpus_search, trajectories
from reading_neurons.methods.ascent import Ascent
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.methods.trajectories import Recorder, in_corpus, of_methods
from reading_neurons.models import Imaginet
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.neurons import output, unit
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

TWO = Ascent(steps=30, restarts=2)
METHODS_TWO = dict.fromkeys(["gumbel", "softmax", "logit", "embedding"], TWO)
COLUMNS = ["neuron", "restart", "step", "temperature", "soft", "hard", "best", "words", "mixed"]


@pytest.fixture(scope="module")
def captions():
    return scenes.generate(scenes=60).train


@pytest.fixture(scope="module")
def pathway(captions):
    network = Imaginet(Vocabulary.of(captions.tokens), captions.dimensions, embedding=8, units=16)
    return network.eval().pathways["visual"]


@pytest.fixture(scope="module")
def neurons(pathway):
    return [output(pathway, "dog"), output(pathway, "cat")]


def watched(pathway, neurons, method, ascent=TWO, **options):
    recorder = Recorder(**options)
    found = optimize(pathway, neurons, 3, method, ascent=ascent, watch=recorder)
    return found, recorder


@pytest.mark.parametrize("method", ["embedding", "logit", "softmax", "gumbel", "gumbel + swaps"])
def test_every_step_of_every_restart_is_written_down(pathway, neurons, method):
    found, recorder = watched(pathway, neurons, method)
    steps = recorder.steps()
    assert list(steps) == COLUMNS and len(steps) == 2 * 2 * 30
    assert steps["neuron"].unique().tolist() == [neuron.name for neuron in neurons]
    assert (steps.groupby(["neuron", "restart"])["step"].diff().dropna() == 1).all()
    last = steps.groupby("neuron", sort=False)["best"].max().to_numpy()
    assert (found["activation"] >= last - 1e-6).all()


def test_hard_is_the_activation_of_the_words_written(pathway, neurons):
    _, recorder = watched(pathway, neurons, "gumbel")
    some = recorder.steps().iloc[::7]
    ids = torch.tensor([[pathway.vocabulary.number(word) for word in words.split()] for words in some["words"]])
    rows = torch.tensor([[neuron.name for neuron in neurons].index(name) for name in some["neuron"]])
    expected = Reader(pathway, neurons).read(ids, rows).numpy()
    np.testing.assert_allclose(some["hard"], expected, atol=1e-6)


def test_best_is_the_highest_hard_activation_so_far_of_any_restart(pathway, neurons):
    _, recorder = watched(pathway, neurons, "gumbel")
    for _, rows in recorder.steps().groupby("neuron"):
        highest = rows.groupby("step")["hard"].max().cummax()
        np.testing.assert_allclose(rows.groupby("step")["best"].first(), highest, atol=1e-6)


def test_watching_changes_nothing(pathway, neurons):
    for method in ("gumbel", "gumbel + swaps"):
        found, _ = watched(pathway, neurons, method)
        alone = optimize(pathway, neurons, 3, method, ascent=TWO)
        assert found[["words", "activation", "evaluations"]].equals(alone[["words", "activation", "evaluations"]])


def test_the_lowest_has_its_own_sign(pathway, neurons):
    recorder = Recorder()
    found = optimize(pathway, neurons, 3, "gumbel", ascent=TWO, lowest=True, watch=recorder)
    steps = recorder.steps()
    assert (steps.groupby("neuron", sort=False)["best"].min().to_numpy() >= found["activation"] - 1e-6).all()
    assert (steps["best"] <= steps["hard"] + 1e-6).all()


def test_words_are_those_of_highest_weight_and_chances_sum_to_one(pathway, neurons):
    _, recorder = watched(pathway, neurons, "softmax", top=10**6, moments=[0, 29])
    words = recorder.words()
    assert set(words["step"]) == {0, 29}
    place = ["neuron", "restart", "step", "place"]
    np.testing.assert_allclose(words.groupby(place)["weight"].sum(), 1, atol=1e-5)
    assert words.groupby(place)["weight"].apply(lambda weights: weights.is_monotonic_decreasing).all()
    entropy = words.groupby(place)["weight"].apply(lambda chances: -(chances * np.log2(chances.clip(1e-30))).sum())
    np.testing.assert_allclose(words.groupby(place)["entropy"].first(), entropy, atol=1e-3)
    first = words[(words["rank"] == 0)].groupby(place[:-1])["word"].agg(" ".join)
    steps = recorder.steps().set_index(place[:-1])["words"]
    assert first.to_dict() == steps[first.index].to_dict()


def test_a_softmax_mixes_as_many_words_as_its_entropy_says(pathway, neurons):
    _, recorder = watched(pathway, neurons, "softmax")
    entropy = recorder.words().query("rank == 0").groupby(["neuron", "restart", "step"], sort=False)["entropy"].mean()
    mixed = recorder.steps().set_index(["neuron", "restart", "step"])["mixed"]
    np.testing.assert_allclose(mixed[entropy.index], 2**entropy, rtol=1e-4)


def test_a_low_temperature_reads_single_words_though_all_words_are_likely(pathway, neurons):
    cold = Ascent(steps=2, restarts=1, hot=0.01, cold=0.01, learning_rate=1e-6)
    hot = Ascent(steps=2, restarts=1, hot=100.0, cold=100.0, learning_rate=1e-6)
    mixed = {name: watched(pathway, neurons, "gumbel", way)[1] for name, way in (("cold", cold), ("hot", hot))}
    words = len(pathway.vocabulary) - 4
    assert mixed["cold"].steps()["mixed"].max() < 1.2
    assert mixed["hot"].steps()["mixed"].min() > 0.95 * words
    assert mixed["cold"].words()["entropy"].min() > np.log2(words) - 0.01


def test_what_is_no_distribution_has_no_entropy(pathway, neurons):
    for method in ("embedding", "logit"):
        _, recorder = watched(pathway, neurons, method)
        assert recorder.steps()[["mixed", "temperature"]].isna().all(axis=None) and recorder.words()["entropy"].isna().all()
    _, recorder = watched(pathway, neurons, "embedding")
    assert recorder.words()["weight"].between(-1.0001, 1.0001).all()


def test_the_temperature_is_that_of_the_schedule(pathway, neurons):
    _, recorder = watched(pathway, neurons, "gumbel")
    steps = recorder.steps()
    assert steps["temperature"].tolist() == [TWO.temperature(step) for step in steps["step"]]
    _, recorder = watched(pathway, neurons, "softmax")
    assert recorder.steps()["temperature"].isna().all()


def test_a_pinned_place_holds_its_word_alone(pathway, neurons):
    recorder = Recorder()
    optimize(pathway, neurons, 3, "gumbel", ascent=TWO, pinned={1: "dog"}, watch=recorder)
    words = recorder.words()
    given = words[words["place"] == 1]
    assert set(given["word"]) == {"dog"} and set(given["rank"]) == {0} and set(given["weight"]) == {1.0}
    assert words[words["place"] == 0]["rank"].max() == 3


def test_neurons_that_go_in_parts_are_all_watched(pathway, neurons):
    recorder, whole = Recorder(), Recorder()
    optimize(pathway, neurons, 3, "gumbel", ascent=TWO, watch=recorder, memory=1)
    optimize(pathway, neurons, 3, "gumbel", ascent=TWO, watch=whole)
    assert recorder.steps()["words"].equals(whole.steps()["words"])


# Corpus search


def test_corpus_search_gets_better_until_its_best(pathway, neurons, captions):
    steps = in_corpus(pathway, neurons, captions, 3)
    assert list(steps) == COLUMNS
    found = optimize(pathway, neurons, 3, "corpus", corpus=captions)
    for neuron, row in zip(neurons, found.itertuples(), strict=True):
        of_it = steps[steps["neuron"] == neuron.name]
        assert of_it["best"].iloc[:-1].is_monotonic_increasing
        assert (of_it["words"].iloc[-1], of_it["step"].iloc[-1]) == (row.words, row.evaluations)
        assert of_it["best"].iloc[-1] == pytest.approx(row.activation, abs=1e-6)


def test_the_bests_of_a_corpus_are_those_of_a_naive_loop(pathway, neurons, captions):
    reader = Reader(pathway, neurons)
    blocks = corpus_search.distinct_ngrams(captions, pathway.vocabulary, 3)
    values = torch.cat([found for _, found in corpus_search.activations(reader, blocks)])[:, 1].tolist()
    best, expected = -np.inf, []
    for number, value in enumerate(values):
        if value > best:
            best = value
            expected.append((number, value))
    steps = in_corpus(pathway, neurons, captions, 3)
    found = steps[steps["neuron"] == neurons[1].name].iloc[:-1]
    assert list(zip(found["step"], found["best"], strict=True)) == expected


def test_neurons_of_several_places_keep_their_order(pathway, neurons, captions):
    mixed = [neurons[0], unit(3), neurons[1]]
    steps = in_corpus(pathway, mixed, captions, 3)
    assert steps["neuron"].unique().tolist() == [neuron.name for neuron in mixed]
    found = optimize(pathway, mixed, 3, "corpus", corpus=captions)
    assert steps.groupby("neuron", sort=False)["words"].last().tolist() == found["words"].tolist()


def test_methods_are_joined(pathway, neurons, captions):
    steps, words = of_methods(pathway, neurons, captions, 3, moments=[0, 29], ascents=METHODS_TWO)
    assert steps["method"].unique().tolist() == ["gumbel", "softmax", "logit", "embedding", "corpus"]
    assert words["method"].unique().tolist() == steps["method"].unique().tolist()
    corpus = words[words["method"] == "corpus"]
    said = corpus.groupby(["neuron", "step"], sort=False)["word"].agg(" ".join)
    assert said.tolist() == steps.loc[steps["method"] == "corpus"].drop_duplicates(["neuron", "step"])["words"].tolist()


def test_what_cannot_be_watched_is_an_error(pathway, neurons, captions):
    with pytest.raises(ValueError, match="top = 0"):
        Recorder(top=0)
    with pytest.raises(ValueError, match="nothing was watched"):
        Recorder().steps()
    with pytest.raises(ValueError, match="give corpus="):
        of_methods(pathway, neurons, methods=["corpus"])
    with pytest.raises(ValueError, match="'coordinate' has no steps to watch"):
        of_methods(pathway, neurons, captions, methods=["coordinate"])
    recorder = Recorder(moments=[99])
    optimize(pathway, neurons, 3, "gumbel", ascent=TWO, watch=recorder)
    with pytest.raises(ValueError, match="at moments it reaches"):
        recorder.words()


def test_an_activation_that_is_no_number_is_an_error(captions):
    pathway = DetectorPathway(Vocabulary.of(captions.tokens), [Detector("dog", on=["dog"])])
    pathway.embedding[:] = float("nan")
    with pytest.raises(ValueError, match="'unit 0' is not a number"):
        trajectories.in_corpus(pathway, unit(0), captions, 2)


def test_tables_are_tidy(pathway, neurons):
    _, recorder = watched(pathway, neurons, "gumbel")
    assert isinstance(recorder.words(), pd.DataFrame)
    assert not recorder.words().duplicated(["neuron", "restart", "step", "place", "rank"]).any()
