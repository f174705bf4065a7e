"""A network written by hand, whose every unit is known: the truth that methods for reading units are held against.

A detector switches on at some words, off at others, and otherwise keeps a share of what it was,

    s(t) = 1 if word(t) is in ``on``, else 0 if it is in ``off``, else ``hold * s(t - 1)``.

So one unit fires at animals (``hold`` 0), another stays on from a preposition to the next noun (``hold`` 1), a third
fades after a number (``hold`` .8). Beside them stand units with random recurrent weights, which respond to
everything and nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from reading_neurons.models.gru import TorchGRU
from reading_neurons.models.network_pathways import Stepped
from reading_neurons.text import Vocabulary

NOISE_INPUTS = 16  # of the random units


@dataclass(frozen=True)
class Detector:
    """One unit written by hand.

    Attributes
    ----------
    name : str
        What it detects.
    on, off : collections of str
        Words that set it to 1, and to 0; a word in both sets it to 1.
    hold : float
        The share that any other word leaves of it, from 0 to 1.

    Raises
    ------
    ValueError
        If it has no word that switches it on, or ``hold`` is not from 0 to 1.
    """

    name: str
    on: Collection[str]
    off: Collection[str] = ()
    hold: float = 0.0

    def __post_init__(self):
        if not self.on:
            raise ValueError(f"the detector {self.name!r} needs at least one word that switches it on, found none")
        if not 0 <= self.hold <= 1:
            raise ValueError(f"the detector {self.name!r} must keep a share from 0 to 1, found {self.hold}")


class DetectorPathway(Stepped):
    """A recurrent pathway of hand-written units, then random ones.

    Parameters
    ----------
    vocabulary : Vocabulary
    detectors : sequence of Detector
        Units 0, 1, ...
    noise : int
        How many random units follow.
    seed : int
        Of the random units.
    name : str

    Raises
    ------
    ValueError
        If there is no detector.

    Examples
    --------
    >>> from reading_neurons import passes
    >>> vocabulary = Vocabulary(["in", "a", "box"])
    >>> pathway = DetectorPathway(vocabulary, [Detector("inside", on=["in"], off=["box"], hold=1.0)])
    >>> passes.states(pathway, ["a box in a box"])[:, 0].tolist()
    [0.0, 0.0, 1.0, 1.0, 0.0]
    """

    output_names = None

    def __init__(
        self,
        vocabulary: Vocabulary,
        detectors: Sequence[Detector],
        noise: int = 0,
        seed: int = 0,
        name: str = "detectors",
    ):
        if not detectors:
            raise ValueError("a pathway of detectors needs at least one detector, found none")
        self.name = name
        self.vocabulary = vocabulary
        self.detectors = tuple(detectors)
        generator = torch.Generator().manual_seed(seed)
        self._noise = TorchGRU(NOISE_INPUTS, noise, generator).requires_grad_(False) if noise else None
        self._hold = torch.tensor([detector.hold for detector in self.detectors])
        switches = torch.tensor([[word in d.on for d in self.detectors] for word in vocabulary.words])
        resets = torch.tensor([[word in d.off for d in self.detectors] for word in vocabulary.words])
        random = torch.randn(len(vocabulary), NOISE_INPUTS if noise else 0, generator=generator)
        self.embedding: Float[Tensor, "words embedding"] = torch.cat((switches.float(), resets.float(), random), dim=1)

    def __repr__(self) -> str:
        return f"<pathway {self.name!r}: {len(self.detectors)} detectors, {self.units} units>"

    @property
    def units(self) -> int:
        """How many units a state has."""
        return len(self.detectors) + (self._noise.units if self._noise else 0)

    def initial(self, batch: int) -> Float[Tensor, "batch units"]:
        """The state before the first word: zeros."""
        return torch.zeros(batch, self.units)

    def step(self, embedded, state):
        """Read one word: the new state, and its units."""
        count = len(self.detectors)
        on, off, random = embedded.split([count, count, embedded.shape[1] - 2 * count], dim=1)
        # The module's formula where ``on`` and ``off`` are 0 or 1; in between it has a gradient everywhere.
        detected = on + (1 - on) * (1 - off) * self._hold * state[:, :count]
        if self._noise is None:
            return detected, detected
        noise = self._noise.advance(self._noise.project(random), state[:, count:])
        state = torch.cat((detected, noise), dim=1)
        return state, state

    def outputs(self, states):
        """The units themselves."""
        return states
