"""Four networks of one's own: short wrappers that give what the networks give, read by every method of the book."""

import copy
import inspect

import numpy as np
import pandas as pd
import pytest
import torch

from reading_neurons import bins, passes
from reading_neurons.checks import check
from reading_neurons.corpora import polarity
from reading_neurons.features.words import unparsed, word_is
from reading_neurons.methods import mutual_information, omission, relevance, saliency, score_omission
from reading_neurons.methods.ascent import Ascent
from reading_neurons.methods.contexts import top_contexts
from reading_neurons.methods.gradients import output_scores
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.models import own_networks as own
from reading_neurons.models.training import Schedule
from reading_neurons.neurons import output, unit

FEW = polarity.generate(60).test
SENTENCES = ["the film is fine", "awful", "i never enjoyed the truly awful meal", *FEW.texts]


@pytest.fixture(scope="module")
def corpus():
    return polarity.generate(300)


@pytest.fixture(scope="module")
def vocabulary(corpus):
    return own.vocabulary_of(corpus)


@pytest.fixture(params=own.OWN, scope="module")
def pathway(request, vocabulary):
    """Random weights: methods are compared with loops, which asks for nothing that was learnt."""
    return own.wrapped(request.param, own.untrained(request.param, vocabulary))


def encoded(pathway, sentences=SENTENCES):
    split = pathway.vocabulary.tokenizer
    return [pathway.vocabulary.encode(split(text)) for text in sentences]


@torch.no_grad()
def by_hand(pathway, ids):
    """Scores of one sentence as the network itself gives them, without its wrapper."""
    return pathway.network(torch.from_numpy(ids)[None], torch.tensor([len(ids)]))[0]


@torch.no_grad()
def states_of(pathway, ids):
    """States of the words of one sentence, read alone."""
    return pathway.states(pathway.embedding[torch.from_numpy(ids)][None])[0, 1:-1].numpy()


@pytest.mark.parametrize("wrapper", [wrapper for _, wrapper in own.OWN.values()])
def test_a_wrapper_has_at_most_fifteen_lines(wrapper):
    lines = [line for line in inspect.getsource(wrapper).splitlines() if line.strip()]
    assert len(lines) <= 15


def test_the_protocol_is_kept(pathway):
    table = check(pathway, SENTENCES)
    assert table["holds"].all(), table[~table["holds"]].to_string()


def test_the_wrapper_gives_the_networks_own_scores(pathway):
    for ids in encoded(pathway):
        embedded = pathway.embedding[torch.from_numpy(ids)][None]
        found = pathway.outputs(pathway.representation(embedded, torch.tensor([len(ids)])))[0]
        torch.testing.assert_close(found.detach(), by_hand(pathway, ids), atol=1e-5, rtol=1e-5)


def test_nodes_of_the_tree_against_recursion(vocabulary):
    network = own.untrained("balanced tree", vocabulary)
    embedded = torch.randn(1, 7, 32)

    def node(first, size, length):
        """The node over some positions; what has no right half is its left one."""
        if size == 1:
            return network.leaf(embedded[:, first]).tanh()
        left = node(first, size // 2, length)
        middle = first + size // 2
        return left if middle >= length else network.join(left, node(middle, size // 2, length))

    with torch.no_grad():
        for length, tops in ((7, [(0, 1), (0, 2), (2, 1), (0, 4), (4, 1), (4, 2), (0, 8)]), (3, [(0, 1), (0, 2), (0, 4)])):
            found = network.nodes(embedded[:, :length], torch.tensor([length]))
            padded = network.nodes(embedded, torch.tensor([length]))
            for place, (first, size) in enumerate(tops):
                expected = node(first, size, length)[:, :64]
                torch.testing.assert_close(found[:, place], expected)
                torch.testing.assert_close(padded[:, place], expected)


def test_omission_is_that_of_a_loop(pathway):
    table = omission.scores(pathway, SENTENCES)
    for sentence, ids in enumerate(encoded(pathway)):
        with torch.no_grad():
            shorter = [np.delete(ids, place) for place in range(1, len(ids) - 1)]
            whole, *without = (
                pathway.representation(pathway.embedding[torch.from_numpy(part)][None], torch.tensor([len(part)]))[0]
                for part in (ids, *shorter)
            )
        expected = [1 - float(torch.cosine_similarity(whole, part, dim=0)) for part in without]
        np.testing.assert_allclose(table[table["sentence"] == sentence]["score"], expected, atol=1e-5)


def test_omission_of_a_score_is_that_of_the_network_itself(pathway):
    table = score_omission.score_omission(pathway, SENTENCES, "positive")
    for sentence, ids in enumerate(encoded(pathway)):
        losses = [by_hand(pathway, ids)[3] - by_hand(pathway, np.delete(ids, i))[3] for i in range(1, len(ids) - 1)]
        np.testing.assert_allclose(table[table["sentence"] == sentence]["saliency"], losses, atol=1e-5)


def test_contexts_are_the_highest_states_of_sentences_read_alone(pathway):
    states = np.concatenate([states_of(pathway, ids) for ids in encoded(pathway)])
    table = top_contexts(pathway, SENTENCES, k=3, units=[0, 7])
    words = [word for text in SENTENCES for word in pathway.vocabulary.tokenizer(text)]
    for number, part in table.groupby("unit"):
        order = np.argsort(-states[:, number], kind="stable")[:3]
        np.testing.assert_allclose(part["activation"], states[order, number], atol=1e-5)
        best = states[order[0], number]
        assert part["word"].iloc[0] in {words[i] for i in np.flatnonzero(states[:, number] > best - 1e-5)}


def test_mutual_information_is_that_of_states_read_alone(pathway):
    words = [pathway.vocabulary.tokenizer(text) for text in SENTENCES]
    table = pd.DataFrame(
        [(number, word) for number, sentence in enumerate(words) for word in sentence], columns=["sentence", "word"]
    )
    contexts = mutual_information.contexts(table, ["word"], ["unigram", "bigram"])
    alone = bins.bins(np.concatenate([states_of(pathway, ids) for ids in encoded(pathway)]), 5)
    found = mutual_information.per_unit(bins.of_pathway(pathway, SENTENCES, 5), contexts)["mi"]
    # Of two states that are equal but for rounding, one may fall into the next bin.
    differs = (found - mutual_information.per_unit(alone, contexts)["mi"]).abs()
    assert (differs < 1e-9).mean() > 0.8 and differs.max() < 0.1 and (found > 0.2).any()


def test_relevance_is_that_of_states_read_alone(pathway):
    sentences = unparsed(SENTENCES, pathway.vocabulary.tokenizer)
    feature = word_is("the", "i")
    states = np.concatenate([states_of(pathway, ids) for ids in encoded(pathway)])
    found = relevance.relevance(pathway, sentences, feature, folds=4, measure="correlation")
    labels = np.concatenate([feature.labels(item) for item in sentences.items])
    varies = states.std(axis=0) > 1e-6
    expected = [abs(np.corrcoef(column, labels)[0, 1]) for column in states.T[varies]]
    np.testing.assert_allclose(found["score"].to_numpy()[varies], expected, atol=1e-3)
    svm = relevance.relevance(pathway, sentences, feature, folds=4)
    assert svm["score"].between(0, 1).all() and len(svm) == 64


@pytest.mark.parametrize("kind", ["unit", "output"])
def test_input_optimization_is_at_least_as_good_as_any_bigram_of_some(pathway, kind):
    neuron = unit(5) if kind == "unit" else output(pathway, "positive")
    table = optimize(pathway, [neuron], length=2, ascent=Ascent(steps=8, restarts=2))
    place = 2 if kind == "unit" else None

    def activation(words):
        ids = pathway.vocabulary.encode(words)
        if place is None:
            return float(by_hand(pathway, ids)[3])
        with torch.no_grad():
            return float(pathway.states(pathway.embedding[torch.from_numpy(ids)][None])[0, place, 5])

    assert table["activation"].iloc[0] == pytest.approx(activation(table["words"].iloc[0].split()), abs=1e-5)
    words = pathway.vocabulary.words[4:]
    drawn = np.random.default_rng(0).integers(len(words), size=(80, 2))
    assert table["activation"].iloc[0] >= max(activation([words[a], words[b]]) for a, b in drawn) - 1e-6


def test_saliency_is_what_finite_differences_give(pathway):
    sentence = "the film is awful"
    table = saliency.saliency(pathway, [sentence], "positive", method="gradient x input")
    (ids,) = encoded(pathway, [sentence])
    embedded = pathway.embedding[torch.from_numpy(ids)][None].detach().double()
    double = own.wrapped(pathway.name, copy.deepcopy(pathway.network).double())
    lengths = torch.tensor([len(ids)])
    for place in range(1, len(ids) - 1):
        up, down = embedded.clone(), embedded.clone()
        up[0, place] *= 1 + 1e-6
        down[0, place] *= 1 - 1e-6
        with torch.no_grad():
            slope = (output_scores(double, up, lengths) - output_scores(double, down, lengths))[0, 3] / 2e-6
        assert table["saliency"].iloc[place - 1] == pytest.approx(float(slope), abs=2e-4)


def test_integrated_gradients_add_up(pathway):
    table = saliency.saliency(pathway, SENTENCES[:4], "positive", method="integrated gradients", steps=100)
    error = table.groupby("sentence")["completeness error"].first().abs()
    assert error.mean() < 0.02 * table.groupby("sentence")["saliency"].sum().abs().mean() + 2e-3


def test_a_run_that_is_kept_is_loaded(corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("READING_NEURONS_CACHE", str(tmp_path))
    monkeypatch.setattr(own, "SCHEDULE", Schedule(epochs=1, batch_size=256))
    first = own.trained(corpus, ["convolution"])["convolution"]
    (kept,) = tmp_path.rglob("*.safetensors")
    written = kept.stat().st_mtime_ns
    again = own.trained(corpus, ["convolution"])["convolution"]
    assert kept.stat().st_mtime_ns == written and not again.network.training
    for a, b in zip(first.network.parameters(), again.network.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_seed_decides_and_the_global_generator_is_left_alone(vocabulary):
    before = torch.get_rng_state()
    same, again, other = (own.untrained("transformer", vocabulary, seed).readout.weight for seed in (1, 1, 2))
    assert torch.equal(same, again) and not torch.equal(same, other) and torch.equal(torch.get_rng_state(), before)


def test_bad_input(vocabulary):
    with pytest.raises(ValueError, match="unknown network 'tree': choose one of 'bi-lstm', 'convolution'"):
        own.untrained("tree", vocabulary)
    pathway = own.wrapped("transformer", own.untrained("transformer", vocabulary))
    with pytest.raises(ValueError, match="80 positions, found a sentence of 102"):
        passes.states(pathway, [["the"] * 100])
