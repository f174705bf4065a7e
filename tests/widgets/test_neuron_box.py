"""What is typed in a box for neurons, what it suggests, and what it begins with."""

import pytest

from reading_neurons.corpora import scenes
from reading_neurons.models import Imaginet
from reading_neurons.models.autoencoder import Autoencoder
from reading_neurons.neurons import output, unit
from reading_neurons.text import Vocabulary
from reading_neurons.widgets.neuron_box import NeuronBox, neuron_of


@pytest.fixture(scope="module")
def pathways():
    captions = scenes.generate(scenes=200).test
    return Imaginet(Vocabulary.of(captions.tokens), captions.dimensions, embedding=8, units=16).eval().pathways


def test_names_lead_to_neurons(pathways):
    visual, textual = pathways["visual"], pathways["textual"]
    assert neuron_of(visual, "Object:Dog") == neuron_of(visual, " dog ") == output(visual, "object:dog")
    assert neuron_of(visual, "unit 3") == neuron_of(visual, "unit3") == unit(3)
    assert neuron_of(textual, "5") == output(textual, 5)
    with pytest.raises(ValueError, match="may be any of|there is no output"):
        neuron_of(visual, "object:")


def test_a_word_made_of_digits_is_a_word():
    pathways = Imaginet(Vocabulary(["a", "2"]), ["object:dog"], embedding=4, units=8).eval().pathways
    assert neuron_of(pathways["textual"], "2").name == "2"


NOBODY = {"": "No neuron named", "unit 16": "the units 0 to 15", "dgo": "did you mean"}


@pytest.mark.parametrize("typed, said", NOBODY.items())
def test_what_is_no_neuron_is_answered(pathways, typed, said):
    with pytest.raises(ValueError, match=said):
        neuron_of(pathways["visual"], typed)


def test_outputs_are_suggested_without_special_symbols(pathways):
    box = NeuronBox(pathways["textual"])
    words = pathways["textual"].vocabulary.words
    assert box.options == tuple(words[4:]) and box.value == words[4]
    box.offer(pathways["visual"])
    assert box.options == tuple(pathways["visual"].output_names) and box.value == box.options[0]
    box.offer(pathways["visual"], "unit 3")
    assert box.value == "unit 3" and NeuronBox(pathways["visual"], "dog").value == "dog"


def test_where_outputs_have_no_names_the_first_unit_is_offered():
    encoder = Autoencoder(Vocabulary(["a", "dog"]), embedding=4, units=8).pathways["encoder"]
    box = NeuronBox(encoder)
    assert box.options == () and neuron_of(encoder, box.value) == unit(0)
