"""Correlations between all units, in one pass: a summary that holds one number per pair of units, and no activation.

With activations ``x`` that count ``w`` times each, what is kept is the total weight W, the means and the co-moments

    M = sum of w (x - mean)(x - mean)',        r[i, j] = M[i, j] / sqrt(M[i, i] M[j, j]).

Easy to get wrong: the mean. Sums of ``x`` and ``x x'`` lose every digit where a unit varies little about a large value,
so each block is centred on its own mean, and two blocks are joined by the difference of their means (Chan, Golub and
LeVeque 1983). A saturated unit is such a case.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from torch import Tensor

ROUNDING = 4 * float(np.finfo(np.float32).eps)  # a spread below this share of the largest value is no variation


class UnitCorrelations:
    """A summary: the correlations between units over weighted observations.

    Examples
    --------
    >>> summary = UnitCorrelations()
    >>> summary.update(np.array([[0.0, 1.0], [1.0, 0.5]]), np.array([1, 2]))
    >>> summary.update(np.array([[2.0, 0.0]]))
    >>> summary.result().round(3).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """

    def __init__(self):
        self.weight = 0.0
        self._mean: np.ndarray | None = None
        self._moments: np.ndarray | None = None
        self._low: np.ndarray | None = None
        self._high: np.ndarray | None = None

    def empty(self, first: int, count: int) -> UnitCorrelations:
        """For a part of the observations."""
        return UnitCorrelations()

    def update(
        self,
        activations: Float[Tensor, "observations units"] | Float[np.ndarray, "observations units"],
        weights: Float[np.ndarray, "observations"] | None = None,
    ) -> None:
        """Take in some observations, each of which counts once, or ``weights`` times.

        Raises
        ------
        ValueError
            If an activation is not a number, a weight is not above 0, or the number of units or of weights is another.
        """
        if isinstance(activations, Tensor):
            activations = activations.detach().float().cpu().numpy()
        values = np.asarray(activations, dtype=np.float64)
        weights = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
        if values.ndim != 2 or weights.shape != (len(values),):
            raise ValueError(f"expected observations x units, a weight each, found {values.shape} and {weights.shape}")
        if not len(values):
            return
        if not np.isfinite(values).all():
            unit = int((~np.isfinite(values)).any(axis=0).argmax())
            raise ValueError(f"an activation of unit {unit} is not a number: was the network's training unstable?")
        if not (weights > 0).all():
            raise ValueError(f"each observation counts more than 0 times, found a weight of {weights.min()}")
        block = UnitCorrelations()
        block.weight = float(weights.sum())
        block._low, block._high = values.min(axis=0), values.max(axis=0)
        block._mean = weights @ values / block.weight
        centred = (values - block._mean) * np.sqrt(weights)[:, None]
        block._moments = centred.T @ centred
        self.merge(block)

    def merge(self, later: UnitCorrelations) -> None:
        """Take in the summary of other observations of the same units."""
        if later._mean is None:
            return
        if self._mean is None:
            self.weight, self._mean, self._moments = later.weight, later._mean.copy(), later._moments.copy()
            self._low, self._high = later._low.copy(), later._high.copy()
            return
        if len(self._mean) != len(later._mean):
            raise ValueError(f"summaries are of {len(self._mean)} and {len(later._mean)} units: read one pathway")
        total = self.weight + later.weight
        apart = later._mean - self._mean
        self._moments += later._moments
        self._moments += np.outer(apart, apart) * (self.weight * later.weight / total)
        self._mean += apart * (later.weight / total)
        self.weight = total
        np.minimum(self._low, later._low, out=self._low)
        np.maximum(self._high, later._high, out=self._high)

    def varies(self) -> np.ndarray:
        """Which units vary: bool, shape (units,); one whose values differ by rounding alone does not."""
        largest = np.maximum(np.abs(self._given("_low")), np.abs(self._high))
        return self._high - self._low > ROUNDING * largest

    def covariance(self) -> Float[np.ndarray, "units units"]:
        """The covariances, by the total weight."""
        return self._given("_moments") / self.weight

    def result(self) -> Float[np.ndarray, "units units"]:
        """The correlations: symmetric, from -1 to 1; not a number for a unit that does not vary.

        Raises
        ------
        ValueError
            If there was no observation.
        """
        moments = self._given("_moments")
        varies = self.varies()
        scale = np.full(len(moments), np.nan)
        scale[varies] = 1 / np.sqrt(np.diag(moments)[varies])
        found = np.clip(moments * scale[:, None] * scale, -1, 1)
        found[varies, varies] = 1
        return found

    def _given(self, name: str) -> np.ndarray:
        if self._mean is None:
            raise ValueError("no activation was given to this summary: run it over some n-grams first")
        return getattr(self, name)
