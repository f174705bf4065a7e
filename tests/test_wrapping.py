"""The base class for networks of one's own: padding, representation, readout, and what it refuses."""

import pytest
import torch
from torch import nn

from reading_neurons import asking
from reading_neurons.checks import check
from reading_neurons.neurons import output, readout, unit
from reading_neurons.reader import Reader
from reading_neurons.text import Batch, Vocabulary
from reading_neurons.wrapping import Wrapped

VOCABULARY = Vocabulary(["a", "dog", "cat", "runs"])
BATCH = Batch.of([VOCABULARY.encode(text.split()) for text in ("a dog", "a dog runs a cat", "cat")])


class Cumulative(Wrapped):
    def read(self, embedded, lengths):
        self.given = embedded, lengths
        return self.network(embedded).cumsum(dim=1) + 1  # the 1 would stay in padding


def pathway(readout=None, names=None, bias=True, seed=0):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network, table = nn.Linear(3, 5).eval(), nn.Embedding(len(VOCABULARY), 3)
        scores = nn.Linear(5, 2, bias=bias) if readout == "linear" else readout
    return Cumulative(network, VOCABULARY, table, name="own", readout=scores, output_names=names)


def test_padding_is_zero_on_the_way_in_and_on_the_way_out():
    own = pathway()
    embedded = own.embedding[BATCH.ids].detach()
    states = own.states(embedded, BATCH.lengths)
    given, lengths = own.given
    assert torch.equal(given, embedded * BATCH.mask[..., None]) and torch.equal(lengths, BATCH.lengths)
    assert not states[~BATCH.mask].any() and (states[BATCH.mask] != 0).any()
    own.states(embedded[:1])
    assert own.given[1].tolist() == [embedded.shape[1]], "read is always told how long sentences are"


def test_the_last_state_stands_for_the_sentence_unless_said_otherwise():
    own = pathway()
    embedded = own.embedding[BATCH.ids].detach()
    states, found = own.states(embedded, BATCH.lengths), own.representation(embedded, BATCH.lengths)
    for row, length in enumerate(BATCH.lengths.tolist()):
        assert torch.equal(found[row], states[row, length - 1])
    own.summary = lambda states, lengths: states.sum(dim=1)
    assert torch.equal(own.representation(embedded, BATCH.lengths), states.sum(dim=1))


@pytest.mark.parametrize("bias", [True, False])
def test_a_linear_readout_gives_units_and_outputs_in_one_reader(bias):
    own = pathway("linear", ["bad", "good"], bias)
    states = torch.randn(4, 5)
    weight, offset = own.readout(torch.tensor([1]))
    torch.testing.assert_close(own.outputs(states)[:, 1], states @ weight[0] + offset[0])
    ids = torch.tensor([[4, 5], [6, 7]])
    neurons = [output(own, "good"), output(own, "bad")]
    found = Reader(own, neurons).read(ids, torch.tensor([0, 1]))
    framed = torch.cat((torch.full((2, 1), 1), ids, torch.full((2, 1), 2)), dim=1)
    scores = own.outputs(own.representation(own.embedding[framed]))
    torch.testing.assert_close(found, scores[[0, 1], [1, 0]].detach())


def test_any_other_readout_is_called_and_is_not_taken_for_linear():
    own = pathway(lambda states: states.square()[..., :2])
    assert not hasattr(own, "readout") and readout(own, [output(own, 0)], 5) is None
    assert torch.equal(own.outputs(torch.full((1, 5), 3.0)), torch.full((1, 2), 9.0))
    assert readout(own, [unit(2)], 5)[0].tolist() == [[0, 0, 1, 0, 0]]
    states = torch.randn(2, 5)
    assert pathway().outputs(states) is states, "without a readout, outputs are the units"


def test_an_embedding_is_a_layer_or_a_tensor():
    table = torch.randn(len(VOCABULARY), 3)
    own = Cumulative(nn.Linear(3, 5).eval(), VOCABULARY, table, name="own")
    assert own.embedding is table and check(own)["holds"].all()
    with pytest.raises(ValueError, match=r"embedding has shape \(7, 3\) for a vocabulary of 8 words.*expected one row a word"):
        Cumulative(nn.Linear(3, 5), VOCABULARY, table[:7], name="own")


def test_a_network_that_is_being_trained_is_refused():
    own = pathway()
    own.network.train()
    with pytest.raises(asking.PathwayError, match=r"training mode.*network\.eval\(\)"):
        own.states(own.embedding[BATCH.ids], BATCH.lengths)


def test_a_subclass_that_does_not_say_how_it_reads_is_told_to():
    own = Wrapped(nn.Linear(3, 5).eval(), VOCABULARY, torch.randn(len(VOCABULARY), 3), name="own")
    with pytest.raises(asking.MissingPart, match=r"'own' does not say how it reads: write read\(self, embedded, lengths\)"):
        own.states(own.embedding[BATCH.ids], BATCH.lengths)


def test_what_read_gives_is_looked_at_before_it_is_masked():
    class Twisted(Cumulative):
        def read(self, embedded, lengths):
            return super().read(embedded, lengths).transpose(1, 2)

    own = pathway()
    own.__class__ = Twisted
    said = r"read\(embedded, lengths\) gave shape \(3, 5, 7\) for embedded of shape \(3, 7, 3\).*transpose\(1, 2\)"
    with pytest.raises(asking.PathwayError, match=said):
        own.states(own.embedding[BATCH.ids], BATCH.lengths)
