"""Corpus search: the n-gram of a corpus for which a neuron is most active (Poerner et al. 2018, section 3).

Every distinct n-gram of the captions is read on its own, framed or bare, in one pass for all neurons; a caption
shorter than n words is one n-gram, shorter too. N-grams are read in sorted order, so that neighbours share what they
begin with.

Easy to get wrong: which n-grams take part. One with a word that the network does not know cannot be written, and a
search that may use rare words is compared with a corpus that holds few of them; so the words allowed are the same here
as in an optimised input.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from reading_neurons import passes, shards
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

if TYPE_CHECKING:
    from distributed import Client

ROWS = 8192  # n-grams that are read at once


def distinct_ngrams(
    corpus: passes.Sentences, vocabulary: Vocabulary, length: int, allowed: Bool[np.ndarray, "words"] | None = None
) -> list[Int[np.ndarray, "ngrams width"]]:
    """The different n-grams of a corpus, sorted, those of each width together.

    Parameters
    ----------
    corpus : Captions, or iterable of sentences
    vocabulary : Vocabulary
    length : int
        Words of an n-gram; a shorter sentence is an n-gram of its own width.
    allowed : bool array, shape (words of the vocabulary,), optional
        Only n-grams of these words; by default of all but the special symbols.

    Returns
    -------
    list of int array, each of shape (n-grams, width)
        Widths from 1 to ``length``, without those that do not occur.

    Raises
    ------
    ValueError
        If the length is below 1, or no n-gram is left.

    Examples
    --------
    >>> vocabulary = Vocabulary(["a", "dog", "runs"])
    >>> [block.tolist() for block in distinct_ngrams(["a dog runs", "a dog", "dog"], vocabulary, 2)]
    [[[5]], [[4, 5], [5, 6]]]
    """
    if length < 1:
        raise ValueError(f"an n-gram has at least 1 word, found a length of {length}")
    words = passes.words_of(corpus, vocabulary.tokenizer)
    lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    flat = np.fromiter((vocabulary.number(word) for one in words for word in one), dtype=np.int64, count=lengths.sum())
    if allowed is None:
        allowed = np.arange(len(vocabulary)) > vocabulary.unknown
    left = lengths.repeat(lengths) - (np.arange(len(flat)) - (np.cumsum(lengths) - lengths).repeat(lengths))
    blocks = []
    for width in range(1, length + 1):
        # A sentence of this width whole, or for the full length whatever has as many words before its end.
        starts = np.flatnonzero(
            left >= width if width == length else (left == width) & (lengths.repeat(lengths) == width)
        )
        grams = flat[starts[:, None] + np.arange(width)]
        grams = grams[allowed[grams].all(axis=1)]
        if len(grams):
            blocks.append(_distinct(grams))
    if not blocks:
        raise ValueError(
            f"no {length}-gram of the {len(words)} sentences is made of allowed words alone: lower min_count or give "
            "more text"
        )
    return blocks


def _distinct(grams: Int[np.ndarray, "ngrams width"]) -> Int[np.ndarray, "distinct width"]:
    grams = grams[np.lexsort(grams.T[::-1])]
    new = np.r_[True, (grams[1:] != grams[:-1]).any(axis=1)]
    return np.ascontiguousarray(grams[new])


class BestNgrams:
    """A summary: the n-gram of highest activation of each neuron so far; of equals the first.

    Parameters
    ----------
    neurons : int
    sign : int
        -1 for the lowest.

    Examples
    --------
    >>> best = BestNgrams(1)
    >>> best.update(np.array([[4, 5], [5, 4]]), torch.tensor([[0.5], [2.0]]))
    >>> best.result()
    ([(5, 4)], array([2.]))
    """

    def __init__(self, neurons: int, sign: int = 1):
        self.sign = sign
        self._values = np.full(neurons, -np.inf)
        self._ngrams: list[tuple[int, ...] | None] = [None] * neurons

    def empty(self, first: int, count: int) -> BestNgrams:
        """For a part of the n-grams."""
        return BestNgrams(len(self._values), self.sign)

    def update(self, ngrams: Int[np.ndarray, "ngrams width"], activations: Float[Tensor, "ngrams neurons"]) -> None:
        """Take in some n-grams and what they score."""
        if activations.isnan().any():
            neuron = int(activations.isnan().any(dim=0).nonzero()[0])
            raise ValueError(f"an activation of neuron {neuron} is not a number: was the network's training unstable?")
        values, at = (self.sign * activations).max(dim=0)
        self._improve(values.double().cpu().numpy(), lambda neuron: tuple(ngrams[int(at[neuron])].tolist()))

    def merge(self, later: BestNgrams) -> None:
        """Take in the summary of n-grams that follow these."""
        self._improve(later._values, later._ngrams.__getitem__)

    def _improve(self, values: np.ndarray, ngram) -> None:
        for neuron in np.flatnonzero(values > self._values):
            self._values[neuron], self._ngrams[neuron] = values[neuron], ngram(neuron)

    def result(self) -> tuple[list[tuple[int, ...]], Float[np.ndarray, "neurons"]]:
        """The best n-gram of each neuron as word numbers, and its activation."""
        if any(ngram is None for ngram in self._ngrams):
            raise ValueError("no n-gram was given to this summary: run it over a corpus first")
        return list(self._ngrams), self.sign * self._values


def cut(blocks: Iterable[Int[np.ndarray, "ngrams width"]], *beside: Iterable[np.ndarray]) -> Iterator[shards.Shard]:
    """N-grams in shards of a size that a network reads at once.

    Parameters
    ----------
    blocks : iterable of int array, each of shape (n-grams, width)
    *beside : iterable of array
        For each block something that has a row per n-gram, as counts; cut along with it.

    Yields
    ------
    Shard
        Its content is the n-grams and what stands beside them.
    """
    first = 0
    for block in zip(blocks, *beside, strict=True):
        for begin in range(0, len(block[0]), ROWS):
            content = tuple(part[begin : begin + ROWS] for part in block)
            yield shards.Shard(first + begin, len(content[0]), content)
        first += len(block[0])


def activations(
    reader: Reader, blocks: Iterable[Int[np.ndarray, "ngrams width"]]
) -> Iterator[tuple[Int[np.ndarray, "ngrams width"], Float[Tensor, "ngrams neurons"]]]:
    """N-grams and the activations of all neurons, some n-grams at a time."""
    for shard in cut(blocks):
        (ngrams,) = shard.content
        for begin, found in reader.all_neurons(ngrams, ROWS):
            yield ngrams[begin : begin + len(found)], found


def search(
    reader: Reader,
    blocks: Sequence[Int[np.ndarray, "ngrams width"]],
    *,
    lowest: bool = False,
    client: Client | None = None,
) -> tuple[list[tuple[int, ...]], Float[np.ndarray, "neurons"], int]:
    """The best n-gram of each neuron; the workers of a client read them where one is given.

    Returns
    -------
    (list of tuple of int, float array, int)
        For each neuron the word numbers, the activation, computed in single precision, and how many n-grams were read.
    """
    best = shards.collect(BestNgrams(len(reader.neurons), -1 if lowest else 1), _read, reader, cut(blocks), client)
    found = best.result()[0]
    exact = reader if reader.precision == "float32" else Reader(reader.pathway, reader.neurons, frame=reader.frame)
    words = [torch.tensor([ngram], device=reader.device) for ngram in found]
    values = [float(exact.read(one, torch.tensor([row], device=reader.device))) for row, one in enumerate(words)]
    return found, np.array(values), sum(map(len, blocks))


def _read(reader: Reader, shard: shards.Shard, best: BestNgrams) -> None:
    (ngrams,) = shard.content
    for begin, found in reader.all_neurons(ngrams, ROWS):
        best.update(ngrams[begin : begin + len(found)], found)
