"""Three more ways to ask how much a unit has to do with a feature, none of which predicts anything.

* ``correlation``: Pearson's, between the unit and the label;
* ``difference of means``: the unit's mean where the label is 1 less its mean where it is 0, in standard deviations of
  the unit;
* ``mutual information``: between the unit in twenty bins of equal frequency and the label (binary, or one of at most
  twenty values or bins), in nats; see :mod:`reading_neurons.methods.mutual_information`.

They need no folds, and see what a boundary cannot: a unit that is high at rare characters has a large difference of
means even where no threshold beats saying no; one that is high at both ends of a scale has mutual information only.

Easy to get wrong: the base rate of mutual information. It is at most the entropy of the label, so a rare feature has
little of it even where the unit knows everything.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from reading_neurons.bins import COUNT, bins
from reading_neurons.contingency import Contingency, n_log_n
from reading_neurons.features.feature import Library

AT_ONCE = 4_000_000  # values, over units, that are looked at together

Scores = Float[np.ndarray, "features units"]


def measured(
    measure: str,
    values: Float[np.ndarray, "units characters"],
    labels: Float[np.ndarray, "features characters"],
    features: Library,
) -> tuple[Scores, Scores]:
    """The score of every feature and unit, and the score with its sign; NaN where it has none.

    Raises
    ------
    ValueError
        If there is no such measure, or it is not for a continuous feature.

    Examples
    --------
    >>> from reading_neurons.features.text import characters
    >>> values, labels = np.array([[0.0, 0.0, 1.0, 1.0]]), np.array([[1.0, 1.0, 0.0, 0.0]])
    >>> [array.tolist() for array in measured("correlation", values, labels, Library([characters("a")]))]
    [[[1.0]], [[-1.0]]]
    """
    if measure not in MEASURES:
        raise ValueError(
            f"unknown measure {measure!r}: choose one of {', '.join(map(repr, ('svm', *MEASURES)))}"
        )
    continuous = [feature.name for feature in features if feature.continuous]
    if measure == "difference of means" and continuous:
        raise ValueError(
            f"the feature {continuous[0]!r} is continuous and has no two classes: take 'correlation' for it"
        )
    together = max(1, AT_ONCE // labels.shape[1])
    blocks = [
        MEASURES[measure](np.asarray(values[first : first + together], dtype=np.float64), labels)
        for first in range(0, len(values), together)
    ]
    found = np.concatenate(blocks, axis=1)
    return np.abs(found), np.full_like(found, np.nan) if measure == "mutual information" else found


def standardised(values: np.ndarray) -> np.ndarray:
    """Rows with mean 0 and standard deviation 1; a row that never varies is 0."""
    values = values - values.mean(axis=1, keepdims=True)
    spread = values.std(axis=1, keepdims=True)
    varies = spread > 1e-9 * np.abs(values).max(axis=1, keepdims=True, initial=1e-300)
    return np.where(varies, values / np.where(varies, spread, 1), 0)


def _correlation(values: np.ndarray, labels: np.ndarray) -> Scores:
    return standardised(labels.astype(np.float64)) @ standardised(values).T / values.shape[1]


def _difference(values: np.ndarray, labels: np.ndarray) -> Scores:
    ones, scaled = labels > 0.5, standardised(values).T
    count = ones.sum(axis=1, keepdims=True)
    total = ones.astype(np.float64) @ scaled
    return total / count + total / (ones.shape[1] - count)  # rows of ``scaled`` sum to zero


def _information(values: np.ndarray, labels: np.ndarray) -> Scores:
    size = labels.shape[1]
    count = min(COUNT, size)
    kinds = {str(number): _kinds(row, count) for number, row in enumerate(labels)}
    laid, cell = Contingency(kinds, count), n_log_n(size)
    of_labels = np.array([cell[laid.frequencies[name]].sum() for name in laid.names])
    binned = bins(values.T, count).T
    found = [laid.sums(row) - of_labels - cell[np.bincount(row)].sum() for row in binned]
    # Rounding can leave a hair below zero where there is nothing to know.
    return np.maximum(np.array(found).T / size + np.log(size), 0)


def _kinds(row: np.ndarray, count: int) -> np.ndarray:
    """A label as so many kinds at most."""
    known, kinds = np.unique(row, return_inverse=True)
    return kinds if len(known) <= count else bins(row[:, None].astype(np.float64), count)[:, 0]


MEASURES: dict[str, Callable[[np.ndarray, np.ndarray], Scores]] = {
    "correlation": _correlation,
    "mutual information": _information,
    "difference of means": _difference,
}
