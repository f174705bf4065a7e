"""Gated recurrent units: torch's, and the one printed in Kádár et al. 2017 (section 3, equations 1-4).

Both cells split a step in two: ``project`` is the part that depends on the word alone, ``advance`` the rest.
A method that meets the same word many times projects it once.

Easy to get wrong: the two cells differ in three places. Torch's candidate is ``W x + r * (U h)``, the paper's is
``W x + U (r * h)``; torch's update gate keeps the old state (``z * h + (1 - z) * n``), the paper's lets the new one in;
and the paper's cell has a clipped rectifier and steep gates where torch has ``tanh`` and plain sigmoids.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

STEEPNESS = 3.75  # slope of the gates in the original code
CLIP = 5.0  # ceiling of the rectifier in the original code


class TorchGRU(nn.Module):
    """``torch.nn.GRU`` with one layer, split in two parts.

    Parameters
    ----------
    inputs, units : int
        Width of a word's embedding and of a state.
    generator : torch.Generator
        Source of the random weights.

    Examples
    --------
    >>> cell = TorchGRU(3, 4, torch.Generator().manual_seed(0))
    >>> embedded = torch.ones(2, 5, 3)
    >>> states = cell(embedded)
    >>> states.shape
    torch.Size([2, 5, 4])
    >>> state = cell.initial(2)
    >>> for t in range(5):
    ...     state = cell.advance(cell.project(embedded[:, t]), state)
    >>> torch.allclose(state, states[:, -1], atol=1e-6)
    True
    """

    def __init__(self, inputs: int, units: int, generator: torch.Generator):
        super().__init__()
        self.units = units
        # Made without values first: torch's own initialisation would draw from the global generator.
        self.gru = nn.GRU(inputs, units, batch_first=True, device="meta").to_empty(device="cpu")
        bound = 1 / math.sqrt(units)
        for weight in self.gru.parameters():
            nn.init.uniform_(weight, -bound, bound, generator=generator)

    def forward(self, embedded: Float[Tensor, "batch time inputs"]) -> Float[Tensor, "batch time units"]:
        """The state after each word, read from a zero state."""
        return self.gru(embedded)[0]

    def initial(self, batch: int) -> Float[Tensor, "batch units"]:
        """The state before the first word: zeros."""
        return self.gru.weight_hh_l0.new_zeros(batch, self.units)

    def project(self, embedded: Float[Tensor, "... inputs"]) -> Float[Tensor, "... gates"]:
        """The part of a step that depends on the word alone: reset, update, candidate side by side."""
        return F.linear(embedded, self.gru.weight_ih_l0, self.gru.bias_ih_l0)

    def advance(
        self, projected: Float[Tensor, "batch gates"], state: Float[Tensor, "batch units"]
    ) -> Float[Tensor, "batch units"]:
        """The new state, given the projected word and the state before it."""
        split = 2 * self.units
        recurrent = F.linear(state, self.gru.weight_hh_l0, self.gru.bias_hh_l0)
        reset, update = torch.sigmoid_(recurrent[:, :split].add_(projected[:, :split])).chunk(2, dim=1)
        candidate = _tanh_(torch.addcmul(projected[:, split:], reset, recurrent[:, split:]))
        # Under autocast the gates are in half precision; the state is carried on in its own.
        return torch.lerp(candidate.to(state.dtype), state, update.to(state.dtype))

    def scan(
        self,
        projected: Float[Tensor, "time batch gates"],
        state: Float[Tensor, "batch units"] | None = None,
        frozen: bool = False,
    ) -> Float[Tensor, "time batch units"]:
        """All states of a batch of projected sentences, time first, with a fast backward pass.

        Parameters
        ----------
        projected : float tensor, shape (time, batch, gates)
        state : float tensor, shape (batch, units), optional
            What the first word finds, constant in the backward pass; zeros by default.
        frozen : bool
            No gradient for the weights, which then costs nothing.
        """
        weight, bias = self.gru.weight_hh_l0, self.gru.bias_hh_l0
        if frozen:
            weight, bias = weight.detach(), bias.detach()
        return _Scan.apply(projected, weight, bias, state)


def _tanh_(x: Tensor) -> Tensor:
    """The hyperbolic tangent by way of the logistic function, which torch computes faster; ``x`` is overwritten."""
    if x.dtype == torch.bfloat16:  # near zero the other way would lose most of its eight bits
        return torch.tanh_(x)
    half = torch.sigmoid_(x.mul_(2))
    return torch.add(half, half).sub_(1)


class _Scan(torch.autograd.Function):
    """The recurrence of ``torch.nn.GRU`` over projected words, in the precision of ``projected``.

    Faster than torch's own on a processor for two reasons: the gradient of the recurrent weights is one product over
    all positions instead of one per position, and in bfloat16 the weights are converted once instead of at each step.
    The state itself is carried in single precision, so rounding does not pile up along a sentence.
    """

    @staticmethod
    def forward(ctx, projected, weight, bias, initial):
        time, batch, gates = projected.shape
        units = gates // 3
        by_state, bias = weight.to(projected.dtype).t(), bias.to(projected.dtype)
        states = projected.new_zeros(time + 1, batch, units)
        opened = torch.empty_like(projected)  # reset, update, candidate after their nonlinearity
        recalled = projected.new_empty(time, batch, units)  # what the reset gate lets into the candidate
        state = weight.new_zeros(batch, units) if initial is None else initial.detach()
        states[0] = state
        for t in range(time):
            recurrent = torch.addmm(bias, states[t], by_state)
            recalled[t] = recurrent[:, 2 * units :]
            opened[t, :, : 2 * units] = torch.sigmoid_(recurrent[:, : 2 * units] + projected[t, :, : 2 * units])
            reset, update, candidate = opened[t].split(units, dim=1)
            candidate.copy_(torch.tanh_(torch.addcmul(projected[t, :, 2 * units :], reset, recalled[t])))
            state = torch.lerp(candidate.to(weight.dtype), state, update.to(weight.dtype))
            states[t + 1] = state
        ctx.save_for_backward(states, opened, recalled, weight)
        return states[1:]

    @staticmethod
    @once_differentiable  # what forward keeps counts as constant, so a second derivative would be wrong
    def backward(ctx, from_above):
        states, opened, recalled, weight = ctx.saved_tensors
        time, batch, units = recalled.shape
        by_gate = weight.to(states.dtype)
        into_projected, into_recurrent = torch.empty_like(opened), torch.empty_like(opened)
        into_state = states.new_zeros(batch, units)
        for t in reversed(range(time)):
            into_state = into_state + from_above[t]
            reset, update, candidate = opened[t].split(units, dim=1)
            into_candidate = into_state * (1 - update) * (1 - candidate * candidate)
            into_projected[t] = torch.cat(
                (
                    into_candidate * recalled[t] * reset * (1 - reset),
                    into_state * (states[t] - candidate) * update * (1 - update),
                    into_candidate,
                ),
                dim=1,
            )
            into_recurrent[t] = into_projected[t]
            into_recurrent[t, :, 2 * units :] *= reset
            into_state = torch.addmm(into_state * update, into_recurrent[t], by_gate)
        if not ctx.needs_input_grad[1]:
            return into_projected, None, None, None
        flat = into_recurrent.flatten(0, 1)
        into_weight = (flat.t() @ states[:-1].flatten(0, 1)).to(weight.dtype)
        return into_projected, into_weight, flat.sum(0, dtype=weight.dtype), None


class KadarGRU(nn.Module):
    """The gated recurrent unit of Kádár et al. 2017, equations 1-4, without biases as printed.

    Examples
    --------
    >>> cell = KadarGRU(3, 4, torch.Generator().manual_seed(0))
    >>> states = cell(torch.ones(2, 5, 3))
    >>> states.shape, bool((states >= 0).all() and (states <= CLIP).all())
    (torch.Size([2, 5, 4]), True)
    """

    def __init__(self, inputs: int, units: int, generator: torch.Generator):
        super().__init__()
        self.units = units
        self.weight_ih = nn.Parameter(torch.empty(3 * units, inputs))
        self.weight_hh = nn.Parameter(torch.empty(3 * units, units))
        for part in range(3):
            rows = slice(part * units, (part + 1) * units)
            nn.init.xavier_uniform_(self.weight_ih.data[rows], generator=generator)
            nn.init.orthogonal_(self.weight_hh.data[rows], generator=generator)

    def forward(self, embedded: Float[Tensor, "batch time inputs"]) -> Float[Tensor, "batch time units"]:
        """The state after each word, read from a zero state."""
        return self.scan(self.project(embedded).transpose(0, 1)).transpose(0, 1)

    def initial(self, batch: int) -> Float[Tensor, "batch units"]:
        """The state before the first word: zeros."""
        return self.weight_hh.new_zeros(batch, self.units)

    def project(self, embedded: Float[Tensor, "... inputs"]) -> Float[Tensor, "... gates"]:
        """The part of a step that depends on the word alone: reset, update, candidate side by side."""
        return F.linear(embedded, self.weight_ih)

    def advance(
        self, projected: Float[Tensor, "batch gates"], state: Float[Tensor, "batch units"]
    ) -> Float[Tensor, "batch units"]:
        """The new state, given the projected word and the state before it."""
        split = 2 * self.units
        gates = projected[:, :split] + F.linear(state, self.weight_hh[:split])
        reset, update = torch.sigmoid(STEEPNESS * gates).chunk(2, dim=1)
        candidate = projected[:, split:] + F.linear(reset * state, self.weight_hh[split:])
        return torch.lerp(state, candidate.clamp(0, CLIP).to(state.dtype), update.to(state.dtype))

    def scan(
        self,
        projected: Float[Tensor, "time batch gates"],
        state: Float[Tensor, "batch units"] | None = None,
        frozen: bool = False,
    ) -> Float[Tensor, "time batch units"]:
        """All states of a batch of projected sentences, time first; arguments as for :meth:`TorchGRU.scan`."""
        # The recurrence needs its weights in the graph to reach the words; "frozen" saves nothing here.
        state = self.initial(projected.shape[1]) if state is None else state
        states = []
        for word in projected:
            state = self.advance(word.to(state.dtype), state)
            states.append(state)
        return torch.stack(states)


class RunningSum(nn.Module):
    """No recurrence at all: the state is the sum of the embeddings read so far (the paper's SUM, section 5.3)."""

    def __init__(self, inputs: int):
        super().__init__()
        self.units = inputs

    def forward(self, embedded: Float[Tensor, "batch time units"]) -> Float[Tensor, "batch time units"]:
        """The running sum after each word."""
        return embedded.cumsum(dim=1)

    def initial(self, batch: int) -> Float[Tensor, "batch units"]:
        """The state before the first word: zeros."""
        return torch.zeros(batch, self.units)

    def project(self, embedded: Tensor) -> Tensor:
        """A word is its embedding."""
        return embedded

    def advance(self, projected: Tensor, state: Tensor) -> Tensor:
        """The sum so far and the next word."""
        return state + projected

    def scan(
        self,
        projected: Float[Tensor, "time batch units"],
        state: Float[Tensor, "batch units"] | None = None,
        frozen: bool = False,
    ) -> Float[Tensor, "time batch units"]:
        """All running sums of a batch, time first, in single precision; arguments as for :meth:`TorchGRU.scan`."""
        sums = projected.float().cumsum(dim=0)
        return sums if state is None else sums + state


CELLS = {"torch": TorchGRU, "kadar": KadarGRU}
