"""A network of one's own as a pathway: a subclass of :class:`Wrapped` says how its states come about, no more::

    class Mine(Wrapped):
        def read(self, embedded, lengths):
            return self.network.lstm(embedded)[0]

    pathway = Mine(network, vocabulary, network.embedding, name="mine", readout=network.readout)

Padding is taken care of: :meth:`Wrapped.read` is given zeros where a sentence has ended, and what it gives there is set
to zero. :func:`reading_neurons.checks.check` says whether the protocol is kept.

Easy to get wrong: padding all the same. Zeros are not nothing: to the second direction of a recurrent network, to
attention, or to a second convolution they are something that was read. Such networks are told by ``lengths``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from reading_neurons import asking
from reading_neurons.padding import last_state, mask_padding, whole
from reading_neurons.text import Vocabulary

__all__ = ["Wrapped"]


class Wrapped:
    """A network as methods see it; a subclass writes :meth:`read`, and :meth:`summary` if the last state will not do.

    Parameters
    ----------
    network : Module
        In evaluation mode.
    vocabulary : Vocabulary
        The words, in the order of the embedding's rows, the four special symbols in front: ``Vocabulary(words)``.
    embedding : nn.Embedding, or float tensor, shape (words, embedding)
        What the network looks words up in; methods hand its rows to :meth:`read`.
    name : str
        How tables and charts call it.
    readout : callable, optional
        From states, shape (.., units), to scores before any softmax, shape (.., outputs). By default the outputs are
        the units themselves. A linear layer makes input optimization faster, and lets it read units and outputs in one
        call.
    output_names : sequence of str, optional
        What each output scores. The words of the vocabulary, where the next word is guessed.

    Raises
    ------
    ValueError
        If the embedding has not one row for each word.

    Examples
    --------
    >>> class Window(Wrapped):
    ...     def read(self, embedded, lengths):
    ...         return self.network(embedded.transpose(1, 2)).tanh().transpose(1, 2)
    ...     def summary(self, states, lengths):
    ...         return states.amax(dim=1)
    >>> network, vocabulary = nn.Conv1d(4, 8, kernel_size=3, padding=1).eval(), Vocabulary(["a", "dog"])
    >>> window = Window(network, vocabulary, nn.Embedding(len(vocabulary), 4), name="window")
    >>> window
    <pathway 'window': a wrapped Conv1d, 6 words>
    >>> from reading_neurons import passes
    >>> passes.states(window, ["a dog", "dog"]).shape
    (3, 8)
    """

    def __init__(
        self,
        network: nn.Module,
        vocabulary: Vocabulary,
        embedding: nn.Embedding | Float[Tensor, "words embedding"],
        *,
        name: str,
        readout: Callable[[Tensor], Tensor] | None = None,
        output_names: Sequence[str] | None = None,
    ):
        self.network, self.vocabulary, self.name, self.output_names = network, vocabulary, name, output_names
        self._embedding, self._scores = embedding, readout
        asking.words(self, torch.zeros(0, dtype=torch.long))  # an embedding of too few rows is refused here

    def __repr__(self) -> str:
        return f"<pathway {self.name!r}: a wrapped {type(self.network).__name__}, {len(self.vocabulary)} words>"

    @property
    def embedding(self) -> Float[Tensor, "words embedding"]:
        """One row per word of the vocabulary."""
        return self._embedding.weight if isinstance(self._embedding, nn.Module) else self._embedding

    def read(
        self, embedded: Float[Tensor, "batch time embedding"], lengths: Int[Tensor, "batch"]
    ) -> Float[Tensor, "batch time units"]:
        """The units at every position: what a subclass says of its network. Padded positions of both may hold anything.

        Parameters
        ----------
        embedded : float tensor, shape (batch, time, embedding)
            Zeros at padded positions.
        lengths : int tensor, shape (batch,)
            How many positions of each sentence are real, ``<s>`` and ``</s>`` included.
        """
        raise asking.MissingPart(
            f"{asking.named(self)} does not say how it reads: write read(self, embedded, lengths), which returns the "
            "units at every position, shape (batch, time, units)"
        )

    def summary(
        self, states: Float[Tensor, "batch time units"], lengths: Int[Tensor, "batch"]
    ) -> Float[Tensor, "batch units"]:
        """The vector that stands for the whole sequence, from its states, zero where padded: by default the last."""
        return last_state(states, lengths)

    def states(self, embedded, lengths=None):
        """The units at every position; zero at padded ones.

        Raises
        ------
        PathwayError
            If the network is being trained, or :meth:`read` gives anything else than one vector per position.
        """
        if getattr(self.network, "training", False):
            raise asking.PathwayError(
                f"{asking.named(self)}: its network is in training mode, where dropout makes every reading another: "
                "call network.eval() first"
            )
        states = self.read(mask_padding(embedded, lengths), whole(embedded, lengths))
        asking.looked_at(self, "read(embedded, lengths)", states, embedded)
        return mask_padding(states, lengths)

    def representation(self, embedded, lengths=None):
        """The vector that stands for the whole sequence: :meth:`summary` of its states."""
        return self.summary(self.states(embedded, lengths), whole(embedded, lengths))

    def outputs(self, states):
        """The score of every output, before any softmax; the units themselves where there is no readout."""
        return states if self._scores is None else self._scores(states)

    @property
    def readout(self) -> Callable[[Any], tuple[Tensor, Tensor]]:
        """From some outputs to their weights, shape (outputs, units), and biases; not there unless they are linear."""
        if not isinstance(self._scores, nn.Linear):
            raise AttributeError(f"{asking.named(self)} has no linear readout")
        return self._linear

    def _linear(self, outputs: Any) -> tuple[Tensor, Tensor]:
        weight, bias = self._scores.weight[outputs], self._scores.bias
        return weight, weight.new_zeros(len(weight)) if bias is None else bias[outputs]
