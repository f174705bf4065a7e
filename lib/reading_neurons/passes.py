"""One pass over a corpus: the states at every word, a window of sentences at a time, in memory that does not grow.

A :class:`Summary` takes the states of a window, keeps what it needs and forgets the rest. Windows come in corpus
order, so "the first of two equals" means the same for every summary; summaries of two halves of a corpus can be merged.
With a client of Dask the same call reads windows on the workers of a cluster, and gives the same result; a corpus may
be a generator, of which only the windows under way are held.

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
from jaxtyping import Float
from torch import Tensor

from reading_neurons.corpora.captions import Captions
from reading_neurons.corpora.strings import Strings
from reading_neurons.corpora.trees import Trees
from reading_neurons.pathway import Pathway, as_sentences, as_tokens
from reading_neurons.shards import Shard, collect
from reading_neurons.summaries import States
from reading_neurons.text import tokenize
from reading_neurons.word_states import require_precision, states_of_words

if TYPE_CHECKING:
    from distributed import Client

SENTENCES = 512  # of a window, which is also what a worker is sent at a time

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
    require_precision(precision)
    shards = cut(corpus, pathway.vocabulary.tokenizer, sentences, first)
    return collect(summary, _read, (pathway, precision), shards, client)


def _read(shared: tuple[Pathway, str], shard: Shard, summary: Summary) -> None:
    """Give one shard of a corpus, as one window, to a summary."""
    pathway, precision = shared
    summary.update(Window(shard.first, states_of_words(pathway, shard.content, precision)))


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
    require_precision(precision)
    for shard in cut(corpus, pathway.vocabulary.tokenizer, sentences, first):
        yield Window(shard.first, states_of_words(pathway, shard.content, precision))


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
