"""Exchange: against a loop over words, a network whose sources are known, one that reads nothing, and bad input."""

import numpy as np
import pytest
import torch

from reading_neurons.methods.copy_exchange import copy_exchange, effects
from reading_neurons.methods.copy_influence import alignment, influence
from reading_neurons.methods.copy_saliency import copy_saliency
from reading_neurons.models.autoencoder import Autoencoder
from reading_neurons.models.copying import copies
from reading_neurons.text import Vocabulary

WORDS = Vocabulary([f"w{number}" for number in range(30)])
SENTENCES = [("w1", "w2", "w3", "w1"), ("w4", "zebra"), ("w5",)]


def network(kind=Autoencoder, **settings):
    return kind(WORDS, **{"embedding": 8, "units": 8, **settings}).eval()


class Planted(Autoencoder):
    """At step k its decoder's state is word k of the source, and nothing else."""

    def read(self, source, lengths, copy):
        turns = torch.eye(copy.shape[1] + 1, source.shape[1])[1:]
        return source, turns @ source


class Deaf(Autoencoder):
    """It scores words by what it wrote before, whatever its source says."""

    def read(self, source, lengths, copy):
        return source, copy.cumsum(dim=1)


def score(net, source, copy, step, word):
    """Of one word, by a sequence of its own."""
    ids = torch.from_numpy(np.concatenate((source, copy[: step + 1])))
    pathway = net.copying(len(source))
    return pathway.outputs(pathway.states(net.embedding(ids)[None]))[0, -1, word].item()


def test_effects_are_those_of_a_loop_over_words():
    net = network(seed=1)
    source, copy = net.vocabulary.encode(SENTENCES[0]), net.vocabulary.encode(("w9", "w1"))
    found = effects(net, source, copy, 3, np.random.default_rng(5))
    assert found.shape == (3, 4 + 2)
    generator = np.random.default_rng(5)
    read = copy[:-1]
    places = [("source", place) for place in range(1, 5)] + [("copy", place) for place in range(1, 3)]
    own = np.array([source[place] if side == "source" else read[place] for side, place in places] * 3)
    drawn = generator.integers(4, len(WORDS) - 1, size=len(own))
    others = np.where(drawn >= own, drawn + 1, drawn)
    assert (others != own).all()
    changes = np.zeros((3, 3, 6))
    for row, other in enumerate(others):
        side, place = places[row % 6]
        parts = {"source": source.copy(), "copy": read.copy()}
        parts[side][place] = other
        for step in range(3):
            now, before = (score(net, *pair, step, copy[step + 1]) for pair in ((*parts.values(),), (source, read)))
            changes[row // 6, step, row % 6] = abs(now - before)
    assert found == pytest.approx(changes.mean(axis=0), abs=1e-5)


@pytest.mark.parametrize("copy", ["own", "right"])
def test_rows_are_those_of_saliency(copy):
    net = network(seed=3)
    table, model = (method(net, SENTENCES, copy=copy) for method in (copy_exchange, copy_saliency))
    names = ["sentence", "step", "predicted", "side", "position", "word"]
    assert table[names].values.tolist() == model[names].values.tolist()
    assert (table["saliency"] > 0).all()
    assert copy == "right" or any(found != tuple(words) for found, words in zip(copies(net, SENTENCES), SENTENCES))


def test_it_finds_the_word_that_is_copied():
    table = copy_exchange(network(Planted, tied=True), [("w1", "w2", "w3", "w4"), ("w5", "w6")], draws=3)
    assert (alignment(table)["hit"] == 1).all() and (alignment(table, "word")["hit"] == 1).all()
    elsewhere = table[(table["side"] == "copy") | (table["step"] != table["position"])]
    assert (elsewhere["saliency"] == 0).all()


def test_of_a_source_that_is_not_read_it_finds_nothing():
    table = copy_exchange(network(Deaf, tied=True), [("w1", "w2", "w3")])
    assert (table[table["side"] == "source"]["saliency"] == 0).all()
    assert (influence(table)["share"] == 1).all()


def test_the_seed_draws_the_words():
    first, again, other = (copy_exchange(network(), SENTENCES, seed=seed)["saliency"] for seed in (0, 0, 1))
    assert first.tolist() == again.tolist() and first.tolist() != other.tolist()


def test_bad_input_is_an_error_that_says_what_to_do():
    with pytest.raises(ValueError, match="at least one other, found draws=0"):
        copy_exchange(network(), SENTENCES, draws=0)
    with pytest.raises(ValueError, match="found a vocabulary of 1: expected at least two words"):
        copy_exchange(Autoencoder(Vocabulary(["a"]), embedding=4, units=4).eval(), ["a"])
    with pytest.raises(ValueError, match="copy is one of 'own', 'right', found 'best'"):
        copy_exchange(network(), SENTENCES, copy="best")
    with pytest.raises(ValueError, match="sentence 1 has no word that the network knows"):
        copy_exchange(network(), [("w1",), ("zebra",)])
    with pytest.raises(ValueError, match="at least one sentence, found none"):
        copy_exchange(network(), [])
