"""What methods see of a network that has one embedding, one kind of states, and one linear readout.

:class:`Stepped` is for pathways that have nothing but steps. A network of the other classes has ``name``,
``vocabulary``, ``embedding``, ``states(embedded, lengths)``, ``representation(embedded, lengths)`` and ``readout``, a
linear layer; one that reads from left to right has its recurrent ``cell`` too. For networks from elsewhere there is
:class:`reading_neurons.wrapping.Wrapped`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from reading_neurons.padding import last_state, mask_padding
from reading_neurons.wrapping import Wrapped


class Stepped:
    """Sequences read step by step, for pathways that have ``initial`` and ``step`` and no faster road."""

    def states(self, embedded, lengths=None):
        """The units at every position; zero at padded ones."""
        state, units = self.initial(len(embedded)), []
        for word in embedded.unbind(dim=1):
            state, seen = self.step(word, state)
            units.append(seen)
        return mask_padding(torch.stack(units, dim=1), lengths)

    def representation(self, embedded, lengths=None):
        """The units at the last position."""
        return last_state(self.states(embedded), lengths)


class NetworkPathway(Wrapped):
    """A network of this project as methods see it; its outputs are scores before a softmax.

    Parameters
    ----------
    network : Module
    output_names : sequence of str
    noun : str
        What the outputs are, for the representation as text.
    embedding : float tensor, optional
        By default the ``embedding`` of the network.
    """

    def __init__(self, network: nn.Module, output_names: Sequence[str], noun: str, embedding: Tensor | None = None):
        embedding = network.embedding if embedding is None else embedding
        parts = {"name": network.name, "readout": network.readout, "output_names": output_names}
        super().__init__(network, network.vocabulary, embedding, **parts)
        self._noun = noun

    def __repr__(self) -> str:
        return f"<pathway {self.name!r}: {self.units} units, {len(self.output_names)} {self._noun}>"

    @property
    def units(self) -> int:
        """How many units a state has; those of both directions together where there are two."""
        return self.network.readout.in_features

    def read(self, embedded, lengths):
        """The units at every position."""
        return self.network.states(embedded, lengths)

    def representation(self, embedded, lengths=None):
        """The vector that stands for the whole: the last state, for two directions the last of each."""
        return self.network.representation(embedded, lengths)


class WordByWord(NetworkPathway):
    """A network that reads from left to right, and so can be driven one word (or character) at a time."""

    def initial(self, batch):
        """The state before the first word."""
        return self.network.cell.initial(batch)

    def step(self, embedded, state):
        """Read one word: the new state, and its units."""
        return self.advance(self.project(embedded), state)

    def project(self, embedded):
        """The part of a step that depends on the word alone."""
        return self.network.cell.project(embedded)

    def advance(self, projected, state):
        """The rest of a step: the new state, and its units."""
        return self.network.cell.advance(projected, state)
