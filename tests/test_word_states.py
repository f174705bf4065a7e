"""The states of a window; tests of passes hold every state against a sentence read alone."""

import numpy as np
import pytest
import torch

from reading_neurons.models import Imaginet
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.text import Vocabulary
from reading_neurons.word_states import BATCH, require_precision, states_of_words

VOCABULARY = Vocabulary(["a", "dog", "cat", "runs"])
SENTENCES = [("a", "dog", "runs"), ("a", "dog"), ("cat",), ("a", "cat", "runs", "a", "dog")]


def test_sentences_that_begin_alike_share_states_and_rows_stay_in_order():
    pathway = DetectorPathway(VOCABULARY, [Detector("dog", on=["dog"], hold=0.5)])
    found = states_of_words(pathway, SENTENCES)[:, 0].tolist()
    assert found == [0, 1, 0.5, 0, 1, 0, 0, 0, 0, 0, 1]


class Whole:
    """The same network, read whole: it has no steps."""

    def __init__(self, pathway):
        self.name, self.vocabulary, self.embedding = pathway.name, pathway.vocabulary, pathway.embedding
        self.output_names, self.seen = None, []
        self.representation, self.outputs, self.read = pathway.representation, pathway.outputs, pathway.states

    def states(self, embedded, lengths=None):
        self.seen.append(len(embedded))
        return self.read(embedded, lengths)


def test_both_roads_lead_to_the_same_states():
    pathway = Imaginet(VOCABULARY, ["a"], embedding=8, units=32).eval().pathways["visual"]
    sentences = SENTENCES * 50
    whole = Whole(pathway)
    torch.testing.assert_close(states_of_words(whole, sentences), states_of_words(pathway, sentences), atol=1e-6, rtol=1e-5)
    assert whole.seen == [BATCH, 200 - BATCH]


@pytest.mark.parametrize("count", [1, 3, 40])
def test_neither_company_nor_threads_change_a_bit(count):
    pathway = Imaginet(VOCABULARY, ["a"], embedding=32, units=64).eval().pathways["visual"]
    before, found = torch.get_num_threads(), []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        found.append(states_of_words(pathway, [*SENTENCES[:1], *SENTENCES * count])[:3].numpy())
    torch.set_num_threads(before)
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], states_of_words(pathway, SENTENCES[:1]).numpy())


def test_precisions():
    require_precision("bfloat16")
    with pytest.raises(ValueError, match="unknown precision 'half': choose one of 'float32', 'bfloat16'"):
        require_precision("half")
