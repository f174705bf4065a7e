"""The three networks that read sentiment (Li et al. 2016, section 3.1): recurrent with tanh, LSTM, bidirectional LSTM.

Each reads a phrase as ``<s> w1 .. wn </s>``; a linear layer and a softmax turn its representation into classes. All
constituents of the training trees are training phrases, whole sentences alone are measured. There are five classes, or
two: then neutral phrases are left out of training and neutral sentences out of the measure, as in the paper.

Easy to get wrong: a word that training never met. One word in twenty of the treebank's test sentences is unknown, and
a row of the embedding that nothing ever trained is noise. While training, a word that occurs in a single sentence is
therefore read as ``<unk>`` half of the time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor, nn
from torch.nn import functional as F

from reading_neurons.corpora.trees import LABELS, TreeCorpus, Trees
from reading_neurons.models.network_pathways import NetworkPathway, WordByWord
from reading_neurons.models.sequence_cells import Elman, Lstm, reversed_in_time
from reading_neurons.padding import last_state
from reading_neurons.text import Batch, Vocabulary, treebank_tokenize

CLASSES = {5: LABELS, 2: ("negative", "positive")}
"""Names of the classes, by their number."""

NEUTRAL = 2
HIDDEN = 0.5  # how often a word of one sentence is read as <unk> while training


def classes_of(labels: np.ndarray, classes: int) -> np.ndarray:
    """Classes of labels 0 to 4: themselves, or negative (0) against positive (1), with -1 for neutral.

    Examples
    --------
    >>> classes_of(np.array([0, 1, 2, 3, 4]), 2).tolist()
    [0, 0, -1, 1, 1]
    """
    if classes not in CLASSES:
        raise ValueError(f"a network of sentiment has 5 classes or 2, found {classes}")
    labels = np.asarray(labels)
    if classes == len(LABELS):
        return labels
    return np.where(labels == NEUTRAL, -1, (labels > NEUTRAL).astype(np.int64))


@dataclass(frozen=True)
class PhraseBatch:
    """Phrases, and the class of each."""

    phrases: Batch
    labels: Int[Tensor, "batch"]


class PhraseExamples:
    """Phrases encoded for training or measuring.

    Parameters
    ----------
    phrases : sequence of (words, label)
        Labels from 0 to 4.
    vocabulary : Vocabulary
    classes : int
        With two classes, neutral phrases are left out.
    """

    def __init__(self, phrases, vocabulary: Vocabulary, classes: int):
        kept = [(words, label) for words, label in phrases if classes_of(label, classes) >= 0]
        self.ids = [vocabulary.encode(words) for words, _ in kept]
        self.lengths = np.array([len(ids) for ids in self.ids], dtype=np.int64)
        self.labels = classes_of(np.array([label for _, label in kept], dtype=np.int64), classes)

    def __len__(self) -> int:
        return len(self.ids)

    def batch(self, chosen: np.ndarray) -> PhraseBatch:
        """The phrases with these indices."""
        return PhraseBatch(Batch.of([self.ids[i] for i in chosen]), torch.from_numpy(self.labels[chosen]))


class SentimentNetwork(nn.Module):
    """An embedding, a recurrent cell, and a linear layer to the classes.

    Parameters
    ----------
    vocabulary : Vocabulary
    classes : 5 or 2
    embedding, units : int
        Widths; 60 and 60 are the paper's, per direction.
    dropout : float
        Chance that a dimension of a word and of the representation is zeroed while training.
    seed : int
    """

    name: ClassVar[str]
    _cell_type: ClassVar[type[nn.Module]]
    world: ClassVar[str] = "polarity"
    """The generated corpus that such a network is for."""
    chosen_by: ClassVar[str] = "validation_error"
    """The column of the training history whose least value makes the best epoch."""
    threads: ClassVar[int | None] = 1
    """How many to train with: more would not be faster, and would add up in another order on another machine."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        *,
        classes: int = 5,
        embedding: int = 60,
        units: int = 60,
        dropout: float = 0.2,
        seed: int = 0,
    ):
        super().__init__()
        if classes not in CLASSES:
            raise ValueError(f"a network of sentiment has 5 classes or 2, found {classes}")
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout is a chance from 0 to below 1, found {dropout}")
        generator = torch.Generator().manual_seed(seed)
        self.vocabulary, self.classes, self.dropout = vocabulary, CLASSES[classes], dropout
        self.embedding = nn.Embedding.from_pretrained(
            torch.empty(len(vocabulary), embedding).uniform_(-0.1, 0.1, generator=generator), freeze=False
        )
        self._make_cells(embedding, units, generator)
        self.readout = nn.Linear(self._width(units), classes, device="meta").to_empty(device="cpu")
        nn.init.uniform_(self.readout.weight, -(units**-0.5), units**-0.5, generator=generator)
        nn.init.zeros_(self.readout.bias)
        self.register_buffer("seen_once", torch.zeros(len(vocabulary), dtype=torch.bool))

    @classmethod
    def for_corpus(cls, corpus: TreeCorpus, min_count: int = 1, **sizes) -> SentimentNetwork:
        """An untrained network for the words of a treebank.

        Raises
        ------
        ValueError
            If the corpus has no labelled trees.
        """
        if not isinstance(corpus, TreeCorpus):
            raise ValueError(
                f"the network {cls.name!r} learns from labelled trees, and the corpus {corpus.name!r} has none: "
                "take load('polarity') or load('sst'); what has learnt there reads any sentences"
            )
        network = cls(Vocabulary.of(corpus.train.tokens, min_count, treebank_tokenize), **sizes)
        sentences = Counter(word for words in corpus.train.tokens for word in set(words))
        once = [network.vocabulary.number(word) for word, count in sentences.items() if count == 1]
        network.seen_once[once] = True
        return network

    def _make_cells(self, embedding: int, units: int, generator: torch.Generator) -> None:
        self.cell = self._cell_type(embedding, units, generator)

    def _width(self, units: int) -> int:
        return units

    def states(self, embedded, lengths=None):
        """The units at every position; padded ones mean nothing."""
        return self.cell(embedded)

    def representation(self, embedded, lengths=None):
        """The last state, that at ``</s>``."""
        return last_state(self.states(embedded, lengths), lengths)

    @property
    def pathways(self) -> dict[str, NetworkPathway]:
        """The one pathway, by its name; its outputs are the scores of the classes."""
        return {self.name: WordByWord(self, self.classes, "classes")}

    def examples(self, trees: Trees) -> PhraseExamples:
        """Every constituent of some trees, as :meth:`loss` takes them."""
        return PhraseExamples(trees.phrases(), self.vocabulary, len(self.classes))

    def sentences(self, trees: Trees) -> PhraseExamples:
        """The whole sentences alone; with two classes, those that are not neutral."""
        return PhraseExamples(zip(trees.tokens, trees.labels, strict=True), self.vocabulary, len(self.classes))

    def loss(self, batch: PhraseBatch) -> Tensor:
        """Cross-entropy of the classes."""
        ids = batch.phrases.ids
        if self.training:
            hidden = self.seen_once[ids] & (torch.rand(ids.shape) < HIDDEN)
            ids = ids.masked_fill(hidden, Vocabulary.unknown)
        embedded = F.dropout(self.embedding(ids), self.dropout, self.training)
        representation = self.representation(embedded, batch.phrases.lengths)
        scores = self.readout(F.dropout(representation, self.dropout, self.training))
        return F.cross_entropy(scores.float(), batch.labels)

    def measures(self, corpus: TreeCorpus) -> dict[str, float]:
        """Share of whole sentences given a wrong class, on validation and test; the first chooses the epoch."""
        return {
            f"{split.split}_error": error(self, self.sentences(split)) for split in (corpus.validation, corpus.test)
        }


@torch.inference_mode()
def error(network: SentimentNetwork, examples: PhraseExamples, batch_size: int = 256) -> float:
    """Share of phrases whose class with the highest score is not theirs."""
    network.eval()
    order = np.argsort(examples.lengths, kind="stable")
    wrong = 0
    for begin in range(0, len(order), batch_size):
        batch = examples.batch(order[begin : begin + batch_size])
        embedded = network.embedding(batch.phrases.ids)
        scores = network.readout(network.representation(embedded, batch.phrases.lengths))
        wrong += int((scores.argmax(dim=1) != batch.labels).sum())
    return wrong / len(order)


class Recurrent(SentimentNetwork):
    """The paper's standard recurrent network.

    Examples
    --------
    >>> Recurrent(Vocabulary(["fine"]), units=4).pathways
    {'recurrent': <pathway 'recurrent': 4 units, 5 classes>}
    """

    name = "recurrent"
    _cell_type = Elman


class LSTM(SentimentNetwork):
    """Long short-term memory, from left to right.

    Examples
    --------
    >>> LSTM(Vocabulary(["fine"]), units=4, classes=2).pathways
    {'lstm': <pathway 'lstm': 4 units, 2 classes>}
    """

    name = "lstm"
    _cell_type = Lstm


class BiLSTM(SentimentNetwork):
    """Two LSTMs, one for each direction; a state holds the units of both side by side.

    Examples
    --------
    >>> BiLSTM(Vocabulary(["fine"]), units=4).pathways
    {'bi-lstm': <pathway 'bi-lstm': 8 units, 5 classes>}
    """

    name = "bi-lstm"
    _cell_type = Lstm

    def _make_cells(self, embedding: int, units: int, generator: torch.Generator) -> None:
        self.forwards = self._cell_type(embedding, units, generator)
        self.backwards = self._cell_type(embedding, units, generator)

    def _width(self, units: int) -> int:
        return 2 * units

    def states(self, embedded, lengths=None):
        """What the words up to a position make of one direction, and those from it on of the other."""
        backwards = self.backwards(reversed_in_time(embedded, lengths))
        return torch.cat((self.forwards(embedded), reversed_in_time(backwards, lengths)), dim=-1)

    def representation(self, embedded, lengths=None):
        """The last state of each direction: at ``</s>``, and at ``<s>``."""
        forwards = last_state(self.forwards(embedded), lengths)
        backwards = last_state(self.backwards(reversed_in_time(embedded, lengths)), lengths)
        return torch.cat((forwards, backwards), dim=-1)

    @property
    def pathways(self) -> dict[str, NetworkPathway]:
        """The one pathway, by its name; its outputs are the scores of the classes."""
        return {self.name: NetworkPathway(self, self.classes, "classes")}
