"""The linear support vector machine with one input, solved exactly for many units, features and folds together.

For values x of one unit and labels y of -1 or 1 (Deep Neural Inspection 2017, section 3.2) it minimises

    w^2 / 2 + C * sum max(0, 1 - y (w x + b)),

the objective of scikit-learn's ``SVC(kernel="linear", C=C)``; b is not penalised. With one input no optimiser is
needed. Let w > 0. In the minimum as many positives as negatives are *active*, that is short of their margin: the r
smallest positives and the r largest negatives. With p the r-th smallest positive and q the r-th largest negative,

    w = C * (sum of those positives - sum of those negatives)    and    w = 2 / (p - q),

the first rising in r and the second falling, so r is found by bisection over whole numbers, and the segment between
two of them in closed form. Sorting a unit once and adding up is all the work; ties, gaps and saturated units change
nothing. If w < 0, exchange the classes. If neither sign has a solution w is 0, and b says the more frequent class.

Easy to get wrong: which b. Where a whole range of biases gives the minimum, libsvm takes its middle, and so does this:
another one would move the boundary, and with it the accuracy.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int

from reading_neurons.methods.sorted_classes import ClassLists, SortedUnit, class_lists

AT_ONCE = 500_000  # labels, over units and features, whose lists are held together


@dataclass(frozen=True)
class Fits:
    """Solutions for every unit, feature and fold. Made by :func:`fit`.

    Attributes
    ----------
    weight, bias : float64 arrays, shape (units, features, folds + 1)
        Fitted without fold k; the last on everything. The label 1 is predicted where ``weight * x + bias >= 0``.
    found : int64 array, shape (units, features, folds, 2)
        How many characters of a held-out fold are labelled rightly: those of label 0, those of label 1.
    size : int64 array, shape (features, folds, 2)
        How many there are.
    """

    weight: Float[np.ndarray, "units features folds_and_all"]
    bias: Float[np.ndarray, "units features folds_and_all"]
    found: Int[np.ndarray, "units features folds 2"]
    size: Int[np.ndarray, "features folds 2"]

    @property
    def accuracy(self) -> Float[np.ndarray, "units features folds"]:
        """The share of each held-out fold that is labelled rightly."""
        return self.found.sum(axis=-1) / self.size.sum(axis=-1)

    @property
    def majority(self) -> Float[np.ndarray, "features folds"]:
        """The accuracy of always saying the label that is more frequent outside of the fold; of two equals, 1."""
        training = self.size.sum(axis=1, keepdims=True) - self.size
        says = (training[..., 1] >= training[..., 0]).astype(np.int64)
        return np.take_along_axis(self.size, says[..., None], axis=-1)[..., 0] / self.size.sum(axis=-1)

    @property
    def balanced(self) -> Float[np.ndarray, "units features"]:
        """The mean of what share of each label is found, all held-out folds together; NaN if a label is missing."""
        with np.errstate(invalid="ignore"):
            return (self.found.sum(axis=2) / self.size.sum(axis=1)).mean(axis=-1)


def fit(
    values: Float[np.ndarray, "units characters"],
    labels: Bool[np.ndarray, "features characters"],
    folds: Int[np.ndarray, "characters"],
    *,
    penalty: float = 1.0,
) -> Fits:
    """A support vector machine for every unit and feature, without each fold and on everything.

    Parameters
    ----------
    values : float array, shape (units, characters)
        May be a memory map: one unit is read at a time.
    labels : bool array, shape (features, characters)
    folds : int array, shape (characters,)
        The fold of each character, numbered from 0 without gaps.
    penalty : float
        C, what an error costs.

    Returns
    -------
    Fits
        Where everything outside of a fold has one label, that label is predicted.

    Raises
    ------
    ValueError
        If shapes differ, a value is not a finite number, a fold is empty, or the penalty is not above 0.

    References
    ----------
    scikit-learn's ``SVC(kernel="linear")``: the same minimum. ``LinearSVC`` squares the hinge and penalises b.

    Examples
    --------
    >>> unit = np.array([[-1.0, -0.5, 0.5, 1.0]])
    >>> fits = fit(unit, unit > 0, np.array([0, 1, 0, 1]))
    >>> fits.weight[0, 0].round(3).tolist(), fits.bias[0, 0].round(3).tolist()
    ([1.333, 1.333, 1.0], [-0.333, 0.333, 0.0])
    >>> fits.accuracy[0, 0].tolist()
    [1.0, 1.0]
    """
    labels, folds = _checked(values, labels, folds, penalty)
    count, size = int(folds.max()) + 1, labels.shape[1]
    together = max(1, AT_ONCE // (size * len(labels)))  # units
    parts = max(1, -(-size * len(labels) // AT_ONCE))  # of the features, where one unit is too much

    def block(first: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        units = [SortedUnit(np.asarray(values[unit]), folds) for unit in range(first, last(first))]
        split = [part for part in np.array_split(labels, parts) if len(part)]
        found = [_solve(class_lists(units, part, count), penalty) for part in split]
        shaped = [[each.reshape(len(units), -1, *each.shape[1:]) for each in solved] for solved in found]
        return tuple(np.concatenate(each, axis=1) for each in zip(*shaped, strict=True))

    def last(first: int) -> int:
        return min(first + together, len(values))

    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        blocks = list(pool.map(block, range(0, len(values), together)))
    weight, bias, found = (np.concatenate(each) for each in zip(*blocks, strict=True))
    return Fits(weight, bias, found, _sizes(labels, folds, count))


def _checked(values, labels, folds, penalty: float) -> tuple[np.ndarray, np.ndarray]:
    labels, folds = np.asarray(labels), np.asarray(folds)
    if np.ndim(values) != 2 or labels.ndim != 2 or not len(values) or not labels.size:
        raise ValueError(
            f"expected values of shape (units, characters) and labels of shape (features, characters), with one of "
            f"each at least, found {np.shape(values)} and {labels.shape}"
        )
    if not np.shape(values)[1] == labels.shape[1] == len(folds):
        raise ValueError(
            f"found values of {np.shape(values)[1]} characters, labels of {labels.shape[1]} and folds of {len(folds)}: "
            "give all three for the same characters"
        )
    if labels.dtype != bool and not np.isin(labels, (0, 1)).all():
        raise ValueError("a support vector machine needs labels of 0 or 1; take least squares for continuous ones")
    if not penalty > 0:
        raise ValueError(f"the penalty C must be above 0, found {penalty}")
    empty = np.flatnonzero(np.bincount(folds) == 0)
    if len(empty):
        raise ValueError(f"fold {empty[0]} of {folds.max() + 1} has no character: number folds from 0 without gaps")
    return labels.astype(bool), folds.astype(np.uint16)


def _sizes(labels: np.ndarray, folds: np.ndarray, count: int) -> np.ndarray:
    """How many characters of each fold have the label 0, and 1, shape (features, folds, 2)."""
    ones = np.stack([np.bincount(folds[row], minlength=count) for row in labels])
    return np.stack((np.bincount(folds, minlength=count) - ones, ones), axis=-1)


def _solve(lists: ClassLists, penalty: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights and biases, shape (pairs, folds + 1), and what is labelled rightly, shape (pairs, folds, 2)."""
    pairs, _, folds = lists.fold_start.shape
    pair, fold = (index.ravel() for index in np.indices((pairs, folds)))
    size = lists.count[pair] - lists.fold_count[pair, :, fold]
    most = size.min(axis=1)
    weight, bias = np.zeros(len(pair)), np.sign(size[:, 1] - size[:, 0]).astype(float)
    for sign in (1, -1):
        # ``low``: the class whose smallest values are active; ``high``: the one whose largest are.
        low, high = (np.full(len(pair), kind) for kind in ((1, 0) if sign > 0 else (0, 1)))
        rising = np.flatnonzero(penalty * _gap(lists, pair, low, high, fold, size, most)[2] > 0)
        chosen = (pair[rising], low[rising], high[rising], fold[rising], size[rising])
        found = _upward(lists, *chosen, most[rising], penalty)
        weight[rising], bias[rising] = sign * found[0], sign * found[1]
    tested = fold < folds - 1
    right = _right(lists, pair[tested], fold[tested], weight[tested], bias[tested])
    return weight.reshape(pairs, folds), bias.reshape(pairs, folds), right.reshape(pairs, folds - 1, 2)


def _gap(lists: ClassLists, pair, low, high, fold, size, r) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The r-th smallest value of one class, the r-th largest of the other, and the sum of r such less r such.

    Where there is no such value it is NaN.
    """
    rows = np.arange(len(pair))
    p, below = lists.pick(pair, low, fold, r - 1)
    smallest = below + np.where(np.isnan(p), 0, p)
    whole = lists.pick(pair, high, fold, size[rows, high])[1]
    q, rest = lists.pick(pair, high, fold, size[rows, high] - r)
    return p, q, np.where(r > 0, smallest - (whole - rest), 0)


def _upward(lists: ClassLists, pair, low, high, fold, size, most, penalty: float) -> tuple[np.ndarray, np.ndarray]:
    """Weight (above 0) and bias of problems that rise from the class ``high`` to the class ``low``."""
    problem = (pair, low, high, fold, size)
    reached, beyond = np.zeros_like(most), most + 1  # the solution lies after the one, at the latest at the other
    while (open_ := beyond - reached > 1).any():
        r = np.where(open_, (reached + beyond) // 2, reached)
        p, q, total = _gap(lists, *problem, np.maximum(r, 1))
        enough = (p > q) & (penalty * total * (p - q) >= 2)
        beyond, reached = np.where(open_ & enough, r, beyond), np.where(open_ & ~enough, r, reached)
    p, q, _ = _gap(lists, *problem, beyond)
    p_before, q_before, total = _gap(lists, *problem, reached)
    with np.errstate(divide="ignore", invalid="ignore"):
        at_corner = (beyond <= most) & (penalty * total < 2 / (p - q))
        weight = np.where(at_corner, 2 / (p - q), penalty * total)
        # Between two corners every bias of a range is a minimum; as libsvm does, take its middle.
        least = np.fmax(p_before, q + 2 / weight)
        largest = np.fmin(p, q_before + 2 / weight)
        bias = 1 - weight * np.where(at_corner, p, (least + largest) / 2)
    return weight, bias


def _right(lists: ClassLists, pair, fold, weight, bias) -> np.ndarray:
    """How many of a held-out fold are labelled rightly, shape (problems, 2)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        bound = -bias / weight
    size = lists.fold_count[pair, :, fold]
    right = np.empty((len(pair), 2), dtype=np.int64)
    for kind in (0, 1):
        # What lies on the boundary is labelled 1.
        below = lists.below(pair, kind, fold, bound, weight < 0)
        above = size[:, kind] - below
        says_one = np.where(weight > 0, above, np.where(weight < 0, below, np.where(bias >= 0, size[:, kind], 0)))
        right[:, kind] = says_one if kind else size[:, kind] - says_one
    return right
