"""Exact swaps: never worse, nothing better one word away, and few candidates chosen by gradient."""

import itertools

import pytest
import torch

from reading_neurons.methods import swaps as swaps_module
from reading_neurons.methods.objective import Objective
from reading_neurons.methods.swaps import Swaps, best_starts, swap
from reading_neurons.models import Imaginet
from reading_neurons.neurons import output
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

VOCABULARY = Vocabulary([f"w{i}" for i in range(12)])
NETWORK = Imaginet(VOCABULARY, ["object:a", "object:b"], embedding=6, units=32, seed=1).eval()
NETWORK.embedding.weight.data.mul_(10)
VISUAL = NETWORK.pathways["visual"]
NEURONS = [output(VISUAL, 0), output(VISUAL, 1)]
WORDS = torch.arange(4, 16)


def objective(**settings):
    return Objective(Reader(VISUAL, NEURONS, precision=settings.pop("precision", "float32")), WORDS, 4, **settings)


def ngrams(count, seed=0):
    source = torch.Generator().manual_seed(seed)
    return torch.randint(4, 16, (count, 4), generator=source), torch.randint(2, (count,), generator=source)


@pytest.mark.parametrize("settings", [{}, {"lowest": True}, {"pinned": {1: 9}}, {"precision": "bfloat16"}])
def test_when_passes_end_no_other_word_at_one_place_is_better(settings):
    asked = objective(**settings)
    ids, rows = ngrams(6)
    ids = asked.pin(ids)
    improved = swap(asked, ids, rows, Swaps(passes=20, candidates=12))
    exact = Reader(VISUAL, NEURONS)
    before, after = (asked.sign * exact.read(words, rows) for words in (ids, improved))
    assert (after >= before).all() and (after > before).any()
    for i, place in itertools.product(range(6), asked.free):
        every = improved[i].repeat(12, 1)
        every[:, place] = WORDS
        better = asked.sign * exact.read(every, rows[i].expand(12)) - after[i]
        assert better.max() <= (1e-6 if asked.exact is asked.reader else 0.02)
    assert all((improved[:, place] == 9).all() for place in asked.pinned)
    torch.testing.assert_close(asked.value, torch.stack([after[rows == row].max() for row in (0, 1)]))


def test_few_candidates_are_those_of_highest_gain():
    asked = objective()
    ids, rows = ngrams(3)
    tried = swaps_module._candidates(asked, ids, rows, 2, 5)
    gain = asked.gradient(ids, rows, [2])[:, 0]
    for i in range(3):
        assert set(tried[i].tolist()) == set(WORDS[gain[i].argsort(descending=True)[:5]].tolist())
    for i in range(3):
        best = tried[i][Reader(VISUAL, NEURONS).swapped(ids[[i]], rows[[i]], 2, tried[[i]])[0].argmax()]
        found, _ = asked.swapped(ids[[i]], rows[[i]], 2, tried[[i]])
        assert found[0, 2] == best


def test_n_grams_that_a_pass_leaves_alone_are_not_tried_again():
    asked = objective()
    ids, rows = ngrams(4)
    done = swap(asked, ids, rows, Swaps(passes=20, candidates=12))
    again = objective()
    assert torch.equal(swap(again, done, rows, Swaps(passes=20, candidates=12)), done)
    # One reading of each, and one pass of all words at all places.
    assert again.evaluations.sum() == 4 * (1 + 4 * 12)


def test_each_better_n_gram_is_told_with_what_it_cost():
    told = []
    swap(objective(found=told.append), *ngrams(4), Swaps(passes=2, candidates=12))
    costs = [one.evaluations for one in told if one.neuron is NEURONS[0]]
    assert len(set(costs)) > 3 and costs == sorted(costs)


def test_passes_are_limited():
    ids, rows = ngrams(4)
    asked = objective()
    swap(asked, ids, rows, Swaps(passes=1, candidates=3))
    assert asked.evaluations.sum() == 4 * (1 + 4 * (2 + 3))


def test_the_best_few_of_each_neuron_begin_without_repeats():
    ids = torch.tensor([[1], [2], [2], [3], [4], [4], [5]])
    rows = torch.tensor([0, 0, 0, 0, 1, 1, 1])
    values = torch.tensor([0.1, 0.9, 0.9, 0.5, 0.2, 0.2, 0.3])
    chosen, of = best_starts(ids, rows, values, 2)
    assert chosen.flatten().tolist() == [2, 3, 5, 4] and of.tolist() == [0, 0, 1, 1]
    assert best_starts(ids, rows, values, 9)[0].flatten().tolist() == [2, 3, 1, 5, 4]


@pytest.mark.parametrize("name", ["passes", "candidates", "starts"])
def test_swaps_of_nothing_are_errors(name):
    with pytest.raises(ValueError, match=f"swaps need {name} of at least 1, found 0"):
        Swaps(**{name: 0})
