"""A pass over a corpus: every state against a network that reads one sentence alone, whatever the window."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from reading_neurons import passes
from reading_neurons.annotation import token_table
from reading_neurons.corpora import scenes
from reading_neurons.models import Imaginet, LanguageModel, SumPathway
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.pathway import Recurrent
from reading_neurons.text import Vocabulary

WORDS = ["a", "dog", "cat", "chases", "sleeps", "two", "red", "on"]
VOCABULARY = Vocabulary(WORDS)
SENTENCES = ["a dog chases a cat", "a dog chases a red cat", "dog", "zebra", "a dog chases a cat", "a a a a", "two red cat"]


class Lstm:
    """Its state is a pair; it can be stepped, but a step cannot be split."""

    name, output_names, vocabulary = "lstm", None, VOCABULARY

    def __init__(self):
        generator = torch.Generator().manual_seed(0)
        self.embedding = torch.randn(len(VOCABULARY), 5, generator=generator)
        self.cell = nn.LSTMCell(5, 6)
        for weight in self.cell.parameters():
            nn.init.normal_(weight, generator=generator)

    def initial(self, batch):
        return torch.zeros(batch, 6), torch.full((batch, 6), 0.3)

    def step(self, embedded, state):
        state = self.cell(embedded, state)
        return state, state[0]

    def states(self, embedded, lengths=None):
        state, seen = self.initial(len(embedded)), []
        for t in range(embedded.shape[1]):
            state, units = self.step(embedded[:, t], state)
            seen.append(units)
        return torch.stack(seen, dim=1)

    def representation(self, embedded, lengths=None):
        return self.states(embedded)[torch.arange(len(embedded)), lengths - 1]

    def outputs(self, states):
        return states


class Convolutional:
    """Windows of three words: it sees the word that follows, and cannot be stepped."""

    name, output_names, vocabulary = "convolutional", None, VOCABULARY

    def __init__(self):
        generator = torch.Generator().manual_seed(0)
        self.embedding = torch.randn(len(VOCABULARY), 5, generator=generator)
        self.filters = torch.randn(6, 5, 3, generator=generator) / 6

    def states(self, embedded, lengths=None):
        assert not torch.is_grad_enabled()
        real = torch.arange(embedded.shape[1]) < lengths[:, None]
        embedded = embedded * real[..., None]
        return torch.conv1d(embedded.transpose(1, 2), self.filters, padding=1).transpose(1, 2).tanh()

    def representation(self, embedded, lengths=None):
        return self.states(embedded, lengths)[:, -1]

    def outputs(self, states):
        return states


def pathways():
    sizes = {"embedding": 8, "units": 12}
    networks = [
        Imaginet(VOCABULARY, ["object:dog"], **sizes),
        Imaginet(VOCABULARY, ["object:dog"], cell="kadar", **sizes),
        SumPathway(VOCABULARY, ["object:dog"], embedding=8),
        LanguageModel(VOCABULARY, **sizes).double(),
    ]
    for network in networks:
        network.embedding.weight.data.mul_(30)  # so that words matter before training too
        yield from network.eval().pathways.values()
    yield DetectorPathway(VOCABULARY, [Detector("dog", on=["dog"], off=["cat"], hold=0.5)], noise=4)
    yield Lstm()
    yield Convolutional()


PATHWAYS = list(pathways())
IDS = [
    "visual", "textual", "visual-kadar", "textual-kadar", "sum", "language-double", "detectors", "lstm", "convolutional",
]  # fmt: skip
each_pathway = pytest.mark.parametrize("pathway", PATHWAYS, ids=IDS)


def alone(pathway, sentences):
    """The states of the words of each sentence, which is framed and read by itself."""
    rows = []
    for sentence in sentences:
        ids = torch.from_numpy(pathway.vocabulary.encode(sentence.split()))
        with torch.no_grad():
            states = pathway.states(pathway.embedding[ids][None], torch.tensor([len(ids)]))
        rows.append(states[0, 1:-1])
    return torch.cat(rows)


@each_pathway
def test_every_state_is_that_of_a_sentence_read_alone(pathway):
    found, expected = passes.states(pathway, SENTENCES), alone(pathway, SENTENCES)
    assert found.shape == (sum(len(s.split()) for s in SENTENCES), expected.shape[1])
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-6, rtol=1e-6)
    assert np.ptp(found, axis=0).max() > 0.01  # a state that never varies would prove nothing


def test_both_roads_are_walked():
    assert [isinstance(pathway, Recurrent) for pathway in PATHWAYS] == [True] * 8 + [False]


@each_pathway
@settings(max_examples=25, deadline=None)
@given(
    sentences=st.lists(st.lists(st.sampled_from([*WORDS, "unheard"]), min_size=1, max_size=6), min_size=1, max_size=9),
    size=st.integers(1, 10),
)
def test_the_size_of_a_window_changes_nothing(pathway, sentences, size):
    windows = list(passes.windows(pathway, sentences, sentences=size))
    expected = alone(pathway, [" ".join(words) for words in sentences])
    joined = torch.cat([window.states for window in windows])
    torch.testing.assert_close(joined, expected.to(joined.dtype), atol=1e-5, rtol=1e-5)
    lengths = [sum(map(len, sentences[begin : begin + size])) for begin in range(0, len(sentences), size)]
    assert [len(window.states) for window in windows] == lengths
    assert [window.first for window in windows] == [0, *np.cumsum(lengths)[:-1]]


def test_rows_are_those_of_the_table_of_tokens():
    captions = scenes.generate(scenes=20).test
    vocabulary = Vocabulary.of(captions.tokens)
    pathway = SumPathway(vocabulary, ["object:dog"], embedding=4).pathways["sum"]
    tokens = token_table(captions, captions.parses)
    states = passes.states(pathway, captions)
    embedding = pathway.embedding.detach().numpy()
    start = embedding[vocabulary.start]
    first = (tokens["position"] == 0).to_numpy()
    numbers = [vocabulary.number(word) for word in tokens["word"]]
    before = np.where(first[:, None], start, np.roll(states, 1, axis=0))
    np.testing.assert_allclose(states - before, embedding[numbers], atol=1e-6)


def test_neither_frame_nor_padding_leaves_a_state():
    """A detector that only the end symbol switches on never fires, and one for the start is on at every first word."""
    pathway = DetectorPathway(VOCABULARY, [Detector("end", on=["</s>"]), Detector("start", on=["<s>"], hold=0.5)])
    states = passes.states(pathway, ["a dog chases a cat", "dog"])
    assert not states[:, 0].any()
    assert states[:, 1].tolist() == [0.5, 0.25, 0.125, 0.0625, 0.03125, 0.5]


class Collected:
    def __init__(self):
        self.windows = []

    def update(self, window):
        self.windows.append(window)

    def merge(self, later):
        self.windows += later.windows

    def result(self):
        return torch.cat([window.states for window in self.windows])


def test_a_summary_is_given_every_window_in_order():
    pathway = PATHWAYS[0]
    sentences = ["a dog"] * passes.SENTENCES + ["two red cat"]
    summary = Collected()
    assert passes.run(summary, pathway, sentences) is summary
    assert [(window.first, len(window.states)) for window in summary.windows] == [(0, 1024), (1024, 3)]
    assert torch.equal(summary.result(), torch.from_numpy(passes.states(pathway, sentences)))


def test_a_later_part_of_a_corpus_can_be_numbered_on():
    whole = passes.run(Collected(), PATHWAYS[0], SENTENCES)
    early = passes.run(Collected(), PATHWAYS[0], SENTENCES[:3])
    late = passes.run(Collected(), PATHWAYS[0], SENTENCES[3:], first=len(early.result()))
    assert late.windows[0].first == 12
    early.merge(late)
    torch.testing.assert_close(early.result(), whole.result(), atol=1e-6, rtol=1e-6)


@each_pathway
def test_half_precision_is_close_and_given_in_single(pathway):
    exact = passes.states(pathway, SENTENCES)
    (window,) = passes.windows(pathway, SENTENCES, precision="bfloat16")
    assert window.states.dtype == torch.float32
    error = np.abs(window.states.numpy() - exact)
    assert error.max() < 0.05 * max(1, np.abs(exact).max())
    np.testing.assert_array_equal(passes.states(pathway, SENTENCES, precision="bfloat16"), window.states.numpy())


def test_half_precision_does_not_pile_up_along_a_sentence():
    pathway = PATHWAYS[0]
    sentence = " ".join(WORDS * 6)
    error = np.abs(passes.states(pathway, [sentence], precision="bfloat16") - passes.states(pathway, [sentence]))
    assert 0 < error[-8:].max() < 2 * error[:8].max() + 0.01


def test_an_unknown_precision_is_an_error():
    with pytest.raises(ValueError, match="unknown precision 'float16': choose one of 'float32', 'bfloat16'"):
        passes.states(PATHWAYS[0], SENTENCES, precision="float16")


@pytest.mark.parametrize("pathway", [PATHWAYS[0], PATHWAYS[-1]], ids=["recurrent", "whole"])
def test_bad_corpora_are_errors(pathway):
    with pytest.raises(ValueError, match="at least one sentence, found none"):
        passes.states(pathway, [])
    with pytest.raises(ValueError, match="sentence 1 has no word"):
        passes.states(pathway, ["a dog", "!!!"])
    with pytest.raises(ValueError, match="at least 1 sentence, found 0"):
        list(passes.windows(pathway, SENTENCES, sentences=0))
    with pytest.raises(TypeError, match="found one string"):
        passes.states(pathway, "a dog")


def test_no_gradient_is_kept():
    (window,) = passes.windows(PATHWAYS[0], SENTENCES)
    assert not window.states.requires_grad
