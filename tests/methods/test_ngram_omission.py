"""What each word of an n-gram adds."""

import math

import pytest

from reading_neurons.methods.ngram_omission import word_effects
from reading_neurons.models import Imaginet
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.neurons import group, output, unit
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

WORDS = ["a", "dog", "two", "runs"]


@pytest.fixture(scope="module")
def detectors():
    held = Detector("dog", on=["dog"], hold=1.0)
    return DetectorPathway(Vocabulary(WORDS), [held, Detector("two", on=["two"])])


def test_a_planted_word_has_all_of_the_effect(detectors):
    found = word_effects(detectors, [unit(0), unit(1)], ["a dog runs", "dog a two"])
    assert found["effect"].tolist() == [0, 1, 0, 0, 0, 1]
    assert found["number"].tolist() == [0] * 3 + [1] * 3 and found["place"].tolist() == [0, 1, 2] * 2


def test_a_word_said_twice_can_be_left_out(detectors):
    assert word_effects(detectors, [unit(0)], ["dog dog runs"])["effect"].tolist() == [0, 0, 0]


def test_a_group_needs_both(detectors):
    assert word_effects(detectors, [group([0, 1])], ["dog runs two"])["effect"].tolist() == [0.5, 0, 0.5]


def test_a_single_word_has_nothing_to_be_compared_with(detectors):
    found = word_effects(detectors, [unit(0)], ["dog"])
    assert found["activation"].tolist() == [1] and math.isnan(found["effect"][0])


@pytest.mark.parametrize("frame", [True, False])
def test_it_equals_reading_the_shorter_text(frame):
    pathway = Imaginet(Vocabulary(WORDS), ["object:dog"], embedding=4, units=8).eval().pathways["visual"]
    neuron = output(pathway, 0)

    def read(text):
        import torch

        ids = torch.tensor([[pathway.vocabulary.number(word) for word in text.split()]])
        return float(Reader(pathway, [neuron], frame=frame).read(ids, torch.tensor([0]))[0])

    found = word_effects(pathway, [neuron], ["a dog runs"], frame=frame)
    expected = [read("a dog runs") - read(text) for text in ("dog runs", "a runs", "a dog")]
    assert found["effect"].tolist() == pytest.approx(expected, abs=1e-6)


def test_what_cannot_be_read_is_an_error(detectors):
    with pytest.raises(ValueError, match="does not know 'unicorn'"):
        word_effects(detectors, [unit(0)], ["a unicorn"])
    with pytest.raises(ValueError, match="has no word"):
        word_effects(detectors, [unit(0)], [" "])
    with pytest.raises(ValueError, match="1 n-grams and 2 neurons"):
        word_effects(detectors, [unit(0), unit(1)], ["a"])
