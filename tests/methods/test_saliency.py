"""Three maps of a sentence: against captum, what they add up to, and what they do with what people type."""

import numpy as np
import pytest
import torch
from captum.attr import InputXGradient, IntegratedGradients, Saliency

from reading_neurons.methods.saliency import METHODS, maps, saliency
from reading_neurons.models import LSTM, BiLSTM


def reference(opened, pathway, sentence, method, target=1):
    """What captum gives for the words of one sentence, shape (words, embedding)."""
    embedded, forward = opened(pathway, sentence)
    embedded.requires_grad_()
    if method == "derivative":
        found = Saliency(forward).attribute(embedded, target=target)
    elif method == "gradient x input":
        found = InputXGradient(forward).attribute(embedded, target=target)
    else:
        empty = embedded.detach().clone()
        empty[:, 1:-1] = 0
        found = IntegratedGradients(forward).attribute(
            embedded, empty, target=target, n_steps=32, method="gausslegendre"
        )
    return found[0, 1:-1].detach()


@pytest.mark.parametrize("method", METHODS)
def test_every_dimension_is_captums(derivable, method, reviews, opened):
    table = maps(derivable, reviews, 1, method=method)
    for number, sentence in enumerate(reviews):
        expected = reference(opened, derivable, sentence, method)
        rows = table[table["sentence"] == number]
        assert rows["word"].tolist() == [word for word in sentence.split() for _ in range(expected.shape[1])]
        np.testing.assert_allclose(rows["saliency"].to_numpy().reshape(expected.shape), expected, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("method", METHODS)
def test_a_word_is_the_length_or_the_sum_of_its_dimensions(method, review_network, reviews):
    pathway = review_network(BiLSTM)
    cells = maps(pathway, reviews, method=method).groupby(["sentence", "position"])["saliency"]
    words = saliency(pathway, reviews, method=method).set_index(["sentence", "position"])["saliency"]
    expected = cells.agg(lambda values: np.linalg.norm(values)) if method == "derivative" else cells.sum()
    np.testing.assert_allclose(words, expected.loc[words.index], atol=1e-6, rtol=1e-4)


def test_integrated_gradients_are_complete(derivable, opened, reviews):
    table = saliency(derivable, reviews, 1, method="integrated gradients")
    for number, sentence in enumerate(reviews):
        embedded, forward = opened(derivable, sentence)
        empty = embedded.clone()
        empty[:, 1:-1] = 0
        change = (forward(embedded)[0, 1] - forward(empty)[0, 1]).item()
        rows = table[table["sentence"] == number]
        assert rows["saliency"].sum() == pytest.approx(change, abs=1e-4)
        assert rows["completeness error"].nunique() == 1
        assert rows["completeness error"].iloc[0] == pytest.approx(rows["saliency"].sum() - change, abs=1e-5)


def test_fewer_steps_miss_more(review_network, reviews):
    pathway = review_network(LSTM, units=20)
    with torch.no_grad():
        pathway.embedding.mul_(40)
    errors = [
        saliency(pathway, reviews, 1, method="integrated gradients", steps=steps)["completeness error"].abs().max()
        for steps in (1, 4, 64)
    ]
    assert errors[0] > errors[1] > errors[2] and errors[0] > 1e-2


def test_a_linear_network_is_explained_by_hand(reviews, squares):
    """Of a sum of squares gradient x input is twice, integrated gradients once, what each word adds."""
    pathway = squares
    added = (pathway.embedding.square() @ pathway.weights[:, 0]).numpy()
    words = [pathway.vocabulary.number(word) for word in reviews[0].split()]
    twice = saliency(pathway, reviews[:1], 0, method="gradient x input")["saliency"]
    once = saliency(pathway, reviews[:1], 0, method="integrated gradients")["saliency"]
    np.testing.assert_allclose(twice, 2 * added[words], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(once, added[words], rtol=1e-4, atol=1e-5)


def test_exp_multiplies_a_map_by_its_score(review_network, reviews):
    pathway = review_network(LSTM)
    raw, scaled = (saliency(pathway, reviews, 1, of=of) for of in ("score", "exp"))
    np.testing.assert_allclose(scaled["saliency"], np.exp(raw["score"]) * raw["saliency"], rtol=1e-4)


def test_rows_are_in_the_order_of_the_corpus(review_network, reviews):
    table = saliency(review_network(LSTM), reviews)
    assert table["word"].tolist() == " ".join(reviews).split()
    assert table.groupby("sentence")["position"].agg(list).tolist() == [list(range(len(s.split()))) for s in reviews]
    assert list(table) == ["sentence", "position", "word", "known", "output", "score", "saliency"]


def test_the_frame_is_shown_where_asked(review_network):
    table = saliency(review_network(LSTM), ["i hate"], 0, frame=True)
    assert table[["position", "word"]].values.tolist() == [[-1, "<s>"], [0, "i"], [1, "hate"], [2, "</s>"]]
    inner = saliency(review_network(LSTM), ["i hate"], 0)
    np.testing.assert_array_equal(table["saliency"].iloc[1:3], inner["saliency"])
    assert len(maps(review_network(LSTM), ["i hate"], 0, frame=True)) == 4 * 7


def test_an_unknown_word_is_shown_as_typed(review_network):
    table = saliency(review_network(LSTM), ["I hate Sofitel", "the plot"])
    assert table["word"].tolist() == ["i", "hate", "sofitel", "the", "plot"]
    assert table["known"].tolist() == [True, True, False, True, True]
    cells = maps(review_network(LSTM), ["I hate Sofitel"])
    assert cells["word"].unique().tolist() == ["i", "hate", "sofitel"]


def test_sentences_may_come_from_a_generator(review_network, reviews):
    found = saliency(review_network(LSTM), (sentence for sentence in reviews), 0)
    assert found.equals(saliency(review_network(LSTM), reviews, 0))


def test_bad_settings_are_errors(review_network, reviews):
    pathway = review_network(LSTM)
    with pytest.raises(ValueError, match="unknown method 'lime': choose one of 'derivative'"):
        saliency(pathway, reviews, method="lime")
    with pytest.raises(ValueError, match="at least 1 step, found 0"):
        saliency(pathway, reviews, method="integrated gradients", steps=0)
    with pytest.raises(ValueError, match="no word that 'lstm' knows"):
        saliency(pathway, ["zzz"])
    with pytest.raises(ValueError, match="go from 0 to 4, found 9"):
        maps(pathway, reviews, 9)
