"""Multinomial logistic regression on states and n-grams together, fitted to convergence.

With ``x`` the dense predictors of a row (a state), ``z`` its sparse ones (n-grams) and y its label, it minimises

    - sum log softmax(x A + z B + c)[y] + penalty / 2 * sum(A * A) + sparse_penalty / 2 * sum(B * B),

with equal penalties the objective of scikit-learn's ``LogisticRegression`` with ``C = 1 / penalty``: convex, the
intercept c unpenalised.
The dense part is a matrix product, the sparse one a product of compressed rows; both gradients are exact. L-BFGS walks
in coordinates in which no direction is more curved than another can be: along the principal axes of the dense
predictors, each axis and each n-gram scaled by how often it speaks. That takes a fraction of the steps.

Easy to get wrong: stopping early. Accuracy settles long before the weights do, so a regression that is good enough to
predict may still name other units as its heaviest than the minimum does. Every fit reports the largest entry of its
mean gradient, and one that does not reach the tolerance is an error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy import sparse
from torch import Tensor
from torch.nn import functional

LANES = 16  # a product with so many columns, or a multiple, takes half the time of one with a few less
MEMORY = 10  # steps that L-BFGS remembers
CURVATURE = 0.25  # of a row's loss along a score, at most; changes the speed alone
SUFFICIENT = 1e-4  # the share of the promised decrease that a step has to keep


@dataclass(frozen=True)
class Classifier:
    """A fitted regression.

    Attributes
    ----------
    dense : float array, shape (units, labels)
        Weights of the dense predictors; no rows where there were none.
    sparse : float array, shape (features, labels)
    intercept : float array, shape (labels,)
    penalty, sparse_penalty : float
    iterations : int
    gradient : float
        Largest absolute entry of the mean gradient at the end.
    loss : float
        The objective per row, in nats.
    """

    dense: Float[np.ndarray, "units labels"]
    sparse: Float[np.ndarray, "features labels"]
    intercept: Float[np.ndarray, "labels"]
    penalty: float
    sparse_penalty: float
    iterations: int
    gradient: float
    loss: float

    def scores(self, dense: np.ndarray | None = None, features: sparse.csr_matrix | None = None) -> np.ndarray:
        """Scores before the softmax, shape (rows, labels).

        Raises
        ------
        ValueError
            If a kind of predictor that the fit had is missing, or has another width.
        """
        dense, features = _checked(dense, features)
        for name, given, weights in (("dense", dense, self.dense), ("sparse", features, self.sparse)):
            if given.shape[1] != len(weights):
                raise ValueError(f"fitted on {len(weights)} {name} predictors, found {given.shape[1]}: give the same")
        return dense @ self.dense + features @ self.sparse + self.intercept

    def predict(self, dense: np.ndarray | None = None, features: sparse.csr_matrix | None = None) -> np.ndarray:
        """The most probable label of each row; see :meth:`scores`."""
        return self.scores(dense, features).argmax(axis=1)


def fit(
    target: Int[np.ndarray, "rows"],
    labels: int,
    *,
    dense: Float[np.ndarray, "rows units"] | None = None,
    features: sparse.csr_matrix | None = None,
    penalty: float = 1.0,
    sparse_penalty: float | None = None,
    tolerance: float = 1e-4,
    max_iter: int = 3000,
) -> Classifier:
    """Fit the label of each row.

    Parameters
    ----------
    target : int array, shape (rows,)
        Numbers of labels, from 0.
    labels : int
        How many labels there are; some may occur in no row.
    dense : float array, shape (rows, units), optional
        Best of about equal sizes, such as standard deviations of 1: the penalty counts all alike. Given in double
        precision, everything is computed in it, at twice the time.
    features : scipy.sparse.csr_matrix, shape (rows, features), optional
    penalty : float
        Above 0.
    sparse_penalty : float, optional
        Of the sparse predictors; by default the same.
    tolerance : float
        The largest entry of the mean gradient that counts as the minimum (scikit-learn's criterion and default).
    max_iter : int

    Returns
    -------
    Classifier

    Raises
    ------
    ValueError
        If there is no row or no predictor, shapes do not fit, a predictor is not finite, a label is out of range, or
        the penalty is not above 0.
    RuntimeError
        If the minimum was not reached.

    Examples
    --------
    >>> states = np.array([[-2.0], [-1.0], [1.0], [2.0]], dtype=np.float32)
    >>> found = fit(np.array([0, 0, 1, 1]), 2, dense=states)
    >>> found.predict(states).tolist(), bool(found.dense[0, 1] > 0)
    ([0, 0, 1, 1], True)
    """
    if dense is None and features is None:
        raise ValueError("found no predictor: give dense ones, sparse ones, or both")
    target = np.asarray(target, dtype=np.int64)
    dense, features = _checked(dense, features)
    penalties = penalty, penalty if sparse_penalty is None else sparse_penalty
    _check(target, labels, dense, features, penalties)
    objective = _Objective(target, labels, dense, features, penalties)
    place, value, iterations = _minimise(objective, tolerance, max_iter)
    a, b, c = objective.weights(place)
    return Classifier(a.numpy(), b.numpy(), c.numpy(), *penalties, iterations, objective.gradient, value / len(target))


def _checked(dense, features) -> tuple[np.ndarray, sparse.csr_matrix]:
    """Both kinds of predictors in one precision, single unless one is double; a kind that is missing has no column."""
    precision = np.result_type(np.float32, *(part.dtype for part in (dense, features) if part is not None))
    rows = len(dense) if dense is not None else features.shape[0]
    dense = np.empty((rows, 0), dtype=precision) if dense is None else np.asarray(dense, dtype=precision)
    features = sparse.csr_matrix((rows, 0)) if features is None else features
    if len(dense) != features.shape[0]:
        raise ValueError(f"found {len(dense)} rows of dense and {features.shape[0]} of sparse predictors")
    return dense, sparse.csr_matrix(features, dtype=precision)


def _check(target: np.ndarray, labels: int, dense: np.ndarray, features: sparse.csr_matrix, penalties) -> None:
    if not len(target):
        raise ValueError("a regression needs at least one row, found none")
    if len(target) != len(dense):
        raise ValueError(f"found {len(target)} labels for {len(dense)} rows of predictors, expected one a row")
    if target.min() < 0 or target.max() >= labels:
        raise ValueError(f"found labels from {target.min()} to {target.max()}, expected 0 to {labels - 1}")
    if not min(penalties) > 0:
        raise ValueError(f"penalties must be above 0, or rare n-grams get infinite weights; found {penalties}")
    if not (np.isfinite(dense).all() and np.isfinite(features.data).all()):
        raise ValueError("a predictor is not a finite number: was the network's training unstable?")


class _Objective:
    """The value and the gradient of the objective, in coordinates in which its curvature is about 1."""

    def __init__(self, target, labels, dense, features, penalties):
        self.rows, self.penalties = len(target), penalties
        self.units, self.columns = dense.shape[1], features.shape[1]
        self.labels = labels
        self.dense = torch.from_numpy(dense).T.contiguous()  # units, rows
        self.features, self.transposed = features, features.T.tocsr()
        self.target = torch.from_numpy(target)[:, None]
        sizes, axes = torch.linalg.eigh((self.dense @ self.dense.T).double())
        self.axes = axes.to(self.dense)
        # N-grams overlap: the curvature along one is bounded by its sum with all that it stands beside.
        together = abs(self.transposed) @ (abs(features) @ np.ones(self.columns))
        squares = torch.from_numpy(together).double()
        penalty = torch.tensor(penalties).double().repeat_interleave(torch.tensor([self.units, self.columns]))
        curvature = CURVATURE * torch.cat([sizes.clamp(min=0), squares]) + penalty
        # Rows are principal axes, then n-grams, then the intercept.
        self.scale = torch.cat([curvature, torch.tensor([CURVATURE * self.rows])]).rsqrt()[:, None].to(self.dense)
        self.start = self.scale.new_zeros(len(self.scale), labels)
        # Sums of rounded terms differ by less than this where nothing has changed.
        self.rounding = torch.finfo(self.dense.dtype).eps
        self.gradient = float("inf")

    def weights(self, place: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Dense and sparse weights and the intercept at a place."""
        scaled = place * self.scale
        return self.axes @ scaled[: self.units], scaled[self.units : -1], scaled[-1]

    def _product(self, left: Tensor, right: Tensor) -> Tensor:
        return (left @ functional.pad(right, (0, -self.labels % LANES)))[:, : self.labels]

    def __call__(self, place: Tensor) -> tuple[float, Tensor]:
        a, b, c = self.weights(place)
        scores = self._product(self.dense.T, a) + c  # rows, labels
        if self.columns:
            scores += torch.from_numpy(self.features @ b.numpy())
        logs = torch.log_softmax(scores, dim=1)
        value = -logs.gather(1, self.target).double().sum()
        value += sum(w / 2 * part.double().square().sum() for w, part in zip(self.penalties, (a, b), strict=True))
        error = logs.exp_().scatter_add_(1, self.target, torch.full_like(self.target, -1, dtype=logs.dtype))
        of_a = self._product(self.dense, error) + self.penalties[0] * a
        of_b = torch.from_numpy(self.transposed @ error.numpy()) + self.penalties[1] * b if self.columns else b
        of_c = error.sum(dim=0)
        self.gradient = max(float(part.abs().max()) for part in (of_a, of_b, of_c) if part.numel()) / self.rows
        return float(value), torch.cat([self.axes.T @ of_a, of_b, of_c[None]]) * self.scale


def _minimise(objective: _Objective, tolerance: float, max_iter: int) -> tuple[Tensor, float, int]:
    """L-BFGS from zero: the minimum, its value, and the steps it took."""
    place = objective.start
    value, gradient = objective(place)
    steps: list[tuple[Tensor, Tensor, float]] = []
    for iteration in range(max_iter):
        if objective.gradient <= tolerance:
            return place, value, iteration
        direction = _direction(gradient, steps)
        moved = _search(objective, place, value, direction, float((direction * gradient).sum()))
        if moved is None and steps:
            steps.clear()  # what it remembers has been spoilt by rounding: start again from the gradient
            continue
        if moved is None:
            break
        step, change = moved[0] - place, moved[2] - gradient
        product = float((step * change).sum())
        if product > 0:
            steps = [*steps[-MEMORY + 1 :], (step, change, 1 / product)]
        place, value, gradient = moved
    raise RuntimeError(
        f"the regression did not reach its minimum: after {max_iter} steps at most, the largest entry of its mean "
        f"gradient is {objective.gradient:.2g}, expected {tolerance:g}; raise the penalties {objective.penalties}, "
        "standardise the predictors, or raise max_iter"
    )


def _direction(gradient: Tensor, steps: list[tuple[Tensor, Tensor, float]]) -> Tensor:
    """The gradient times the curvature's inverse as the last steps tell it (the two-loop recursion)."""
    direction = gradient.clone()
    shares = []
    for step, change, inverse in reversed(steps):
        shares.append(inverse * float((step * direction).sum()))
        direction.sub_(change, alpha=shares[-1])
    if steps:
        _, change, inverse = steps[-1]
        direction.div_(inverse * float(change.square().sum()))
    for (step, change, inverse), share in zip(steps, reversed(shares), strict=True):
        direction.add_(step, alpha=share - inverse * float((change * direction).sum()))
    return direction


def _search(objective: _Objective, place: Tensor, value: float, direction: Tensor, slope: float):
    """The first of ever shorter steps that keeps its promise: place, value, gradient; None if none does."""
    size = 1.0
    while size > 1e-6:
        there = place - size * direction
        found, gradient = objective(there)
        if found <= value - SUFFICIENT * size * slope + objective.rounding * abs(value):
            return there, found, gradient
        size /= 2
    return None
