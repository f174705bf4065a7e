"""A search for the input a neuron wants, some words of which are forbidden, others for each neuron.

What a neuron wants besides its best n-gram is found by taking away the words of that n-gram and searching again.
:class:`Without` lets every neuron of one batch have forbidden words of its own.

Easy to get wrong: where a forbidden word can still slip in. It may stand in the n-gram that an ascent begins with, be
proposed by a gradient, or be tried in a swap; in each place it is stopped.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from reading_neurons.methods.ascent import Step
from reading_neurons.methods.objective import Objective
from reading_neurons.reader import Reader

NEVER = -1e4  # the weight of a word that may not be written


class Without(Objective):
    """An objective of which each neuron has words that may not be written for it.

    Attributes
    ----------
    forbidden : bool tensor, shape (neurons, words of the vocabulary)
    """

    def __init__(
        self, reader: Reader, words: Int[Tensor, "candidates"], length: int, forbidden: Bool[Tensor, "neurons words"]
    ):
        super().__init__(reader, words, length)
        self.forbidden = forbidden

    def take(self, ids, rows):
        """As for every objective; what holds a forbidden word is worth minus infinity."""
        return super().take(ids, rows).masked_fill(self._bad(ids, rows), -torch.inf)

    def keep(self, ids, rows, values):
        """Keep what is better and holds no forbidden word."""
        super().keep(ids, rows, values.masked_fill(self._bad(ids, rows), -torch.inf))

    def gradient(self, ids, rows, places):
        """A forbidden word promises nothing."""
        gain = super().gradient(ids, rows, places)
        return gain.masked_fill(self.forbidden[rows][:, self.words][:, None], -torch.inf)

    def swapped(self, ids, rows, place, candidates):
        """In the place of a forbidden word the one that stands there is tried again."""
        bad = self.forbidden[rows].gather(1, candidates)
        return super().swapped(ids, rows, place, torch.where(bad, ids[:, place, None], candidates))

    def suppress(self, step: Step) -> None:
        """Give forbidden words no weight: what watches an ascent."""
        bad = self.forbidden[:, self.words][step.rows]
        with torch.no_grad():
            step.relaxation.free.masked_fill_(bad[:, None], NEVER)

    def _bad(self, ids, rows) -> Bool[Tensor, "rows"]:
        return self.forbidden[rows].gather(1, ids).any(dim=1)
