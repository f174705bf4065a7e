"""Activations in bins: for each unit twenty of equal frequency, so that units of any scale can be counted alike.

With ``rank`` the place of a token's value among the N sorted values of its unit, counted from 0,

    bin = floor(count * (rank + 1/2) / N),

so that each bin holds 5 % of the tokens where there are twenty (Kádár et al. 2017, section 6.5).

Easy to get wrong: ties. A clipped rectifier leaves half of a unit's values at exactly 0, and a rule that cuts by rank
alone would spread equal values over ten bins in order of the corpus. Here equal values share one bin, that of the
middle of their ranks; bins that they span stay empty. The original code asked for 20 percentile edges, which make 19
bins and a last one for the maximum alone; ``as_published=True`` does so too.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float, UInt8

from reading_neurons import passes
from reading_neurons.pathway import Pathway
from reading_neurons.summaries import States

if TYPE_CHECKING:
    from distributed import Client

COUNT = 20
MOST = 256  # bins that a byte can name
UNITS_AT_ONCE = 16


def bins(
    states: Float[np.ndarray, "words units"], count: int = COUNT, *, as_published: bool = False
) -> UInt8[np.ndarray, "words units"]:
    """The bin of every activation, from 0; bins of a unit are of equal frequency.

    Parameters
    ----------
    states : float array, shape (words, units)
    count : int
        How many bins, from 1 to 256.
    as_published : bool
        Percentile edges as the original code took them: ``count - 1`` bins, and one for the maximum.

    Returns
    -------
    uint8 array, shape (words, units)
        One byte an activation; equal activations of a unit are in one bin. The bytes of a unit lie side by side.

    Raises
    ------
    ValueError
        If there are fewer tokens than bins, no unit, a count that is not from 1 to 256, or a value that is not a
        number.

    References
    ----------
    Kádár et al. 2017, section 6.5.

    Examples
    --------
    >>> bins(np.array([[0.3], [0.1], [0.9], [0.5]]), count=2)[:, 0].tolist()
    [0, 0, 1, 1]
    >>> bins(np.array([[0.0], [0.0], [0.0], [0.5], [0.7], [0.9]]), count=6)[:, 0].tolist()
    [1, 1, 1, 3, 4, 5]
    """
    states = np.asarray(states)
    if states.ndim != 2:
        raise ValueError(f"expected states of shape (words, units), found shape {states.shape}")
    require_tokens(*states.shape, count)
    result = np.empty(states.shape[::-1], dtype=np.uint8)

    def one_block(first: int) -> None:
        columns = np.ascontiguousarray(states[:, first : first + UNITS_AT_ONCE].T)
        for unit, values in enumerate(columns, first):
            _bins_of_unit(values, count, as_published, result[unit])

    # Sorting and comparing let other threads run.
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        list(pool.map(one_block, range(0, states.shape[1], UNITS_AT_ONCE)))
    return result.T


def require_tokens(words: int, units: int, count: int) -> None:
    """Raise a ``ValueError`` if there are too few tokens to fill the bins, no unit, or no such number of bins."""
    if not 1 <= count <= MOST:
        raise ValueError(f"expected from 1 to {MOST} bins, found {count}")
    if words < count:
        raise ValueError(f"found {words} tokens for {count} bins: give a longer corpus, or ask for fewer bins")
    if units < 1:
        raise ValueError("expected states with at least one unit, found none")


def _bins_of_unit(values: np.ndarray, count: int, as_published: bool, out: np.ndarray) -> None:
    """Write the bin of each value: how many edges it reaches."""
    if as_published:
        edges = np.percentile(values, np.linspace(0, 100, count))[1:]
        if np.isnan(edges).any():
            raise ValueError(_NOT_A_NUMBER)
    else:
        edges = _edges(np.sort(values), count)
    out[:] = 0
    for edge in edges:
        out += values >= edge


_NOT_A_NUMBER = (
    "found a state that is not a number: a unit with such values has no ranks; look for the word it comes from"
)


def _edges(ranked: np.ndarray, count: int) -> np.ndarray:
    """The smallest value of each bin but the first, of sorted values; as many as there are bins to reach.

    Ranks ``low`` .. ``high`` of equal values have the middle ``(low + high) / 2``.
    """
    size = len(ranked)
    if np.isnan(ranked[-1]):
        raise ValueError(_NOT_A_NUMBER)
    least = 2 * size * np.arange(1, count)  # of count * (low + high + 1), where low = high = rank without ties
    rank = -(-(least - count) // (2 * count))  # rounded up
    value = ranked[rank]
    low, high = np.searchsorted(ranked, value, "left"), np.searchsorted(ranked, value, "right") - 1
    reaches = count * (low + high + 1) >= least
    above = np.minimum(high + 1, size - 1)
    edges = np.where(reaches, value, ranked[above])
    return edges[reaches | (high + 1 < size)]


def of_pathway(
    pathway: Pathway,
    corpus: passes.Sentences,
    count: int = COUNT,
    *,
    as_published: bool = False,
    client: Client | None = None,
) -> UInt8[np.ndarray, "words units"]:
    """The bins of a pathway's states over a corpus, without its states in memory.

    One pass writes the states to a temporary file, from which units are read and binned some at a time: what stays in
    memory is one byte a word and unit. The file (four bytes a word and unit) is gone when this returns or fails.

    Parameters
    ----------
    pathway : Pathway
    corpus : Captions, or iterable of sentences
    count, as_published
        As for :func:`bins`.
    client : dask.distributed.Client, optional
        Of a cluster that reads the corpus; see :func:`reading_neurons.passes.run`.

    Returns
    -------
    uint8 array, shape (words, units)
        Row i belongs to row i of :func:`reading_neurons.annotation.token_table`.

    Raises
    ------
    ValueError
        As :func:`bins` and :func:`reading_neurons.passes.windows` do.

    Examples
    --------
    >>> from reading_neurons.models import SumPathway
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = SumPathway(Vocabulary(["a", "dog"]), ["object:dog"], embedding=3).pathways["sum"]
    >>> of_pathway(pathway, ["a dog", "dog"], count=3).shape
    (3, 3)
    """
    with spooled(pathway, corpus, count, client) as states:
        result = np.empty(states.shape, dtype=np.uint8)
        for first in range(0, len(states), 8 * UNITS_AT_ONCE):
            block = slice(first, first + 8 * UNITS_AT_ONCE)
            result[block] = bins(states[block].T, count, as_published=as_published).T
    return result.T


@contextmanager
def spooled(
    pathway: Pathway, corpus: passes.Sentences, count: int, client: Client | None = None
) -> Iterator[np.ndarray]:
    """The states of a corpus in a temporary file, one row a unit, while the context lasts.

    Ranks need all values of a unit, so every state is written here, wherever it was read.
    """
    words = passes.words_of(corpus, pathway.vocabulary.tokenizer)
    with tempfile.TemporaryDirectory(prefix="reading-neurons-") as folder:

        def allocate(shape: tuple[int, int], dtype: np.dtype) -> np.ndarray:
            require_tokens(*shape, count)
            return np.memmap(Path(folder) / "states", dtype, "w+", shape=shape[::-1]).T

        held = States(sum(map(len, words)), allocate=allocate)
        states = passes.run(held, pathway, words, client).result().T
        try:
            yield states
        finally:
            # Where a file in use cannot be removed, it must be out of use first.
            states._mmap.close()
