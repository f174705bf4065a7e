"""Least squares with one input, for many units, continuous features and folds together.

From sums alone: with n, x, y, xx, xy over the characters outside of a fold,

    weight = (xy - x y / n) / (xx - x x / n),    bias = (y - weight x) / n,

and R2 = 1 - (squared error) / (squared distance from the mean), both over the fold, which are sums too. It equals
scikit-learn's ``cross_val_score(LinearRegression())``.

Easy to get wrong: the mean in R2. It is that of the held-out fold, not of what was fitted; a feature that never varies
inside a fold has no R2 there but scikit-learn's convention, 1 if the prediction is exact and 0 if it is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

AT_ONCE = 4_000_000  # values, over units, that are summed together


@dataclass(frozen=True)
class LeastSquares:
    """Lines through every unit and feature. Made by :func:`fit`.

    Attributes
    ----------
    weight, bias : float64 arrays, shape (units, features, folds + 1)
        Fitted without fold k; the last on everything. A unit that never varies has the weight 0.
    r2 : float64 array, shape (units, features, folds)
        Of the held-out folds.
    """

    weight: Float[np.ndarray, "units features folds_and_all"]
    bias: Float[np.ndarray, "units features folds_and_all"]
    r2: Float[np.ndarray, "units features folds"]


def fit(
    values: Float[np.ndarray, "units characters"],
    labels: Float[np.ndarray, "features characters"],
    folds: Int[np.ndarray, "characters"],
) -> LeastSquares:
    """A line for every unit and feature, without each fold and on everything.

    Parameters
    ----------
    values : float array, shape (units, characters)
        May be a memory map: some units are read at a time.
    labels : float array, shape (features, characters)
    folds : int array, shape (characters,)
        The fold of each character, numbered from 0 without gaps.

    Raises
    ------
    ValueError
        If shapes differ or a fold is empty.

    Examples
    --------
    >>> x = np.array([[0.0, 1, 2, 3]])
    >>> found = fit(x, 2 * x + 1, np.array([0, 1, 0, 1]))
    >>> found.weight[0, 0].tolist(), found.r2[0, 0].tolist()
    ([2.0, 2.0, 2.0], [1.0, 1.0])
    """
    labels, folds = np.asarray(labels, dtype=np.float64), np.asarray(folds)
    if np.ndim(values) != 2 or labels.ndim != 2 or not np.shape(values)[1] == labels.shape[1] == len(folds):
        raise ValueError(
            f"expected values, labels and folds of the same characters, found the shapes {np.shape(values)}, "
            f"{labels.shape} and {folds.shape}"
        )
    if (np.bincount(folds) == 0).any():
        raise ValueError("a fold has no character: number folds from 0 without gaps")
    order = np.argsort(folds, kind="stable")
    ends = np.cumsum(np.bincount(folds))
    parts = [order[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    together = max(1, AT_ONCE // len(folds))
    blocks = [
        _lines(np.asarray(values[first : first + together], dtype=np.float64), labels, parts)
        for first in range(0, len(values), together)
    ]
    return LeastSquares(*(np.concatenate(each) for each in zip(*blocks, strict=True)))


def _lines(x: np.ndarray, y: np.ndarray, parts: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, biases and R2 of some units."""
    # Sums of products lose fewest digits about the mean.
    middle, level = x.mean(axis=1, keepdims=True), y.mean(axis=1, keepdims=True)
    x, y = x - middle, y - level
    n = np.array([float(len(part)) for part in parts])
    sums = [[], [], [], [], []]
    for part in parts:
        of_x, of_y = x[:, part], y[:, part]
        products = (
            of_x.sum(axis=1)[:, None], of_y.sum(axis=1)[None],
            np.square(of_x).sum(axis=1)[:, None], np.square(of_y).sum(axis=1)[None], of_x @ of_y.T,
        )  # fmt: skip
        for kept, found in zip(sums, products, strict=True):
            kept.append(found)
    tested = [np.stack(kept, axis=-1) for kept in sums]
    fitted = [np.concatenate((kept.sum(axis=-1, keepdims=True) - kept, kept.sum(axis=-1, keepdims=True)), axis=-1)
              for kept in tested]  # fmt: skip
    weight, bias = _line(np.append(n.sum() - n, n.sum()), *fitted)
    r2 = _r2(n, *tested, weight[..., :-1], bias[..., :-1])
    return weight, bias + level[None] - weight * middle[:, None], r2


def _line(n, x, y, xx, yy, xy) -> tuple[np.ndarray, np.ndarray]:
    spread = xx - x * x / n
    varies = spread > 1e-12 * np.maximum(xx, 1e-300)
    weight = np.where(varies, xy - x * y / n, 0) / np.where(varies, spread, 1)
    return weight, (y - weight * x) / n


def _r2(n, x, y, xx, yy, xy, weight, bias) -> np.ndarray:
    error = yy + weight**2 * xx + n * bias**2 - 2 * weight * xy - 2 * bias * y + 2 * weight * bias * x
    around = np.broadcast_to(yy - y * y / n, error.shape)
    level = around > 1e-12 * np.maximum(yy, 1e-300)
    exact = np.abs(error) <= 1e-9 * n
    return np.where(level, 1 - error / np.where(level, around, 1), np.where(exact, 1.0, 0.0))
