"""The network written by hand: its units follow their rule word by word, on every road through the protocol."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reading_neurons import passes
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.pathway import Recurrent, represent
from reading_neurons.text import Batch, Vocabulary

WORDS = ("in", "on", "a", "box", "two", "dogs")
VOCABULARY = Vocabulary(WORDS)
INSIDE = Detector("inside", on=["in", "on"], off=["box", "dogs"], hold=1.0)
FADING = Detector("fading", on=["two"], hold=0.8)
NOUN = Detector("noun", on=["box", "dogs"])


def by_rule(detector, sentence):
    values, state = [], 0.0
    for word in sentence:
        state = 1.0 if word in detector.on else 0.0 if word in detector.off else detector.hold * state
        values.append(state)
    return values


@given(st.lists(st.lists(st.sampled_from([*WORDS, "zebra"]), min_size=1, max_size=8), min_size=1, max_size=6))
def test_every_detector_follows_its_rule(sentences):
    pathway = DetectorPathway(VOCABULARY, [INSIDE, FADING, NOUN], noise=3)
    states = torch.from_numpy(passes.states(pathway, sentences))
    for unit, detector in enumerate(pathway.detectors):
        expected = [value for sentence in sentences for value in by_rule(detector, sentence)]
        assert torch.allclose(states[:, unit], torch.tensor(expected))


def test_it_is_recurrent_and_its_steps_are_its_states():
    pathway = DetectorPathway(VOCABULARY, [INSIDE, FADING], noise=4, seed=1)
    assert isinstance(pathway, Recurrent)
    batch = Batch.of([VOCABULARY.encode(["in", "a", "box"])])
    embedded = pathway.embedding[batch.ids]
    state = pathway.initial(1)
    for place, states in enumerate(pathway.states(embedded).unbind(dim=1)):
        state, units = pathway.step(embedded[:, place], state)
        assert torch.equal(units, states)
    assert torch.equal(represent(pathway, ["in a box"]), state)


def test_padding_reaches_no_state():
    pathway = DetectorPathway(VOCABULARY, [INSIDE], noise=2)
    batch = Batch.of([VOCABULARY.encode(["in"]), VOCABULARY.encode(["in", "a", "box"])])
    states = pathway.states(pathway.embedding[batch.ids], batch.lengths)
    assert (states[0, 3:] == 0).all() and (states[0, 1, 0] == 1)
    alone = pathway.representation(pathway.embedding[batch.ids[:1, :3]])
    assert torch.allclose(pathway.representation(pathway.embedding[batch.ids], batch.lengths)[0], alone[0], atol=1e-6)


def test_random_units_depend_on_their_seed_alone():
    states = [
        passes.states(DetectorPathway(VOCABULARY, [NOUN], noise=5, seed=seed), ["in a box"]) for seed in (0, 0, 1)
    ]
    assert (states[0] == states[1]).all()
    assert (states[0][:, 0] == states[2][:, 0]).all()
    assert (states[0][:, 1:] != states[2][:, 1:]).all()


@pytest.mark.parametrize(
    "make, found",
    [
        (lambda: Detector("nothing", on=[]), "switches it on"),
        (lambda: Detector("growing", on=["in"], hold=1.5), "found 1.5"),
        (lambda: DetectorPathway(VOCABULARY, []), "at least one detector"),
    ],
)
def test_a_detector_that_cannot_be_says_why(make, found):
    with pytest.raises(ValueError, match=found):
        make()
