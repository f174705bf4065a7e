"""Frames with blanks: against reading every word, planted words, and frames that make no sense."""

import numpy as np
import pytest
import torch

from reading_neurons.methods.completions import completions, every_word, parse_frame
from reading_neurons.models import Imaginet
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.neurons import output, unit
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

VOCABULARY = Vocabulary(["under", "an", "a", "dog", "umbrella", "tree", "runs"])
NETWORK = Imaginet(VOCABULARY, ["object:dog"], embedding=6, units=8, seed=1).eval()
NETWORK.embedding.weight.data.mul_(20)
VISUAL, TEXTUAL = NETWORK.pathways["visual"], NETWORK.pathways["textual"]


@pytest.mark.parametrize("frame, expected", [
    ("under an _", (3, {0: "under", 1: "an"})), ("___ Under  an", (3, {1: "under", 2: "an"})), ("_ _", (2, {})),
])  # fmt: skip
def test_a_frame_is_its_length_and_its_words(frame, expected):
    assert parse_frame(frame) == expected


@pytest.mark.parametrize("lowest", [False, True])
@pytest.mark.parametrize("frame, place", [("under an _", 2), ("_ under an", 0), ("a _ runs", 1)])
def test_one_blank_is_filled_by_trying_every_word(frame, place, lowest):
    neurons = [output(VISUAL, "dog"), output(TEXTUAL, "umbrella")]
    for pathway, neuron in ((VISUAL, neurons[0]), (TEXTUAL, neurons[1])):
        parts = frame.split()
        tried = [[*parts[:place], word, *parts[place + 1 :]] for word in VOCABULARY.words[4:]]
        ids = torch.tensor([[VOCABULARY.number(word) for word in words] for words in tried])
        values = Reader(pathway, [neuron]).read(ids, torch.zeros(len(ids), dtype=torch.long)).detach().numpy()
        order = np.argsort(values if lowest else -values)[:3]
        found = completions(pathway, neuron, frame, 3, lowest=lowest)
        assert found["words"].tolist() == [" ".join(tried[i]) for i in order]
        assert found["filling"].tolist() == [tried[i][place] for i in order] and found["rank"].tolist() == [0, 1, 2]
        np.testing.assert_allclose(found["activation"], values[order], atol=1e-5)


def test_neurons_of_both_places_keep_their_order():
    found = completions(VISUAL, [unit(2), output(VISUAL, "dog"), unit(0)], "a _", 2)
    assert found["neuron"].tolist() == ["unit 2", "unit 2", "object:dog", "object:dog", "unit 0", "unit 0"]


def test_several_blanks_are_searched_with_the_words_in_their_places():
    pathway = DetectorPathway(VOCABULARY, [Detector("dog", on=["dog"], off=["runs"], hold=0.5)])
    found = completions(pathway, unit(0), "_ _ an")
    assert found[["filling", "activation"]].iloc[0].tolist()[0].endswith("dog") and found["activation"][0] == 0.5
    silent = completions(pathway, unit(0), "dog _ _", lowest=True)
    assert "runs" in silent["filling"][0] and silent["activation"][0] == 0


def test_every_word_of_every_neuron():
    every = every_word(VISUAL, [output(VISUAL, "dog"), unit(1)][:1], "a _")
    assert every.shape == (7, 1) and every.index.tolist() == list(VOCABULARY.words[4:])
    best = completions(VISUAL, output(VISUAL, "dog"), "a _", 1)
    assert every["object:dog"].idxmax() == best["filling"][0]
    assert every["object:dog"].max() == pytest.approx(best["activation"][0], abs=1e-5)


def test_bad_frames_are_errors():
    with pytest.raises(ValueError, match="has no blank: write _"):
        parse_frame("under an")
    with pytest.raises(ValueError, match="has no blank"):
        completions(VISUAL, unit(0), "")
    with pytest.raises(ValueError, match="does not know this word"):
        completions(VISUAL, unit(0), "under an unheard _")
    with pytest.raises(ValueError, match="found 2 in '_ _'"):
        every_word(VISUAL, [unit(0)], "_ _")
