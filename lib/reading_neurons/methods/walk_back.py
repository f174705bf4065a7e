"""The derivatives of many values of one reading by an LSTM, in a single walk back (for Li et al. 2016, figure 9).

A copy of m words has m scores, and each has a derivative at every word before it. Autograd walks back once for each
score, every time through the whole sentence. Here all of them walk together: at position t, those that are read at t or
behind it are the rows of one matrix. With the gates i, f, g, o after their non-linearities and the cell
``c_t = f c_(t-1) + i g``, of which ``h_t = o tanh(c_t)`` is shown,

``dS/dc_t += dS/dh_t o (1 - tanh(c_t)^2)``, and the derivatives at the four gates before their non-linearities are
``dS/dc_t g i (1 - i)``, ``dS/dc_t c_(t-1) f (1 - f)``, ``dS/dc_t i (1 - g^2)``, ``dS/dh_t tanh(c_t) o (1 - o)``.

Times W they are the derivative at the word, times U that at ``h_(t-1)``; ``dS/dc_(t-1) = f dS/dc_t``.

Easy to get wrong: the memory. The derivatives of every score at every dimension of every word fill a gigabyte with one
batch of long sentences. What is wanted of them, a number per word, is taken at each position and the rest let go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from reading_neurons.models.sequence_cells import Lstm, State

Measured = Callable[[Float[Tensor, "... inputs"], Float[Tensor, "... inputs"]], Float[Tensor, "..."]]
"""Of derivatives at words, and the words' embeddings, what is wanted of each."""


@dataclass(frozen=True)
class Reading:
    """What an LSTM did with a batch of sequences.

    Attributes
    ----------
    embedded : float tensor, shape (batch, time, inputs)
    gates : float tensor, shape (batch, time, 4, units)
        Input, forget, candidate and output gate, after their non-linearities.
    kept : float tensor, shape (batch, time + 1, units)
        The cell before every word, and after the last.
    shown : float tensor, shape (batch, time, units)
        The state after every word.
    """

    embedded: Float[Tensor, "batch time inputs"]
    gates: Float[Tensor, "batch time 4 units"]
    kept: Float[Tensor, "batch time+1 units"]
    shown: Float[Tensor, "batch time units"]

    def state(self, places: Int[Tensor, "batch"]) -> State:
        """The state (h, c) of every sequence after the word at its place."""
        rows = torch.arange(len(places), device=places.device)
        return self.shown[rows, places], self.kept[rows, places + 1]


@torch.no_grad()
def read(cell: Lstm, embedded: Float[Tensor, "batch time inputs"], initial: State | None = None) -> Reading:
    """Read sequences and keep what a walk back needs; positions behind the end of a sequence do no harm."""
    state = cell.initial(len(embedded)) if initial is None else initial
    gates, kept, shown = [], [state[1]], []
    for projected in cell.project(embedded).unbind(1):
        gates.append(torch.stack(cell.gates(projected, state[0]), dim=1))
        state = cell.gated(gates[-1].unbind(1), state[1])
        shown.append(state[0])
        kept.append(state[1])
    return Reading(embedded, *(torch.stack(part, dim=1) for part in (gates, kept, shown)))


@torch.no_grad()
def walk_back(
    cell: Lstm,
    reading: Reading,
    sequences: Int[Tensor, "values"],
    places: Int[Tensor, "values"],
    slopes: State,
    measured: Measured,
) -> tuple[Float[Tensor, "values time"], State]:
    """What many values' derivatives at every word amount to, and their derivatives at the state read from.

    Parameters
    ----------
    cell : Lstm
        The one that read.
    reading : Reading
    sequences, places : int tensors, shape (values,)
        Of which sequence each value is, and at which position it is read off the state.
    slopes : pair of float tensors, shape (values, units)
        The derivative of each value at that state (h, c).
    measured : callable
        :data:`Measured`, called with one row for each value.

    Returns
    -------
    float tensor, shape (values, time)
        Zero behind a value's place.
    pair of float tensors, shape (values, units)
        Derivatives at the initial state (h, c).

    Examples
    --------
    >>> cell = Lstm(3, 4, torch.Generator().manual_seed(0))
    >>> embedded = torch.ones(1, 5, 3, requires_grad=True)
    >>> cell(embedded)[0, 3, 2].backward()
    >>> slopes = torch.zeros(1, 4).index_fill(1, torch.tensor(2), 1.0), torch.zeros(1, 4)
    >>> which = torch.tensor([0]), torch.tensor([3])
    >>> found, _ = walk_back(cell, read(cell, embedded), *which, slopes, lambda slope, words: slope.sum(dim=1))
    >>> torch.allclose(found, embedded.grad.sum(dim=2), atol=1e-7)
    True
    """
    order = torch.argsort(places, descending=True)  # so that those on their way are the first rows
    sequences, places = sequences[order], places[order]
    shown, kept = (part[order] for part in slopes)
    found = shown.new_zeros(len(order), reading.shown.shape[1])
    for at in reversed(range(int(places.max()) + 1 if len(places) else 0)):
        going = int((places >= at).sum())
        rows, of_shown, of_kept = sequences[:going], shown[:going], kept[:going]
        enter, forget, candidate, leave = reading.gates[rows, at].unbind(1)
        bent = reading.kept[rows, at + 1].tanh()
        of_kept += of_shown * leave * (1 - bent.square())
        of_gates = torch.cat((
            of_kept * candidate * enter * (1 - enter),
            of_kept * reading.kept[rows, at] * forget * (1 - forget),
            of_kept * enter * (1 - candidate.square()),
            of_shown * bent * leave * (1 - leave),
        ), dim=1)  # fmt: skip
        found[:going, at] = measured(of_gates @ cell.lstm.weight_ih_l0, reading.embedded[rows, at])
        torch.mm(of_gates, cell.lstm.weight_hh_l0, out=of_shown)
        of_kept *= forget
    back = torch.argsort(order)
    return found[back], (shown[back], kept[back])
