"""What is read of a network, or driven in it: a unit of its states, one of its outputs, or the mean of a group.

Easy to get wrong: where an n-gram is read. A scene is scored by the state at ``</s>``, the next word by the state at
the last word, after which it would come. A :class:`Neuron` carries its place, so that no method has to guess.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from reading_neurons.pathway import Pathway

PLACES = ("last word", "end")


@dataclass(frozen=True)
class Neuron:
    """Something in a network that has one activation after an n-gram.

    Attributes
    ----------
    kind : "unit" or "output"
        A unit of the states, or a score that :meth:`~reading_neurons.pathway.Pathway.outputs` gives, before any
        softmax.
    members : tuple of int
        Which; the activation of several is their mean.
    name : str
        How tables and charts call it.
    place : "last word" or "end"
        The position of a framed n-gram at which it is read: its last word, or ``</s>``.

    Raises
    ------
    ValueError
        If there is no member, a negative one or one named twice, or the kind or place is unknown.

    Examples
    --------
    >>> unit(12)
    Neuron(kind='unit', members=(12,), name='unit 12', place='last word')
    """

    kind: Literal["unit", "output"]
    members: tuple[int, ...]
    name: str
    place: Literal["last word", "end"] = "last word"

    def __post_init__(self):
        if self.kind not in ("unit", "output"):
            raise ValueError(f"a neuron is a 'unit' or an 'output', found {self.kind!r}")
        if self.place not in PLACES:
            raise ValueError(f"a neuron is read at one of {', '.join(map(repr, PLACES))}, found {self.place!r}")
        if not self.members or min(self.members) < 0 or len(set(self.members)) < len(self.members):
            raise ValueError(f"expected one or more different numbers from 0, found {self.members}")


def unit(number: int) -> Neuron:
    """A unit of the states, read at the last word."""
    return Neuron("unit", (int(number),), f"unit {number}")


def group(numbers: Iterable[int], name: str | None = None) -> Neuron:
    """The mean of some units, read at the last word.

    Examples
    --------
    >>> group([3, 1]).name
    'units 3, 1'
    """
    members = tuple(map(int, numbers))
    return Neuron("unit", members, name or f"units {', '.join(map(str, members))}")


def output(pathway: Pathway, which: int | str) -> Neuron:
    """One output of a pathway, by its number or its name.

    Outputs that stand for the words of the vocabulary score the next word, and are read at the last word; any others
    score the whole, and are read at the end.

    Parameters
    ----------
    pathway : Pathway
    which : int or str
        For names with a kind, as ``object:dog``, the part after the colon is enough where it is clear.

    Raises
    ------
    ValueError
        If there is no such output; the message lists names that are close.

    Examples
    --------
    >>> from reading_neurons.models import Imaginet
    >>> from reading_neurons.text import Vocabulary
    >>> pathways = Imaginet(Vocabulary(["a", "dog"]), ["object:dog"], embedding=4, units=8).pathways
    >>> output(pathways["visual"], "dog")
    Neuron(kind='output', members=(0,), name='object:dog', place='end')
    >>> output(pathways["textual"], "dog")
    Neuron(kind='output', members=(5,), name='dog', place='last word')
    """
    names = pathway.output_names
    number = _numbered(names, which) if isinstance(which, str) else int(which)
    if number < 0 or (names is not None and number >= len(names)):
        known = "outputs are counted from 0" if names is None else f"it has the outputs 0 to {len(names) - 1}"
        raise ValueError(f"the pathway {pathway.name!r} has no output {number}: {known}")
    name = f"output {number}" if names is None else names[number]
    return Neuron("output", (number,), name, "last word" if scores_next_word(pathway) else "end")


def scores_next_word(pathway: Pathway) -> bool:
    """Whether the outputs of a pathway stand for the words of its vocabulary."""
    return pathway.output_names is not None and tuple(pathway.output_names) == tuple(pathway.vocabulary.words)


def _numbered(names: Sequence[str] | None, name: str) -> int:
    if names is None:
        raise ValueError(f"found the name {name!r}, and this pathway's outputs have none: give a number")
    found = [i for i, known in enumerate(names) if known == name]
    found = found or [i for i, known in enumerate(names) if known.partition(":")[2] == name != ""]
    if len(found) == 1:
        return found[0]
    if found:
        raise ValueError(f"{name!r} may be any of {', '.join(names[i] for i in found)}: write it in full")
    short = {known.partition(":")[2] or known: known for known in names}
    close = [short.get(near, near) for near in difflib.get_close_matches(name, [*short, *names], 4)]
    hint = f"did you mean {', '.join(dict.fromkeys(close))}?" if close else f"it has {', '.join(names[:6])} .."
    raise ValueError(f"there is no output {name!r} among {len(names)}: {hint}")


def readout(
    pathway: Pathway, neurons: Sequence[Neuron], units: int
) -> tuple[Float[Tensor, "neurons units"], Float[Tensor, "neurons"]] | None:
    """Weights and biases that give the activations of neurons from a state, where that is linear; otherwise None.

    Outputs are taken as linear where the pathway offers ``readout(numbers) -> (weight, bias)``.

    Raises
    ------
    ValueError
        If a unit is out of range.
    """
    weight = pathway.embedding.new_zeros(len(neurons), units)
    bias = pathway.embedding.new_zeros(len(neurons))
    for row, neuron in enumerate(neurons):
        members = torch.tensor(neuron.members, device=weight.device)
        if neuron.kind == "unit":
            if int(members.max()) >= units:
                raise ValueError(
                    f"there is no unit {int(members.max())}: {pathway.name!r} has the units 0 to {units - 1}"
                )
            weight[row, members] = 1 / len(neuron.members)
        elif hasattr(pathway, "readout"):
            weights, biases = pathway.readout(members)
            weight[row], bias[row] = weights.detach().mean(dim=0), biases.detach().mean()
        else:
            return None
    return weight, bias
