"""A pathway some of whose units are overwritten after each step: what :func:`.intervene` puts in its methods' place.

Easy to get wrong: a pathway's methods call each other. Were only ``advance`` replaced, a ``step`` that calls it would
write twice, and one that does not would not write at all. The methods here therefore work on a copy of the pathway as
it was before, which shares its weights, and replace every road by which a state can be reached.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from reading_neurons import asking
from reading_neurons.padding import last_state, mask_padding
from reading_neurons.pathway import Pathway, Recurrent, stepper


class Held:
    """The methods of a pathway with some units overwritten after each step."""

    def __init__(self, pathway: Recurrent, numbers: list[int], width: int, values: Float[np.ndarray, "..."]):
        # What the pathway was before the block: its own methods call each other on this copy, never the new ones.
        self.before = copy.copy(pathway)
        self.project, self._advance = stepper(self.before)
        self.width = width
        whole = np.full((*values.shape[:-1], width), np.nan)
        whole[..., numbers] = values
        self._values = torch.from_numpy(whole).to(pathway.embedding.device, torch.float32)

    def methods(self) -> dict[str, Any]:
        """What takes the place of the pathway's own methods, by name."""
        methods = {"step": self.step, "states": self.states, "representation": self.representation}
        fast = {"advance": self.advance, "scan": self.scan}
        return methods | {name: method for name, method in fast.items() if hasattr(self.before, name)}

    def initial(self, batch):
        """The state before the first word."""
        return self.before.initial(batch)

    def step(self, embedded, state):
        """Read one word: the new state, and its units."""
        return self.advance(self.project(embedded), state)

    def advance(self, projected, state):
        """The rest of a step, then the writing."""
        state, units = self._advance(projected, state)
        return self._written(state, units, self._values)

    def _written(self, state, units, values):
        new = torch.where(values.isnan(), units, values.to(units.dtype))
        return _write(self.before, state, units, new), new

    def states(self, embedded, lengths=None):
        """The units at every position, step by step; zero at padded ones."""
        by_time = self.scan(self.project(embedded).transpose(0, 1), self.initial(len(embedded)))
        return mask_padding(by_time.transpose(0, 1), lengths)

    def representation(self, embedded, lengths=None):
        """The state at the last position."""
        return last_state(self.states(embedded, lengths), lengths)

    def scan(self, projected, state=None):
        """All states of projected words, time first."""
        state, seen = self.initial(projected.shape[1]) if state is None else state, []
        for word in projected:
            state, units = self.advance(word, state)
            seen.append(units)
        return torch.stack(seen)


class Planned(Held):
    """The same where each position of each string has a value of its own.

    A state then is (state of the pathway, the string and the position that a row is about to read, its units).
    """

    def methods(self):
        """What takes the place of the pathway's own methods, by name."""
        return super().methods() | {"initial": self.initial, "write": self.write}

    def initial(self, batch):
        """The state before the first word, and which string and position each row is about to read."""
        if batch != len(self._values):
            raise ValueError(
                f"values are given position by position for {len(self._values)} strings, found {batch} to be read at "
                "once: read exactly those strings, in their order (pathway.states(...))"
            )
        rows = torch.arange(batch, device=self._values.device)
        units = self._values.new_zeros(batch, self.width)
        return self.before.initial(batch), torch.stack((rows, torch.zeros_like(rows)), dim=1), units

    def advance(self, projected, state):
        """The rest of a step, then the writing of what is planned for this position, if anything is."""
        state, place, _ = state
        row, time = place.unbind(dim=1)
        state, units = self._advance(projected, state)
        last = self._values.shape[1] - 1
        planned = self._values[row, time.clamp(max=last)].masked_fill((time > last)[:, None], torch.nan)
        state, units = self._written(state, units, planned)
        return (state, torch.stack((row, time + 1), dim=1), units), units

    def write(self, state, units):
        """The state with other units in the place of its own; strings and positions stay."""
        state, place, old = state
        return _write(self.before, state, old, units), place, units


def _write(pathway: Recurrent, state: Any, units: Tensor, new: Tensor) -> Any:
    """A state with new units, by the pathway's own ``write`` or by where the old ones are found in it."""
    if hasattr(pathway, "write"):
        return pathway.write(state, new)
    if isinstance(state, Tensor) and _same(state, units):
        return new
    if isinstance(state, tuple):
        places = [i for i, part in enumerate(state) if part is units]
        places = places or [i for i, part in enumerate(state) if isinstance(part, Tensor) and _same(part, units)]
        if len(places) == 1:
            return *state[: places[0]], new, *state[places[0] + 1 :]
    raise asking.MissingPart(
        f"the pathway {pathway.name!r} does not say how its units are written into its state, and they are not a part "
        "of it as they are: add write(state, units) that returns the new state"
    )


def _same(part: Tensor, units: Tensor) -> bool:
    return part is units or (part.shape == units.shape and torch.equal(part, units))


@contextmanager
def replaced(pathway: Pathway, methods: Mapping[str, Any]) -> Iterator[None]:
    """Attributes of an object replaced, and put back whatever happens."""
    own = vars(pathway)
    kept = {name: own[name] for name in methods if name in own}
    try:
        own.update(methods)
        yield
    finally:
        for name in methods:
            own.pop(name, None)
        own.update(kept)
