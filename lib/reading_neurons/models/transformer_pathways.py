"""A transformer as methods see it: hidden states of one layer, and the scores that are read off the last.

:func:`reading_neurons.models.hugging_face.pathway` makes these, after it has tried the model.

Easy to get wrong: symbols that a model does not have. GPT-2 begins and ends a text with the same token, and has none
for the unknown; methods have a symbol for each. Such a symbol borrows a row to be embedded with, and scores
:data:`NEVER`, so that the others' shares of a softmax are the model's own.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from reading_neurons.asking import MissingPart, PathwayError
from reading_neurons.models.subwords import Subwords
from reading_neurons.padding import last_state, real_positions
from reading_neurons.wrapping import Wrapped

REPRESENTATIONS = ("first", "last", "mean")
NEVER = -1e4
"""The score of a symbol of ours that the model has not, so that it has no share of a softmax."""


@dataclass(frozen=True)
class Head:
    """What a model does with a state to score it: modules, one after the other.

    Attributes
    ----------
    modules : tuple of callables
    alone : bool
        They look at the first of a sequence, so that each state is given to them as a sequence of its own.
    """

    modules: tuple[Callable, ...]
    alone: bool = False

    def __call__(self, states: Float[Tensor, "... units"]) -> Float[Tensor, "... outputs"]:
        scores = states.reshape(-1, 1, states.shape[-1]) if self.alone else states
        for module in self.modules:
            scores = module(scores)
        return scores.reshape(*states.shape[:-1], -1) if self.alone else scores


def heads(model: Any) -> Iterator[Head]:
    """Ways in which models of the transformers library score a state; which one a model takes is seen by trying."""
    base, of_words = model.base_model, model.get_output_embeddings()
    pooler = getattr(base, "pooler", None) or getattr(model, "pooler", None)
    activation = getattr(base, "pooler_activation", None)
    before = getattr(model, "pre_classifier", None), getattr(model, "head", None)
    if cap := getattr(model.config, "final_logit_softcapping", None):  # as in Gemma 2
        yield Head((of_words, partial(_capped, cap=cap)))
    for module in (of_words, *(getattr(model, name, None) for name in ("score", "classifier", "lm_head", "cls"))):
        if module is None:
            continue
        yield Head((module,))
        yield Head((module,), alone=True)
        if pooler is not None:
            yield Head((pooler, module), alone=True)
        if activation is not None:
            yield Head((pooler, activation, module))
        if before[0] is not None:
            yield Head((before[0], F.relu, module))
        if before[1] is not None:
            yield Head((before[1], module))


def _capped(scores: Tensor, cap: float) -> Tensor:
    return cap * (scores / cap).tanh()


class TransformerPathway(Wrapped):
    """A transformer as methods see it; made by :func:`~reading_neurons.models.hugging_face.pathway`.

    Parameters
    ----------
    base : PreTrainedModel
        The model without its head.
    vocabulary : Subwords
    name : str
    layer : int or None
        None for the last hidden state.
    representation : "first", "last" or "mean"
    """

    def __init__(self, base: Any, vocabulary: Subwords, name: str, layer: int | None, representation: str):
        look_up = base.get_input_embeddings()  # in some models it does more than look up, as scale what it finds
        self.rows = torch.from_numpy(vocabulary.rows).to(look_up.weight.device)
        super().__init__(base, vocabulary, look_up(self.rows).detach(), name=name)
        self.layer, self.place = layer, representation
        asked = inspect.signature(base.forward).parameters
        self._asked = {"use_cache": False} if "use_cache" in asked else {}
        positions = getattr(base.config, "max_position_embeddings", None) or 0
        self._longest = min(positions if positions > 0 else math.inf, vocabulary.tokenizer.tokenizer.model_max_length)
        self.head: Callable | None = None
        self.headless: str | None = "a model without a head"
        """Why there are no outputs, where there are none."""

    def __repr__(self) -> str:
        layer = "last layer" if self.layer is None else f"layer {self.layer}"
        return f"<pathway {self.name!r}: {layer}, {self.units} units, {len(self.vocabulary)} pieces>"

    @property
    def units(self) -> int:
        """How many units a state has."""
        return getattr(self.network.config, "hidden_size", self.embedding.shape[1])

    def hidden(self, embedded, lengths, every: bool = False) -> Any:
        """What the model gives for embedded sentences: its ``last_hidden_state``, and ``hidden_states`` of every layer.

        Raises
        ------
        PathwayError
            If a sentence is longer than the model can read.
        """
        if embedded.shape[1] > self._longest:
            raise PathwayError(
                f"found a sentence of {embedded.shape[1]} pieces, framed, and {self.name!r} reads at most "
                f"{self._longest}: split it"
            )
        return self.network(
            inputs_embeds=embedded.to(self.embedding.dtype),
            attention_mask=real_positions(lengths, embedded.shape[1]).long(),
            output_hidden_states=every,
            return_dict=True,
            **self._asked,
        )

    def read(self, embedded, lengths):
        """The units at every piece, in single precision."""
        found = self.hidden(embedded, lengths, every=self.layer is not None)
        return (found.last_hidden_state if self.layer is None else found.hidden_states[self.layer]).float()

    def summary(self, states, lengths):
        """The state at ``<s>``, that at ``</s>``, or the mean of all."""
        return standing_for(states, lengths, self.place)

    def outputs(self, states):
        """The model's own scores of a state.

        Raises
        ------
        MissingPart
            If it has none.
        """
        if self.head is None:
            raise MissingPart(
                f"the pathway {self.name!r} scores nothing: it is {self.headless}. Take a method that reads states "
                "alone, or wrap the model with head=, a function from states to scores"
            )
        return self.head(states.to(self.embedding.dtype)).float()


def standing_for(
    states: Float[Tensor, "batch time units"], lengths: Int[Tensor, "batch"], place: str
) -> Float[Tensor, "batch units"]:
    """The vector that stands for each sentence; padded states are zero.

    Examples
    --------
    >>> states = torch.tensor([[[1.0], [3.0], [0.0]]])
    >>> [standing_for(states, torch.tensor([2]), place).item() for place in REPRESENTATIONS]
    [1.0, 3.0, 2.0]
    """
    if place == "first":
        return states[:, 0]
    return last_state(states, lengths) if place == "last" else states.sum(dim=1) / lengths[:, None]


class LinearHead(TransformerPathway):
    """A transformer whose scores are linear in its state."""

    def readout(self, outputs: Int[Tensor, "outputs"]):
        """The weights, shape (outputs, units), and biases of some outputs."""
        (layer,) = self.head.modules
        bias = layer.weight.new_zeros(len(layer.weight)) if layer.bias is None else layer.bias
        return layer.weight[outputs].float(), bias[outputs].float()


class NextPiece(TransformerPathway):
    """A transformer that scores the next piece; outputs are in the order of its vocabulary."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.copies = torch.from_numpy(self.vocabulary.copies).to(self.rows.device)
        self.output_names = self.vocabulary.words

    def outputs(self, states):
        """The score of every piece to come next."""
        return super().outputs(states)[..., self.rows].masked_fill(self.copies, NEVER)


class LinearNextPiece(NextPiece):
    """A transformer that scores the next piece by a linear layer, as nearly all do."""

    def readout(self, outputs: Int[Tensor, "outputs"]):
        """The weights, shape (outputs, units), and biases of some outputs."""
        weight, bias = LinearHead.readout(self, self.rows[outputs])
        copies = self.copies[outputs]
        return weight.masked_fill(copies[:, None], 0.0), bias.masked_fill(copies, NEVER)
