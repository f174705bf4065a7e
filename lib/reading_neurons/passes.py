"""One pass over a corpus: the states at every word, a window of sentences at a time, in memory that does not grow.

A :class:`Summary` takes the states of a window, keeps what it needs and forgets the rest. Windows come in corpus
order, so "the first of two equals" means the same for every summary; summaries of two halves of a corpus can be merged.

Easy to get wrong: the framing. A state is kept for each word of a sentence and for nothing else, neither for ``<s>``
nor for ``</s>``, so row i of all windows together belongs to row i of
:func:`reading_neurons.annotation.token_table`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from reading_neurons.corpora.captions import Captions
from reading_neurons.pathway import Pathway, as_tokens, length_batches
from reading_neurons.text import Batch

SENTENCES = 512  # of a window
BATCH = 128  # sentences that pass through the network at once

Sentences = Captions | Iterable[str | Sequence[str]]


@dataclass(frozen=True)
class Window:
    """States of the words of neighbouring sentences.

    Attributes
    ----------
    first : int
        Number of the first word, counted over the corpus.
    states : float tensor, shape (words, units)
        In corpus order.
    """

    first: int
    states: Float[Tensor, "words units"]


class Summary(Protocol):
    """What is kept of a pass: windows are given to :meth:`update` in corpus order."""

    def update(self, window: Window) -> None:
        """Take in the next window."""

    def merge(self, later: Summary) -> None:
        """Take in the summary of the words that follow these."""

    def result(self) -> Any:
        """What was found."""


S = TypeVar("S", bound=Summary)


def words_of(corpus: Sentences) -> Sequence[Sequence[str]]:
    """The words of each sentence of a corpus.

    Raises
    ------
    ValueError
        If there is no sentence, or one has no word.

    Examples
    --------
    >>> words_of(["A dog."])
    [('a', 'dog')]
    """
    words = as_tokens(corpus.tokens if isinstance(corpus, Captions) else corpus)
    if not words:
        raise ValueError("expected at least one sentence, found none")
    return words


def run(summary: S, pathway: Pathway, corpus: Sentences) -> S:
    """Give every window of a corpus to a summary, and return it.

    Parameters
    ----------
    summary : Summary
    pathway : Pathway
    corpus : Captions, or iterable of sentences (str, or sequences of words)

    Raises
    ------
    ValueError
        If there is no sentence, or one has no word.
    """
    for window in windows(pathway, corpus):
        summary.update(window)
    return summary


@torch.inference_mode()
def windows(pathway: Pathway, corpus: Sentences, *, sentences: int = SENTENCES) -> Iterator[Window]:
    """The states of a corpus, window by window.

    Parameters
    ----------
    pathway : Pathway
    corpus : Captions, or iterable of sentences
    sentences : int
        How many make a window; does not change the states.

    Yields
    ------
    Window

    Examples
    --------
    >>> from reading_neurons.models import SumPathway
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = SumPathway(Vocabulary(["a", "dog"]), ["object:dog"], embedding=4).pathways["sum"]
    >>> [(window.first, tuple(window.states.shape)) for window in windows(pathway, ["a dog", "dog"], sentences=1)]
    [(0, (2, 4)), (2, (1, 4))]
    """
    if sentences < 1:
        raise ValueError(f"a window needs at least 1 sentence, found {sentences}")
    words = words_of(corpus)
    first = 0
    for begin in range(0, len(words), sentences):
        encoded = [pathway.vocabulary.encode(sentence) for sentence in words[begin : begin + sentences]]
        states = _read(pathway, encoded)
        yield Window(first, states)
        first += len(states)


def _read(pathway: Pathway, encoded: Sequence[np.ndarray]) -> Float[Tensor, "words units"]:
    """The states of the words of framed sentences, in order."""
    lengths = np.array([len(ids) - 2 for ids in encoded])
    starts = np.cumsum(lengths) - lengths
    result: Tensor | None = None
    for chosen in length_batches(lengths, BATCH):
        batch = Batch.of([encoded[i] for i in chosen]).to(pathway.embedding.device)
        states = pathway.states(pathway.embedding[batch.ids], batch.lengths)
        if result is None:
            result = states.new_empty((int(lengths.sum()), states.shape[-1]))
        place = torch.arange(int(lengths[chosen].max()))
        real = place < torch.from_numpy(lengths[chosen])[:, None]
        rows = (torch.from_numpy(starts[chosen])[:, None] + place)[real].to(states.device)
        result.index_copy_(0, rows, states[:, 1 : 1 + len(place)][real.to(states.device)])
    return result


def states(pathway: Pathway, corpus: Sentences) -> Float[np.ndarray, "words units"]:
    """All states of a corpus at once: four bytes a word and unit.

    Parameters
    ----------
    pathway : Pathway
    corpus : Captions, or iterable of sentences

    Returns
    -------
    float32 array, shape (words, units)
        Row i is the state after word i, counted over the corpus.

    Examples
    --------
    >>> from reading_neurons.models import SumPathway
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = SumPathway(Vocabulary(["a", "dog"]), ["object:dog"], embedding=4).pathways["sum"]
    >>> states(pathway, ["a dog", "dog"]).shape
    (3, 4)
    """
    words = words_of(corpus)
    result: np.ndarray | None = None
    for window in windows(pathway, words):
        block = window.states.float().cpu().numpy()
        if result is None:
            result = np.empty((sum(map(len, words)), block.shape[1]), dtype=np.float32)
        result[window.first : window.first + len(block)] = block
    return result
