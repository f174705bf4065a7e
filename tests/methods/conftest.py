"""Scores of sentences whose effects are known, and small networks of every kind that can be derived."""

import numpy as np
import pandas as pd
import pytest
import torch

from reading_neurons.methods.gradients import output_scores
from reading_neurons.models import LSTM, BiLSTM, Imaginet
from reading_neurons.models.sentiment import Recurrent
from reading_neurons.text import Vocabulary

WORDS = ("dog", "cat", "owl", "the", "runs")
LABELS = ("nsubj", "conj", "nn")


def scored_sentences(sentences=300, seed=0, *, word=0.0, deprel=0.0, position=0.0, both=0.0, noise=0.1, pathways=("visual",)):
    """Sentences of six words whose scores hold effects of these sizes: word, label, place, and word by label."""
    rng = np.random.default_rng(seed)
    length = 6
    words, labels = rng.integers(len(WORDS), size=(2, sentences * length)) % np.array([[len(WORDS)], [len(LABELS)]])
    place = np.tile(np.arange(length), sentences)
    table = pd.DataFrame(
        {
            "sentence": np.repeat(np.arange(sentences), length),
            "position": place,
            "word": np.array(WORDS)[words],
            "deprel": np.array(LABELS)[labels],
            "image": np.repeat(np.arange(sentences) // 5, length),
        }
    )
    effects = word * rng.normal(size=5)[words] + deprel * np.array([1, 0, -1])[labels] + position * (place == 5)
    effects = effects + both * rng.normal(size=(5, 3))[words, labels]
    parts = [table.assign(pathway=name, score=effects + noise * rng.normal(size=len(table))) for name in pathways]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def scored():
    """A function that makes scores of sentences, with effects of word, label and place as they are asked for."""
    return scored_sentences


REVIEW_WORDS = ["i", "hate", "the", "movie", "though", "plot", "is", "interesting", "not"]
REVIEWS = ["i hate the movie", "the plot is not interesting", "hate", "i hate the movie though the plot is interesting"]


def sentiment(cls, **sizes):
    network = cls(Vocabulary(REVIEW_WORDS), **{"embedding": 7, "units": 6, "seed": 3, **sizes}).eval()
    return next(iter(network.pathways.values()))


class Squares:
    """A network of one's own: squares of the words' embeddings, added up, are its only layer."""

    name = "squares"
    output_names = None

    def __init__(self):
        self.vocabulary = Vocabulary(REVIEW_WORDS)
        self.embedding = torch.randn(len(self.vocabulary), 5, generator=torch.Generator().manual_seed(0))
        self.weights = torch.randn(5, 3, generator=torch.Generator().manual_seed(1))

    def states(self, embedded, lengths=None):
        return embedded.square().cumsum(dim=1)

    def representation(self, embedded, lengths=None):
        return self.states(embedded)[torch.arange(len(embedded)), lengths - 1]

    def outputs(self, states):
        return states @ self.weights


def imaginet(name):
    return Imaginet(Vocabulary(REVIEW_WORDS), ["x", "y", "z"], embedding=6, units=8, seed=1).eval().pathways[name]


DERIVABLE = {
    "recurrent": lambda: sentiment(Recurrent),
    "lstm": lambda: sentiment(LSTM),
    "bi-lstm": lambda: sentiment(BiLSTM, classes=2),
    "visual": lambda: imaginet("visual"),
    "textual": lambda: imaginet("textual"),
    "own": Squares,
}


def of_sentence(pathway, sentence):
    """Embeddings of one framed sentence, and the function from them to the outputs."""
    ids = torch.from_numpy(pathway.vocabulary.encode(sentence.split()))
    embedded = pathway.embedding[ids].detach()[None]
    return embedded, lambda vectors: output_scores(pathway, vectors, torch.full((len(vectors),), len(ids)))


@pytest.fixture(params=DERIVABLE)
def derivable(request):
    """A small network with random weights: each kind of the project in turn, and one of a reader's own."""
    return DERIVABLE[request.param]()


@pytest.fixture
def review_network():
    """A function that makes the pathway of a network of sentiment from its class."""
    return sentiment


@pytest.fixture
def squares():
    """The network whose derivatives are known by hand."""
    return Squares()


@pytest.fixture
def reviews():
    """Sentences of the words that these networks know."""
    return REVIEWS


@pytest.fixture
def opened():
    """A function from a pathway and a sentence to its embeddings and the function from them to the outputs."""
    return of_sentence
