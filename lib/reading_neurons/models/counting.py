"""A network with one unit that counts open brackets, written by hand, among units that mean nothing.

    s(t) = s(t - 1) + 1 / most after an opening bracket, - 1 / most after a closing one, as before after any other sign.

Whatever looks for the unit of a nesting depth must find this one, and no other: the others are random recurrent units,
which see brackets too, as any network does.

Easy to get wrong: what such a unit knows of a closing bracket. Once it is read nothing is open any more, so the unit
agrees with :func:`reading_neurons.features.tree.open_of` everywhere, and with a range except on its last character.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from reading_neurons.models.detectors import NOISE_INPUTS
from reading_neurons.models.gru import TorchGRU
from reading_neurons.models.network_pathways import Stepped
from reading_neurons.text import Vocabulary


class CountingPathway(Stepped):
    """A recurrent pathway of random units, one of which counts instead.

    Parameters
    ----------
    vocabulary : Vocabulary
        Of characters.
    noise : int
        How many random units there are beside the counter.
    unit : int
        Which unit counts, from 0 to ``noise``.
    opens, closes : str
        What counts up and down.
    most : int
        The depth at which the unit is 1.
    seed : int
        Of the random units.
    name : str

    Raises
    ------
    ValueError
        If a bracket is not in the vocabulary, or there is no such unit.

    Examples
    --------
    >>> from reading_neurons import passes
    >>> pathway = CountingPathway(Vocabulary(list("01()"), list), noise=2, unit=1, most=2)
    >>> passes.states(pathway, ["0((1))"])[:, 1].tolist()
    [0.0, 0.5, 1.0, 1.0, 0.5, 0.0]
    """

    output_names = None

    def __init__(
        self,
        vocabulary: Vocabulary,
        *,
        noise: int = 31,
        unit: int = 0,
        opens: str = "(",
        closes: str = ")",
        most: int = 4,
        seed: int = 0,
        name: str = "counter",
    ):
        if missing := [sign for sign in (opens, closes) if sign not in vocabulary.words]:
            raise ValueError(
                f"a counter needs {' and '.join(map(repr, missing))} in its vocabulary, which has "
                f"{' '.join(vocabulary.words)}"
            )
        if not 0 <= unit <= noise:
            raise ValueError(f"found the counting unit {unit}, expected one from 0 to {noise}")
        self.name, self.vocabulary, self.unit = name, vocabulary, unit
        generator = torch.Generator().manual_seed(seed)
        self._noise = TorchGRU(NOISE_INPUTS, noise, generator).requires_grad_(False) if noise else None
        counts = [[(word == opens) / most - (word == closes) / most] for word in vocabulary.words]
        random = torch.randn(len(vocabulary), NOISE_INPUTS if noise else 0, generator=generator)
        self.embedding: Float[Tensor, "words embedding"] = torch.cat((torch.tensor(counts), random), dim=1)

    def __repr__(self) -> str:
        return f"<pathway {self.name!r}: unit {self.unit} of {self.units} counts>"

    @property
    def units(self) -> int:
        """How many units a state has."""
        return 1 + (self._noise.units if self._noise else 0)

    def initial(self, batch: int) -> Float[Tensor, "batch units"]:
        """The state before the first character: zeros."""
        return torch.zeros(batch, self.units)

    def step(self, embedded, state):
        """Read one character: the new state, and its units."""
        counter = state[:, self.unit, None] + embedded[:, :1]
        if self._noise is None:
            return counter, counter
        before = torch.cat((state[:, : self.unit], state[:, self.unit + 1 :]), dim=1)
        noise = self._noise.advance(self._noise.project(embedded[:, 1:]), before)
        state = torch.cat((noise[:, : self.unit], counter, noise[:, self.unit :]), dim=1)
        return state, state

    def write(self, state, units):
        """The state with other units in the place of its own."""
        return units

    def outputs(self, states):
        """The units themselves."""
        return states
