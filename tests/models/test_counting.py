"""The counting unit against a count by hand."""

import numpy as np
import pytest
import torch

from reading_neurons import passes
from reading_neurons.models.counting import CountingPathway
from reading_neurons.pathway import Recurrent
from reading_neurons.text import Vocabulary

VOCABULARY = Vocabulary(list("01234()"), list)
STRINGS = ["0(1(2)1)0", "(((4)))", "0", "()()"]


@pytest.mark.parametrize("unit", [0, 3, 5])
def test_the_unit_is_the_count_whatever_stands_beside_it(unit):
    pathway = CountingPathway(VOCABULARY, noise=5, unit=unit, seed=1)
    assert isinstance(pathway, Recurrent) and pathway.units == 6
    states = passes.states(pathway, STRINGS)
    depth = np.concatenate([np.cumsum([(c == "(") - (c == ")") for c in string]) for string in STRINGS])
    assert states[:, unit].tolist() == (depth / 4).tolist()
    others = np.delete(states, unit, axis=1)
    assert (others.std(axis=0) > 0.01).all() and np.abs(others).max() < 1


def test_read_whole_is_read_step_by_step():
    pathway = CountingPathway(VOCABULARY, noise=4, unit=2)
    ids = torch.from_numpy(VOCABULARY.encode(list("0(1)0")))
    whole = pathway.states(pathway.embedding[ids][None], torch.tensor([len(ids)]))[0]
    assert np.allclose(whole[1:-1], passes.states(pathway, ["0(1)0"]), atol=1e-6)
    assert torch.equal(pathway.representation(pathway.embedding[ids][None], torch.tensor([len(ids)]))[0], whole[-1])


def test_a_counter_alone_and_another_bracket():
    pathway = CountingPathway(Vocabulary(list("[]x"), list), noise=0, opens="[", closes="]", most=2)
    assert passes.states(pathway, ["x[[x]"])[:, 0].tolist() == [0, 0.5, 1, 1, 0.5]


def test_bad_input():
    with pytest.raises(ValueError, match=r"needs '\(' and '\)' in its vocabulary"):
        CountingPathway(Vocabulary(["a"], list))
    with pytest.raises(ValueError, match="found the counting unit 3, expected one from 0 to 2"):
        CountingPathway(VOCABULARY, noise=2, unit=3)
