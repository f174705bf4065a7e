"""Randomised weights: what is moved and what is not, and which methods notice."""

import numpy as np
import pytest
import torch

from reading_neurons.corpora import polarity
from reading_neurons.methods.agreement import SIGNED
from reading_neurons.methods.randomisation import LAYERS, STAGES, layer_of, randomised, sanity
from reading_neurons.models import LSTM, BiLSTM, Imaginet, Recurrent

CORPUS = polarity.generate(sentences=80)
TREES = CORPUS.train.take(range(25))
FAST = {"steps": 2}


def made(network_type):
    network = network_type.for_corpus(CORPUS, embedding=6, units=5, seed=1).eval()
    network.embedding.weight.data.mul_(20)
    return network


@pytest.fixture(params=[Recurrent, LSTM, BiLSTM], ids=lambda network: network.name)
def network(request):
    return made(request.param)


@pytest.mark.parametrize("layers", [[], ["cell"], ["readout", "embedding"], LAYERS])
def test_values_change_places_in_the_layers_that_are_named_and_nowhere_else(network, layers):
    before = {name: weight.clone() for name, weight in network.named_parameters()}
    after = dict(randomised(network, layers).named_parameters())
    for name, weight in before.items():
        assert torch.equal(weight, dict(network.named_parameters())[name]), "the network itself is left as it was"
        assert torch.equal(weight.flatten().sort().values, after[name].flatten().sort().values)
        if layer_of(name) not in layers:
            assert torch.equal(weight, after[name])
        elif weight.unique().numel() > 5:
            assert not torch.equal(weight, after[name])


def test_a_seed_is_a_draw(network):
    first, again, other = (randomised(network, ["cell"], seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_a_layer_is_the_same_draw_alone_and_with_others(network):
    alone, all_layers = randomised(network, ["cell"]).state_dict(), randomised(network, LAYERS).state_dict()
    cells = [name for name in alone if layer_of(name) == "cell" and name != "seen_once"]
    assert cells and all(torch.equal(alone[name], all_layers[name]) for name in cells)


def test_each_method_notices_what_it_reads_and_nothing_else(network):
    """Variance reads the embedding; omission of the representation reads no class; the others read everything."""
    table = sanity(network, TREES, **FAST)
    means = table.groupby(["stage", "method"])["spearman"].mean().unstack("method")
    assert list(dict.fromkeys(table["stage"])) == list(STAGES)
    assert means.loc[["readout", "readout and cell", "cell alone"], "variance"].to_numpy() == pytest.approx(1)
    assert means.loc[["everything", "embedding alone"], "variance"].abs().max() < 0.4
    assert means.loc["readout", "omission"] == pytest.approx(1)
    readers = ["score omission", "derivative", "gradient x input", "integrated gradients"]
    assert (means.loc[["readout", "readout and cell", "everything", "cell alone"], readers] < 0.999).all(axis=None)
    signed = means.loc["everything", list(SIGNED)]  # a derivative keeps the order in which it decays
    assert (signed < 0.9).all()


def test_nothing_randomised_is_the_same_map(network):
    table = sanity(network, TREES, stages={"nothing": ()}, **FAST)
    assert table["spearman"].to_numpy() == pytest.approx(1)


def test_draws_are_different_and_counted():
    table = sanity(made(LSTM), TREES, methods=["derivative"], stages={"everything": LAYERS}, draws=2)
    by_draw = table.groupby("draw")["spearman"].apply(np.array)
    assert list(by_draw.index) == [0, 1] and not np.allclose(by_draw[0], by_draw[1])


def test_bad_layers_and_pathways_are_errors():
    with pytest.raises(ValueError, match="unknown layer 'head'"):
        randomised(made(LSTM), ["head"])
    imaginet = Imaginet(made(LSTM).vocabulary, ["object:film"], embedding=4, units=4)
    with pytest.raises(ValueError, match="has no weights of its readout"):
        randomised(imaginet, ["readout"])
    with pytest.raises(ValueError, match="name one of the pathways"):
        sanity(imaginet, ["a film"])
