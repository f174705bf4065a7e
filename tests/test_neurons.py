"""Neurons: found by number or name, where they are read, and what cannot be one."""

import pytest
import torch

from reading_neurons.models import Imaginet, LanguageModel
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.neurons import Neuron, group, output, readout, scores_next_word, unit
from reading_neurons.text import Vocabulary

VOCABULARY = Vocabulary(["a", "dog", "dogs", "on", "umbrella"])
DIMENSIONS = ["object:dog", "object:umbrella", "number:dog", "number:two"]
PATHWAYS = Imaginet(VOCABULARY, DIMENSIONS, embedding=4, units=6).eval().pathways
VISUAL, TEXTUAL = PATHWAYS["visual"], PATHWAYS["textual"]
NAMELESS = DetectorPathway(VOCABULARY, [Detector("dog", on=["dog"])], noise=2)


def test_outputs_are_found_by_number_by_name_and_by_the_name_after_its_kind():
    assert output(VISUAL, 1) == output(VISUAL, "umbrella") == output(VISUAL, "object:umbrella")
    assert output(VISUAL, "object:dog").members == (0,) and output(VISUAL, "number:dog").members == (2,)
    assert output(TEXTUAL, "umbrella").members == (VOCABULARY.number("umbrella"),)
    assert output(NAMELESS, 2) == Neuron("output", (2,), "output 2", "end")


def test_scenes_are_read_at_the_end_and_words_and_units_at_the_last_word():
    assert output(VISUAL, 0).place == "end"
    assert output(TEXTUAL, 5).place == unit(0).place == group([0, 1]).place == "last word"
    assert scores_next_word(TEXTUAL) and scores_next_word(LanguageModel(VOCABULARY, embedding=2, units=2).pathways["language model"])
    assert not scores_next_word(VISUAL) and not scores_next_word(NAMELESS)


@pytest.mark.parametrize(
    "pathway, which, message",
    [
        (VISUAL, 4, "'visual' has no output 4: it has the outputs 0 to 3"),
        (VISUAL, -1, "no output -1"),
        (NAMELESS, -1, "outputs are counted from 0"),
        (VISUAL, "dog", "'dog' may be any of object:dog, number:dog: write it in full"),
        (VISUAL, "umbrela", "no output 'umbrela' among 4: did you mean object:umbrella"),
        (TEXTUAL, "dogg", "did you mean dog, dogs"),
        (TEXTUAL, "xylophone", "no output 'xylophone' among 9: it has "),
        (VISUAL, "", "no output ''"),
        (NAMELESS, "dog", "found the name 'dog', and this pathway's outputs have none: give a number"),
    ],
)
def test_an_output_that_is_not_there_is_an_error_with_a_way_out(pathway, which, message):
    with pytest.raises(ValueError, match=message):
        output(pathway, which)


@pytest.mark.parametrize("members", [(), (-1,), (1, 1)])
def test_a_neuron_has_members_that_differ(members):
    with pytest.raises(ValueError, match="one or more different numbers from 0, found"):
        group(members)


def test_unknown_kinds_and_places_are_errors():
    with pytest.raises(ValueError, match="a 'unit' or an 'output', found 'synapse'"):
        Neuron("synapse", (0,), "one")
    with pytest.raises(ValueError, match="read at one of 'last word', 'end', found 'start'"):
        Neuron("unit", (0,), "one", "start")


def test_the_readout_of_units_is_their_mean_and_of_outputs_the_networks():
    states = torch.randn(3, 6, generator=torch.Generator().manual_seed(0))
    neurons = [unit(2), group([0, 5, 1]), output(TEXTUAL, 7), Neuron("output", (4, 8), "both")]
    weight, bias = readout(TEXTUAL, neurons, units=6)
    found = states @ weight.t() + bias
    scores = TEXTUAL.outputs(states)
    expected = [states[:, 2], states[:, [0, 5, 1]].mean(1), scores[:, 7], scores[:, [4, 8]].mean(1)]
    torch.testing.assert_close(found, torch.stack(expected, dim=1))
    assert not weight.requires_grad and not bias.requires_grad


def test_a_pathway_that_offers_no_readout_has_one_for_its_units_only():
    assert readout(NAMELESS, [output(NAMELESS, 0)], units=3) is None
    weight, bias = readout(NAMELESS, [unit(1)], units=3)
    assert weight.tolist() == [[0, 1, 0]] and bias.tolist() == [0]


def test_a_unit_out_of_range_is_an_error():
    with pytest.raises(ValueError, match="there is no unit 6: 'visual' has the units 0 to 5"):
        readout(VISUAL, [group([0, 6])], units=6)
