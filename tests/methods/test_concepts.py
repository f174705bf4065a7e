"""Concepts of neurons: two planted are two, one is one, none is none; and what is forbidden is never written."""

import re

import numpy as np
import pytest
import torch

from reading_neurons.experiments.wanted_truth import counted, topic_network
from reading_neurons.methods.ascent import Ascent
from reading_neurons.methods.concepts import CARRIES, Peeling, _Search, concepts
from reading_neurons.methods.forbidden_words import Without
from reading_neurons.methods.related_words import groups, related_above, relatives
from reading_neurons.methods.swaps import Swaps, swap
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.models.topics import TopicOutput, TopicPathway
from reading_neurons.neurons import output, unit
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

NETWORK = topic_network(seed=1, planted=2)


@pytest.fixture(scope="module")
def found():
    return counted(NETWORK)


@pytest.mark.parametrize("kind, count", [("one", 1), ("two", 2), ("either", 2)])
def test_planted_topics_are_found_with_their_words_and_no_others(found, kind, count):
    rows = found[found["kind"] == kind]
    assert rows["concepts"].tolist() == [count] * 2 and rows["right"].all()


def test_a_random_direction_has_no_second_concept(found):
    assert (found[found["kind"] == "none"]["concepts"] <= 1).all()


def test_words_no_more_alike_than_chance_are_no_topic():
    """Outputs that add words which have nothing in common: whatever is found is no group of related words."""
    network = topic_network(seed=2, planted=2, closeness=0.15)
    table = concepts(network, [output(network, name) for name in network.output_names]).concepts
    assert table.groupby("neuron").size().max() <= 2 and not table["related"].all()


@pytest.fixture(scope="module")
def tables():
    return concepts(NETWORK, [output(NETWORK, name) for name in ("two 0", "either 0")])


def test_every_concept_reaches_its_share_with_words_of_its_own(tables):
    for row in tables.concepts.itertuples():
        best = tables.best.set_index("neuron")["activation"][row.neuron]
        assert row.share == pytest.approx(row.activation / best) and row.share >= Peeling().alone
        others = set(
            " ".join(tables.concepts.query("neuron == @row.neuron and concept != @row.concept")["group"]).split()
        )
        assert not others & set(row.words.split())
        ids = torch.tensor([[NETWORK.vocabulary.number(word) for word in row.words.split()]])
        reader = Reader(NETWORK, [output(NETWORK, row.neuron)])
        assert float(reader.read(ids, torch.tensor([0]))[0]) == pytest.approx(row.activation, abs=1e-5)


def test_a_wanted_word_is_forbidden_from_then_on(tables):
    """No word is first wanted in one round and written again in a later one: each round has words of its own."""
    assert not tables.wanted.duplicated(["neuron", "word"]).any()
    assert tables.wanted.groupby("neuron")["round"].nunique().min() > 1
    assert (tables.wanted["drop"] > 0).all()


def test_what_a_word_adds_is_what_is_lost_without_it_wherever_it_stands():
    vocabulary = NETWORK.vocabulary
    reader = Reader(NETWORK, [output(NETWORK, "one 0")])
    ways = {"peeling": Peeling(), "ignore": {"spare1"}, "ascent": Ascent(), "swaps": Swaps(), "seed": 0}
    search = _Search(reader, torch.arange(4, len(vocabulary)), 4, **ways)
    words = ["word0a", "spare0", "word0a", "spare1"]
    ids = torch.tensor([[vocabulary.number(word) for word in words]])
    whole = reader.read(ids, torch.tensor([0])).tolist()
    added = search.added(ids, [0], whole)[0]
    rest = torch.tensor([[vocabulary.number("spare0"), vocabulary.number("spare1")]])
    expected = whole[0] - float(reader.read(rest, torch.tensor([0]))[0])
    assert added[vocabulary.number("word0a")] == pytest.approx(expected, abs=1e-5)
    assert set(added) == {vocabulary.number("word0a"), vocabulary.number("spare0")}, "ignored words add nothing"
    alone = ids[:, :1].expand(1, 4)
    value = reader.read(alone, torch.tensor([0])).tolist()
    assert search.added(alone, [0], value)[0] == {vocabulary.number("word0a"): value[0]}
    assert CARRIES < 0.25, "of four words that add alike each must count"


def test_which_others_are_asked_for_changes_nothing(tables):
    alone = concepts(NETWORK, output(NETWORK, "either 0"))
    expected = tables.concepts.query("neuron == 'either 0'").reset_index(drop=True)
    assert alone.concepts["words"].tolist() == expected["words"].tolist()
    np.testing.assert_allclose(alone.concepts["activation"], expected["activation"], atol=1e-5)


def test_repeating_the_search_finds_fewer_than_forbidding():
    """Of two networks whose outputs take the stronger of two topics, for one alone can hide the other by chance."""
    found = {True: 0, False: 0}
    for network in (topic_network(seed=1, planted=3), topic_network(seed=2, planted=3)):
        either = [output(network, name) for name in network.output_names if name.startswith("either")]
        for forbid in found:
            found[forbid] += concepts(network, either, peeling=Peeling(forbid=forbid)).best["concepts"].sum()
    assert found[False] < found[True] == 2 * 2 * 3


def test_a_neuron_that_nothing_excites_has_no_concept():
    quiet = DetectorPathway(
        Vocabulary(["a", "dog", "cat"]), [Detector("dog", on=["dog"]), Detector("none", on=["elsewhere"])]
    )
    table = concepts(quiet, [unit(1), unit(0)], 2)
    assert table.best["concepts"].tolist() == [0, 1]
    assert table.concepts[["neuron", "group", "related"]].values.tolist() == [["unit 0", "dog", False]]


def test_no_forbidden_word_is_ever_written():
    vocabulary = NETWORK.vocabulary
    neurons = [output(NETWORK, "one 0"), output(NETWORK, "one 1")]
    forbidden = torch.zeros(2, len(vocabulary), dtype=torch.bool)
    taken = [vocabulary.number(f"word0{letter}") for letter in "abc"]
    forbidden[0, taken] = True
    objective = Without(Reader(NETWORK, neurons), torch.arange(4, len(vocabulary)), 3, forbidden)
    ids = torch.tensor([[taken[0], taken[1], 200], [201, 202, 203], [taken[0], 204, 205]])
    rows = torch.tensor([0, 0, 1])
    values = objective.take(ids, rows)
    assert values[0] == -torch.inf and values[1:].isfinite().all()
    gain = objective.gradient(ids, rows, [0])
    assert (gain[:2, 0][:, [n - 4 for n in taken]] == -torch.inf).all() and gain[2].isfinite().all()
    better = swap(objective, ids[1:], rows[1:], Swaps(candidates=len(vocabulary)))
    assert not set(better[0].tolist()) & set(taken) and set(better[1].tolist()) <= set(range(4, len(vocabulary)))
    assert objective.best[0].tolist() == better[0].tolist()


BAD = [
    (lambda: concepts(NETWORK, []), "at least one neuron, found none"),
    (lambda: concepts(NETWORK, output(NETWORK, 0), 1), "found a length of 1"),
    (lambda: Peeling(rounds=0), "at least 1 round"),
    (lambda: Peeling(keep=1.2), "found 4, 1.2 and 0.5"),
    (lambda: Peeling(alone=0), "shares above 0"),
    (lambda: TopicPathway(Vocabulary(["a"]), {}, []), "at least one output"),
    (lambda: TopicPathway(Vocabulary(["a"]), {"x": ["a"]}, [TopicOutput("o", ("y",))]), "there are ['x']"),
    (lambda: TopicPathway(Vocabulary(["a"]), {"x": ["b"]}, [TopicOutput("o", ("x",))]), "not in the vocabulary"),
    (
        lambda: TopicPathway(Vocabulary(["a"]), {"x": ["a"]}, [TopicOutput("o", ("x",))], closeness=2),
        "from 0 to 1, found 2",
    ),
]


@pytest.mark.parametrize("call, message", BAD, ids=[message for _, message in BAD])
def test_bad_arguments_are_errors(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


# Related words


def directions(seed=0, words=400, width=64):
    return torch.nn.functional.normalize(
        torch.randn(words, width, generator=torch.Generator().manual_seed(seed)), dim=1
    )


@pytest.mark.parametrize("size", [5, 15])
def test_of_random_pools_about_one_in_twenty_has_a_related_pair(size):
    vectors = directions()
    bound = related_above(vectors, size)
    rng = np.random.default_rng(0)
    pools = [rng.choice(len(vectors), size, replace=False) for _ in range(400)]
    hits = np.mean([bool(groups(vectors[pool].double().numpy(), bound)) for pool in pools])
    assert 0.01 < hits < 0.12


def test_relatives_in_the_vocabulary_do_not_raise_the_bound():
    vectors = directions()
    twins = torch.nn.functional.normalize(vectors[:200] + 0.3 * directions(1)[:200], dim=1)
    assert related_above(torch.cat((vectors, twins)), 10) == pytest.approx(related_above(vectors, 10), abs=0.06)


def test_two_groups_more_alike_than_chance_stay_two_where_each_is_far_more_alike():
    rng = np.random.default_rng(0)
    centres = np.array([[1.0, 0, 0], [0.3, 0.95, 0]])
    vectors = np.concatenate([centres[k] + 0.2 * rng.normal(size=(4, 3)) for k in (0, 1)])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert groups(vectors, 0.2) == [[0, 1, 2, 3], [4, 5, 6, 7]]
    closer = np.concatenate([vectors[:4], vectors[4:] + [1.5, 0, 0]])
    closer /= np.linalg.norm(closer, axis=1, keepdims=True)
    assert groups(closer, 0.2) == [[0, 1, 2, 3, 4, 5, 6, 7]]


def test_words_without_a_relative_are_in_no_group():
    assert groups(np.eye(4), 0.1) == [] and groups(np.eye(4)[:1], 0.1) == []


def test_relatives_belong_to_the_nearest_group():
    vectors = torch.nn.functional.normalize(
        torch.tensor([[1.0, 0], [0.9, 0.3], [0, 1.0], [0.3, 0.9], [0.98, 0.1], [-1.0, 0]]), dim=1
    )
    assert relatives(vectors, [[0, 1], [2, 3]], 0).tolist() == [True, True, False, False, True, False]
