"""What a search for an input is asked: the n-gram of some words for which a neuron is most, or least, active.

Every search, by gradient or by trial, asks an :class:`Objective`, which counts. One evaluation is one n-gram once
through the network; the backward pass of an n-gram counts one more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from reading_neurons import asking
from reading_neurons.neurons import Neuron
from reading_neurons.reader import Reader

CHECKED = 4  # of the best words by a half-precision look, how many are computed exactly


@dataclass(frozen=True)
class Found:
    """An n-gram that is better than any that a search has read before.

    Attributes
    ----------
    neuron : Neuron
    evaluations : int
        What the neuron has cost until then.
    words : str
    activation : float
    """

    neuron: Neuron
    evaluations: int
    words: str
    activation: float


class Objective:
    """Some neurons of a pathway, the words that may be written, and what has been found so far.

    Parameters
    ----------
    reader : Reader
        Its precision is that of the search; what is found is always computed in single precision.
    words : int tensor, shape (candidates,)
        The numbers of the words that may be written.
    length : int
    lowest : bool
        Look for the n-gram that silences a neuron.
    pinned : mapping of int to int
        Places that are given, and the number of the word there.
    found : callable, optional
        Called with a :class:`Found` whenever a neuron has a better n-gram.

    Attributes
    ----------
    best : int tensor, shape (neurons, length)
        The best n-gram of each neuron so far.
    value : float tensor, shape (neurons,)
        Its activation times ``sign``, minus infinity where nothing was tried.
    evaluations : int tensor, shape (neurons,)
    sign : int
        1, or -1 for the lowest: what is searched is always the highest of activation times sign.
    """

    def __init__(
        self,
        reader: Reader,
        words: Int[Tensor, "candidates"],
        length: int,
        *,
        lowest: bool = False,
        pinned: Mapping[int, int] | None = None,
        found: Callable[[Found], None] | None = None,
    ):
        self.reader, self.words, self.length, self.sign = reader, words, length, -1 if lowest else 1
        self.pinned, self.found = dict(pinned or {}), found
        self.free = [place for place in range(length) if place not in self.pinned]
        half = reader.precision != "float32"
        self.exact = Reader(reader.pathway, reader.neurons, frame=reader.frame) if half else reader
        count = len(reader.neurons)
        self.best = torch.zeros(count, length, dtype=torch.long, device=reader.device)
        self.value = torch.full((count,), -torch.inf, device=reader.device)
        self.evaluations = torch.zeros(count, dtype=torch.long, device=reader.device)

    @property
    def neurons(self) -> Int[Tensor, "neurons"]:
        """The numbers of the neurons: 0, 1 .."""
        return torch.arange(len(self.value), device=self.value.device)

    def random(self, generator: torch.Generator, count: int) -> Int[Tensor, "count length"]:
        """Random n-grams, the pinned words in their places."""
        drawn = torch.randint(len(self.words), (count, self.length), generator=generator)
        return self.pin(self.words[drawn.to(self.words.device)])

    def pin(self, ids: Int[Tensor, "rows length"]) -> Int[Tensor, "rows length"]:
        """The n-grams with the pinned words in their places."""
        for place, word in self.pinned.items():
            ids[:, place] = word
        return ids

    def count(self, rows: Int[Tensor, "rows"], each: int = 1) -> None:
        """Add some evaluations for each row's neuron."""
        self.evaluations.index_add_(0, rows, torch.full_like(rows, each))

    def take(self, ids: Int[Tensor, "rows length"], rows: Int[Tensor, "rows"]) -> Float[Tensor, "rows"]:
        """Compute n-grams exactly, and keep those that are the best so far of their neurons; gives their values."""
        self.count(rows)
        values = self.sign * self.exact.read(ids, rows)
        if values.isnan().any():
            name = self.reader.neurons[int(rows[values.isnan()][0])].name
            raise ValueError(f"the activation of {name!r} is not a number: was the network's training unstable?")
        self.keep(ids, rows, values)
        return values

    def keep(self, ids: Int[Tensor, "rows length"], rows: Int[Tensor, "rows"], values: Float[Tensor, "rows"]) -> None:
        """Keep what is better than the best so far; of equals the first."""
        highest = torch.full_like(self.value, -torch.inf).scatter_reduce(0, rows, values, "amax")
        places = torch.where(values == highest[rows], torch.arange(len(rows), device=rows.device), len(rows))
        first = torch.full_like(self.evaluations, len(rows)).scatter_reduce(0, rows, places, "amin")
        better = torch.nonzero(highest > self.value).flatten()
        self.best[better], self.value[better] = ids[first[better]], highest[better]
        if self.found is not None:
            for row in better.tolist():
                self.found(self._found(row))

    def _found(self, row: int) -> Found:
        words = " ".join(self.reader.pathway.vocabulary.decode(self.best[row].tolist()))
        return Found(self.reader.neurons[row], int(self.evaluations[row]), words, self.sign * float(self.value[row]))

    def gradient(
        self, ids: Int[Tensor, "rows length"], rows: Int[Tensor, "rows"], places: list[int]
    ) -> Float[Tensor, "rows places candidates"]:
        """To first order, what each candidate word would change at each place."""
        self.count(rows, 2)
        table = self.reader.pathway.embedding.detach()
        embedded = table[ids].requires_grad_()
        with torch.enable_grad():
            total = self.sign * self.reader.activation(embedded, rows).sum()
        (slope,) = asking.slopes(self.reader.pathway, total, embedded)
        return slope[:, places].float() @ table[self.words].t()

    def swapped(
        self,
        ids: Int[Tensor, "rows length"],
        rows: Int[Tensor, "rows"],
        place: int,
        candidates: Int[Tensor, "rows candidates"],
    ) -> tuple[Int[Tensor, "rows length"], Float[Tensor, "rows"]]:
        """The best of the candidates at one place, by exact values: the n-grams and their values.

        A search in half precision picks a few, of which the best is chosen by values in single precision.
        """
        self.count(rows, candidates.shape[1])
        values = self.sign * self.reader.swapped(ids, rows, place, candidates)
        if self.exact is self.reader:
            values, at = values.max(dim=1)
            chosen = candidates.gather(1, at[:, None])
        else:
            chosen = candidates.gather(1, values.topk(min(CHECKED, values.shape[1]), dim=1).indices)
            repeated = ids.repeat_interleave(chosen.shape[1], dim=0)
            repeated[:, place] = chosen.flatten()
            values = self.sign * self.exact.read(repeated, rows.repeat_interleave(chosen.shape[1])).view(chosen.shape)
            self.count(rows, chosen.shape[1])
            values, at = values.max(dim=1)
            chosen = chosen.gather(1, at[:, None])
        found = ids.clone()
        found[:, place] = chosen[:, 0]
        return found, values
