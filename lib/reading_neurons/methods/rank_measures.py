"""What the order of a unit's values tells: the area under the ROC curve, and ranks that share ties.

    AUC = P(value at a character with the label 1 > value at one with the label 0) + P(equal) / 2

from the mean of the ranks alone (Mann and Whitney 1947). Unlike an accuracy it has the same base rate for every
feature, one half, and asks for no threshold.

Easy to get wrong: ties. A unit that is -1 most of the time has as many equal values; ranks in order of the corpus would
give it an AUC that depends on that order.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from jaxtyping import Bool, Float


def middle_ranks(values: Float[np.ndarray, "characters"]) -> Float[np.ndarray, "characters"]:
    """The rank of each value, from 1; equal values share the middle of theirs.

    Examples
    --------
    >>> middle_ranks(np.array([0.5, 0.1, 0.5])).tolist()
    [2.5, 1.0, 2.5]
    """
    order = np.argsort(values)
    ordered = values[order]
    first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    counts = np.diff(np.append(first, len(values)))
    ranks = np.empty(len(values))
    ranks[order] = np.repeat(first + (counts + 1) / 2, counts)
    return ranks


def auc(
    values: Float[np.ndarray, "units characters"], labels: Bool[np.ndarray, "features characters"]
) -> Float[np.ndarray, "units features"]:
    """The area under the ROC curve of every unit for every binary feature.

    Above one half the unit is higher where the label is 1; below, lower. NaN where a label is missing.

    Examples
    --------
    >>> labels = np.array([[False, True, False, True], [True, True, False, False]])
    >>> auc(np.array([[0.1, 0.2, 0.3, 0.4]]), labels).tolist()
    [[0.75, 0.0]]
    """
    ones = np.asarray(labels, dtype=np.float64)
    count = ones.sum(axis=1)
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        sums = np.stack(list(pool.map(lambda unit: ones @ middle_ranks(np.asarray(values[unit])), range(len(values)))))
    with np.errstate(invalid="ignore", divide="ignore"):
        return (sums - count * (count + 1) / 2) / (count * (ones.shape[1] - count))
