"""What is high for a unit: the deciles of its activations over a corpus, and the words for which it is on.

Kádár et al. 2017 choose sentences in which a unit's activation is "in the highest decile" (section 6.4). Here a unit is
*triggered* where it enters its top decile, and stays *on* from there while it is above its median.

Easy to get wrong: ties. A unit that takes one value for most words has that value as its median and maybe as the edge
of its top decile; it is on only above the one and triggered only at or above the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from reading_neurons import passes
from reading_neurons.passes import Sentences
from reading_neurons.pathway import Pathway
from reading_neurons.summaries import EveryNth

if TYPE_CHECKING:
    from distributed import Client

SAMPLE = 20_000  # words from which quantiles are taken; a larger corpus gives every n-th word
ROUNDING = 1e-5  # of a unit's range: activations that differ by less are equal
HIGH, LOW = 9, 5  # deciles: at or above the one a unit is triggered, above the other it stays on


@dataclass(frozen=True)
class Levels:
    """Deciles of each unit's activations over a corpus: what is high for a unit, and what is not.

    Attributes
    ----------
    edges : float array, shape (11, units)
        The smallest activation, those that 10 %, 20 % ... of the words do not exceed, and the largest.

    Examples
    --------
    >>> level = Levels.of(np.arange(1.0, 101.0)[:, None])
    >>> level.high.round(2), level.low.round(2)
    (array([90.]), array([50.]))
    """

    edges: Float[np.ndarray, "edges units"]

    @classmethod
    def of(cls, states: Float[np.ndarray, "words units"]) -> Levels:
        """The deciles of these states."""
        if not len(states):
            raise ValueError("deciles need the states of at least one word, found none")
        ordered = np.sort(np.ascontiguousarray(states.T), axis=1)
        places = np.ceil(np.arange(11) / 10 * len(states)).astype(int) - 1
        return cls(ordered[:, np.maximum(places, 0)].T)

    @property
    def high(self) -> Float[np.ndarray, "units"]:
        """Where the top decile begins, less a rounding error."""
        return self.edges[HIGH] - self._rounding

    @property
    def low(self) -> Float[np.ndarray, "units"]:
        """The median, and a rounding error more."""
        return self.edges[LOW] + self._rounding

    @property
    def _rounding(self) -> Float[np.ndarray, "units"]:
        # Sentences that begin alike leave equal states at the edge, equal but for the last digits.
        return ROUNDING * (self.edges[-1] - self.edges[0])

    def take(self, units: Sequence[int]) -> Levels:
        """Of some units."""
        return Levels(self.edges[:, list(units)])


def levels(
    pathway: Pathway, corpus: Sentences, sample: int = SAMPLE, *, client: Client | None = None
) -> Levels:
    """The deciles of every unit over a corpus, in one pass that keeps ``sample`` words: four bytes a word and unit.

    Parameters
    ----------
    pathway : Pathway
    corpus : Captions, or iterable of sentences
    sample : int
        A corpus of more words gives every n-th; shares are then off by about .2 %.
    client : dask.distributed.Client, optional
        Of a cluster that reads the corpus; see :func:`reading_neurons.passes.run`.

    Raises
    ------
    ValueError
        If there is no sentence, one has no word, or ``sample`` is below 1.
    """
    if sample < 1:
        raise ValueError(f"deciles need at least 1 word, found a sample of {sample}")
    words = passes.words_of(corpus, pathway.vocabulary.tokenizer)
    step = -(-sum(map(len, words)) // sample)
    return Levels.of(passes.run(EveryNth(step), pathway, words, client).result())


def ages(
    states: Float[Tensor, "words units"], position: Int[np.ndarray, "words"], level: Levels, cap: int = 100
) -> Int[Tensor, "words units"]:
    """For each word and unit how many words ago the run began that the unit is in.

    Parameters
    ----------
    states : float tensor, shape (words, units)
        Of whole sentences, one after the other.
    position : int array, shape (words,)
        Of each word in its sentence, from 0.
    level : Levels
    cap : int
        Ages above it are given as it.

    Returns
    -------
    int8 tensor, shape (words, units)
        0 at a trigger, then 1, 2 ...; -1 where the unit is off. A unit that takes one value for more than half of the
        words is on only above that value.

    Examples
    --------
    >>> level = Levels(np.array([[0.0]] * 6 + [[0.9]] * 5))
    >>> ages(torch.tensor([[0.1], [1.0], [0.4], [0.0], [0.5]]), np.arange(5), level)[:, 0].tolist()
    [-1, 0, 1, -1, -1]
    """
    on = states > torch.from_numpy(level.low).to(states)
    triggered = on & (states >= torch.from_numpy(level.high).to(states))
    # 1 at a trigger, 2 one word later ..; 0 is off. Shifted by one at the end.
    result = triggered.to(torch.uint8)
    order = np.argsort(position, kind="stable")
    for rows in np.split(order, np.cumsum(np.bincount(position))[:-1])[1:]:
        now = torch.from_numpy(rows)
        before = result.index_select(0, now - 1)
        going = (before > 0) & on.index_select(0, now)
        result[now] = torch.where(going, (before + 1).clamp_(max=cap + 1), result.index_select(0, now))
    return result.to(torch.int8) - 1
