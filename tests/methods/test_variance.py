"""Variance of embeddings: a naive loop, a word planted far away, and that nothing but the embedding is read."""

import re

import numpy as np
import pytest
import torch

from reading_neurons.corpora import polarity
from reading_neurons.methods.variance import variance, variance_maps
from reading_neurons.models import LSTM, BiLSTM, Imaginet, Recurrent

TREES = polarity.generate(sentences=60).train


@pytest.fixture(scope="module")
def network():
    return LSTM.for_corpus(corpus(), embedding=6, units=5).eval()


def corpus():
    return polarity.generate(sentences=60)


def pathway_of(network):
    (pathway,) = network.pathways.values()
    return pathway


def naive(network, words):
    rows = [network.embedding.weight[network.vocabulary.number(word)].tolist() for word in words]
    means = [sum(row[j] for row in rows) / len(rows) for j in range(len(rows[0]))]
    return [[(value - mean) ** 2 for value, mean in zip(row, means, strict=True)] for row in rows]


def test_it_is_a_naive_loop(network):
    pathway = pathway_of(network)
    table, maps = variance(pathway, TREES), variance_maps(pathway, TREES)
    squares = [row for words in TREES.tokens for row in naive(network, words)]
    np.testing.assert_allclose(maps["saliency"].to_numpy().reshape(-1, 6), squares, rtol=1e-6)
    np.testing.assert_allclose(table["saliency"], np.sum(squares, axis=1), rtol=1e-6)
    assert table["word"].tolist() == [word for words in TREES.tokens for word in words]
    assert maps["dimension"].tolist() == [*range(6)] * len(table)
    assert table["position"].tolist() == [place for words in TREES.tokens for place in range(len(words))]
    sums = maps.groupby(["sentence", "position"], sort=False)["saliency"].sum()
    assert sums.to_numpy() == pytest.approx(table["saliency"])


def test_a_word_planted_far_from_the_others_stands_out(network):
    words = TREES.tokens[0]
    planted = LSTM.for_corpus(corpus(), embedding=6, units=5)
    planted.embedding.weight.data[planted.vocabulary.number(words[1])] += 3
    found = variance(pathway_of(planted), [words])
    assert found["saliency"].idxmax() == 1
    assert found["saliency"][1] > 10 * found["saliency"].drop(1).mean()


@pytest.mark.parametrize("network_type", [Recurrent, LSTM, BiLSTM, "imaginet"])
def test_only_the_embedding_is_read(network, network_type):
    """Another cell, other classes, no classes at all: with the same embedding the map is the same."""
    if network_type == "imaginet":
        other = Imaginet(network.vocabulary, ["object:film"], embedding=6, units=3)
        pathways = other.pathways
    else:
        other = network_type(network.vocabulary, embedding=6, units=9, classes=2, seed=5)
        pathways = other.pathways
    other.embedding.weight.data.copy_(network.embedding.weight)
    expected = variance(pathway_of(network), TREES)
    for pathway in pathways.values():
        assert variance(pathway, TREES).equals(expected)


def test_the_order_of_words_makes_no_difference(network):
    words = list(TREES.tokens[3])
    straight, back = (variance(pathway_of(network), [order])["saliency"].to_numpy() for order in (words, words[::-1]))
    np.testing.assert_allclose(straight, back[::-1], rtol=1e-12)


def test_a_word_that_is_alone_or_repeated_does_not_deviate(network):
    assert variance(pathway_of(network), ["film"])["saliency"].tolist() == [0]
    assert variance(pathway_of(network), ["film film film"])["saliency"].to_numpy() == pytest.approx(0, abs=1e-12)


def test_unknown_words_are_read_as_such_and_count_in_the_mean(network):
    table = variance(pathway_of(network), ["film zzz"])
    assert table["word"].tolist() == ["film", "<unk>"]
    unknown, film = (network.embedding.weight[network.vocabulary.number(word)] for word in ("zzz", "film"))
    assert table["saliency"].to_numpy() == pytest.approx(((unknown - film) / 2).square().sum().item())


@pytest.mark.parametrize(
    "sentences, message",
    [
        ([], "expected at least one sentence, found none"),
        ([""], "sentence 0 has no word"),
        (["a film", "zzz"], "sentence 1 ('zzz') has no word that 'lstm' knows"),
    ],
)
def test_bad_sentences_are_errors(network, sentences, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        variance(pathway_of(network), sentences)


def test_it_leaves_the_network_as_it_was(network):
    before = network.embedding.weight.clone()
    variance(pathway_of(network), TREES)
    assert torch.equal(before, network.embedding.weight) and network.embedding.weight.grad is None
