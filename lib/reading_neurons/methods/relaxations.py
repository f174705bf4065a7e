"""Words made continuous: the four ways in which Poerner et al. 2018 (section 2) let a gradient write an input.

With M the embeddings of V words and X free numbers, one row of V for each place, a network reads

    embedding   E itself, and the nearest words are written at the end
    logit       X M
    softmax     softmax(X) M
    gumbel      softmax((log softmax(X) + g) / temperature) M,      g = -log(-log(u)), u uniform.

For the last three the words written are the argmax of X.

Easy to get wrong: what the temperature does. The argmax of ``log softmax(X) + g`` is a draw from softmax(X) at any
temperature; a low one only makes the vector that is read almost a single word, so that what the gradient improves is
the activation of words that will be written, not of a mixture of many.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from reading_neurons.methods.objective import Objective
from reading_neurons.neurons import Neuron
from reading_neurons.pathway import filled

RELAXATIONS = ("embedding", "logit", "softmax", "gumbel")
BLOCK = 2**18  # numbers that fit a processor's cache


class Relaxation(Protocol):
    """Free numbers that stand for n-grams, a row for each."""

    free: Tensor
    """What the ascent moves; its first dimension is rows."""

    def embedded(self, temperature: float) -> Float[Tensor, "inputs length embedding"]:
        """What the network reads: one input a row, or several that follow one another, each with noise of its own."""

    def written(self) -> Int[Tensor, "rows length"]:
        """The numbers of the words that the free numbers stand for."""


def relaxation(
    method: str, objective: Objective, seeds: Sequence[torch.Generator], samples: int, start: float
) -> Relaxation:
    """A relaxation with its free numbers drawn from uniform(-start, start), by one generator a row.

    Raises
    ------
    ValueError
        If the method is unknown.
    """
    if method not in RELAXATIONS:
        raise ValueError(f"unknown relaxation {method!r}: choose one of {', '.join(map(repr, RELAXATIONS))}")
    if method == "embedding":
        return EmbeddingRelaxation(objective, seeds, start)
    return WordRelaxation(method, objective, seeds, samples, start)


def generator(seed: int, neuron: Neuron, restart: int) -> torch.Generator:
    """The source of one row's random numbers, which depends on nothing but the neuron and the restart."""
    key = np.random.SeedSequence([seed, restart, neuron.kind == "unit", *neuron.members]).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(key[0] >> 1))


class EmbeddingRelaxation:
    """The vectors themselves are free."""

    def __init__(self, objective: Objective, seeds: Sequence[torch.Generator], start: float):
        table = objective.reader.pathway.embedding.detach()
        self._objective, self._table = objective, table
        self._directions = F.normalize(table[objective.words], dim=1)
        self.free = _drawn((objective.length, table.shape[1]), seeds, start).to(table.device).requires_grad_()

    def embedded(self, temperature):
        """The free vectors."""
        return _pinned(self._objective, self._table, self.free)

    def cosines(self) -> Float[Tensor, "rows length candidates"]:
        """The cosine of each free vector with each word."""
        flat = F.normalize(self.free.detach().flatten(0, 1), dim=1)
        return (filled(flat) @ self._directions.t())[: len(flat)].view(*self.free.shape[:2], -1)

    def written(self):
        """The nearest words by cosine."""
        return self._objective.pin(self._objective.words[self.cosines().argmax(dim=2)])


class WordRelaxation:
    """Weights of words are free: as they are, through a softmax, or through the Gumbel softmax."""

    def __init__(
        self, method: str, objective: Objective, seeds: Sequence[torch.Generator], samples: int, start: float
    ):
        table = objective.reader.pathway.embedding.detach()
        half = objective.reader.precision == "bfloat16"
        self.method, self.samples = method, samples if method == "gumbel" else 1
        self._objective, self._seeds, self._all = objective, seeds, table
        self._table = table[objective.words].to(torch.bfloat16 if half else table.dtype)
        self.free = _drawn((objective.length, len(objective.words)), seeds, start).to(table.device).requires_grad_()

    def weights(self, temperature: float) -> Float[Tensor, "inputs length candidates"]:
        """What the words of each place are mixed with; for "gumbel" with the noise that comes next, and is not used up."""
        if self.method == "logit":
            return self.free
        if self.method == "softmax":
            return torch.softmax(self.free, dim=2)
        before = [source.get_state() for source in self._seeds]
        drawn = self._drawn_weights(temperature).flatten(0, 1)
        for source, state in zip(self._seeds, before, strict=True):
            source.set_state(state)
        return drawn

    @torch.no_grad()
    def _drawn_weights(self, temperature: float) -> Float[Tensor, "rows samples length candidates"]:
        """Gumbel softmax weights with new noise, in the precision of the table: some rows at a time, which caches hold."""
        shape = (self.samples, *self.free.shape[1:])
        weights = torch.empty(len(self.free), *shape, dtype=self._table.dtype, device=self.free.device)
        at_once = max(BLOCK // math.prod(shape), 1)
        for begin in range(0, len(self.free), at_once):
            rows = slice(begin, begin + at_once)
            noise = torch.empty(len(self._seeds[rows]), *shape)
            for row, source in zip(noise, self._seeds[rows], strict=True):
                row.uniform_(generator=source)
            # A zero would become infinite: the smallest number is below one draw in 2**24.
            noise.clamp_(min=torch.finfo(noise.dtype).tiny).log_().neg_().log_().neg_()
            # The normalisation of the inner softmax is one constant a place, which the outer one removes.
            scores = noise.to(self.free.device).add_(self.free[rows, None]).div_(temperature)
            weights[rows] = torch.softmax(scores, dim=3)
        return weights

    def embedded(self, temperature):
        """Mixtures of the embeddings of words."""
        if self.method == "gumbel":
            mixed = _Mixed.apply(self.free, self._drawn_weights(temperature), self._table, temperature)
        else:
            weights = self.weights(temperature)
            mixed = (filled(weights.flatten(0, 1).to(self._table.dtype)) @ self._table)[: weights.shape[:2].numel()]
            mixed = mixed.view(*weights.shape[:2], -1)
        return _pinned(self._objective, self._all, mixed)

    def written(self):
        """The words of highest weight."""
        return self._objective.pin(self._objective.words[self.free.detach().argmax(dim=2)])


class _Mixed(torch.autograd.Function):
    """``weights @ table`` for ``weights = softmax((free + noise) / temperature)``, with the gradient for ``free``.

    What autograd does, with one tensor kept instead of three: they are by far the largest of an ascent.
    """

    @staticmethod
    def forward(ctx, free, weights, table, temperature):
        ctx.save_for_backward(weights, table)
        ctx.temperature, ctx.dtype = temperature, free.dtype
        flat = weights.flatten(0, 2)
        return (filled(flat) @ table)[: len(flat)].view(-1, free.shape[1], table.shape[1])

    @staticmethod
    @once_differentiable
    def backward(ctx, from_above):
        weights, table = ctx.saved_tensors
        flat = from_above.flatten(0, 1).to(table.dtype)
        slope = (filled(flat) @ table.t())[: len(flat)].view_as(weights)
        slope = torch._softmax_backward_data(slope, weights, 3, weights.dtype)
        return slope.sum(dim=1, dtype=ctx.dtype).div_(ctx.temperature), None, None, None


def _drawn(shape: tuple[int, int], seeds: Sequence[torch.Generator], start: float) -> Tensor:
    return torch.stack([torch.empty(shape).uniform_(-start, start, generator=source) for source in seeds])


def _pinned(objective: Objective, table: Tensor, embedded: Tensor) -> Tensor:
    """Vectors with those of the pinned words in their places."""
    if not objective.pinned:
        return embedded
    given = embedded.new_zeros(embedded.shape[1:])
    for place, word in objective.pinned.items():
        given[place] = table[word]
    is_given = torch.tensor([place in objective.pinned for place in range(objective.length)], device=embedded.device)
    return torch.where(is_given[:, None], given, embedded)
