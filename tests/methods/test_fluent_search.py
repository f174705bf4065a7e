"""The searches: what they count, what they keep, that islands join, and the default against its peers."""

import numpy as np
import pytest
import torch

from reading_neurons.methods.fluent_search import WAYS, Evolution, Fluent, search
from reading_neurons.methods.judge import Judge
from reading_neurons.methods.pareto import front, hypervolume
from reading_neurons.methods.relaxations import generator
from reading_neurons.models import Imaginet, LanguageModel
from reading_neurons.neurons import output
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

VOCABULARY = Vocabulary([f"w{number}" for number in range(150)])
VISUAL = Imaginet(VOCABULARY, [f"object:{n}" for n in range(3)], embedding=12, units=16, seed=2).eval().pathways["visual"]
JUDGE = LanguageModel(VOCABULARY, embedding=12, units=16, seed=3).eval().pathways["language model"]
for pathway in (VISUAL, JUDGE):
    pathway.network.embedding.weight.data.mul_(15)
    pathway.network.readouts[pathway.name].weight.data.mul_(6)
NEURONS = [output(VISUAL, number) for number in range(3)]
WORDS = torch.arange(4, len(VOCABULARY))


def problem(neurons=NEURONS, **options):
    return Fluent(Reader(VISUAL, neurons), Judge(JUDGE), WORDS, 4, **options)


def starts(asked, count=4, seed=0):
    return [asked.random(generator(seed, neuron, 0), count) for neuron in asked.reader.neurons]


def searched(evolution, neurons=NEURONS, seed=0, **options):
    asked = problem(neurons, **options)
    search(asked, starts(asked), evolution, seed)
    return asked


@pytest.mark.parametrize("way", WAYS)
def test_it_spends_no_more_than_it_was_given_and_nearly_all(way):
    asked = searched(Evolution(way=way, evaluations=1500))
    assert (asked.evaluations <= 1500).all() and (asked.evaluations > 1000).all()


@pytest.mark.parametrize("way", WAYS)
def test_what_is_kept_is_a_front_of_true_values(way):
    asked = searched(Evolution(way=way, evaluations=900))
    for row, (ids, values) in enumerate(zip(asked.ids, asked.values, strict=True)):
        assert front(values).all() and (np.diff(values[:, 0]) < 0).all() and (np.diff(values[:, 1]) > 0).all()
        numbers = torch.from_numpy(ids)
        np.testing.assert_allclose(asked.reader.read(numbers, torch.full((len(ids),), row)), values[:, 0], atol=1e-4)
        np.testing.assert_allclose(asked.judge.read(numbers), values[:, 1], atol=1e-4)


@pytest.mark.parametrize("way", WAYS)
def test_a_neuron_finds_the_same_alone_and_among_others(way):
    together, alone = searched(Evolution(way=way, evaluations=600)), searched(Evolution(way=way, evaluations=600), NEURONS[1:2])
    assert together.ids[1].tolist() == alone.ids[0].tolist()


def test_the_same_seed_gives_the_same_front_and_another_seed_another():
    first, again, other = (searched(Evolution(evaluations=600), seed=seed) for seed in (0, 0, 1))
    assert first.ids[0].tolist() == again.ids[0].tolist() != other.ids[0].tolist()


def test_the_default_beats_its_peers_at_equal_evaluations():
    found = {way: searched(Evolution(way=way, evaluations=2500)) for way in WAYS}
    rng = np.random.default_rng(0)
    random = problem()
    random.take(rng.integers(4, len(VOCABULARY), size=(3 * 2500, 4)), np.arange(3).repeat(2500))
    found["random"] = random
    low = np.min([values.min(axis=0) for one in found.values() for values in one.values], axis=0)
    area = {way: np.mean([hypervolume(values, tuple(low)) for values in one.values]) for way, one in found.items()}
    assert area["fronts"] > area["epo"] > area["random"]
    assert area["fronts"] > area["weighted"]


def test_pinned_words_stay_and_the_lowest_is_the_highest_of_minus():
    asked = searched(Evolution(evaluations=600), pinned={1: 9}, lowest=True)
    assert all((ids[:, 1] == 9).all() for ids in asked.ids)
    highest = searched(Evolution(evaluations=600), pinned={1: 9})
    assert -asked.values[0][0, 0] < highest.values[0][0, 0]


def test_no_ngram_is_read_twice_by_one_search():
    asked = problem()
    ids = np.array([[4, 5, 6, 7], [4, 5, 6, 7], [5, 5, 5, 5]])
    assert asked.fresh(ids, 0, 5).tolist() == [[4, 5, 6, 7], [5, 5, 5, 5]]
    assert asked.fresh(ids, 0, 5).tolist() == [] and len(asked.fresh(ids, 1, 1)) == 1


def test_joining_keeps_the_front_of_both_and_adds_what_was_spent():
    first, second = problem(), problem().apart()
    first.take(np.array([[4, 5, 6, 7]] * 2), np.array([0, 1]))
    second.take(np.array([[8, 8, 8, 8]]), np.array([0]))
    both = problem()
    both.take(np.array([[4, 5, 6, 7], [8, 8, 8, 8]]), np.array([0, 0]))
    first.join(second)
    assert first.evaluations.tolist() == [2, 1, 0]
    np.testing.assert_allclose(first.values[0], both.values[0], atol=1e-6)


def test_a_space_that_is_exhausted_ends_the_search():
    asked = Fluent(Reader(VISUAL, NEURONS[:1]), Judge(JUDGE), WORDS[:3], 2)
    search(asked, starts(asked), Evolution(evaluations=10_000, islands=1))
    assert len(asked._seen[0]) == 9 and asked.evaluations[0] < 200


def test_bad_settings_are_errors():
    with pytest.raises(ValueError, match="unknown way 'luck'"):
        Evolution(way="luck")
    with pytest.raises(ValueError, match="children of at least 1, found 0"):
        Evolution(children=0)
    other = LanguageModel(Vocabulary(["a"]), embedding=4, units=4).pathways["language model"]
    with pytest.raises(ValueError, match="the judge knows 5 words and the network 154"):
        Fluent(Reader(VISUAL, NEURONS), Judge(other), WORDS, 4)


def test_what_is_not_a_number_is_an_error():
    broken = LanguageModel(VOCABULARY, embedding=4, units=4).pathways["language model"]
    broken.network.readouts["language model"].weight.data.fill_(float("nan"))
    asked = Fluent(Reader(VISUAL, NEURONS), Judge(broken), WORDS, 4)
    with pytest.raises(ValueError, match="'object:0' has a value that is not a number"):
        search(asked, starts(asked), Evolution(evaluations=100))
