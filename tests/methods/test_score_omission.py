"""Omission of the class score: one sentence at a time, a word planted, and what cannot be asked."""

import re

import numpy as np
import pytest
import torch

from reading_neurons.corpora import polarity, scenes
from reading_neurons.methods.gradients import output_scores
from reading_neurons.methods.score_omission import score_omission
from reading_neurons.models import LSTM, BiLSTM, Imaginet, LanguageModel, Recurrent
from reading_neurons.text import Vocabulary

CORPUS = polarity.generate(sentences=60)
TREES = CORPUS.train.take(range(12))


def pathway_of(network_type, **sizes):
    network = network_type.for_corpus(CORPUS, embedding=6, units=5, seed=2, **sizes).eval()
    network.embedding.weight.data.mul_(20)
    return next(iter(network.pathways.values()))


def scores_of(pathway, words):
    ids = torch.from_numpy(pathway.vocabulary.encode(words))[None]
    with torch.no_grad():
        return output_scores(pathway, pathway.embedding[ids], torch.tensor([ids.shape[1]]))[0]


@pytest.mark.parametrize("network_type", [Recurrent, LSTM, BiLSTM])
@pytest.mark.parametrize("outputs", ["predicted", "negative", 4])
def test_it_is_one_reading_after_another(network_type, outputs):
    pathway = pathway_of(network_type)
    found = score_omission(pathway, TREES, outputs)
    expected = []
    for number, words in enumerate(TREES.tokens):
        whole = scores_of(pathway, words)
        output = {"predicted": int(whole.argmax()), "negative": 1, 4: 4}[outputs]
        for place, word in enumerate(words):
            left = whole[output] - scores_of(pathway, words[:place] + words[place + 1 :])[output]
            expected.append([number, place, word, output, float(whole[output]), float(left)])
    assert found.iloc[:, :4].values.tolist() == [row[:4] for row in expected]
    np.testing.assert_allclose(found[["score", "saliency"]], [row[4:] for row in expected], atol=2e-5)


@pytest.mark.parametrize("of", ["loss", "exp"])
def test_the_loss_and_the_exponential_are_compared_as_they_are(of):
    pathway = pathway_of(LSTM)
    words = TREES.tokens[0]
    found = score_omission(pathway, [words], 3, of=of)["saliency"]
    value = {"loss": lambda scores: -scores.log_softmax(0)[3], "exp": lambda scores: scores[3].exp()}[of]
    shorter = [words[:i] + words[i + 1 :] for i in range(len(words))]
    left = [value(scores_of(pathway, words)) - value(scores_of(pathway, one)) for one in shorter]
    np.testing.assert_allclose(found, torch.stack(left), atol=1e-5)


def test_chunks_change_nothing():
    pathway = pathway_of(LSTM)
    whole, parts = (score_omission(pathway, TREES, chunk=chunk) for chunk in (2000, 2))
    assert whole.drop(columns=["score", "saliency"]).equals(parts.drop(columns=["score", "saliency"]))
    np.testing.assert_allclose(whole["saliency"], parts["saliency"], atol=1e-5)


def test_a_word_that_moves_the_score_is_found_and_of_equal_words_none_is():
    pathway = pathway_of(Recurrent)
    with torch.no_grad():
        pathway.embedding.zero_()
        pathway.embedding[pathway.vocabulary.number("good")] = 3.0
    table = score_omission(pathway, [["film", "film", "good"], ["film", "film", "film"]], 0)
    first, second = (rows["saliency"].to_numpy() for _, rows in table.groupby("sentence"))
    assert np.abs(first).argmax() == 2
    assert np.ptp(second) < 1e-6


def test_outputs_that_score_the_next_word_are_read_at_the_last_word():
    captions = scenes.generate(scenes=20).test
    network = LanguageModel(Vocabulary.of(captions.tokens), embedding=6, units=5).eval()
    (pathway,) = network.pathways.values()
    words = captions.tokens[0]
    found = score_omission(pathway, [words], 7)
    shorter = [words[:i] + words[i + 1 :] for i in range(len(words))]
    expected = [scores_of(pathway, words)[7] - scores_of(pathway, one)[7] for one in shorter]
    np.testing.assert_allclose(found["saliency"], torch.stack(expected), atol=1e-5)


def test_pathways_of_captions_have_scores_too():
    captions = scenes.generate(scenes=20).test
    network = Imaginet(Vocabulary.of(captions.tokens), captions.dimensions, embedding=6, units=5).eval()
    pathway = network.pathways["visual"]
    assert score_omission(pathway, captions.tokens[:3], "object:dog")["output"].nunique() == 1


@pytest.mark.parametrize(
    "sentences, options, message",
    [
        ([], {}, "expected at least one sentence, found none"),
        (["a film", ""], {}, "sentence 1 has no word"),
        (["zzz yyy"], {}, "no word that 'lstm' knows"),
        (["a film"], {"outputs": 5}, "go from 0 to 4, found 5"),
        (["a film"], {"outputs": "angry"}, "no output 'angry'"),
        (["a film"], {"outputs": [1, 2]}, "one output for each of 1 sentences, found (2,)"),
        (["a film"], {"of": "square"}, "found 'square'"),
        (["a film"], {"chunk": 0}, "at least 1 sentence, found 0"),
    ],
)
def test_bad_input_is_an_error(sentences, options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        score_omission(pathway_of(LSTM), sentences, **options)


def test_a_network_without_scores_is_refused():
    pathway = pathway_of(LSTM)

    class Silent:
        name, vocabulary, embedding, output_names = "silent", pathway.vocabulary, pathway.embedding, None
        states, representation = pathway.states, pathway.representation

    with pytest.raises(TypeError, match="'silent' scores nothing that could be derived"):
        score_omission(Silent(), ["a film"])
