"""One pass over a corpus: the states at every word, a window of sentences at a time, in memory that does not grow.

A :class:`Summary` takes the states of a window, keeps what it needs and forgets the rest. Windows come in corpus
order, so "the first of two equals" means the same for every summary; summaries of two halves of a corpus can be merged.
With a client of Dask the same call reads windows on the workers of a cluster, and gives the same result; a corpus may
be a generator, of which only the windows under way are held.

A recurrent pathway reads each distinct beginning of a window's sentences once, one row of one matrix product per
beginning and depth, and projects each distinct word once; nothing is padded, and ``</s>`` is not read.

Easy to get wrong: the framing. A state is kept for each word of a sentence and for nothing else, neither for ``<s>``
nor for ``</s>``, so row i of all windows together belongs to row i of
:func:`reading_neurons.annotation.token_table`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from reading_neurons import asking
from reading_neurons.corpora.captions import Captions
from reading_neurons.corpora.strings import Strings
from reading_neurons.corpora.trees import Trees
from reading_neurons.pathway import (
    Pathway,
    Recurrent,
    as_sentences,
    as_tokens,
    filled,
    length_batches,
    state_rows,
    stepper,
)
from reading_neurons.shards import Shard, collect
from reading_neurons.summaries import States
from reading_neurons.text import Batch, tokenize

if TYPE_CHECKING:
    from distributed import Client

SENTENCES = 512  # of a window, which is also what a worker is sent at a time
BATCH = 128  # sentences that pass at once through a network that cannot be driven word by word
PRECISIONS = ("float32", "bfloat16")

Sentences = Captions | Trees | Strings | Iterable[str | Sequence[str]]


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
    """What is kept of a pass: windows are given to :meth:`update` in corpus order.

    It is a :class:`~reading_neurons.shards.Mergeable` whose observations are words.
    """

    def empty(self, first: int, count: int) -> Summary:
        """A summary of the same kind that has seen nothing, for ``count`` words from number ``first`` on."""

    def update(self, window: Window) -> None:
        """Take in the next window: the same, to the last bit, as merging an empty summary that has taken it in."""

    def merge(self, later: Summary) -> None:
        """Take in the summary of the words that follow these."""

    def result(self) -> Any:
        """What was found."""


S = TypeVar("S", bound=Summary)


def words_of(
    corpus: Sentences, tokenizer: Callable[[str], list[str]] = tokenize
) -> Sequence[Sequence[str]]:
    """The words of each sentence of a corpus; ``tokenizer`` splits those that are given as text.

    A corpus has its own words. A network that reads pieces of words (its tokenizer says ``pieces = True``) gets the
    texts of a corpus instead, and splits them itself.

    Raises
    ------
    ValueError
        If there is no sentence, or one has no word.

    Examples
    --------
    >>> words_of(["A dog."])
    [('a', 'dog')]
    """
    words = as_tokens(corpus, tokenizer)
    if not words:
        raise ValueError("expected at least one sentence, found none")
    return words


def cut(
    corpus: Sentences,
    tokenizer: Callable[[str], list[str]] = tokenize,
    sentences: int = SENTENCES,
    first: int = 0,
) -> Iterator[Shard]:
    """A corpus in shards of so many sentences, each cut off when its turn comes.

    Parameters
    ----------
    corpus : Captions, Trees or Strings, or iterable of sentences
    tokenizer : callable
        Splits sentences that are given as text.
    sentences : int
        Of a shard.
    first : int
        The number of the first word.

    Yields
    ------
    Shard
        Its content is the words of each sentence; ``first`` and ``count`` are about words.

    Raises
    ------
    ValueError
        If there is no sentence, or one has no word: when it is reached.

    Examples
    --------
    >>> list(cut(["A dog.", "Two."], sentences=1))
    [Shard(first=0, count=2, content=[('a', 'dog')]), Shard(first=2, count=1, content=[('two',)])]
    """
    if sentences < 1:
        raise ValueError(f"a window needs at least 1 sentence, found {sentences}")
    if isinstance(corpus, str):
        as_tokens(corpus)  # which says what is wrong with it
    given = iter(as_sentences(corpus, tokenizer))
    number = 0
    while part := as_tokens(islice(given, sentences), tokenizer, number):
        count = sum(map(len, part))
        yield Shard(first, count, part)
        first, number = first + count, number + len(part)
    if not number:
        raise ValueError("expected at least one sentence, found none")


def run(
    summary: S,
    pathway: Pathway,
    corpus: Sentences,
    client: Client | None = None,
    *,
    precision: str = "float32",
    first: int = 0,
    sentences: int = SENTENCES,
) -> S:
    """Give every window of a corpus to a summary, and return it.

    Parameters
    ----------
    summary : Summary
    pathway : Pathway
    corpus : Captions, Trees or Strings, or iterable of sentences (str, or sequences of words)
    client : dask.distributed.Client, optional
        Of a cluster whose workers read the windows: the same result, in their time. Each worker gets the network once,
        then a window at a time, and computes with one thread.
    precision : "float32" or "bfloat16"
        See :func:`windows`.
    first : int
        The number of the first word, where the corpus is a later part of a larger one and summaries are to be merged.
    sentences : int
        How many make a window.

    Raises
    ------
    ValueError
        If there is no sentence, one has no word, or the precision is unknown; or the cluster cannot do it, see
        :func:`reading_neurons.shards.each`.
    RuntimeError
        If all workers were lost.

    Examples
    --------
    >>> from reading_neurons.models.detectors import Detector, DetectorPathway
    >>> from reading_neurons.summaries import Means
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = DetectorPathway(Vocabulary(["a", "dog"]), [Detector("dog", on=["dog"])])
    >>> run(Means(), pathway, (text for text in ["a dog", "a a"])).result().tolist()
    [0.25]
    """
    _require_precision(precision)
    shards = cut(corpus, pathway.vocabulary.tokenizer, sentences, first)
    return collect(summary, _read, (pathway, precision), shards, client)


def _read(shared: tuple[Pathway, str], shard: Shard, summary: Summary) -> None:
    """Give one shard of a corpus, as one window, to a summary."""
    pathway, precision = shared
    summary.update(Window(shard.first, _states(pathway, shard.content, precision)))


def windows(
    pathway: Pathway,
    corpus: Sentences,
    *,
    sentences: int = SENTENCES,
    precision: str = "float32",
    first: int = 0,
) -> Iterator[Window]:
    """The states of a corpus, window by window, here.

    Parameters
    ----------
    pathway : Pathway
    corpus : Captions, or iterable of sentences
    sentences : int
        How many make a window; does not change the states beyond rounding.
    precision : "float32" or "bfloat16"
        In bfloat16 matrix products are computed with 8 significant bits (states are off by about .001, in about a third
        of the time where the processor knows this format); states are carried along a sentence, and given, in float32.
    first : int
        The number of the first word.

    Yields
    ------
    Window

    Raises
    ------
    ValueError
        If there is no sentence, one has no word, or the precision is unknown.

    Examples
    --------
    >>> from reading_neurons.models import SumPathway
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = SumPathway(Vocabulary(["a", "dog"]), ["object:dog"], embedding=4).pathways["sum"]
    >>> [(window.first, tuple(window.states.shape)) for window in windows(pathway, ["a dog", "dog"], sentences=1)]
    [(0, (2, 4)), (2, (1, 4))]
    """
    _require_precision(precision)
    for shard in cut(corpus, pathway.vocabulary.tokenizer, sentences, first):
        yield Window(shard.first, _states(pathway, shard.content, precision))


def _require_precision(precision: str) -> None:
    if precision not in PRECISIONS:
        raise ValueError(f"unknown precision {precision!r}: choose one of {', '.join(map(repr, PRECISIONS))}")


@torch.inference_mode()
def _states(pathway: Pathway, words: Sequence[Sequence[str]], precision: str) -> Float[Tensor, "words units"]:
    """The states of the words of some sentences, one after the other."""
    read = _by_prefixes if isinstance(pathway, Recurrent) else _by_batches
    half = precision == "bfloat16"
    with torch.autocast(pathway.embedding.device.type, torch.bfloat16, enabled=half):
        states = read(pathway, [pathway.vocabulary.encode(sentence) for sentence in words])
    return states.float() if half else states


def _by_prefixes(pathway: Recurrent, encoded: Sequence[np.ndarray]) -> Float[Tensor, "words units"]:
    """The states of the words of framed sentences, in order; sentences that begin alike share states."""
    project, advance = stepper(pathway)
    known, symbols = np.unique(np.concatenate(encoded), return_inverse=True)
    table = project(asking.words(pathway, filled(torch.from_numpy(known))))
    lengths = np.array([len(ids) - 2 for ids in encoded])
    starts = np.cumsum(lengths) - lengths
    state = pathway.initial(1)
    result: Tensor | None = None
    for depth, level in enumerate(_levels(symbols, lengths)):
        parents, words, sentence, prefix = (torch.from_numpy(part).to(table.device) for part in level)
        # No row refers to those that are filled in: they are there so that the others round alike everywhere.
        state, units = advance(table.index_select(0, filled(words)), state_rows(state, filled(parents)))
        if depth == 0:  # <s>, after which every sentence stands
            continue
        if result is None:
            result = units.new_empty((int(lengths.sum()), *units.shape[1:]))
        rows = torch.from_numpy(starts).to(table.device)[sentence] + depth - 1
        result.index_copy_(0, rows, units.index_select(0, prefix))
    return result


def _levels(symbols: np.ndarray, lengths: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """The distinct beginnings of framed sentences, depth by depth, without ``</s>``.

    Yields
    ------
    parents, words : int arrays
        For each beginning of this depth the row of its parent one depth above, and its last word.
    sentence, prefix : int arrays
        The sentences that reach this depth, and the row of each.
    """
    framed = np.cumsum(lengths + 2) - (lengths + 2)
    sentence = np.arange(len(lengths))
    prefix = np.zeros(len(lengths), dtype=np.int64)
    count = int(symbols.max()) + 1
    for depth in range(int(lengths.max()) + 1):
        going = lengths[sentence] >= depth
        sentence, prefix = sentence[going], prefix[going]
        distinct, prefix = np.unique(prefix * count + symbols[framed[sentence] + depth], return_inverse=True)
        yield distinct // count, distinct % count, sentence, prefix


def _by_batches(pathway: Pathway, encoded: Sequence[np.ndarray]) -> Float[Tensor, "words units"]:
    """The states of the words of framed sentences, in order, read whole."""
    lengths = np.array([len(ids) - 2 for ids in encoded])
    starts = np.cumsum(lengths) - lengths
    result: Tensor | None = None
    for chosen in length_batches(lengths, BATCH):
        batch = Batch.of([encoded[i] for i in chosen]).to(pathway.embedding.device)
        states = asking.states(pathway, asking.words(pathway, batch.ids), batch.lengths)
        if result is None:
            result = states.new_empty((int(lengths.sum()), states.shape[-1]))
        place = torch.arange(int(lengths[chosen].max()))
        real = place < torch.from_numpy(lengths[chosen])[:, None]
        rows = (torch.from_numpy(starts[chosen])[:, None] + place)[real].to(states.device)
        result.index_copy_(0, rows, states[:, 1 : 1 + len(place)][real.to(states.device)])
    return result


def states(
    pathway: Pathway,
    corpus: Sentences,
    *,
    units: Sequence[int] | None = None,
    precision: str = "float32",
    client: Client | None = None,
) -> Float[np.ndarray, "words units"]:
    """All states of a corpus at once: four bytes a word and unit.

    Parameters
    ----------
    pathway : Pathway
    corpus : Captions, or iterable of sentences
    units : sequence of int, optional
        Which units; by default all.
    precision : "float32" or "bfloat16"
        See :func:`windows`.
    client : dask.distributed.Client, optional
        Of a cluster that reads the corpus; its states are all sent here.

    Returns
    -------
    float32 array, shape (words, units)
        Row i is the state after word i, counted over the corpus.

    Examples
    --------
    >>> from reading_neurons.models import SumPathway
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = SumPathway(Vocabulary(["a", "dog"]), ["object:dog"], embedding=4).pathways["sum"]
    >>> states(pathway, ["a dog", "dog"]).shape, states(pathway, ["a dog", "dog"], units=[2]).shape
    ((3, 4), (3, 1))
    """
    words = words_of(corpus, pathway.vocabulary.tokenizer)
    held = States(sum(map(len, words)), units=units, dtype=np.float32)
    return run(held, pathway, words, client, precision=precision).result()
