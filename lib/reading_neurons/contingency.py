"""Sums over the cells of contingency tables of binned activations and contexts, without the tables.

Mutual information needs one sum per table, that of ``n log n`` over its cells, n being how many tokens of a context are
in a bin. For a corpus with a thousand units and a hundred thousand trigrams the tables are huge and nearly empty, so:

* a context seen once has one cell with n = 1, which adds ``1 log 1 = 0``;
* of a context seen 2 to 5 times the sizes of its cells follow from how many pairs of its tokens share a bin: of 4
  tokens with 2 equal pairs, the cells hold 2 and 2. Counting pairs is a comparison of bytes;
* the others are counted, all in one count: each token belongs to its finest context seen at least 6 times, and the
  cells of coarser contexts are sums of those of finer ones (a bigram's are the sums of its trigrams').

Easy to get wrong: that last step needs contexts that refine each other. :func:`chains` looks whether they do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

SMALL = 5  # the largest context whose cell sizes follow from its equal pairs


def n_log_n(size: int) -> np.ndarray:
    """``n log n`` for n = 0 .. size, 0 at 0.

    Examples
    --------
    >>> n_log_n(2).round(3).tolist()
    [0.0, 0.0, 1.386]
    """
    n = np.arange(size + 1.0)
    return n * np.log(np.maximum(n, 1))


def chains(contexts: Mapping[str, np.ndarray]) -> list[list[str]]:
    """Names of contexts in chains, each of which refines the one before it.

    Parameters
    ----------
    contexts : mapping of str to int array, shape (words,)
        Numbers from 0 without gaps.

    Examples
    --------
    >>> chains({"pair": np.array([0, 1, 2]), "word": np.array([0, 1, 0]), "other": np.array([0, 0, 1])})
    [['word', 'pair'], ['other']]
    """
    kinds = {name: int(codes.max()) + 1 for name, codes in contexts.items()}
    found: list[list[str]] = []
    for name in sorted(contexts, key=kinds.__getitem__):
        for chain in found:
            pairs = contexts[chain[-1]] * kinds[name] + contexts[name]
            if len(pd.unique(pairs)) == kinds[name]:
                chain.append(name)
                break
        else:
            found.append([name])
    return found


@dataclass(frozen=True)
class _Counted:
    """The larger contexts of a chain, and how their cells add up.

    ``tokens`` are counted in a table of so many ``rows``, each in the row that begins at ``cell``. ``levels`` say, from
    the finest context to the coarsest, which rows of the table are contexts of that level (1.0; the others hold what
    is left of coarser ones, 0.0), and the matrices ``merges`` add rows up to the table of the next level.
    """

    names: list[str]
    tokens: np.ndarray
    cell: np.ndarray
    rows: int
    levels: list[np.ndarray]
    merges: list[csr_array]


class Contingency:
    """Contexts of a corpus, laid out so that sums over the cells of any unit are quick.

    Parameters
    ----------
    contexts : mapping of str to array, shape (words,)
        For each kind of context what stands at each word: numbers, or anything else that can be told apart.
    count : int
        How many bins there can be.
    cell : callable
        From a size to the array of what a cell of 0, 1, .., size tokens adds to the sum; by default :func:`n_log_n`.
        An empty cell has to add 0.

    Attributes
    ----------
    names : list of str
    size : int
        How many tokens.
    frequencies : dict of str to int array
        How often each context of a kind is seen.
    """

    def __init__(
        self, contexts: Mapping[str, Sequence | np.ndarray], count: int, cell: Callable[[int], np.ndarray] = n_log_n
    ):
        contexts = {name: pd.factorize(np.asarray(values))[0] for name, values in contexts.items()}
        self.names = list(contexts)
        self.size = len(next(iter(contexts.values())))
        self._count = count
        self._cell = cell(self.size)
        self.frequencies = {name: np.bincount(codes) for name, codes in contexts.items()}
        seen = {name: self.frequencies[name][codes] for name, codes in contexts.items()}
        self._once = np.array([self._cell[1] * (seen[name] == 1).sum() for name in self.names])
        self._counted = [_counted(chain, contexts, seen, count) for chain in chains(contexts)]
        self._small, self._ends = _small(contexts, seen)
        self._pairs = [_by_equal_pairs(size, self._cell) for size in range(2, SMALL + 1)]

    def sums(self, unit: np.ndarray, order: np.ndarray | None = None) -> np.ndarray:
        """The sum over the cells of each context, for one unit.

        Parameters
        ----------
        unit : uint8 array, shape (words,)
            Its bins.
        order : int array, shape (words,), optional
            Reads word ``order[i]`` in place of word i: a permutation shuffles bins against contexts.

        Returns
        -------
        float array, shape (contexts,)
        """
        if order is not None:
            unit = unit.take(order)
        found = dict(zip(self.names, self._once + self._sums_of_small(unit), strict=True))
        for part in self._counted:
            cells = unit.take(part.tokens) + part.cell
            table = np.bincount(cells, minlength=part.rows * self._count).reshape(part.rows, self._count)
            for name, level, merge in zip(reversed(part.names), part.levels, part.merges, strict=True):
                found[name] += (level @ self._cell.take(table)).sum()
                table = merge @ table
        return np.array([found[name] for name in self.names])

    def _sums_of_small(self, unit: np.ndarray) -> np.ndarray:
        """For each context the sum over its cells that belong to contexts of 2 to 5 tokens."""
        result = np.zeros(len(self.names))
        for size, (tokens, ends, table) in enumerate(zip(self._small, self._ends, self._pairs, strict=True), 2):
            members = unit.take(tokens)
            equal = np.zeros(tokens.shape[1], dtype=np.uint8)
            for i, j in combinations(range(size), 2):
                equal += members[i] == members[j]
            running = np.concatenate(([0.0], np.cumsum(table.take(equal))))
            result += np.diff(running[ends])
        return result


def _small(contexts: Mapping[str, np.ndarray], seen: Mapping[str, np.ndarray]):
    """For each size 2 .. 5 the tokens of its contexts, shape (size, contexts), and where each kind of context ends."""
    tokens, ends = [], []
    for size in range(2, SMALL + 1):
        parts = []
        for name, codes in contexts.items():
            places = np.flatnonzero(seen[name] == size)
            parts.append(places[np.argsort(codes[places], kind="stable")].reshape(-1, size))
        tokens.append(np.ascontiguousarray(np.concatenate(parts).T))
        ends.append(np.cumsum([0, *map(len, parts)]))
    return tokens, ends


def _by_equal_pairs(size: int, cell: np.ndarray) -> np.ndarray:
    """What a context of so many tokens adds, by how many of its pairs share a bin.

    Examples
    --------
    >>> _by_equal_pairs(3, n_log_n(3)).round(3).tolist()
    [0.0, 1.386, 0.0, 3.296]
    """
    table = np.zeros(size * (size - 1) // 2 + 1)
    for parts in _partitions(size):
        if max(parts) < len(cell):
            table[sum(n * (n - 1) // 2 for n in parts)] = sum(cell[n] for n in parts)
    return table


def _partitions(size: int, largest: int | None = None) -> list[tuple[int, ...]]:
    """All ways to write a number as a sum, the largest part first."""
    if size == 0:
        return [()]
    largest = size if largest is None else largest
    return [(n, *rest) for n in range(min(size, largest), 0, -1) for rest in _partitions(size - n, n)]


def _counted(
    chain: list[str], contexts: Mapping[str, np.ndarray], seen: Mapping[str, np.ndarray], count: int
) -> _Counted:
    # Of each token the contexts from coarse to fine, -1 from where they are too small to be counted.
    paths = np.stack([np.where(seen[name] > SMALL, contexts[name], -1) for name in chain], axis=1)
    tokens = np.flatnonzero(paths[:, 0] >= 0)
    tokens = tokens[np.lexsort(paths[tokens].T[::-1])]
    paths = paths[tokens]
    begins = _changes(paths)
    row = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(tokens))))
    paths = paths[begins]
    levels, merges = [], []
    for _ in chain:
        levels.append((paths[:, -1] >= 0).astype(float))
        starts = _changes(paths[:, :-1])
        ones = np.ones(len(paths), dtype=np.int64)
        merges.append(
            csr_array((ones, np.arange(len(paths)), np.append(starts, len(paths))), (len(starts), len(paths)))
        )
        paths = paths[starts][:, :-1]
    return _Counted(chain, tokens, row * count, len(begins), levels, merges)


def _changes(rows: np.ndarray) -> np.ndarray:
    """Where a row differs from the one before; the first does."""
    return np.flatnonzero(np.concatenate(([True], (rows[1:] != rows[:-1]).any(axis=1)))[: len(rows)])
