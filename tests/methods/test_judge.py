"""The judge against a loop over words, its gradient against finite differences and exact swaps, and bad judges."""

import numpy as np
import pytest
import torch

from reading_neurons.methods.judge import Judge
from reading_neurons.models import Imaginet, LanguageModel
from reading_neurons.text import Vocabulary

VOCABULARY = Vocabulary([f"w{number}" for number in range(12)])
PATHWAY = LanguageModel(VOCABULARY, embedding=6, units=10, seed=1).eval().pathways["language model"]
PATHWAY.network.embedding.weight.data.mul_(20)
IDS = torch.from_numpy(np.random.default_rng(0).integers(4, len(VOCABULARY), size=(40, 4)))


class Whole:
    """The same network, which can only read whole sequences."""

    def __init__(self, pathway):
        self.name, self.vocabulary, self.output_names = "whole", pathway.vocabulary, pathway.output_names
        self.embedding, self.states, self.representation, self.outputs = (
            pathway.embedding, pathway.states, pathway.representation, pathway.outputs,
        )  # fmt: skip


def naive(pathway, ids):
    found = []
    for ngram in ids.tolist():
        total = 0.0
        for place, word in enumerate(ngram):
            before = pathway.embedding[torch.tensor([[Vocabulary.start, *ngram[:place]]])]
            scores = pathway.outputs(pathway.states(before)[0, -1])
            total += float(scores.detach().log_softmax(dim=0)[word])
        found.append(total / len(ngram))
    return found


def test_it_is_the_mean_of_each_words_log_probability():
    expected = naive(PATHWAY, IDS)
    np.testing.assert_allclose(Judge(PATHWAY).read(IDS), expected, atol=1e-5)
    np.testing.assert_allclose(Judge(Whole(PATHWAY)).read(IDS).detach(), expected, atol=1e-5)


def test_repeats_and_their_order_change_nothing(monkeypatch):
    judge = Judge(PATHWAY)
    expected = judge.read(IDS)
    order = torch.randperm(len(IDS), generator=torch.Generator().manual_seed(0))
    np.testing.assert_allclose(judge.read(torch.cat((IDS, IDS))[torch.cat((order, order + len(IDS)))])[: len(IDS)], expected[order], atol=1e-6)
    monkeypatch.setattr("reading_neurons.methods.judge.ROWS", 7)
    np.testing.assert_allclose(judge.read(IDS), expected, atol=1e-6)


def test_half_precision_is_near():
    near = Judge(PATHWAY, precision="bfloat16").read(IDS)
    assert 0 < (near - Judge(PATHWAY).read(IDS)).abs().max() < 0.1


def test_the_gradient_of_the_last_word_is_exact():
    words = torch.arange(4, len(VOCABULARY))
    gain = Judge(PATHWAY).gradient(IDS[:5], words)
    assert gain.shape == (5, 4, len(words))
    for row, ngram in enumerate(IDS[:5]):
        swapped = ngram.repeat(len(words), 1)
        swapped[:, -1] = words
        change = Judge(PATHWAY).read(swapped) - Judge(PATHWAY).read(ngram[None])
        np.testing.assert_allclose(gain[row, -1], change, atol=1e-5)


def test_the_gradient_points_to_better_words_at_other_places():
    """To first order: on average over rows it is far better than chance at ranking the words."""
    words, found = torch.arange(4, len(VOCABULARY)), []
    gain = Judge(PATHWAY).gradient(IDS, words)
    for row, ngram in enumerate(IDS):
        swapped = ngram.repeat(len(words), 1)
        swapped[:, 1] = words
        change = Judge(PATHWAY).read(swapped)
        found.append(np.corrcoef(gain[row, 1], change)[0, 1])
    assert np.mean(found) > 0.6


def test_a_word_that_stands_there_gains_nothing():
    words = torch.arange(4, len(VOCABULARY))
    gain = Judge(PATHWAY).gradient(IDS, words)
    own = gain.gather(2, (IDS - 4)[..., None])
    assert own.abs().max() < 1e-4


def test_a_pathway_that_scores_no_words_is_no_judge():
    visual = Imaginet(VOCABULARY, ["object:dog"], embedding=4, units=8).pathways["visual"]
    with pytest.raises(ValueError, match="'visual' cannot judge"):
        Judge(visual)
    with pytest.raises(ValueError, match="unknown precision 'half'"):
        Judge(PATHWAY, precision="half")
