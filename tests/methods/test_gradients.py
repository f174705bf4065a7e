"""The derivative of a score at every place: against captum, finite differences, and what is true of any derivative."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from captum.attr import Saliency

from reading_neurons.corpora.trees import Tree, Trees
from reading_neurons.methods.gradients import chosen_outputs, derived, gradients
from reading_neurons.models import LSTM

def by_sentence(pathway, sentences, *args, **options):
    found = {}
    for batch in gradients(pathway, sentences, *args, **options):
        for row, sentence in enumerate(batch.sentences):
            found[int(sentence)] = SimpleNamespace(
                gradient=batch.gradients[row, : batch.lengths[row]],
                padding=batch.gradients[row, batch.lengths[row] :],
                output=int(batch.outputs[row]),
                score=float(batch.scores[row]),
            )
    return found


def test_magnitudes_are_captums(derivable, opened, reviews):
    found = by_sentence(derivable, reviews, 1)
    for number, sentence in enumerate(reviews):
        embedded, forward = opened(derivable, sentence)
        reference = Saliency(forward).attribute(embedded.requires_grad_(), target=1)
        torch.testing.assert_close(found[number].gradient.abs(), reference[0], atol=1e-4, rtol=1e-4)


def test_finite_differences_agree(review_network, opened, reviews):
    pathway = review_network(LSTM)
    found = by_sentence(pathway, reviews[:1], 2)[0].gradient
    embedded, forward = opened(pathway, reviews[0])
    for place, dimension in ((1, 0), (2, 3), (4, 6)):
        moved = embedded.repeat(2, 1, 1).double()
        moved[0, place, dimension] += 1e-2
        moved[1, place, dimension] -= 1e-2
        up, down = forward(moved.float())[:, 2].tolist()
        assert (up - down) / 2e-2 == pytest.approx(float(found[place, dimension]), abs=2e-4)


def test_a_derivative_known_by_hand(opened, squares):
    """Of a sum of squares it is twice the embedding, weighted."""
    pathway = squares
    found = by_sentence(pathway, ["hate the"], 2)[0]
    embedded, _ = opened(pathway, "hate the")
    torch.testing.assert_close(found.gradient, 2 * embedded[0] * pathway.weights[:, 2])


def test_a_word_that_occurs_twice_has_two_derivatives(review_network, reviews):
    found = by_sentence(review_network(LSTM), reviews[3:], 0)[0].gradient
    first, second = found[3], found[6]  # "the" and "the"
    assert not torch.allclose(first, second, rtol=1e-2)
    assert first.norm() < second.norm(), "a random network forgets"


def test_the_batch_does_not_change_the_result(derivable, reviews):
    together = by_sentence(derivable, reviews, 1, batch_size=64)
    for number, sentence in enumerate(reviews):
        alone = by_sentence(derivable, [sentence], 1)[0]
        torch.testing.assert_close(together[number].gradient, alone.gradient, atol=1e-6, rtol=1e-4)
        assert not together[number].padding.any()
    pairs = by_sentence(derivable, reviews, 1, batch_size=2)
    assert sorted(pairs) == list(range(len(reviews)))


def test_loss_and_exp_follow_from_scores(review_network, reviews):
    pathway = review_network(LSTM)
    each = [by_sentence(pathway, reviews, c) for c in range(5)]
    loss, exp = (by_sentence(pathway, reviews, 1, of=of) for of in ("loss", "exp"))
    for number in range(len(reviews)):
        scores = torch.tensor([found[number].score for found in each])
        chances = scores.softmax(dim=0)
        mean = sum(chance * found[number].gradient for chance, found in zip(chances, each, strict=True))
        torch.testing.assert_close(loss[number].gradient, mean - each[1][number].gradient, atol=1e-6, rtol=1e-3)
        assert loss[number].score == pytest.approx(-float(chances[1].log()), abs=1e-5)
        scaled = scores[1].exp() * each[1][number].gradient
        torch.testing.assert_close(exp[number].gradient, scaled, atol=1e-6, rtol=1e-4)
        assert exp[number].score == pytest.approx(float(scores[1].exp()), rel=1e-5)


def test_the_predicted_output_is_the_highest(derivable, opened, reviews):
    for number, found in by_sentence(derivable, reviews).items():
        embedded, forward = opened(derivable, reviews[number])
        scores = forward(embedded)[0].tolist()
        assert found.output == np.argmax(scores)
        assert found.score == pytest.approx(max(scores), abs=1e-5)


def test_outputs_by_name_number_and_sentence(review_network, reviews):
    pathway = review_network(LSTM)
    assert [found.output for found in by_sentence(pathway, reviews, "very positive").values()] == [4] * 4
    gold = by_sentence(pathway, reviews, np.array([0, 1, 2, 3]))
    assert {number: found.output for number, found in gold.items()} == {0: 0, 1: 1, 2: 2, 3: 3}


def test_trees_are_read_as_their_words(review_network):
    trees = Trees("own", "own", (Tree.parse("(1 (2 I) (0 hate))"),))
    pathway = review_network(LSTM)
    read, typed = by_sentence(pathway, trees, 0)[0], by_sentence(pathway, ["i hate"], 0)[0]
    torch.testing.assert_close(read.gradient, typed.gradient)


def test_weights_keep_no_gradient(derivable, reviews):
    list(gradients(derivable, reviews, 0))
    assert derivable.embedding.grad is None


def test_bad_input_is_an_error(review_network, reviews, squares):
    pathway = review_network(LSTM)
    empty = (([], "at least one sentence"), ([""], "no word"), (["zzz yyy"], "no word that 'lstm' knows"))
    for sentences, message in empty:
        with pytest.raises(ValueError, match=message):
            list(gradients(pathway, sentences))
    with pytest.raises(ValueError, match="go from 0 to 4, found 5 to 5"):
        list(gradients(pathway, reviews, 5))
    with pytest.raises(ValueError, match="go from 0 to 4, found -1"):
        list(gradients(pathway, reviews, -1))
    with pytest.raises(ValueError, match="one output for each of 4 sentences"):
        list(gradients(pathway, reviews, [0, 1]))
    with pytest.raises(ValueError, match="superb"):
        list(gradients(pathway, reviews, "superb"))
    with pytest.raises(ValueError, match="'score', 'loss', 'exp', found 'log'"):
        list(gradients(pathway, reviews, of="log"))
    with pytest.raises(ValueError, match="go from 0 to 2"):
        chosen_outputs(squares, 3, 1)


def test_a_network_without_scores_is_an_error(squares):
    kept = ("name", "vocabulary", "embedding", "states", "representation", "output_names")
    silent = SimpleNamespace(**{name: getattr(squares, name) for name in kept})
    with pytest.raises(TypeError, match="'squares' scores nothing"):
        list(gradients(silent, ["hate"]))


def test_the_loss_of_one_class_is_its_negative_log_chance():
    loss = derived(torch.tensor([[1.0, 3.0]]), torch.tensor([0]), "loss")
    assert float(loss) == pytest.approx(np.log1p(np.exp(2)), rel=1e-5)
