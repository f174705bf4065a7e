"""Searches that try words: their budgets, their maxima, and the sampler of the greedy gradient."""

import itertools

import numpy as np
import pytest
import torch
from scipy.stats import chi2_contingency, chisquare

from reading_neurons.methods.discrete_search import DRAWN, SEARCHES, Budget, discrete, drawn_swaps
from reading_neurons.methods.objective import Objective
from reading_neurons.models import Imaginet
from reading_neurons.neurons import output
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

VOCABULARY = Vocabulary([f"w{i}" for i in range(12)])
NETWORK = Imaginet(VOCABULARY, ["object:a", "object:b", "object:c"], embedding=6, units=32, seed=1).eval()
NETWORK.embedding.weight.data.mul_(10)
VISUAL = NETWORK.pathways["visual"]
NEURONS = [output(VISUAL, i) for i in range(3)]
WORDS = torch.arange(4, 16)


def objective(length=3, neurons=NEURONS, **settings):
    return Objective(Reader(VISUAL, neurons), WORDS, length, **settings)


def searched(method, evaluations=6000, **settings):
    asked = objective(**settings)
    discrete(asked, method, Budget(evaluations=evaluations), seed=1)
    return asked


@pytest.mark.parametrize("method", SEARCHES)
@pytest.mark.parametrize("settings", [{}, {"lowest": True}, {"pinned": {0: 7}}])
def test_the_highest_of_all_is_found(method, settings):
    asked = searched(method, 30_000 if method == "random" else 6000, **settings)
    every = torch.tensor([ids for ids in itertools.product(range(4, 16), repeat=3) if "pinned" not in settings or ids[0] == 7])
    for row in range(3):
        scores = asked.sign * asked.reader.read(every, torch.full((len(every),), row))
        assert asked.value[row] == pytest.approx(float(scores.max()), rel=1e-6)
        assert asked.best[row].tolist() == every[scores.argmax()].tolist()


@pytest.mark.parametrize("method", SEARCHES)
def test_a_budget_is_spent_and_not_exceeded(method):
    for evaluations in (DRAWN + 2, 2345):
        spent = searched(method, evaluations).evaluations
        assert (spent <= evaluations).all() and (spent > evaluations - DRAWN - 2).all()
    assert searched(method, 3).evaluations.tolist() == [0, 0, 0]


@pytest.mark.parametrize("method", SEARCHES)
def test_a_longer_search_begins_as_a_shorter_one(method):
    told = {budget: [] for budget in (2000, 6000)}
    for budget, found in told.items():
        searched(method, budget, length=6, found=found.append)
    assert told[6000][: len(told[2000])] == told[2000] != []


def test_seconds_are_a_budget_too(monkeypatch):
    clock = itertools.count()
    monkeypatch.setattr("reading_neurons.methods.discrete_search.time.monotonic", lambda: float(next(clock)))
    asked = objective()
    discrete(asked, "random", Budget(seconds=5))
    assert asked.evaluations.tolist() == [4 * DRAWN] * 3


@pytest.mark.parametrize("method", SEARCHES)
def test_a_neuron_finds_in_company_what_it_finds_alone(method):
    together = searched(method, 3000, length=5)
    for row, neuron in enumerate(NEURONS):
        alone = searched(method, 3000, length=5, neurons=[neuron])
        assert torch.equal(alone.best[0], together.best[row]) and alone.value[0] == together.value[row]
        assert alone.evaluations[0] == together.evaluations[row]


def test_coordinate_ascent_begins_anew_where_no_place_changes():
    starts, asked = [], objective()
    random = asked.random

    def counted(source, count):
        starts.append(random(source, count))
        return starts[-1]

    asked.random = counted
    discrete(asked, "coordinate", Budget(evaluations=2000))
    assert len(starts) > 6  # two for each of three neurons at least


def test_swaps_are_drawn_from_the_words_of_highest_gain_at_every_place_alike():
    ids, places = torch.tensor([4, 5, 6, 7]), [0, 2, 3]
    gain = torch.randn(3, 12, generator=torch.Generator().manual_seed(0))
    drawn = drawn_swaps(ids, gain, WORDS, places, torch.Generator().manual_seed(1), top=4, drawn=12_000)
    counts = np.zeros((3, 4))
    for row, place in enumerate(places):
        best = WORDS[gain[row].argsort(descending=True)[:4]].tolist()
        changed = drawn[(drawn[:, [p for p in range(4) if p != place]] == ids[[p for p in range(4) if p != place]]).all(dim=1)]
        counts[row] = [int((changed[:, place] == word).sum()) for word in best]
    same = int((drawn == ids).all(dim=1).sum())  # a word may be swapped with itself, at any place
    assert (drawn[:, 1] == 5).all() and ((drawn != ids).sum(dim=1) <= 1).all()
    if not same:
        assert counts.sum() == 12_000 and chisquare(counts.flatten()).pvalue > 0.01
    few = drawn_swaps(ids, gain, WORDS, places, torch.Generator().manual_seed(1), top=99, drawn=500)
    assert set(few.flatten().tolist()) <= set(range(4, 16))


def test_swaps_are_distributed_as_those_of_nanogcg():
    gcg = pytest.importorskip("nanogcg.gcg")
    ids, top, drawn = torch.tensor([4, 5, 6, 7]), 6, 20_000
    gain = torch.randn(4, 16, generator=torch.Generator().manual_seed(0))
    gain[torch.arange(4), ids] = -9.0  # so that no word is swapped with itself
    ours = drawn_swaps(ids, gain, torch.arange(16), [0, 1, 2, 3], torch.Generator().manual_seed(1), top=top, drawn=drawn)
    with torch.random.fork_rng():
        torch.manual_seed(2)
        # Theirs goes down the gradient of a loss.
        theirs = gcg.sample_ids_from_grad(ids, -gain, drawn, topk=top, not_allowed_ids=None)
    tables = []
    for found in (ours, theirs):
        assert ((found != ids).sum(dim=1) == 1).all()
        place = (found != ids).int().argmax(dim=1)
        word = found[torch.arange(drawn), place]
        tables.append(np.bincount((place * 16 + word).numpy(), minlength=64))
    swaps = np.array(tables)
    assert ((swaps[0] > 0) == (swaps[1] > 0)).all() and (swaps[0] > 0).sum() == 4 * top
    assert chi2_contingency(swaps[:, swaps[0] > 0]).pvalue > 0.01


def test_a_budget_of_nothing_and_an_unknown_search_are_errors():
    with pytest.raises(ValueError, match="needs a budget of evaluations or of seconds, found neither"):
        Budget()
    with pytest.raises(ValueError, match="unknown search 'annealing': choose one of 'coordinate'"):
        discrete(objective(), "annealing", Budget(evaluations=1))
