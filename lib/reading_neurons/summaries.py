"""Summaries of a pass over a corpus that several methods share; a method's own stands beside the method.

Each follows :class:`reading_neurons.passes.Summary`. Easy to get wrong: what ``empty`` gives is sent to a worker for
one shard and holds nothing of the rest of the corpus; ``merge`` goes by the numbers of words that windows carry.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from jaxtyping import Float, Int

if TYPE_CHECKING:
    from reading_neurons.passes import Summary, Window


class States:
    """Every state, of all units or some: for what needs them whole, as a sort or a fit of one unit after the other.

    Parameters
    ----------
    words : int
        Of the corpus.
    units : sequence of int, optional
        Which units; by default all.
    dtype : numpy type, optional
        Of what is kept; by default that of the states.
    allocate : callable
        ``allocate(shape, dtype)`` makes the array of shape (words, units), in memory or elsewhere.

    Examples
    --------
    >>> from reading_neurons.passes import Window
    >>> summary = States(3, units=[1])
    >>> summary.update(Window(0, torch.tensor([[1.0, 2.0], [3.0, 4.0]])))
    >>> later = summary.empty(2, 1)
    >>> later.update(Window(2, torch.tensor([[5.0, 6.0]])))
    >>> summary.merge(later)
    >>> summary.result().tolist()
    [[2.0], [4.0], [6.0]]
    """

    def __init__(
        self,
        words: int,
        *,
        units: Sequence[int] | None = None,
        dtype: Any = None,
        allocate: Callable[[tuple[int, int], Any], np.ndarray] = np.empty,
    ):
        self._words, self._dtype, self._allocate, self._first = words, dtype, allocate, 0
        self._units = None if units is None else np.asarray(units, dtype=np.int64)
        self._held: np.ndarray | None = None

    def empty(self, first: int, count: int) -> States:
        """For a part of the corpus; it is held in memory until it is merged."""
        part = States(count, units=self._units, dtype=self._dtype)
        part._first = first
        return part

    def update(self, window: Window) -> None:
        """Take in the next window."""
        states = window.states if self._units is None else window.states[:, torch.from_numpy(self._units)]
        self._put(window.first, states.cpu().numpy())

    def merge(self, later: States) -> None:
        """Take in the states of the words that follow these."""
        if later._held is not None:
            self._put(later._first, later._held)

    def _put(self, first: int, block: np.ndarray) -> None:
        if self._held is None:
            self._held = self._allocate((self._words, block.shape[1]), self._dtype or block.dtype)
        begin = first - self._first
        self._held[begin : begin + len(block)] = block

    def result(self) -> Float[np.ndarray, "words units"]:
        """The states: row i belongs to word i of the corpus."""
        return _given(self._held)


class EveryNth:
    """The states at every n-th word, where a sample is enough, as for quantiles.

    Parameters
    ----------
    step : int

    Examples
    --------
    >>> from reading_neurons.passes import Window
    >>> summary = EveryNth(2)
    >>> summary.update(Window(0, torch.tensor([[0.0], [1.0], [2.0]])))
    >>> summary.update(Window(3, torch.tensor([[3.0], [4.0]])))
    >>> summary.result().tolist()
    [[0.0], [2.0], [4.0]]
    """

    def __init__(self, step: int):
        self._step = step
        self._blocks: list[np.ndarray] = []

    def empty(self, first: int, count: int) -> EveryNth:
        """For a part of the corpus."""
        return EveryNth(self._step)

    def update(self, window: Window) -> None:
        """Take in the next window."""
        # A copy: a part of the window would keep all of it alive.
        self._blocks.append(window.states[-window.first % self._step :: self._step].float().cpu().numpy().copy())

    def merge(self, later: EveryNth) -> None:
        """Take in the sample of the words that follow these."""
        self._blocks += later._blocks

    def result(self) -> Float[np.ndarray, "sample units"]:
        """The sample, in corpus order."""
        return np.concatenate(_given(self._blocks or None))


class Means:
    """The mean of every unit.

    Examples
    --------
    >>> from reading_neurons.passes import Window
    >>> summary = Means()
    >>> summary.update(Window(0, torch.tensor([[0.0, 1.0], [1.0, 1.0]])))
    >>> summary.result().tolist()
    [0.5, 1.0]
    """

    def __init__(self):
        self._total: np.ndarray | None = None
        self._words = 0

    def empty(self, first: int, count: int) -> Means:
        """For a part of the corpus."""
        return Means()

    def update(self, window: Window) -> None:
        """Take in the next window."""
        self._add(window.states.double().sum(dim=0).cpu().numpy(), len(window.states))

    def merge(self, later: Means) -> None:
        """Take in the sums over the words that follow these."""
        if later._total is not None:
            self._add(later._total, later._words)

    def _add(self, total: np.ndarray, words: int) -> None:
        self._total = total if self._total is None else self._total + total
        self._words += words

    def result(self) -> Float[np.ndarray, "units"]:
        """The means."""
        return _given(self._total) / self._words


class Gathered:
    """The states of certain units at certain places.

    Parameters
    ----------
    places, units : int arrays of one length
        The number of a word of the corpus, and the unit that is read there.

    Raises
    ------
    ValueError
        If a unit is not one of the pathway's.

    Examples
    --------
    >>> from reading_neurons.passes import Window
    >>> summary = Gathered(np.array([1, 0]), np.array([0, 1]))
    >>> summary.update(Window(0, torch.tensor([[1.0, 2.0], [3.0, 4.0]])))
    >>> summary.result().tolist()
    [3.0, 2.0]
    """

    def __init__(self, places: Int[np.ndarray, "values"], units: Int[np.ndarray, "values"]):
        self._places, self._units = places, units
        self._values = np.full(len(places), np.nan)

    def empty(self, first: int, count: int) -> Gathered:
        """For the places of a part of the corpus, in their order."""
        here = self._here(first, count)
        return Gathered(self._places[here], self._units[here])

    def _here(self, first: int, count: int) -> np.ndarray:
        return np.flatnonzero((self._places >= first) & (self._places < first + count))

    def update(self, window: Window) -> None:
        """Take in the next window."""
        here = self._here(window.first, len(window.states))
        places, units = self._places[here] - window.first, self._units[here]
        if here.size and units.max() >= window.states.shape[1]:
            raise ValueError(f"there is no unit {units.max()}: the pathway has {window.states.shape[1]} units")
        self._values[here] = window.states[torch.from_numpy(places), torch.from_numpy(units)].double().cpu().numpy()

    def merge(self, later: Gathered) -> None:
        """Take in what was read at later places."""
        if len(later._places):
            first, last = later._places.min(), later._places.max()
            self._values[self._here(first, last - first + 1)] = later._values

    def result(self) -> Float[np.ndarray, "values"]:
        """The states, in the order of the places; not a number where no window had the place."""
        return self._values


class Together:
    """Several summaries that share one pass.

    Parameters
    ----------
    summaries : sequence of Summary
    """

    def __init__(self, summaries: Sequence[Summary]):
        self.summaries = list(summaries)

    def empty(self, first: int, count: int) -> Together:
        """All of them for a part of the corpus."""
        return Together([summary.empty(first, count) for summary in self.summaries])

    def update(self, window: Window) -> None:
        """Give the next window to each."""
        for summary in self.summaries:
            summary.update(window)

    def merge(self, later: Together) -> None:
        """Merge each with its own kind."""
        for summary, other in zip(self.summaries, later.summaries, strict=True):
            summary.merge(other)

    def result(self) -> list[Any]:
        """The result of each."""
        return [summary.result() for summary in self.summaries]


def _given(found: Any) -> Any:
    if found is None:
        raise ValueError("no window was given to this summary: run it over a corpus first")
    return found
