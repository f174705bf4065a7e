"""What each word of an n-gram adds: the activation with the word less the activation without it.

With f the activation of a neuron (Kádár et al. 2017, section 4.1, ask the same of sentences by their states),

    effect(i) = f(w1 .. wn) - f(w1 .. w(i-1) w(i+1) .. wn).

Easy to get wrong: the sum. Effects are no shares: two words that do the same can each be left out at no cost, and words
that only work together each cost everything.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Int
from torch import Tensor

from reading_neurons.neurons import Neuron
from reading_neurons.pathway import Pathway
from reading_neurons.reader import Reader


def word_effects(
    pathway: Pathway, neurons: Sequence[Neuron], ngrams: Sequence[str], *, frame: bool = True
) -> pd.DataFrame:
    """What each word adds to the activation of a neuron.

    Parameters
    ----------
    pathway : Pathway
    neurons : sequence of Neuron
    ngrams : sequence of str
        One of each neuron, words separated by spaces; a row of the table that
        :func:`reading_neurons.methods.input_optimization.optimize` gives has it as ``words``.
    frame : bool
        Read ``<s> w1 .. wn </s>``; False reads the bare words.

    Returns
    -------
    DataFrame
        One row per n-gram and word, in order: ``number`` (of the n-gram), ``neuron`` (its name), ``place`` (from 0),
        ``word``, ``activation`` (of the n-gram), ``without`` (of the n-gram without the word; NaN where nothing is
        left), ``effect`` (``activation`` less ``without``).

    Raises
    ------
    ValueError
        If there are not as many n-grams as neurons, one is empty, or a word is unknown.

    Examples
    --------
    >>> from reading_neurons.models.detectors import Detector, DetectorPathway
    >>> from reading_neurons.neurons import unit
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = DetectorPathway(Vocabulary(["a", "dog"]), [Detector("dog", on=["dog"], hold=0.5)])
    >>> word_effects(pathway, [unit(0)], ["a dog a"])[["word", "effect"]].values.tolist()
    [['a', 0.0], ['dog', 0.5], ['a', -0.5]]
    """
    if len(neurons) != len(ngrams) or not len(ngrams):
        raise ValueError(f"expected one n-gram of each neuron, found {len(ngrams)} n-grams and {len(neurons)} neurons")
    vocabulary, spelt = pathway.vocabulary, [ngram.split() for ngram in ngrams]
    for neuron, words in zip(neurons, spelt, strict=True):
        if unknown := [word for word in words if word not in vocabulary]:
            raise ValueError(f"the network does not know {', '.join(map(repr, unknown))}")
        if not words:
            raise ValueError(f"the n-gram of {neuron.name!r} has no word")
    parts = []
    # A reader looks up every word of the vocabulary, so those of one length are read together.
    for place, length in dict.fromkeys(
        (neuron.place, len(words)) for neuron, words in zip(neurons, spelt, strict=True)
    ):
        chosen = [i for i, words in enumerate(spelt) if len(words) == length and neurons[i].place == place]
        reader = Reader(pathway, [neurons[i] for i in chosen], frame=frame)
        ids = torch.tensor([[vocabulary.number(word) for word in spelt[i]] for i in chosen], device=reader.device)
        whole, without = _read(reader, ids)
        for row, number in enumerate(chosen):
            columns = {"place": range(length), "word": spelt[number], "activation": whole[row], "without": without[row]}
            parts.append(pd.DataFrame({"number": number, "neuron": neurons[number].name, **columns}))
    table = pd.concat(parts, ignore_index=True).sort_values(["number", "place"], ignore_index=True)
    return table.assign(effect=table["activation"] - table["without"])


def _read(
    reader: Reader, ids: Int[Tensor, "ngrams length"]
) -> tuple[Float[np.ndarray, "ngrams"], Float[np.ndarray, "ngrams length"]]:
    """The activations of n-grams, one of each neuron, and those without each word; NaN where nothing is left."""
    count, length = ids.shape
    rows = torch.arange(count, device=ids.device)
    whole = reader.read(ids, rows).double().cpu().numpy()
    if length == 1:
        return whole, np.full((count, 1), np.nan)
    kept = torch.tensor([[j for j in range(length) if j != i] for i in range(length)], device=ids.device)
    without = reader.read(ids[:, kept].flatten(0, 1), rows.repeat_interleave(length))
    return whole, without.double().cpu().numpy().reshape(count, length)
