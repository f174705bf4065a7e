"""Gradient ascent on a relaxation of words, with annealing: the optimiser of Poerner et al. 2018.

Adam raises the activation of what is read; the temperature of the Gumbel softmax falls by a factor a step to a floor.
The n-gram that the free numbers stand for is read by the network whenever it changes, and the best one seen is kept.

The published schedule (:data:`PUBLISHED`) takes a rate of .001, 64 samples of noise a step and up to 200,000 steps;
the default (:data:`DEFAULT`) a thousand times that rate, 40 steps and four restarts.

Easy to get wrong: what is kept. The activation of a mixture of words says little about any n-gram; only what words
score counts, and the last step is not the best one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from reading_neurons import asking
from reading_neurons.methods.objective import Objective
from reading_neurons.methods.relaxations import EmbeddingRelaxation, WordRelaxation, generator, relaxation

LANES = 32  # numbers that a processor computes at once, at most


@dataclass(frozen=True)
class Ascent:
    """How a gradient ascent goes.

    Attributes
    ----------
    steps : int
        At most how many.
    learning_rate : float
        Adam's.
    restarts : int
        Independent beginnings, of which the best n-gram counts.
    samples : int
        Draws of noise that one row of free numbers is read with at each step ("gumbel" alone).
    hot, cold : float
        The first and the lowest temperature ("gumbel" alone).
    cooling : float
        The factor a step; 0 for the one that reaches ``cold`` with the last step.
    start : float
        Free numbers begin uniform in (-start, start).
    patience : int
        Steps without a better n-gram after which a neuron is done; 0 for none.

    Raises
    ------
    ValueError
        If a setting makes no sense.

    Examples
    --------
    >>> Ascent(steps=100, hot=2.0, cold=0.1).temperature(99)
    0.1
    """

    steps: int = 40
    learning_rate: float = 1.0
    restarts: int = 4
    samples: int = 1
    hot: float = 2.0
    cold: float = 0.1
    cooling: float = 0.0
    start: float = 0.05
    patience: int = 0

    def __post_init__(self):
        for name in ("steps", "restarts", "samples"):
            if getattr(self, name) < 1:
                raise ValueError(f"an ascent needs {name} of at least 1, found {getattr(self, name)}")
        if not 0 < self.cold <= self.hot:
            raise ValueError(f"expected 0 < cold <= hot, found {self.cold} and {self.hot}")
        if self.learning_rate <= 0 or not 0 <= self.cooling <= 1:
            raise ValueError(
                f"expected a learning rate above 0 and a cooling from 0 to 1, found {self.learning_rate} and {self.cooling}"
            )

    def temperature(self, step: int) -> float:
        """The temperature of a step, counted from 0."""
        cooling = self.cooling or (self.cold / self.hot) ** (1 / max(self.steps - 1, 1))
        return round(max(self.hot * cooling**step, self.cold), 12)


DEFAULT = Ascent()
_PAPER = {"learning_rate": 0.001, "restarts": 1, "cooling": 0.99995, "steps": 200_000}
PUBLISHED = {
    "embedding": Ascent(**_PAPER, patience=25 * 20),
    "logit": Ascent(**_PAPER, patience=100 * 200),
    "softmax": Ascent(**_PAPER, patience=100 * 200),
    "gumbel": Ascent(**_PAPER, samples=64, patience=200 * 200),
}
"""The settings of the original code, by method."""


@dataclass(frozen=True)
class Step:
    """What a watcher of an ascent sees after a step.

    Attributes
    ----------
    step : int
        From 0.
    temperature : float
    relaxation : WordRelaxation or EmbeddingRelaxation
        Its free numbers are those that the step began with.
    rows : int tensor, shape (rows,)
        The neuron of each row; a neuron has as many as there are restarts.
    activation : float tensor, shape (rows,)
        Of what was read, the mean over samples of noise.
    written : int tensor, shape (rows, length)
        The words that the free numbers stand for.
    values : float tensor, shape (rows,)
        What those words score.
    objective : Objective
        With the best n-gram of each neuron so far.
    """

    step: int
    temperature: float
    relaxation: WordRelaxation | EmbeddingRelaxation
    rows: Int[Tensor, "rows"]
    activation: Float[Tensor, "rows"]
    written: Int[Tensor, "rows length"]
    values: Float[Tensor, "rows"]
    objective: Objective


@dataclass
class Ascended:
    """What an ascent leaves.

    Attributes
    ----------
    ids : int tensor, shape (rows, length)
        The best n-gram of each row, which is a restart of a neuron.
    values : float tensor, shape (rows,)
        What it scores, times the sign of the objective.
    rows : int tensor, shape (rows,)
        The neuron of each.
    steps : int tensor, shape (neurons,)
        How many steps each neuron took.
    relaxation : Relaxation
        As the last step left it.
    """

    ids: Int[Tensor, "rows length"]
    values: Float[Tensor, "rows"]
    rows: Int[Tensor, "rows"]
    steps: Int[Tensor, "neurons"]
    relaxation: WordRelaxation | EmbeddingRelaxation


def ascend(
    objective: Objective, method: str, ascent: Ascent, seed: int = 0, watch: Callable[[Step], None] | None = None
) -> Ascended:
    """Raise the activation of all neurons of an objective together.

    Parameters
    ----------
    objective : Objective
        Counts, and keeps the best n-gram of each neuron.
    method : "embedding", "logit", "softmax" or "gumbel"
    ascent : Ascent
    seed : int
    watch : callable, optional
        Called with a :class:`Step` after each.
    """
    rows = objective.neurons.repeat_interleave(ascent.restarts)
    seeds = [generator(seed, n, restart) for n in objective.reader.neurons for restart in range(ascent.restarts)]
    relaxed = relaxation(method, objective, seeds, ascent.samples, ascent.start)
    samples = getattr(relaxed, "samples", 1)
    optimizer = _Adam(relaxed.free, ascent.learning_rate)
    seen = _Seen(objective, rows, ascent.patience)
    for step in range(ascent.steps):
        temperature = ascent.temperature(step)
        written, values = seen.look(relaxed.written())
        activation = objective.reader.activation(relaxed.embedded(temperature), rows.repeat_interleave(samples))
        # Not backward(), which would also fill the gradients of the network's own weights.
        value = activation.sum() * (objective.sign / samples)
        (slope,) = asking.slopes(objective.reader.pathway, value, relaxed.free)
        objective.count(seen.going(rows), 2 * samples)
        if watch is not None:
            mean = activation.detach().view(-1, samples).mean(dim=1)
            watch(Step(step, temperature, relaxed, rows, mean, written, values * objective.sign, objective))
        optimizer.raise_by(slope)
        if seen.done():
            break
    seen.look(relaxed.written())
    return Ascended(seen.ids, seen.values, rows, seen.steps, relaxed)


class _Adam:
    """Adam that treats every number alike, wherever it stands among others.

    Torch's fused one computes the last few of a tensor by another code, which rounds otherwise: a row's way would then
    depend on how many rows there are. So the last few are numbers that nobody reads.
    """

    def __init__(self, free: Tensor, rate: float):
        self._unread = -free.numel() % LANES
        self._whole = F.pad(free.detach().flatten(), (0, self._unread))
        free.data = self._whole[: free.numel()].view_as(free)
        self._adam = torch.optim.Adam([self._whole], lr=rate, maximize=True, fused=True)

    def raise_by(self, slope: Tensor) -> None:
        """One step up a slope."""
        self._whole.grad = F.pad(slope.flatten(), (0, self._unread)) if self._unread else slope.flatten()
        self._adam.step()


class _Seen:
    """The best n-gram of each row, and which neurons still go on."""

    def __init__(self, objective: Objective, rows: Int[Tensor, "rows"], patience: int):
        self.objective, self.rows, self.patience = objective, rows, patience
        self.ids = torch.zeros(len(rows), objective.length, dtype=torch.long, device=rows.device)
        self.values = torch.full((len(rows),), -torch.inf, device=rows.device)
        self.steps = torch.zeros_like(objective.evaluations)
        self._since = torch.zeros_like(self.steps)
        self._last = torch.full_like(self.ids, -1)
        self._last_values = self.values.clone()

    def look(self, written: Int[Tensor, "rows length"]) -> tuple[Tensor, Tensor]:
        """Read the n-grams that have changed, of neurons that go on; gives the n-grams and the values of all rows."""
        changed = (written != self._last).any(dim=1) & self._active()[self.rows]
        if changed.any():
            before = self.objective.value.clone()
            self._last_values[changed] = self.objective.take(written[changed], self.rows[changed])
            self._last = torch.where(changed[:, None], written, self._last)
            better = self._last_values > self.values
            self.ids[better], self.values[better] = self._last[better], self._last_values[better]
            self._since[self.objective.value > before] = 0
        return self._last, self._last_values

    def _active(self) -> Tensor:
        return self._since < self.patience if self.patience else torch.ones_like(self._since, dtype=torch.bool)

    def going(self, rows: Int[Tensor, "rows"]) -> Int[Tensor, "some rows"]:
        """The rows of neurons that take part in this step, which is counted."""
        active = self._active()
        self.steps += active
        self._since += active
        return rows[active[rows]]

    def done(self) -> bool:
        """Whether no neuron goes on."""
        return not self._active().any()
