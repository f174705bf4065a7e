"""What methods see of a network with one readout, against the network itself."""

import pytest
import torch

from reading_neurons.models import CharacterLSTM, Recurrent
from reading_neurons.models.network_pathways import NetworkPathway
from reading_neurons.models.sentiment import BiLSTM
from reading_neurons.pathway import Recurrent as WordByWord
from reading_neurons.text import Batch, Vocabulary

VOCABULARY = Vocabulary(["a", "b", "c"], list)
MADE = {
    "recurrent": lambda: Recurrent(VOCABULARY, units=6),
    "bi-lstm": lambda: BiLSTM(VOCABULARY, units=6),
    "character lstm": lambda: CharacterLSTM(VOCABULARY, units=6),
}


@pytest.fixture(params=MADE, scope="module")
def network(request):
    return MADE[request.param]().eval()


@pytest.fixture
def embedded(network):
    batch = Batch.of([VOCABULARY.encode(word) for word in ("abc", "c")])
    return network.pathways[network.name].embedding[batch.ids], batch.lengths


def test_it_is_the_network_with_padding_set_to_zero(network, embedded):
    pathway = network.pathways[network.name]
    states, lengths = pathway.states(*embedded), embedded[1]
    assert isinstance(pathway, NetworkPathway) and states.shape == (2, 5, pathway.units)
    assert (states[1, lengths[1] :] == 0).all() and torch.equal(states[0], network.states(*embedded)[0])
    assert torch.equal(pathway.representation(*embedded), network.representation(*embedded))
    weight, bias = pathway.readout([1])
    torch.testing.assert_close(pathway.outputs(states)[..., [1]], states @ weight.T + bias)
    assert len(pathway.output_names) == pathway.outputs(states).shape[-1]


def test_steps_are_the_states(network, embedded):
    pathway = network.pathways[network.name]
    if network.name == "bi-lstm":
        assert not isinstance(pathway, WordByWord)
        return
    state = pathway.initial(2)
    for time in range(5):
        state, units = pathway.step(embedded[0][:, time], state)
        torch.testing.assert_close(units[0], pathway.states(*embedded)[0, time])
