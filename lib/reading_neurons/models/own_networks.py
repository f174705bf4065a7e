"""Four networks as somebody else might have written them, and the wrapper that makes each of them a pathway.

A bidirectional LSTM, a convolutional sentence classifier, a recursive network over a balanced tree, a small
transformer encoder. None knows of pathways: word numbers and lengths go in, scores of classes come out. Each wrapper
is a subclass of :class:`reading_neurons.wrapping.Wrapped` of at most 15 lines and says two things: what the states
are, and what stands for the whole sentence.

Easy to get wrong: what a state is. A unit of the convolution has seen two words to either side, one of the
bidirectional network and of the transformer the whole sentence, one of the tree the constituent that ends at its
word. What a method calls "the unit at a word" is in none of them a memory of the words so far.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from reading_neurons.corpora.fetch import cache_folder
from reading_neurons.corpora.trees import LABELS, TreeCorpus
from reading_neurons.models.sentiment import PhraseBatch, PhraseExamples
from reading_neurons.models.training import Schedule, fit, seeded_noise
from reading_neurons.padding import last_state, real_positions
from reading_neurons.text import Vocabulary, treebank_tokenize
from reading_neurons.wrapping import Wrapped

RECIPE = 1  # raise it when a change of code changes what training yields
LONGEST = 80  # positions that the transformer has
SCHEDULE = Schedule(epochs=3, batch_size=64, learning_rate=4e-3, decay=0.6, patience=3)


class Classifier(nn.Module):
    """What the four have in common: an embedding, a vector for each sentence, a linear layer.

    Parameters
    ----------
    vocabulary : Vocabulary
    embedding, units : int
    classes : int
    """

    def __init__(self, vocabulary: Vocabulary, embedding: int = 32, units: int = 64, classes: int = len(LABELS)):
        super().__init__()
        self.vocabulary = vocabulary
        self.embedding = nn.Embedding(len(vocabulary), embedding)
        self.readout = nn.Linear(units, classes)

    def forward(self, ids: Int[Tensor, "batch time"], lengths: Int[Tensor, "batch"]) -> Float[Tensor, "batch classes"]:
        """The scores of the classes."""
        return self.readout(self.sentence(self.embedding(ids), lengths))

    def loss(self, batch: PhraseBatch) -> Tensor:
        """Cross-entropy of the classes."""
        return F.cross_entropy(self(batch.phrases.ids, batch.phrases.lengths), batch.labels)


class TwoDirections(Classifier):
    """One LSTM reads from left to right, one from right to left; their last states stand for the sentence."""

    def __init__(self, vocabulary, embedding=32, units=64, classes=len(LABELS)):
        super().__init__(vocabulary, embedding, units, classes)
        self.lstm = nn.LSTM(embedding, units // 2, bidirectional=True, batch_first=True)

    def sentence(self, embedded, lengths):
        """The vector of each sentence."""
        packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
        return self.lstm(packed)[1][0].transpose(0, 1).flatten(1)


class Convolution(Classifier):
    """Features of five neighbouring words; of each feature the highest anywhere stands for the sentence."""

    def __init__(self, vocabulary, embedding=32, units=64, classes=len(LABELS)):
        super().__init__(vocabulary, embedding, units, classes)
        self.convolution = nn.Conv1d(embedding, units, kernel_size=5, padding=2)

    def sentence(self, embedded, lengths):
        """The vector of each sentence."""
        real = real_positions(lengths, embedded.shape[1])[:, None]
        return (self.convolution(embedded.transpose(1, 2) * real).relu() * real).amax(dim=2)


class BalancedTree(Classifier):
    """A recursive network: neighbours are joined in pairs, these again, until one vector is left (a binary Tree-LSTM).

    The tree is made of positions, not of a parse: word 1 with word 2, word 3 with word 4, then both pairs. What has no
    neighbour at the right goes up as it is.
    """

    def __init__(self, vocabulary, embedding=32, units=64, classes=len(LABELS)):
        super().__init__(vocabulary, embedding, units, classes)
        self.leaf = nn.Linear(embedding, 2 * units)
        self.gates = nn.Linear(2 * units, 5 * units)  # input, two forget gates, output, candidate

    def join(self, left: Tensor, right: Tensor) -> Tensor:
        """The node above two nodes; a node is its state and its memory, side by side."""
        (state, memory), (other, others) = left.chunk(2, dim=-1), right.chunk(2, dim=-1)
        i, f, g, o, c = self.gates(torch.cat((state, other), dim=-1)).chunk(5, dim=-1)
        memory = i.sigmoid() * c.tanh() + (f + 1).sigmoid() * memory + (g + 1).sigmoid() * others
        return torch.cat((o.sigmoid() * memory.tanh(), memory), dim=-1)

    def nodes(self, embedded, lengths):
        """For every position the state of the largest constituent that ends there, shape (batch, time, units)."""
        level = self.leaf(embedded).tanh()
        ending, size = level, 1
        while size < embedded.shape[1]:
            level = F.pad(level, (0, 0, 0, level.shape[1] % 2))
            left, right = level[:, 0::2], level[:, 1::2]
            middle = torch.arange(size, size * level.shape[1], 2 * size, device=level.device)
            joined = middle < lengths[:, None]  # else there is no right half, and the left goes up as it is
            level, size = torch.where(joined[..., None], self.join(left, right), left), 2 * size
            row, node = joined.nonzero(as_tuple=True)
            end = torch.minimum(middle + size // 2, lengths[:, None])[row, node] - 1
            ending = ending.index_put((row, end), level[row, node])
        return ending.chunk(2, dim=-1)[0]

    def sentence(self, embedded, lengths):
        """The vector of each sentence: the root, which ends at its last position."""
        return last_state(self.nodes(embedded, lengths), lengths)


class Transformer(Classifier):
    """A transformer encoder of one layer; the mean of its states stands for the sentence."""

    def __init__(self, vocabulary, embedding=32, units=64, classes=len(LABELS)):
        super().__init__(vocabulary, embedding, units, classes)
        self.widen, self.places = nn.Linear(embedding, units), nn.Embedding(LONGEST, units)
        shape = {"d_model": units, "nhead": 4, "dim_feedforward": 2 * units, "dropout": 0.1}
        layer = nn.TransformerEncoderLayer(**shape, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=1, enable_nested_tensor=False)

    def encode(self, embedded, lengths):
        """The state of every position, shape (batch, time, units)."""
        if embedded.shape[1] > LONGEST:
            raise ValueError(f"the transformer has {LONGEST} positions, found a sentence of {embedded.shape[1]}")
        placed = self.widen(embedded) + self.places.weight[: embedded.shape[1]]
        return self.encoder(placed, src_key_padding_mask=~real_positions(lengths, embedded.shape[1]))

    def sentence(self, embedded, lengths):
        """The vector of each sentence."""
        real = real_positions(lengths, embedded.shape[1])[..., None]
        return (self.encode(embedded, lengths) * real).sum(dim=1) / lengths[:, None]


class TwoDirectionsPathway(Wrapped):
    """States: both directions side by side. A sentence: the last of one, the first of the other."""

    def read(self, embedded, lengths):
        packed = pack_padded_sequence(embedded, lengths.cpu(), batch_first=True, enforce_sorted=False)
        return pad_packed_sequence(self.network.lstm(packed)[0], batch_first=True)[0]

    def summary(self, states, lengths):
        half = states.shape[2] // 2
        return torch.cat((last_state(states, lengths)[:, :half], states[:, 0, half:]), dim=1)


class ConvolutionPathway(Wrapped):
    """States: the features of the words around a position. A sentence: the highest of each."""

    def read(self, embedded, lengths):
        return self.network.convolution(embedded.transpose(1, 2)).relu().transpose(1, 2)

    def summary(self, states, lengths):
        return states.amax(dim=1)


class BalancedTreePathway(Wrapped):
    """States: the largest constituent that ends at a position. A sentence: the root, which ends at the last."""

    def read(self, embedded, lengths):
        return self.network.nodes(embedded, lengths)


class TransformerPathway(Wrapped):
    """States: those of the encoder. A sentence: their mean."""

    def read(self, embedded, lengths):
        return self.network.encode(embedded, lengths)

    def summary(self, states, lengths):
        return states.sum(dim=1) / lengths[:, None]


OWN = {
    "bi-lstm": (TwoDirections, TwoDirectionsPathway),
    "convolution": (Convolution, ConvolutionPathway),
    "balanced tree": (BalancedTree, BalancedTreePathway),
    "transformer": (Transformer, TransformerPathway),
}
"""The four: each network, and its wrapper."""


def wrapped(name: str, network: Classifier) -> Wrapped:
    """A network of :data:`OWN` in its wrapper.

    Examples
    --------
    >>> wrapped("convolution", untrained("convolution", Vocabulary(["fine"])))
    <pathway 'convolution': a wrapped Convolution, 5 words>
    """
    parts = {"name": name, "readout": network.readout, "output_names": LABELS}
    return OWN[name][1](network, network.vocabulary, network.embedding, **parts)


def vocabulary_of(corpus: TreeCorpus) -> Vocabulary:
    """The words of a treebank that the four networks know."""
    return Vocabulary.of(corpus.train.tokens, tokenizer=treebank_tokenize)


def untrained(name: str, vocabulary: Vocabulary, seed: int = 0) -> Classifier:
    """A network of :data:`OWN` with random weights.

    Examples
    --------
    >>> type(untrained("convolution", Vocabulary(["fine"]))).__name__
    'Convolution'
    """
    if name not in OWN:
        raise ValueError(f"unknown network {name!r}: choose one of {', '.join(map(repr, OWN))}")
    with seeded_noise(seed, 0):  # torch's layers draw their weights from the global generator
        return OWN[name][0](vocabulary).eval()


def examples(corpus: TreeCorpus, vocabulary: Vocabulary) -> tuple[PhraseExamples, PhraseExamples]:
    """Every different constituent of the training trees, and the sentences to stop on, for ``training.fit``."""
    validation = zip(corpus.validation.tokens, corpus.validation.labels, strict=True)
    parts = sorted(set(corpus.train.phrases())), validation
    train, stop = (PhraseExamples(part, vocabulary, len(LABELS)) for part in parts)
    return train, stop


def trained(corpus: TreeCorpus, names: Iterable[str] = tuple(OWN), *, seed: int = 0) -> dict[str, Wrapped]:
    """The four networks on a treebank, wrapped: trained in seconds the first time, kept in the user's cache.

    Parameters
    ----------
    corpus : TreeCorpus
    names : iterable of str
        Some of :data:`OWN`.
    seed : int

    Returns
    -------
    dict of str to Wrapped
    """
    vocabulary = vocabulary_of(corpus)
    learnt_from, schedule, pathways = examples(corpus, vocabulary), replace(SCHEDULE, seed=seed), {}
    for name in names:
        network = untrained(name, vocabulary, seed)
        shapes = [(part, tuple(weight.shape)) for part, weight in network.state_dict().items()]
        made_of = repr((name, corpus.fingerprint, shapes, schedule, torch.__version__.split("+")[0], RECIPE))
        key = hashlib.sha256(made_of.encode()).hexdigest()[:16]
        kept = cache_folder() / "own-networks" / f"{key}.safetensors"
        fit(network, *learnt_from, schedule, checkpoint=kept, label=name)
        pathways[name] = wrapped(name, network)
    return pathways
