"""The activations of neurons for n-grams, exact and differentiable, counted.

An n-gram is read on its own, framed as ``<s> w1 .. wn </s>`` (or bare, as Poerner et al. 2018 did); the framing is
fixed. A :class:`Reader` gives the activation of a neuron for word numbers (:meth:`Reader.read`), for any vectors in the
place of words, with a gradient (:meth:`Reader.activation`), for every word at one place (:meth:`Reader.swapped`) and
for all its neurons at once over a sorted list of n-grams (:meth:`Reader.all_neurons`).

Easy to get wrong: rounding. A matrix product of fewer than 16 rows may round differently from the same rows among
others, so that a search could end elsewhere for another size of a chunk: fewer rows are therefore filled up. (Gates are
computed 32 at a time; where the units are no multiple of that, the last few may differ in their last bit.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from reading_neurons import asking
from reading_neurons.neurons import Neuron, readout
from reading_neurons.pathway import FEWEST_ROWS, Pathway, Recurrent, filled, state_rows, stepper
from reading_neurons.text import Vocabulary

ROWS_AT_ONCE = 2048
PRECISIONS = ("float32", "bfloat16")


class Reader:
    """Reads n-grams for some neurons of one pathway.

    Parameters
    ----------
    pathway : Pathway
    neurons : sequence of Neuron
        All read at the same place.
    frame : bool
        Read ``<s> w1 .. wn </s>``; otherwise the bare words, and every neuron at the last.
    precision : "float32" or "bfloat16"
        Of matrix products; see :func:`reading_neurons.passes.windows`.

    Raises
    ------
    ValueError
        If there is no neuron, they are read at different places, or one is out of range.

    Examples
    --------
    >>> from reading_neurons.models.detectors import Detector, DetectorPathway
    >>> from reading_neurons.neurons import unit
    >>> pathway = DetectorPathway(Vocabulary(["a", "dog"]), [Detector("dog", on=["dog"], hold=0.5)])
    >>> reader = Reader(pathway, [unit(0)])
    >>> reader.read(torch.tensor([[4, 5], [5, 4]]), torch.tensor([0, 0])).tolist()
    [1.0, 0.5]
    """

    def __init__(
        self, pathway: Pathway, neurons: Sequence[Neuron], *, frame: bool = True, precision: str = "float32"
    ):
        places = {neuron.place for neuron in neurons}
        if len(places) != 1:
            raise ValueError(f"expected neurons that are read at one place, found {sorted(places) or 'no neuron'}")
        if precision not in PRECISIONS:
            raise ValueError(f"unknown precision {precision!r}: choose one of {', '.join(map(repr, PRECISIONS))}")
        self.pathway, self.neurons, self.frame, self.precision = pathway, tuple(neurons), frame, precision
        self.at_end = frame and places == {"end"}
        self.device = pathway.embedding.device
        self._start = None
        with torch.no_grad():
            if isinstance(pathway, Recurrent):
                self._project, self._advance = stepper(pathway)
                with self._autocast():
                    self._table = self._project(pathway.embedding)
                self._start, units = pathway.initial(1), None
                if frame:
                    self._start, units = self._step(self._words([Vocabulary.start]), self._start)
            else:
                units = asking.states(pathway, asking.words(pathway, self._words([[Vocabulary.start]])))[0]
            width = self._advance(self._table[:1], self._start)[1].shape[-1] if units is None else units.shape[-1]
        self._readout = readout(pathway, self.neurons, width)
        if self._readout is None:
            self._members = self._mean_of_outputs(pathway, width)

    def _mean_of_outputs(self, pathway: Pathway, width: int) -> Float[Tensor, "neurons outputs"]:
        outputs = asking.outputs(pathway, torch.zeros(1, width, device=self.device)).shape[-1]
        members = torch.zeros(len(self.neurons), outputs, device=self.device)
        for row, neuron in enumerate(self.neurons):
            if neuron.kind == "unit" or max(neuron.members) >= outputs:
                raise ValueError(
                    f"{neuron.name!r} is not one of the {outputs} outputs of {pathway.name!r}, whose readout is not "
                    "known to be linear: read units and outputs in two calls"
                )
            members[row, list(neuron.members)] = 1 / len(neuron.members)
        return members

    def _autocast(self):
        half = self.precision == "bfloat16"
        return torch.autocast(self.device.type, torch.bfloat16, enabled=half) if half else nullcontext()

    def _words(self, numbers: Sequence[int]) -> Int[Tensor, "words"]:
        return torch.as_tensor(numbers, device=self.device)

    def _step(self, words: Int[Tensor, "rows"], state: Any) -> tuple[Any, Float[Tensor, "rows units"]]:
        with self._autocast():
            return self._advance(self._table.index_select(0, words), state)

    def _score(self, states: Float[Tensor, "rows units"], rows: Int[Tensor, "rows"]) -> Float[Tensor, "rows"]:
        """The activation of one neuron for each state."""
        states = states.float()
        if self._readout is not None:
            weight, bias = self._readout
            return (states * weight[rows]).sum(dim=-1) + bias[rows]
        return (asking.outputs(self.pathway, states) * self._members[rows]).sum(dim=-1)

    def _score_all(self, states: Float[Tensor, "rows units"]) -> Float[Tensor, "rows neurons"]:
        states = states.float()
        if self._readout is not None:
            weight, bias = map(filled, self._readout)
            return torch.addmm(bias, states, weight.t())[:, : len(self.neurons)]
        return asking.outputs(self.pathway, states) @ self._members.t()

    def activation(
        self, embedded: Float[Tensor, "rows length embedding"], rows: Int[Tensor, "rows"]
    ) -> Float[Tensor, "rows"]:
        """The activation of neuron ``rows[i]`` for the vectors ``embedded[i]``; differentiable with respect to them."""
        count, embedded, rows = len(embedded), filled(embedded), filled(rows)
        return self._activation(embedded, rows)[:count]

    def _activation(self, embedded, rows):
        with self._autocast(), asking.differentiable():
            if self._start is None:
                return self._score(self._read_whole(embedded), rows)
            if hasattr(self.pathway, "scan"):
                return self._score(self._scanned(embedded), rows)
            state, units = self._starts(len(embedded)), None
            for t in range(embedded.shape[1]):
                state, units = self._advance(self._project(embedded[:, t]), state)
            if self.at_end:
                state, units = self._advance(self._table[Vocabulary.end].expand(len(embedded), -1), state)
            return self._score(units, rows)

    def _scanned(self, embedded: Float[Tensor, "rows length embedding"]) -> Float[Tensor, "rows units"]:
        projected = self._project(embedded.transpose(0, 1))
        if self.at_end:
            end = self._table[Vocabulary.end].expand(1, len(embedded), -1)
            projected = torch.cat((projected, end.to(projected.dtype)))
        return self.pathway.scan(projected, self._starts(len(embedded)))[-1]

    def _read_whole(self, embedded: Float[Tensor, "rows length embedding"]) -> Float[Tensor, "rows units"]:
        """What a pathway that cannot be driven word by word has at the place of the neurons."""
        if not self.frame:
            return asking.states(self.pathway, embedded)[:, -1]
        start, end = (
            self.pathway.embedding[i].expand(len(embedded), 1, -1) for i in (Vocabulary.start, Vocabulary.end)
        )
        framed = torch.cat((start, embedded, end), dim=1)
        if self.at_end:
            return asking.representation(self.pathway, framed)
        return asking.states(self.pathway, framed)[:, -2]

    def _starts(self, count: int) -> Any:
        """The state before the first word, once a row."""
        return state_rows(self._start, torch.zeros(count, dtype=torch.long, device=self.device))

    @torch.no_grad()
    def read(self, ids: Int[Tensor, "rows length"], rows: Int[Tensor, "rows"]) -> Float[Tensor, "rows"]:
        """The activation of neuron ``rows[i]`` for the words ``ids[i]``."""
        blocks = zip(filled(ids).split(ROWS_AT_ONCE), filled(rows).split(ROWS_AT_ONCE), strict=True)
        parts = [self._score(self._final(words), neurons) for words, neurons in blocks]
        return torch.cat(parts)[: len(ids)]

    def _final(self, ids: Int[Tensor, "rows length"]) -> Float[Tensor, "rows units"]:
        """The units where the neurons are read."""
        if self._start is None:
            with self._autocast():
                return self._read_whole(self.pathway.embedding[ids])
        state, units = self._starts(len(ids)), None
        for t in range(ids.shape[1]):
            state, units = self._step(ids[:, t], state)
        return self._ended(state, units)

    def _ended(self, state: Any, units: Float[Tensor, "rows units"]) -> Float[Tensor, "rows units"]:
        """The units where the neurons are read, given those at the last word."""
        if not self.at_end:
            return units
        return self._step(torch.full((len(units),), Vocabulary.end, device=self.device), state)[1]

    @torch.no_grad()
    def swapped(
        self,
        ids: Int[Tensor, "rows length"],
        rows: Int[Tensor, "rows"],
        place: int,
        candidates: Int[Tensor, "rows candidates"],
    ) -> Float[Tensor, "rows candidates"]:
        """The activation of neuron ``rows[i]`` for ``ids[i]`` with each of ``candidates[i]`` in one place.

        What comes before the place is read once for all candidates.
        """
        at_once = max(ROWS_AT_ONCE // candidates.shape[1], 1)
        parts = [
            self._swapped(*part, place, words)
            for *part, words in zip(ids.split(at_once), rows.split(at_once), candidates.split(at_once), strict=True)
        ]
        return torch.cat(parts)

    def _swapped(self, ids, rows, place, candidates):
        few, count = len(ids), candidates.shape[1]
        if few * count < FEWEST_ROWS:
            ids, rows, candidates = filled(ids), filled(rows), filled(candidates)
        repeated = torch.arange(len(ids), device=self.device).repeat_interleave(count)
        if self._start is None:
            whole = ids[repeated]
            whole[:, place] = candidates.flatten()
            return self.read(whole, rows[repeated]).view(-1, count)[:few]
        before = filled(ids)
        state = self._starts(len(before))
        for t in range(place):
            state, _ = self._step(before[:, t], state)
        state, units = self._step(candidates.flatten(), state_rows(state, repeated))
        for t in range(place + 1, ids.shape[1]):
            state, units = self._step(ids[repeated, t], state)
        return self._score(self._ended(state, units), rows[repeated]).view(-1, count)[:few]

    @torch.no_grad()
    def all_neurons(
        self, ngrams: np.ndarray, rows: int = 8192
    ) -> Iterator[tuple[int, Float[Tensor, "ngrams neurons"]]]:
        """The activations of all neurons for many n-grams of one length, some at a time.

        Parameters
        ----------
        ngrams : int array, shape (n-grams, length)
            In sorted order, neighbours then share what they begin with, which is read once.
        rows : int
            How many at a time.

        Yields
        ------
        (int, float tensor)
            Where the n-grams begin in the list, and their activations.
        """
        for begin in range(0, len(ngrams), rows):
            block = ngrams[begin : begin + rows]
            states = self._final(torch.from_numpy(block)) if self._start is None else self._by_prefixes(block)
            yield begin, self._score_all(states)

    def _by_prefixes(self, ngrams: np.ndarray) -> Float[Tensor, "ngrams units"]:
        state, row = self._start, np.zeros(len(ngrams), dtype=np.int64)
        differs = np.zeros(len(ngrams), dtype=bool)
        differs[0] = True
        for words in ngrams.T:
            differs[1:] |= words[1:] != words[:-1]
            first = np.flatnonzero(differs)
            parents = filled(torch.from_numpy(row[first])).to(self.device)
            state, units = self._step(filled(self._words(words[first])), state_rows(state, parents))
            row = np.cumsum(differs) - 1
        units = self._ended(state, units)
        return units[: len(ngrams)] if differs.all() else units.index_select(0, self._words(row))
