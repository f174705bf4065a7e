"""The values of a unit, sorted and divided by class and fold, so that any training set can be asked for its order.

A cross-validation takes one fold after another out of a sorted list. What is left need not be sorted again: of all
values of a class in order, the i-th that is not in the fold stands as many places later as values of the fold come
before it, and the sum of those before it is that of all less that of the fold. Both are one binary search.

Easy to get wrong: counting those places. With ``c_j`` the place of the fold's value j in the whole list, ``c_j - j``
values of other folds come before it; that never falls with j, so the search is in those differences.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np


class SortedUnit:
    """The values of a unit in rising order, and how to put them in order of fold first.

    Attributes
    ----------
    order, values, folds : arrays, shape (characters,)
        Which character comes where, its value and its fold.
    by_fold : int array, shape (characters,)
        Places in that order, those of fold 0 first.
    first : int array, shape (folds,)
        Where each fold begins in ``by_fold``; no fold may be empty.
    """

    def __init__(self, values: np.ndarray, folds: np.ndarray):
        if not np.isfinite(values).all():
            raise ValueError(
                "found a state that is not a finite number: such a unit has no order; look for the word it comes from"
            )
        self.order = np.argsort(values)
        self.values = values[self.order]
        self.folds = folds[self.order]
        self.by_fold = np.argsort(self.folds, kind="stable")
        sizes = np.bincount(folds)
        self.first = np.cumsum(sizes) - sizes


@dataclass(frozen=True)
class ClassLists:
    """The values of each class of each pair of a unit and a feature, in order; all pairs one behind the other.

    ``values`` and their running sums ``sums``: list (pair, class) begins at ``start`` and has ``count`` values.
    ``fold_values``, ``fold_sums`` likewise for (pair, class, fold), and ``before``: how many values of its class, but
    of other folds, come before a value (``key`` adds what makes it rise over all lists). The last "fold" is empty.
    """

    values: np.ndarray
    sums: np.ndarray
    start: np.ndarray
    count: np.ndarray
    fold_values: np.ndarray
    fold_sums: np.ndarray
    key: np.ndarray
    fold_start: np.ndarray
    fold_count: np.ndarray
    step: int

    def pick(
        self, pair: np.ndarray, kind: np.ndarray, fold: np.ndarray, i: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Value i (from 0) of a class outside of a fold, and the sum of those before it; NaN where there is none."""
        first, start = self.fold_start[pair, kind, fold], self.start[pair, kind]
        segment = (pair * 2 + kind) * self.fold_start.shape[2] + fold
        skipped = np.searchsorted(self.key, segment * self.step + i, side="right") - first
        place = start + i + skipped
        inside = (i >= 0) & (i + skipped < self.count[pair, kind])
        value = np.where(inside, self.values[np.minimum(place, len(self.values) - 1)], np.nan)
        total = self.sums[np.maximum(place, 0)] - self.sums[start]
        return value, total - (self.fold_sums[first + np.maximum(skipped, 0)] - self.fold_sums[first])

    def below(self, pair: np.ndarray, kind: int, fold: np.ndarray, bound: np.ndarray, equal: np.ndarray) -> np.ndarray:
        """How many values of a class in a fold are below a bound; where ``equal``, below it or equal to it."""
        low = self.fold_start[pair, kind, fold]
        start, high = low, low + self.fold_count[pair, kind, fold]
        for _ in range(int(self.fold_count.max()).bit_length()):
            middle = (low + high) // 2
            value = self.fold_values[np.minimum(middle, len(self.fold_values) - 1)]
            under = (middle < high) & ((value < bound) | (equal & (value == bound)))
            low, high = np.where(under, middle + 1, low), np.where(under, high, middle)
        return low - start


def class_lists(units: list[SortedUnit], labels: np.ndarray, folds: int) -> ClassLists:
    """The lists of every pair, units outermost."""
    size, pairs = labels.shape[1], len(units) * len(labels)
    values, fold_values = (np.empty(pairs * size, units[0].values.dtype) for _ in range(2))
    key = np.empty(pairs * size, dtype=np.int64)
    count, fold_count = np.zeros((pairs, 2), np.int64), np.zeros((pairs, 2, folds + 1), np.int64)
    step = size + 1
    position = 0
    for pair, (unit, kind, kept) in enumerate(_classes(units, labels)):
        rank = np.cumsum(kept, dtype=np.int32)
        there = np.flatnonzero(kept)
        kept_by_fold = kept.take(unit.by_fold)
        later = unit.by_fold.take(np.flatnonzero(kept_by_fold))
        of_fold = np.add.reduceat(kept_by_fold, unit.first, dtype=np.int64)
        part = slice(position, position + len(there))
        values[part], fold_values[part] = unit.values.take(there), unit.values.take(later)
        # Rank, less the place inside the fold, plus what each fold's segment begins with.
        first = (pair * (folds + 1) + np.arange(folds)) * step + np.cumsum(of_fold) - of_fold
        key[part] = np.repeat(first - 1, of_fold) - np.arange(len(later)) + rank.take(later)
        count[pair // 2, kind], fold_count[pair // 2, kind, :folds] = len(there), of_fold
        position += len(there)
    return ClassLists(
        values, _running(values), _starts(count), count,
        fold_values, _running(fold_values), key, _starts(fold_count), fold_count, step,
    )  # fmt: skip


def _classes(units: list[SortedUnit], labels: np.ndarray) -> Iterator[tuple[SortedUnit, int, np.ndarray]]:
    """Each unit, feature and class, and which of the unit's values in order are of that class."""
    for unit in units:
        for row in labels:
            ones = row.take(unit.order)
            yield unit, 0, ~ones
            yield unit, 1, ones


def _running(values: np.ndarray) -> np.ndarray:
    sums = np.zeros(len(values) + 1)
    np.cumsum(values.astype(np.float64, copy=False), out=sums[1:])
    return sums


def _starts(counts: np.ndarray) -> np.ndarray:
    return (np.cumsum(counts) - counts.ravel()).reshape(counts.shape)
