"""A network of topics, written by hand."""

import pytest
import torch

from reading_neurons import passes
from reading_neurons.experiments.wanted_truth import topic_network
from reading_neurons.pathway import Recurrent

NETWORK = topic_network(planted=2, closeness=0.7)


def vector(word):
    return NETWORK.embedding[NETWORK.vocabulary.number(word)]


def test_words_of_a_topic_are_as_alike_as_they_are_meant_to_be():
    assert float(vector("word0a") @ vector("word0b")) == pytest.approx(0.49, abs=0.2)
    assert abs(float(vector("word0a") @ vector("word1a"))) < 0.25
    assert torch.linalg.norm(NETWORK.embedding[4:], dim=1) == pytest.approx(
        torch.ones(len(NETWORK.embedding) - 4), abs=1e-4
    )


def test_outputs_add_or_take_the_larger():
    scores = NETWORK.outputs(torch.from_numpy(passes.states(NETWORK, ["word0a word1a word0b"]))[-1])
    named = dict(zip(NETWORK.output_names, scores.tolist(), strict=True))
    assert named["one 0"] == pytest.approx(1.4, abs=1e-3)
    assert named["two 0"] == pytest.approx(2.1, abs=1e-3) and named["either 0"] == pytest.approx(1.4, abs=1e-3)


def test_steps_and_states_agree():
    assert isinstance(NETWORK, Recurrent)
    ids = torch.tensor([[NETWORK.vocabulary.number(word) for word in ("word0a", "spare3", "word1b")]])
    state = NETWORK.initial(1)
    for t in range(3):
        state, units = NETWORK.step(NETWORK.embedding[ids[:, t]], state)
    torch.testing.assert_close(units, NETWORK.states(NETWORK.embedding[ids])[:, -1])
