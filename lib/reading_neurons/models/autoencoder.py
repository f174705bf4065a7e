"""A sequence-to-sequence autoencoder without attention: a sentence in, the same one out (Li et al. 2016, section 3).

An LSTM, the encoder, reads ``<s> w1 .. wn </s>``. What it ends with is all that a second LSTM, the decoder, starts
from; that one reads ``<s> w1 .. wn`` and predicts ``w1 .. wn </s>``:

``p(y_t | source, y_1 .. y_(t-1)) = softmax(V h_t + b)``, with ``h_t`` the decoder's state after ``<s> y_1 .. y_(t-1)``.

Both read the same embeddings and share no other weight. The paper leaves open where a sentence begins and ends for
each: here both begin with ``<s>``, so that every state belongs to one symbol that was read, and the source is read from
left to right, as a person reads it.

Easy to get wrong: what is handed over. The decoder needs the encoder's cells c as well as the units h that it shows,
and both as they are at the last real position, not behind the padding. Torch's LSTM gives the cells of the last
position alone, so the sentences of a batch are read in groups of equal length.

Trained on whole sentences alone, such a network first becomes a language model that ignores its source, and stays one
for long: it takes many steps until keeping the first of a dozen words pays. Training therefore begins with pieces of a
few words, which are soon copied, and lets them grow (``pieces``); the paper had 4 million sentences instead.

With ``tied`` the rows of V are the embeddings: to write a word is then to make a state that points where the word does,
and every word that is read is practice for writing it. Copies of sentences that it has not met gain much. The paper
has two tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from reading_neurons.corpora.captions import CaptionCorpus, Captions
from reading_neurons.corpora.trees import TreeCorpus, Trees
from reading_neurons.models.sequence_cells import Lstm, State
from reading_neurons.padding import last_state, mask_padding
from reading_neurons.text import Batch, Vocabulary, tokenize, treebank_tokenize


class SentenceExamples:
    """Sentences encoded for training.

    Parameters
    ----------
    sentences : sequence of sequences of words
    vocabulary : Vocabulary
    """

    def __init__(self, sentences: Sequence[Sequence[str]], vocabulary: Vocabulary):
        self.ids = [vocabulary.encode(words) for words in sentences]
        self.lengths = np.array([len(ids) for ids in self.ids], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.ids)

    def batch(self, chosen: np.ndarray) -> Batch:
        """The sentences with these indices."""
        return Batch.of([self.ids[i] for i in chosen])


class EncoderPathway:
    """The encoder as methods see it: it reads a sentence, its last state stands for it, and it scores nothing.

    ``outputs`` has no column, for words are scored by the decoder; see :class:`CopyPathway`.
    """

    name = "encoder"
    output_names: tuple[str, ...] = ()

    def __init__(self, network: Autoencoder):
        self.network = network
        self.vocabulary = network.vocabulary

    def __repr__(self) -> str:
        return f"<pathway {self.name!r}: {self.units} units, no outputs>"

    @property
    def embedding(self) -> Float[Tensor, "words embedding"]:
        """One row per word of the vocabulary."""
        return self.network.embedding.weight

    @property
    def units(self) -> int:
        """How many units a state has."""
        return self.network.encoder.units

    def states(self, embedded, lengths=None):
        """The units at every position; zero at padded ones."""
        return mask_padding(self.network.encoder(embedded), lengths)

    def representation(self, embedded, lengths=None):
        """The state at the last position, ``</s>`` in a framed sentence."""
        return last_state(self.network.encoder(embedded), lengths)

    def outputs(self, states):
        """No scores: shape (..., 0)."""
        return states[..., :0]

    def initial(self, batch):
        """The state (h, c) before the first word."""
        return self.network.encoder.initial(batch)

    def step(self, embedded, state):
        """Read one word: the new state, and its units."""
        return self.advance(self.project(embedded), state)

    def project(self, embedded):
        """The part of a step that depends on the word alone."""
        return self.network.encoder.project(embedded)

    def advance(self, projected, state):
        """The rest of a step: the new state, and its units."""
        return self.network.encoder.advance(projected, state)


class CopyPathway:
    """Source and copy as one, ``<s> w1 .. wn </s> <s> y1 .. ym``: the decoder reads from the second ``<s>`` on.

    Its states are the encoder's up to there and the decoder's from there on; outputs mean something at the decoder's
    alone, where they score the word that comes next.

    Parameters
    ----------
    network : Autoencoder
    source_lengths : int, or int tensor of shape (batch,)
        How many symbols of each sequence are source, the two that frame it included. One number does for batches of
        any size.
    """

    name = "autoencoder"

    def __init__(self, network: Autoencoder, source_lengths: int | Int[Tensor, "batch"]):
        self.network = network
        self.vocabulary = network.vocabulary
        self.output_names = network.vocabulary.words
        self.source_lengths = torch.as_tensor(source_lengths)
        if not len(self.source_lengths.unique()) or int(self.source_lengths.min()) < 1:
            found = self.source_lengths.tolist()
            raise ValueError(f"every source needs at least one symbol, found the lengths {found}")

    def __repr__(self) -> str:
        return f"<pathway {self.name!r}: {self.units} units, {len(self.output_names)} outputs>"

    @property
    def embedding(self) -> Float[Tensor, "words embedding"]:
        """One row per word of the vocabulary."""
        return self.network.embedding.weight

    @property
    def units(self) -> int:
        """How many units a state has."""
        return self.network.decoder.units

    def states(self, embedded, lengths=None):
        """The encoder's units, then the decoder's; zero at padded positions."""
        split = self._split(len(embedded), embedded.shape[1], lengths)[:, None]
        longest, place = int(split.max()), torch.arange(embedded.shape[1], device=embedded.device)
        behind = (split + place[: embedded.shape[1] - int(split.min())]).clamp(max=embedded.shape[1] - 1)
        of_source, of_copy = self.network.read(embedded[:, :longest], split[:, 0], _at(embedded, behind))
        joined = torch.cat((of_source, of_copy), dim=1)
        return mask_padding(_at(joined, torch.where(place < split, place, longest + place - split)), lengths)

    def representation(self, embedded, lengths=None):
        """The state at the last position: the decoder's, after the last word of the copy."""
        return last_state(self.states(embedded, lengths), lengths)

    def outputs(self, states):
        """The score of every word as the next one, before any softmax."""
        return self.network.readout(states)

    def readout(self, outputs):
        """The weights, shape (outputs, units), and biases of some words."""
        return self.network.readout_weight[outputs], self.network.readout_bias[outputs]

    def _split(self, batch: int, time: int, lengths) -> Int[Tensor, "batch"]:
        """Where the decoder takes over in each row, or an error that says why it cannot."""
        split = self.source_lengths
        if split.ndim and len(split) != batch:
            raise ValueError(
                f"this pathway was made for {len(split)} sources, and {batch} sequences are to be read: make one with "
                "a source length for each"
            )
        split = split.expand(batch)
        ends = torch.full((batch,), time) if lengths is None else lengths
        if bool((split >= ends).any()):
            row = int(torch.nonzero(split >= ends)[0])
            raise ValueError(
                f"sequence {row} has {int(ends[row])} symbols, {int(split[row])} of them source: expected at least <s> "
                "behind the source, from which the decoder starts"
            )
        return split


class Autoencoder(nn.Module):
    """Encoder and decoder over one embedding.

    Parameters
    ----------
    vocabulary : Vocabulary
    embedding, units : int
        Widths; 1000 and 1000 are the paper's.
    dropout : float
        Chance that a dimension of a word, and of a decoder's state, is zeroed while training.
    pieces : int
        Over how many batches of training :func:`pieces_of` sentences grow to whole ones; 0: whole from the start.
    tied : bool
        Whether words are scored by their embeddings, which takes as many units as an embedding has dimensions.
    seed : int

    Examples
    --------
    >>> network = Autoencoder(Vocabulary(["a", "dog"]), embedding=4, units=8)
    >>> network.pathways
    {'encoder': <pathway 'encoder': 8 units, no outputs>}
    >>> ids = torch.from_numpy(network.sequence(["a", "dog"]))
    >>> network.vocabulary.decode(ids)
    ['<s>', 'a', 'dog', '</s>', '<s>', 'a', 'dog']
    >>> pathway = network.copying(4)
    >>> pathway.outputs(pathway.states(pathway.embedding[ids][None])).shape  # the last three predict a, dog, </s>
    torch.Size([1, 7, 6])
    """

    name: ClassVar[str] = "autoencoder"
    world: ClassVar[str] = "scenes"
    """The generated corpus that such a network is for."""
    chosen_by: ClassVar[str] = "validation_loss"
    """The column of the training history whose least value makes the best epoch."""
    threads: ClassVar[int | None] = None
    """How many to train with; None for as many as there are."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        *,
        embedding: int = 1000,
        units: int = 1000,
        dropout: float = 0.0,
        pieces: int = 0,
        tied: bool = False,
        seed: int = 0,
    ):
        super().__init__()
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout is a chance from 0 to below 1, found {dropout}")
        if pieces < 0:
            raise ValueError(f"pieces is a number of batches, 0 or more, found {pieces}")
        if tied and embedding != units:
            raise ValueError(
                f"words can be scored by their embeddings if these are as wide as a state, found {embedding} and "
                f"{units}: give both the same width, or tied=False"
            )
        generator = torch.Generator().manual_seed(seed)
        self.vocabulary, self.dropout, self.pieces = vocabulary, dropout, pieces
        # As large as a word can be that is read, and smaller where scores grow with it.
        bound = 0.3 if tied else 1.0
        self.embedding = nn.Embedding.from_pretrained(
            torch.empty(len(vocabulary), embedding).uniform_(-bound, bound, generator=generator), freeze=False
        )
        self.encoder, self.decoder = (Lstm(embedding, units, generator) for _ in range(2))
        for cell in (self.encoder, self.decoder):
            # Gates that forget little from the start: what is first in a sentence is to be kept to its end.
            cell.lstm.bias_ih_l0.data[units : 2 * units] += 1
        written = torch.empty(len(vocabulary), units).uniform_(-(units**-0.5), units**-0.5, generator=generator)
        self.written = None if tied else nn.Parameter(written)
        self.readout_bias = nn.Parameter(torch.zeros(len(vocabulary)))
        self.register_buffer("batches", torch.zeros((), dtype=torch.int64))  # of training so far; kept in checkpoints

    @classmethod
    def for_corpus(cls, corpus: CaptionCorpus | TreeCorpus, min_count: int = 1, **sizes) -> Autoencoder:
        """An untrained network for the words of a corpus, captions or trees."""
        tokenizer = treebank_tokenize if isinstance(corpus, TreeCorpus) else tokenize
        return cls(Vocabulary.of(corpus.train.tokens, min_count, tokenizer), **sizes)

    @property
    def readout_weight(self) -> Float[Tensor, "words units"]:
        """One row per word, whose product with a state, plus ``readout_bias``, is the word's score."""
        return self.embedding.weight if self.written is None else self.written

    def readout(self, states: Float[Tensor, "... units"]) -> Float[Tensor, "... words"]:
        """The score of every word as the next one, before any softmax, from the decoder's states."""
        return F.linear(states, self.readout_weight, self.readout_bias)

    def scored(self, states: Float[Tensor, "... units"], words: Int[Tensor, "..."]) -> Float[Tensor, "..."]:
        """The score of one word at each state: of a large vocabulary nothing else is computed."""
        return (states * self.readout_weight[words]).sum(dim=-1) + self.readout_bias[words]

    @property
    def pathways(self) -> dict[str, EncoderPathway]:
        """The encoder, which reads any sentence; for source and copy together see :meth:`copying`."""
        return {EncoderPathway.name: EncoderPathway(self)}

    def copying(self, source_lengths: int | Int[Tensor, "batch"]) -> CopyPathway:
        """The pathway over source and copy as one sequence, for sources of the lengths given."""
        return CopyPathway(self, source_lengths)

    def sequence(self, source: Sequence[str], copy: Sequence[str] | None = None) -> np.ndarray:
        """The numbers of ``<s> w1 .. wn </s> <s> y1 .. ym``; the copy is by default a perfect one."""
        copy = source if copy is None else copy
        return np.concatenate((self.vocabulary.encode(source), self.vocabulary.encode(copy)[:-1]))

    def examples(self, sentences: Captions | Trees) -> SentenceExamples:
        """The sentences of a split as this network's :meth:`loss` takes them."""
        return SentenceExamples(sentences.tokens, self.vocabulary)

    def measures(self, corpus: CaptionCorpus | TreeCorpus) -> dict[str, float]:
        """Nothing besides the loss is measured after an epoch; see :mod:`reading_neurons.models.copying`."""
        return {}

    def encode(
        self, embedded: Float[Tensor, "batch time embedding"], lengths: Int[Tensor, "batch"] | None = None
    ) -> tuple[Float[Tensor, "batch time units"], State]:
        """The encoder's state at every position, zero at padded ones, and the (h, c) that it hands over."""
        if lengths is None:
            states, handed = self.encoder.lstm(embedded)
            return states, (handed[0][0], handed[1][0])
        parts, places = [], []
        for length in torch.unique(lengths).tolist():
            places.append(torch.nonzero(lengths == length)[:, 0])
            states, (shown, kept) = self.encoder.lstm(embedded[places[-1], :length])
            parts.append((F.pad(states, (0, 0, 0, embedded.shape[1] - length)), shown[0], kept[0]))
        order = torch.argsort(torch.cat(places))
        states, shown, kept = (torch.cat(part)[order] for part in zip(*parts, strict=True))
        return states, (shown, kept)

    def decode(
        self, embedded: Float[Tensor, "batch steps embedding"], handed: State
    ) -> Float[Tensor, "batch steps units"]:
        """The decoder's state after every symbol of ``<s> y1 .. ym``, from what the encoder handed over."""
        return self.decoder(embedded, handed)

    def read(
        self,
        source: Float[Tensor, "batch time embedding"],
        lengths: Int[Tensor, "batch"] | None,
        copy: Float[Tensor, "batch steps embedding"],
    ) -> tuple[Float[Tensor, "batch time units"], Float[Tensor, "batch steps units"]]:
        """The encoder's states over sources ``<s> w1 .. wn </s>``, and the decoder's over copies ``<s> y1 .. ym``.

        Everything is differentiable with respect to every position of both. ``outputs`` of the decoder's states, by
        :meth:`CopyPathway.outputs` or ``readout``, score ``y1 .. ym`` and what comes after.

        Parameters
        ----------
        source : float tensor, shape (batch, time, embedding)
        lengths : int tensor, shape (batch,), or None
            How many positions of each source are real, the framing symbols included; None if all are.
        copy : float tensor, shape (batch, steps, embedding)
            A state depends on the positions before it alone, so padding on the right does no harm.
        """
        states, handed = self.encode(source, lengths)
        return states, self.decode(copy, handed)

    def loss(self, batch: Batch) -> Tensor:
        """Mean cross-entropy of a word of the copy, given the right words before it."""
        if self.training:
            batch = self._grown(batch)
        embedded = F.dropout(self.embedding(batch.ids), self.dropout, self.training)
        _, states = self.read(embedded, batch.lengths, embedded[:, :-1])
        real = batch.mask[:, 1:]
        scores = self.readout(F.dropout(states[real], self.dropout, self.training))
        return F.cross_entropy(scores.float(), batch.ids[:, 1:][real])


    def _grown(self, batch: Batch) -> Batch:
        """A batch of training cut to pieces as long as its turn allows."""
        done, longest = int(self.batches), int(batch.lengths.max()) - 2
        self.batches += 1
        return batch if done >= self.pieces else pieces_of(batch, 2 + (longest - 2) * done // self.pieces)


def pieces_of(batch: Batch, most: int) -> Batch:
    """Neighbouring words of each sentence, of a number that is drawn for the batch, framed as a sentence.

    Parameters
    ----------
    batch : Batch
    most : int
        The number is drawn from 1 to this; a shorter sentence stays whole. Drawn from torch's global generator, as
        dropout is.

    Examples
    --------
    >>> pieces_of(Batch.of([np.array([1, 7, 2])]), 5).ids.tolist()
    [[1, 7, 2]]
    """
    words, device = batch.lengths - 2, batch.ids.device
    most = torch.randint(1, max(most, 1) + 1, (), device=device)
    kept = torch.minimum(words, most)
    before = (torch.rand(len(words), device=device) * (words - kept + 1)).long()
    place = torch.arange(int(kept.max()) + 2, device=device)
    ids = batch.ids.gather(1, (before[:, None] + place).clamp(max=batch.ids.shape[1] - 1))
    ids = torch.where(place <= kept[:, None], ids, Vocabulary.pad)
    ids[:, 0] = Vocabulary.start
    ids[torch.arange(len(ids), device=device), kept + 1] = Vocabulary.end
    return Batch(ids, kept + 2)


def _at(sequences: Float[Tensor, "batch time width"], places: Int[Tensor, "batch chosen"]) -> Tensor:
    """Some positions of each sequence."""
    return sequences.gather(1, places[..., None].expand(*places.shape, sequences.shape[-1]))
