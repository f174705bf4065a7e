"""Objectives: what they keep, what they count, and gains to first order against plain autograd."""

import math

import pytest
import torch

from reading_neurons.methods.objective import CHECKED, Found, Objective
from reading_neurons.models import Imaginet
from reading_neurons.neurons import output, unit
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

VOCABULARY = Vocabulary([f"w{i}" for i in range(12)])
NETWORK = Imaginet(VOCABULARY, ["object:a", "object:b"], embedding=6, units=32, seed=1).eval()
NETWORK.embedding.weight.data.mul_(10)
VISUAL = NETWORK.pathways["visual"]
NEURONS = [output(VISUAL, 0), output(VISUAL, 1)]
WORDS = torch.arange(4, 16)


def objective(**settings):
    precision = settings.pop("precision", "float32")
    return Objective(Reader(VISUAL, NEURONS, precision=precision), WORDS, 3, **settings)


def ngrams(count, seed=0):
    source = torch.Generator().manual_seed(seed)
    return torch.randint(4, 16, (count, 3), generator=source), torch.randint(2, (count,), generator=source)


@pytest.mark.parametrize("lowest", [False, True])
def test_the_best_of_each_neuron_is_kept(lowest):
    found = objective(lowest=lowest)
    ids, rows = ngrams(40)
    values = found.take(ids, rows)
    torch.testing.assert_close(values, (-1 if lowest else 1) * found.reader.read(ids, rows))
    for row in (0, 1):
        own = values[rows == row]
        assert found.value[row] == own.max()
        assert found.best[row].tolist() == ids[rows == row][own.argmax()].tolist()
    before = found.best.clone()
    found.take(*ngrams(1, seed=3))
    worse = found.value > values.max() - 1e9
    assert worse.all() and (found.value >= values.max() - 1e9).all()
    found.keep(ids[:1] * 0 + 5, torch.tensor([0]), torch.tensor([-100.0]))
    assert torch.equal(found.best[0], before[0]) or found.value[0] > values[rows == 0].max()


def test_of_equals_the_first_is_kept():
    found = objective()
    ids = torch.tensor([[4, 4, 4], [5, 5, 5], [6, 6, 6]])
    found.keep(ids, torch.tensor([1, 1, 1]), torch.tensor([1.0, 2.0, 2.0]))
    assert found.best[1].tolist() == [5, 5, 5] and found.value.tolist() == [-math.inf, 2.0]
    found.keep(ids + 3, torch.tensor([1, 1, 1]), torch.tensor([2.0, 2.0, 2.0]))
    assert found.best[1].tolist() == [5, 5, 5]


def test_whoever_asks_is_told_of_every_better_n_gram():
    told = []
    found = objective(found=told.append, lowest=True)
    for seed in range(20):
        found.take(*ngrams(3, seed))
    for row, neuron in enumerate(NEURONS):
        own = [one for one in told if one.neuron is neuron]
        activations, costs = [one.activation for one in own], [one.evaluations for one in own]
        assert activations == sorted(activations, reverse=True) and costs == sorted(costs)
        words = " ".join(VOCABULARY.decode(found.best[row].tolist()))
        assert own[-1] == Found(neuron, own[-1].evaluations, words, -float(found.value[row]))


def test_every_n_gram_is_counted_and_a_gradient_twice():
    found = objective()
    ids, rows = ngrams(10)
    found.take(ids, rows)
    assert found.evaluations.tolist() == [int((rows == 0).sum()), int((rows == 1).sum())]
    before = found.evaluations.clone()
    found.gradient(ids[:1], torch.tensor([1]), [0, 1])
    found.swapped(ids[:1], torch.tensor([1]), 0, WORDS[None, :7])
    assert (found.evaluations - before).tolist() == [0, 2 + 7]


@pytest.mark.parametrize("lowest", [False, True])
def test_gains_are_those_of_plain_autograd(lowest):
    found, table = objective(lowest=lowest), VISUAL.embedding.detach()
    ids, rows = ngrams(4)
    gain = found.gradient(ids, rows, [0, 2])
    assert gain.shape == (4, 2, 12)
    for i in range(4):
        embedded = table[torch.cat((torch.tensor([1]), ids[i], torch.tensor([2])))].requires_grad_()
        score = VISUAL.outputs(VISUAL.representation(embedded[None]))[0, rows[i]] * found.sign
        (slope,) = torch.autograd.grad(score, embedded)
        torch.testing.assert_close(gain[i], slope[[1, 3]] @ table[WORDS].t(), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("lowest", [False, True])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_best_swap_is_the_best_of_all(lowest, precision):
    found = objective(lowest=lowest, precision=precision)
    exact = Reader(VISUAL, NEURONS)
    ids, rows = ngrams(6)
    better, values = found.swapped(ids, rows, 1, WORDS.expand(6, -1))
    torch.testing.assert_close(values, found.sign * exact.read(better, rows), atol=1e-6, rtol=1e-6)
    for i in range(6):
        every = ids[i].repeat(12, 1)
        every[:, 1] = WORDS
        scores = found.sign * exact.read(every, rows[i].expand(12))
        assert better[i, [0, 2]].tolist() == ids[i, [0, 2]].tolist()
        # Half precision may overlook a word that is hardly better.
        assert values[i] >= scores.max() - (0 if precision == "float32" else 0.02 * scores.std()) - 1e-6
    spent = 12 if precision == "float32" else 12 + CHECKED
    assert found.evaluations.sum() == 6 * spent


def test_random_n_grams_are_of_the_words_allowed_and_pinned_words_stay():
    found = Objective(Reader(VISUAL, NEURONS), torch.tensor([5, 9]), 3, pinned={1: 12})
    drawn = found.random(torch.Generator().manual_seed(0), 200)
    assert set(drawn[:, [0, 2]].flatten().tolist()) == {5, 9} and set(drawn[:, 1].tolist()) == {12}
    assert found.free == [0, 2]
    assert torch.equal(drawn, found.random(torch.Generator().manual_seed(0), 200))


def test_an_activation_that_is_not_a_number_is_an_error():
    network = Imaginet(VOCABULARY, ["object:a"], embedding=6, units=8).eval()
    network.embedding.weight.data[7] = math.nan
    found = Objective(Reader(network.pathways["textual"], [unit(3)]), WORDS, 2)
    with pytest.raises(ValueError, match="the activation of 'unit 3' is not a number: was the network's training unstable"):
        found.take(torch.tensor([[4, 5], [7, 5]]), torch.tensor([0, 0]))
