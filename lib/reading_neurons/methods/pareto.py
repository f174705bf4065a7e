"""Two things wanted at once: what nothing else beats in both, and how good such a set is.

A point dominates another if it is at least as good in both objectives and better in one. What nothing dominates is the
Pareto front; its hypervolume is the area that it dominates above a reference point, and grows with every point that
lies beyond the front.

Easy to get wrong: scale. An area adds up two units of measure, so both objectives are brought to a common scale before
fronts are compared by it.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int


def front(values: Float[np.ndarray, "points 2"]) -> Bool[np.ndarray, "points"]:
    """Which points nothing dominates; of equal points the first alone.

    Parameters
    ----------
    values : float array, shape (points, 2)
        Higher is better in both columns.

    Raises
    ------
    ValueError
        If there are not two columns, or a value is not a number.

    Examples
    --------
    >>> front(np.array([[1.0, 3.0], [2.0, 2.0], [1.0, 2.0], [2.0, 2.0]])).tolist()
    [True, True, False, False]
    """
    values = _checked(values)
    # Best first objective first, of equals the better second, of equals the first: then only new heights stay.
    order = np.lexsort((np.arange(len(values)), -values[:, 1], -values[:, 0]))
    heights = values[order, 1]
    kept = np.zeros(len(values), dtype=bool)
    before = np.concatenate(([-np.inf], np.maximum.accumulate(heights)))[:-1]
    kept[order] = (heights > before) | (np.arange(len(values)) == 0)
    return kept


def layers(values: Float[np.ndarray, "points 2"]) -> Int[np.ndarray, "points"]:
    """Non-dominated sorting: 0 for the front, 1 for the front of the rest, and so on; equal points in different ones.

    Examples
    --------
    >>> layers(np.array([[1.0, 3.0], [2.0, 2.0], [1.0, 2.0], [0.0, 0.0]])).tolist()
    [0, 0, 1, 2]
    """
    values = _checked(values)
    number = np.full(len(values), -1)
    layer = 0
    while (left := np.flatnonzero(number < 0)).size:
        number[left[front(values[left])]] = layer
        layer += 1
    return number


def hypervolume(values: Float[np.ndarray, "points 2"], reference: tuple[float, float]) -> float:
    """The area dominated above a reference point; points that are not beyond it in both count for nothing.

    Examples
    --------
    >>> hypervolume(np.array([[1.0, 3.0], [2.0, 2.0]]), (0.0, 0.0))
    5.0
    """
    values = _checked(values) - np.asarray(reference)
    values = values[(values > 0).all(axis=1)]
    if not len(values):
        return 0.0
    kept = values[front(values)]
    kept = kept[np.argsort(kept[:, 0])]
    return float((np.diff(kept[:, 0], prepend=0) * kept[:, 1]).sum())


def _checked(values) -> Float[np.ndarray, "points 2"]:
    values = np.asarray(values, dtype=float)
    if values.ndim != 2 or values.shape[1] != 2:
        raise ValueError(f"expected points with two objectives, an array of shape (points, 2), found {values.shape}")
    if np.isnan(values).any():
        raise ValueError(f"point {int(np.isnan(values).any(axis=1).argmax())} has a value that is not a number")
    return values
