"""A language model over characters (Deep Neural Inspection 2017, section 5): one LSTM, from each character to the next.

Characters enter as one-hot vectors, so the "embedding" of a character is its row of the identity; a linear layer and a
softmax turn a state into chances of the next character. Two pathways read the same network: ``character lstm``, whose
units are the shown state h, and ``character cell``, whose units are what the LSTM keeps, c.

Easy to get wrong: long strings. A function of C has thousands of characters. It is learnt in pieces, each read from the
zero state; the first characters of a piece (but for a string's own beginning) are read without being predicted, for
nobody could predict them from nothing. The network itself reads whole strings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor, nn
from torch.nn import functional as F

from reading_neurons.corpora.strings import StringCorpus, Strings
from reading_neurons.models.captions import next_words
from reading_neurons.models.network_pathways import Stepped, WordByWord
from reading_neurons.models.sequence_cells import Lstm
from reading_neurons.padding import last_state
from reading_neurons.text import Batch, Vocabulary

LONGEST = 160  # characters of a piece
UNPREDICTED = 40  # characters at the start of a later piece that are read and not predicted


@dataclass(frozen=True)
class PieceBatch:
    """Pieces of strings, and the place in each from which on the next character is predicted."""

    pieces: Batch
    predicted_from: Int[Tensor, "batch"]


class Pieces:
    """Strings cut into pieces for training.

    Parameters
    ----------
    strings : Strings
    vocabulary : Vocabulary

    Examples
    --------
    >>> from reading_neurons.corpora.strings import ParsedString
    >>> pieces = Pieces(Strings("mine", "train", (ParsedString("a" * 200, ()),)), Vocabulary(["a"], list))
    >>> pieces.lengths.tolist(), pieces.predicted_from.tolist()
    ([160, 82], [0, 39])
    """

    def __init__(self, strings: Strings, vocabulary: Vocabulary):
        self.ids: list[np.ndarray] = []
        starts: list[int] = []
        for characters in strings.tokens:
            ids = vocabulary.encode(characters)
            for start in range(0, max(len(ids) - UNPREDICTED, 1), LONGEST - UNPREDICTED):
                self.ids.append(ids[start : start + LONGEST])
                starts.append(UNPREDICTED - 1 if start else 0)
        self.lengths = np.array([len(ids) for ids in self.ids], dtype=np.int64)
        self.predicted_from = np.array(starts, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.ids)

    def batch(self, chosen: np.ndarray) -> PieceBatch:
        """The pieces with these indices."""
        return PieceBatch(Batch.of([self.ids[i] for i in chosen]), torch.from_numpy(self.predicted_from[chosen]))


class CharacterPathway(WordByWord):
    """The network as methods see it; its outputs are the scores of the next character before the softmax."""

    def __init__(self, network: CharacterLSTM):
        # A character is a one-hot vector.
        super().__init__(network, network.vocabulary.words, "characters", network.one_hot)

    def write(self, state, units):
        """The state with other units in the place of its own."""
        return units, state[1]


class CellStatePathway(Stepped, CharacterPathway):
    """The same network, seen through what its LSTM keeps; it cannot be read out from that alone."""

    def __init__(self, network: CharacterLSTM):
        super().__init__(network)
        self.name, self.output_names = "character cell", None

    def __repr__(self) -> str:
        return f"<pathway {self.name!r}: {self.units} units>"

    def outputs(self, states):
        """Not there: the next character is scored from h, which depends on the output gate too."""
        raise TypeError(
            f"the pathway {self.name!r} has no outputs: the kept state alone does not score the next character; "
            "use the pathway 'character lstm'"
        )

    readout = outputs

    def advance(self, projected, state):
        """The rest of a step: the new state, and c as its units."""
        state, _ = self.network.cell.advance(projected, state)
        return state, state[1]

    def write(self, state, units):
        """The state with another kept part; what it shows changes from the next step on."""
        return state[0], units


class CharacterLSTM(nn.Module):
    """One LSTM over one-hot characters, and a linear layer to the next character.

    Parameters
    ----------
    vocabulary : Vocabulary
        Of characters, whose tokenizer is ``list``.
    units : int
        128 are the paper's.
    seed : int

    Examples
    --------
    >>> for pathway in CharacterLSTM(Vocabulary(list("()"), list), units=4).pathways.values():
    ...     pathway
    <pathway 'character lstm': 4 units, 6 characters>
    <pathway 'character cell': 4 units>
    """

    name: ClassVar[str] = "character lstm"
    world: ClassVar[str] = "parentheses"
    """The generated corpus that such a network is for."""
    chosen_by: ClassVar[str] = "validation_loss"
    """The column of the training history whose least value makes the best epoch."""
    threads: ClassVar[int | None] = 1
    """How many to train with: more would not be faster, and would add up in another order on another machine."""

    def __init__(self, vocabulary: Vocabulary, *, units: int = 128, seed: int = 0):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.vocabulary = vocabulary
        self.register_buffer("one_hot", torch.eye(len(vocabulary)), persistent=False)
        self.cell = Lstm(len(vocabulary), units, generator)
        self.readout = nn.Linear(units, len(vocabulary), device="meta").to_empty(device="cpu")
        nn.init.uniform_(self.readout.weight, -(units**-0.5), units**-0.5, generator=generator)
        nn.init.zeros_(self.readout.bias)

    @classmethod
    def for_corpus(cls, corpus: StringCorpus, min_count: int = 1, **sizes) -> CharacterLSTM:
        """An untrained network for the characters of a corpus.

        Raises
        ------
        ValueError
            If the corpus does not consist of strings.
        """
        if not isinstance(corpus, StringCorpus):
            raise ValueError(
                f"the network {cls.name!r} learns from strings of characters, and the corpus {corpus.name!r} has none: "
                "take load('parentheses'), load('arithmetic'), load('tiny_c') or load('c_source'), and for sentences "
                "of your own corpora.characters(corpus)"
            )
        return cls(Vocabulary.of(corpus.train.tokens, min_count, list), **sizes)

    def states(self, embedded, lengths=None):
        """The units at every position; padded ones mean nothing."""
        return self.cell(embedded)

    def representation(self, embedded, lengths=None):
        """The last state, that at ``</s>``."""
        return last_state(self.states(embedded), lengths)

    @property
    def pathways(self) -> dict[str, CharacterPathway]:
        """The network seen through its shown state, and through its kept one."""
        return {pathway.name: pathway for pathway in (CharacterPathway(self), CellStatePathway(self))}

    def examples(self, strings: Strings) -> Pieces:
        """Strings in pieces, as :meth:`loss` takes them."""
        return Pieces(strings, self.vocabulary)

    def loss(self, batch: PieceBatch) -> Tensor:
        """Cross-entropy of the next character; after ``</s>`` that is ``</s>`` again."""
        counted, following = next_characters(batch.pieces)
        counted &= torch.arange(counted.shape[1]) >= batch.predicted_from[:, None]
        scores = self.readout(self.cell(self.one_hot[batch.pieces.ids])[counted])
        return F.cross_entropy(scores.float(), following[counted])

    def measures(self, corpus: StringCorpus) -> dict[str, float]:
        """More columns of the training history: none."""
        return {}


def next_characters(strings: Batch) -> tuple[Tensor, Tensor]:
    """Where a next character is to be predicted, and which; at the cut end of a piece there is none.

    Returns
    -------
    (bool tensor, int tensor), both of shape (batch, time)

    Examples
    --------
    >>> counted, following = next_characters(Batch.of([np.array([1, 4, 2]), np.array([1, 4, 5])]))
    >>> counted.tolist(), following.tolist()
    ([[True, True, True], [True, True, False]], [[4, 2, 2], [4, 5, 2]])
    """
    real, following = next_words(strings, second_end=True)
    last = torch.arange(real.shape[1]) == strings.lengths[:, None] - 1
    return real & ~(last & (strings.ids != Vocabulary.end)), following
