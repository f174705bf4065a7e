"""Ridge regression on one-hot codes of tokens, for a whole corpus and several targets at once.

With X the 0/1 matrix of a :class:`OneHot` design, y the targets and an intercept b that is not penalised, the
coefficients w minimise ``sum((y - b - X w)**2) + penalty * sum(w**2)``. All that is needed of the tokens are the sums
X'X, X'1, X'y, 1'y and their number: :class:`NormalEquations` collects them chunk by chunk and can be merged. X'X is
sparse, because a word shares a token with few labels, so an exact sparse factorisation takes well under a second for
tens of thousands of columns, and all targets share it.

Easy to get wrong: the scale of the penalty. Here it is added to X'X, as in scikit-learn; statsmodels'
``OLS.fit_regularized`` divides the squared error by the number of tokens, so its ``alpha`` is ``penalty / tokens``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy import sparse
from scipy.sparse.linalg import splu

from reading_neurons import shards

if TYPE_CHECKING:
    from distributed import Client

CHUNK = 20_000  # tokens whose rows of X exist at once


@dataclass(frozen=True)
class OneHot:
    """Which level of which term each column of a design stands for; every level has one, none is a reference.

    Attributes
    ----------
    terms : tuple of tuples of str
        Columns of the table that is coded: ``("word",)`` for a main effect, ``("word", "deprel")`` for an interaction.
    levels : dict of str to Index
        The known values of each column.
    seen : tuple of int arrays
        For each term the numbers of its known combinations, ascending.
    """

    terms: tuple[tuple[str, ...], ...]
    levels: dict[str, pd.Index]
    seen: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, table: pd.DataFrame, terms: Sequence[Sequence[str]]) -> OneHot:
        """The design whose levels are those that occur in a table.

        Raises
        ------
        ValueError
            If there is no row, no term, or the table lacks a column.

        Examples
        --------
        >>> table = pd.DataFrame({"word": ["dog", "cat"], "deprel": ["nsubj", "nsubj"]})
        >>> design = OneHot.of(table, [("word",), ("deprel",), ("word", "deprel")])
        >>> design.names
        ['word=cat', 'word=dog', 'deprel=nsubj', 'word=cat:deprel=nsubj', 'word=dog:deprel=nsubj']
        >>> design.matrix(pd.DataFrame({"word": ["dog", "owl"], "deprel": ["nsubj", "nsubj"]})).toarray()
        array([[0., 1., 1., 0., 1.],
               [0., 0., 1., 0., 0.]])
        """
        columns = dict.fromkeys(column for term in terms for column in term)
        if missing := [column for column in columns if column not in table]:
            raise ValueError(f"the design needs the columns {', '.join(missing)}; the table has {list(table)}")
        if not len(table) or not columns:
            raise ValueError(f"a design needs at least one row and one term, found {len(table)} and {len(terms)}")
        levels = {column: pd.Index(sorted(table[column].unique())) for column in columns}
        empty = cls(tuple(map(tuple, terms)), levels, ())
        return cls(empty.terms, levels, tuple(np.unique(codes) for codes in empty._codes(table)))

    def __len__(self) -> int:
        return sum(map(len, self.seen))

    def _codes(self, table: pd.DataFrame) -> Iterator[np.ndarray]:
        """For each term the number of each row's combination; -1 where one of its values is unknown."""
        single = {column: index.get_indexer(table[column]) for column, index in self.levels.items()}
        for term in self.terms:
            code = np.zeros(len(table), dtype=np.int64)
            for column in term:
                code = np.where((code < 0) | (single[column] < 0), -1, code * len(self.levels[column]) + single[column])
            yield code

    @property
    def names(self) -> list[str]:
        """The columns: ``word=dog``, ``deprel=nsubj``, ``word=dog:deprel=nsubj`` .."""
        return [name for term, seen in zip(self.terms, self.seen, strict=True) for name in self._named(term, seen)]

    def _named(self, term: tuple[str, ...], seen: np.ndarray) -> list[str]:
        parts = []
        for column in reversed(term):
            seen, level = np.divmod(seen, len(self.levels[column]))
            parts.append([f"{column}={value}" for value in self.levels[column][level]])
        return [":".join(names) for names in zip(*reversed(parts), strict=True)]

    def matrix(self, table: pd.DataFrame) -> sparse.csr_array:
        """The rows of X, shape (tokens, columns); a level that the design does not know leaves its columns 0."""
        first, rows, columns = 0, [], []
        for seen, code in zip(self.seen, self._codes(table), strict=True):
            place = np.minimum(np.searchsorted(seen, code), len(seen) - 1)
            known = np.flatnonzero(seen[place] == code)
            rows.append(known)
            columns.append(first + place[known])
            first += len(seen)
        where = np.concatenate(rows), np.concatenate(columns)
        return sparse.csr_array((np.ones(len(where[0])), where), shape=(len(table), len(self)))


@dataclass(frozen=True)
class Fit:
    """Solutions of one design and penalty.

    Attributes
    ----------
    intercept : float array, shape (targets,)
    coefficients : float array, shape (columns, targets)
    """

    intercept: Float[np.ndarray, " targets"]
    coefficients: Float[np.ndarray, "columns targets"]

    def predict(self, design: sparse.csr_array) -> Float[np.ndarray, "tokens targets"]:
        """What the model expects of each row."""
        return self.intercept + design @ self.coefficients


@dataclass
class NormalEquations:
    """Sums over tokens that determine every ridge fit of a design; sums of two parts of a corpus can be merged.

    Parameters
    ----------
    columns, targets : int

    Examples
    --------
    >>> sums = NormalEquations(columns=2, targets=1)
    >>> sums.update(sparse.csr_array([[1.0, 0], [1, 0], [0, 1]]), np.array([[1.0], [3], [5]]))
    >>> fit = sums.fit(penalty=1e-9)
    >>> fit.predict(sparse.csr_array([[1.0, 0], [0, 1]])).round(3).tolist()
    [[2.0], [5.0]]
    """

    columns: int
    targets: int
    tokens: int = 0
    _gram: sparse.csr_array = field(init=False, repr=False)
    _products: np.ndarray = field(init=False, repr=False)

    def __post_init__(self):
        # The intercept is the last column.
        size = self.columns + 1
        self._gram = sparse.csr_array((size, size))
        self._products = np.zeros((size, self.targets))

    def empty(self, first: int, count: int) -> NormalEquations:
        """For a part of the tokens."""
        return NormalEquations(self.columns, self.targets)

    def update(self, design: sparse.csr_array, targets: Float[np.ndarray, "tokens targets"]) -> None:
        """Take in the next tokens.

        Raises
        ------
        ValueError
            If the shapes are not those of the sums, or a target is not a number.
        """
        if design.shape != (len(targets), self.columns) or targets.shape[1:] != (self.targets,):
            raise ValueError(
                f"expected rows of {self.columns} columns with {self.targets} targets each, "
                f"found a design of shape {design.shape} and targets of shape {targets.shape}"
            )
        if not np.isfinite(targets).all():
            raise ValueError("every target must be a number, found NaN or infinity: drop those tokens first")
        framed = _with_intercept(design)
        self._gram = self._gram + framed.T @ framed
        self._products += framed.T @ targets
        self.tokens += len(targets)

    def merge(self, later: NormalEquations) -> None:
        """Take in the sums of other tokens of the same design."""
        if (later.columns, later.targets) != (self.columns, self.targets):
            raise ValueError(
                f"only sums of one design can be merged, found {self.columns} columns with {self.targets} targets "
                f"and {later.columns} with {later.targets}"
            )
        self._gram = self._gram + later._gram
        self._products += later._products
        self.tokens += later.tokens

    def result(self) -> NormalEquations:
        """The sums themselves: every penalty is solved from them."""
        return self

    def fit(self, penalty: float) -> Fit:
        """The exact solution for one penalty, which must be above 0; raises a ``ValueError`` otherwise."""
        found = self.solver(penalty)(self._products)
        return Fit(found[-1], found[:-1])

    def solver(self, penalty: float):
        """A function that solves ``(X'X + penalty) w = r`` for columns of r, the intercept last and not penalised."""
        if not penalty > 0:
            raise ValueError(f"one-hot columns without reference level need a penalty above 0, found {penalty}")
        if not self.tokens:
            raise ValueError("no tokens were taken in: call update first")
        ridge = np.append(np.full(self.columns, float(penalty)), 0.0)
        system = (self._gram + sparse.diags_array(ridge)).tocsc()
        # Symmetric and positive definite: no pivots are needed, and the ordering may look at the pattern alone.
        factors = splu(system, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})

        def solve(right: np.ndarray) -> np.ndarray:
            found = factors.solve(right)
            return found + factors.solve(right - system @ found)  # one step that removes what rounding left

        return solve


def collect(
    design: OneHot,
    table: pd.DataFrame,
    targets: Float[np.ndarray, "tokens targets"],
    client: Client | None = None,
) -> NormalEquations:
    """The sums of all rows of a table, taken in by chunks; on the workers of a cluster where a client is given."""
    places = ((begin, slice(begin, begin + CHUNK)) for begin in range(0, len(table), CHUNK))
    chunks = (shards.Shard(begin, CHUNK, (table.iloc[part], targets[part])) for begin, part in places)
    return shards.collect(NormalEquations(len(design), targets.shape[1]), _taken_in, design, chunks, client)


def _taken_in(design: OneHot, chunk: shards.Shard, sums: NormalEquations) -> None:
    table, targets = chunk.content
    sums.update(design.matrix(table), targets)


def _with_intercept(design: sparse.csr_array) -> sparse.csr_array:
    return sparse.hstack([design, np.ones((design.shape[0], 1))], format="csr")
