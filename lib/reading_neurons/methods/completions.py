"""Pinned words: what a neuron wants in the blanks of a frame, such as "under an _".

Of one blank every word is tried, so that the answer is exact; of several the default search of
:func:`~reading_neurons.methods.input_optimization.optimize` looks for the best, with the words given in their places.

Easy to get wrong: what a frame does to a network. "under an elephant an" was never written by anybody; a network
answers to it as to anything else, and its answer says nothing of what it does with text that people write.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from reading_neurons.methods.input_optimization import allowed_words, optimize, pinned_numbers, texts
from reading_neurons.neurons import Neuron
from reading_neurons.pathway import Pathway
from reading_neurons.reader import Reader

BLANK = "_"


def parse_frame(frame: str) -> tuple[int, dict[int, str]]:
    """The length of a frame, and its words by place; blanks are runs of underscores.

    Raises
    ------
    ValueError
        If there is no blank.

    Examples
    --------
    >>> parse_frame("under an ___")
    (3, {0: 'under', 1: 'an'})
    """
    parts = frame.lower().split()
    words = {place: part for place, part in enumerate(parts) if part.strip(BLANK)}
    if len(words) == len(parts):
        raise ValueError(
            f"the frame {frame!r} has no blank: write _ for each word that is to be found, as in 'under an _'"
        )
    return len(parts), words


def completions(
    pathway: Pathway,
    neurons: Sequence[Neuron] | Neuron,
    frame: str,
    top: int = 8,
    *,
    lowest: bool = False,
    seed: int = 0,
    precision: str = "float32",
    **search: Any,
) -> pd.DataFrame:
    """The best words for the blanks of a frame, for each neuron.

    Parameters
    ----------
    pathway : Pathway
    neurons : Neuron, or sequence of them
    frame : str
        Words and blanks: ``"under an _"``, ``"_ _ under an"``.
    top : int
        How many words, where there is one blank; of several blanks only the best n-gram found is given.
    lowest : bool
        What silences the neuron most.
    seed : int
        Of the search for several blanks.
    precision : "float32" or "bfloat16"
        Of that search.
    **search
        How it goes: ``ascent``, ``swaps``.

    Returns
    -------
    DataFrame
        One row per neuron and rank: ``neuron``, ``rank`` (0 is the best), ``words`` (the frame filled in), ``filling``
        (what stands in the blanks), ``activation``.

    Raises
    ------
    ValueError
        If the frame has no blank, or a word that the network does not know.

    Examples
    --------
    >>> from reading_neurons.models.detectors import Detector, DetectorPathway
    >>> from reading_neurons.neurons import unit
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = DetectorPathway(Vocabulary(["a", "dog", "runs"]), [Detector("dog", on=["dog"], hold=0.5)])
    >>> completions(pathway, unit(0), "_ runs", top=1)[["words", "filling", "activation"]].values.tolist()
    [['dog runs', 'dog', 0.5]]
    """
    neurons = [neurons] if isinstance(neurons, Neuron) else list(neurons)
    length, pinned = parse_frame(frame)
    numbers = pinned_numbers(pathway.vocabulary, pinned, length)
    blanks = [place for place in range(length) if place not in numbers]
    if len(blanks) > 1:
        found = optimize(
            pathway, neurons, length, pinned=pinned, lowest=lowest, seed=seed, precision=precision, **search
        )
        found = found[["neuron", "words", "activation"]].assign(rank=0)
    else:
        found = _exhaustive(pathway, neurons, length, numbers, blanks[0], top, lowest)
    found["filling"] = [" ".join(np.array(words.split())[blanks]) for words in found["words"]]
    return found[["neuron", "rank", "words", "filling", "activation"]]


def every_word(pathway: Pathway, neurons: Sequence[Neuron], frame: str, *, precision: str = "float32") -> pd.DataFrame:
    """The activation of every neuron for every word in the one blank of a frame: rows are words, columns neurons.

    Raises
    ------
    ValueError
        If the frame has not one blank, or a word that the network does not know.
    """
    length, pinned = parse_frame(frame)
    if len(pinned) != length - 1:
        raise ValueError(f"every word can be tried in one blank, found {length - len(pinned)} in {frame!r}")
    numbers = pinned_numbers(pathway.vocabulary, pinned, length)
    blank = next(place for place in range(length) if place not in numbers)
    ngrams, values = _all(pathway, neurons, length, numbers, blank, precision)
    words = [pathway.vocabulary.words[number] for number in ngrams[:, blank]]
    return pd.DataFrame(values, index=pd.Index(words, name="word"), columns=[neuron.name for neuron in neurons])


def _exhaustive(pathway, neurons, length, numbers, blank, top, lowest) -> pd.DataFrame:
    parts: list[pd.DataFrame] = [pd.DataFrame()] * len(neurons)
    for place in dict.fromkeys(neuron.place for neuron in neurons):
        chosen = [i for i, neuron in enumerate(neurons) if neuron.place == place]
        ngrams, values = _all(pathway, [neurons[i] for i in chosen], length, numbers, blank, "float32")
        order = np.argsort(values if lowest else -values, axis=0, kind="stable")[:top]
        for column, i in enumerate(chosen):
            best = order[:, column]
            parts[i] = pd.DataFrame(
                {
                    "neuron": neurons[i].name,
                    "rank": range(len(best)),
                    "words": texts(pathway.vocabulary, ngrams[best].tolist()),
                    "activation": values[best, column].astype(float),
                }
            )
    return pd.concat(parts, ignore_index=True)


def _all(pathway, neurons, length, numbers, blank, precision) -> tuple[np.ndarray, np.ndarray]:
    words = np.flatnonzero(allowed_words(pathway.vocabulary))
    ngrams = np.zeros((len(words), length), dtype=np.int64)
    for place, number in numbers.items():
        ngrams[:, place] = number
    ngrams[:, blank] = words
    reader = Reader(pathway, neurons, precision=precision)
    return ngrams, np.concatenate([found.cpu().numpy() for _, found in reader.all_neurons(ngrams)])
