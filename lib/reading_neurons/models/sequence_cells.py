"""The plain recurrent network with tanh, and long short-term memory, as Li et al. 2016 (appendix) use them.

Both are torch's own, split in two parts like the gated units of :mod:`reading_neurons.models.gru`: ``project`` depends
on the word alone, ``advance`` is the rest of a step, so that a network can be driven word by word.

Easy to get wrong: what the "state" of an LSTM is. It carries two vectors from word to word, the cell and what the
output gate shows of it. Methods read the shown one, h; whoever continues from a state needs both, (h, c).
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

State = tuple[Tensor, Tensor]
Gates = tuple[Tensor, Tensor, Tensor, Tensor]


class Elman(nn.Module):
    """``h_t = tanh(W x_t + U h_(t-1) + b)``: the paper's standard recurrent network.

    Parameters
    ----------
    inputs, units : int
        Width of a word's embedding and of a state.
    generator : torch.Generator
        Source of the random weights.

    Examples
    --------
    >>> cell = Elman(3, 4, torch.Generator().manual_seed(0))
    >>> embedded = torch.ones(2, 5, 3)
    >>> state = cell.initial(2)
    >>> for t in range(5):
    ...     state, units = cell.advance(cell.project(embedded[:, t]), state)
    >>> torch.allclose(units, cell(embedded)[:, -1], atol=1e-6)
    True
    """

    def __init__(self, inputs: int, units: int, generator: torch.Generator):
        super().__init__()
        self.units = units
        self.rnn = _drawn(nn.RNN(inputs, units, batch_first=True, device="meta"), generator)

    def forward(
        self, embedded: Float[Tensor, "batch time inputs"], initial: Float[Tensor, "batch units"] | None = None
    ) -> Float[Tensor, "batch time units"]:
        """The state after each word, read from ``initial``, by default zeros."""
        return self.rnn(embedded, None if initial is None else initial[None])[0]

    def initial(self, batch: int) -> Float[Tensor, "batch units"]:
        """The state before the first word: zeros."""
        return self.rnn.weight_hh_l0.new_zeros(batch, self.units)

    def project(self, embedded: Float[Tensor, "... inputs"]) -> Float[Tensor, "... units"]:
        """The part of a step that depends on the word alone."""
        return F.linear(embedded, self.rnn.weight_ih_l0, self.rnn.bias_ih_l0 + self.rnn.bias_hh_l0)

    def advance(self, projected: Float[Tensor, "batch units"], state: Tensor) -> tuple[Tensor, Tensor]:
        """The new state, and its units, which are the same here."""
        state = torch.tanh(projected + F.linear(state, self.rnn.weight_hh_l0))
        return state, state


class Lstm(nn.Module):
    """``torch.nn.LSTM`` with one layer, split in two parts; arguments as for :class:`Elman`.

    Examples
    --------
    >>> cell = Lstm(3, 4, torch.Generator().manual_seed(0))
    >>> embedded = torch.ones(2, 5, 3)
    >>> state = cell.initial(2)
    >>> for t in range(5):
    ...     state, units = cell.advance(cell.project(embedded[:, t]), state)
    >>> torch.allclose(units, cell(embedded)[:, -1], atol=1e-6)
    True
    """

    def __init__(self, inputs: int, units: int, generator: torch.Generator):
        super().__init__()
        self.units = units
        self.lstm = _drawn(nn.LSTM(inputs, units, batch_first=True, device="meta"), generator)

    def forward(
        self, embedded: Float[Tensor, "batch time inputs"], initial: State | None = None
    ) -> Float[Tensor, "batch time units"]:
        """The shown state h after each word, read from ``initial`` (h, c), by default zeros."""
        return self.lstm(embedded, initial and tuple(part[None] for part in initial))[0]

    def initial(self, batch: int) -> State:
        """The state (h, c) before the first word: zeros."""
        zeros = self.lstm.weight_hh_l0.new_zeros(batch, self.units)
        return zeros, zeros

    def project(self, embedded: Float[Tensor, "... inputs"]) -> Float[Tensor, "... gates"]:
        """The part of a step that depends on the word alone: input, forget, candidate, output side by side."""
        return F.linear(embedded, self.lstm.weight_ih_l0, self.lstm.bias_ih_l0 + self.lstm.bias_hh_l0)

    def advance(self, projected: Float[Tensor, "batch gates"], state: State) -> tuple[State, Tensor]:
        """The new state (h, c), and its units h."""
        shown, kept = state
        state = self.gated(self.gates(projected, shown), kept)
        return state, state[0]

    def gates(self, projected: Float[Tensor, "batch gates"], shown: Float[Tensor, "batch units"]) -> Gates:
        """How far each gate opens, and the candidate: input, forget, candidate, output."""
        enter, forget, candidate, leave = (projected + F.linear(shown, self.lstm.weight_hh_l0)).chunk(4, dim=1)
        return torch.sigmoid(enter), torch.sigmoid(forget), torch.tanh(candidate), torch.sigmoid(leave)

    @staticmethod
    def gated(gates: Gates, kept: Float[Tensor, "batch units"]) -> State:
        """The new state (h, c) that gates let through."""
        enter, forget, candidate, leave = gates
        kept = forget * kept + enter * candidate
        return leave * torch.tanh(kept), kept


def _drawn(made: nn.RNNBase, generator: torch.Generator) -> nn.RNNBase:
    """A module made without values, its weights drawn as torch would, but from the generator alone."""
    made = made.to_empty(device="cpu")
    bound = 1 / math.sqrt(made.hidden_size)
    for weight in made.parameters():
        nn.init.uniform_(weight, -bound, bound, generator=generator)
    return made


def reversed_in_time(
    sequences: Float[Tensor, "batch time width"], lengths: Tensor | None
) -> Float[Tensor, "batch time width"]:
    """Each sequence from its end to its start; padding stays where it is.

    Examples
    --------
    >>> sequences = torch.tensor([[[1.0], [2.0], [3.0]], [[4.0], [5.0], [0.0]]])
    >>> reversed_in_time(sequences, torch.tensor([3, 2]))[..., 0].tolist()
    [[3.0, 2.0, 1.0], [5.0, 4.0, 0.0]]
    """
    if lengths is None:
        return sequences.flip(1)
    places = torch.arange(sequences.shape[1], device=sequences.device)
    mirrored = lengths[:, None] - 1 - places
    chosen = torch.where(mirrored >= 0, mirrored, places)
    return sequences.gather(1, chosen[..., None].expand_as(sequences))
