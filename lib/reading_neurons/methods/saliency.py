"""First-derivative saliency: which words a decision depends on (Li et al. 2016, section 5), and two that came after.

For the score ``S_c`` of a class and the embedding ``e_t`` of word t, with J dimensions:

=========================  ===========================================  ======================================
method                     of a word                                    of a dimension
=========================  ===========================================  ======================================
``derivative``             length of ``dS_c / de_t``                    ``|dS_c / de_tj|``
``gradient x input``       ``sum_j e_tj dS_c / de_tj``                  its terms
``integrated gradients``   the same, with the derivative averaged from  its terms
                           a sentence of empty words to this one
=========================  ===========================================  ======================================

The first is never below zero: it says how much, not in which direction. The others are signed, above zero where a word
speaks for the class. Integrated gradients (Sundararajan et al. 2017) add up to the score that the words contribute
together; how far they miss it is their own measure of error.

Easy to get wrong: comparing maps. With ``of="exp"``, as the paper's code has it, a map is multiplied by the exponential
of its score, so two sentences cannot be compared; the raw score is the default here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor

from reading_neurons.methods.gradients import PREDICTED, Gradients, Outputs, derive, derived, gradients, output_scores
from reading_neurons.passes import Sentences, words_of
from reading_neurons.pathway import Pathway
from reading_neurons.text import END, START, Vocabulary

METHODS = ("derivative", "gradient x input", "integrated gradients")
STEPS = 32  # points of the integral, Gauss-Legendre


def saliency(
    pathway: Pathway,
    sentences: Sentences,
    outputs: Outputs = PREDICTED,
    *,
    method: str = "derivative",
    of: str = "score",
    frame: bool = False,
    steps: int = STEPS,
) -> pd.DataFrame:
    """How much each word matters to one output of its sentence.

    Parameters
    ----------
    pathway : Pathway
    sentences : Captions, Trees, or iterable of sentences
    outputs : "predicted", int, str, or sequence of int
        Which output of each sentence; see :func:`~reading_neurons.methods.gradients.gradients`.
    method : str
        One of :data:`METHODS`.
    of : "score", "loss" or "exp"
        What is derived: the raw score of the output, its loss, or the exponential of its score.
    frame : bool
        Rows for ``<s>`` (position -1) and ``</s>`` too.
    steps : int
        Points of the integral, for integrated gradients.

    Returns
    -------
    DataFrame
        One row per word in the order of the corpus: ``sentence``, ``position`` (the first word is 0), ``word`` (as it
        was given), ``known`` (False where the network read ``<unk>`` instead), ``output``, ``score`` (what was derived,
        of the whole sentence) and ``saliency``. For integrated gradients also
        ``completeness error``: the sum over the sentence less what it should be.

    Raises
    ------
    ValueError
        If a sentence has no word that the network knows, an output is out of range, or a setting is unknown.
    TypeError
        If the pathway has no outputs.

    References
    ----------
    Li et al. 2016, section 5; Sundararajan et al. 2017 for integrated gradients.

    Examples
    --------
    >>> from reading_neurons.models import LSTM
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = LSTM(Vocabulary(["a", "film"]), embedding=3, units=4).eval().pathways["lstm"]
    >>> table = saliency(pathway, ["a film", "film"], "positive")
    >>> table[["sentence", "position", "word", "output"]].values.tolist()
    [[0, 0, 'a', 3], [0, 1, 'film', 3], [1, 0, 'film', 3]]
    """
    words = words_of(sentences, pathway.vocabulary.tokenizer)
    parts = [
        _rows(words, batch, _of_words(terms, method), errors, frame)
        for batch, terms, errors in _terms(pathway, words, outputs, method, of, steps)
    ]
    return _in_order(parts)


def maps(
    pathway: Pathway,
    sentences: Sentences,
    outputs: Outputs = PREDICTED,
    *,
    method: str = "derivative",
    of: str = "score",
    frame: bool = False,
    steps: int = STEPS,
) -> pd.DataFrame:
    """How much each dimension of each word's embedding matters: the paper's heat maps (figures 5 to 7).

    Parameters
    ----------
    pathway, sentences, outputs, method, of, frame, steps
        As for :func:`saliency`, and the same errors.

    Returns
    -------
    DataFrame
        One row per word and dimension: the columns of :func:`saliency`, and ``dimension``.
    """
    words = words_of(sentences, pathway.vocabulary.tokenizer)
    parts = []
    for batch, terms, errors in _terms(pathway, words, outputs, method, of, steps):
        rows = _rows(words, batch, terms.sum(dim=2), errors, frame)
        row, place = places(batch, frame)
        width = terms.shape[2]
        parts.append(
            rows.loc[rows.index.repeat(width)].assign(
                dimension=np.tile(np.arange(width), len(rows)), saliency=terms.cpu().numpy()[row, place].ravel()
            )
        )
    return _in_order(parts)


def _terms(pathway, sentences, outputs, method, of, steps) -> Iterator[tuple[Gradients, Tensor, Tensor | None]]:
    """For each batch the value of every position and dimension, and the completeness error of every sentence."""
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}: choose one of {', '.join(map(repr, METHODS))}")
    if steps < 1:
        raise ValueError(f"an integral needs at least 1 step, found {steps}")
    for batch in gradients(pathway, sentences, outputs, of=of):
        if method == "derivative":
            yield batch, batch.gradients.abs(), None
        elif method == "gradient x input":
            yield batch, batch.gradients * batch.embedded, None
        else:
            yield batch, *integrated(pathway, batch, of, steps)


def integrated(
    pathway: Pathway, batch: Gradients, of: str = "score", steps: int = STEPS
) -> tuple[Float[Tensor, "batch time embedding"], Float[Tensor, "batch"]]:
    """Integrated gradients of a batch, from empty words (zeros, the framing kept) to its own.

    Parameters
    ----------
    pathway : Pathway
    batch : Gradients
    of : str
    steps : int

    Returns
    -------
    (float tensor (batch, time, embedding), float tensor (batch,))
        What each dimension of each word adds, zero for the framing; and the completeness error, the sum of these less
        ``S(sentence) - S(empty words)``.
    """
    place = torch.arange(batch.ids.shape[1], device=batch.ids.device)
    words = (place >= 1) & (place < batch.lengths[:, None] - 1)
    path = batch.embedded * words[..., None]
    empty = batch.embedded - path
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    mean = torch.zeros_like(path)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        mean += weight * derive(pathway, empty + node * path, batch.lengths, batch.outputs, of)[3]
    terms = mean * path
    with torch.no_grad():
        below = derived(output_scores(pathway, empty, batch.lengths), batch.outputs, of)
    return terms, terms.sum(dim=(1, 2)) - (batch.scores - below)


def _of_words(terms: Float[Tensor, "batch time embedding"], method: str) -> Float[Tensor, "batch time"]:
    return terms.norm(dim=2) if method == "derivative" else terms.sum(dim=2)


def places(batch: Gradients, frame: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Row and place, in a batch, of every word; with ``frame`` of ``<s>`` and ``</s>`` too."""
    lengths = batch.lengths.cpu().numpy()[:, None]
    place = np.arange(batch.ids.shape[1])
    return np.nonzero((place < lengths) if frame else (place > 0) & (place < lengths - 1))


def _rows(words: Sequence, batch: Gradients, values: Tensor, errors: Tensor | None, frame: bool) -> pd.DataFrame:
    """The words of a batch and the value of each."""
    row, place = places(batch, frame)
    framed = np.empty(batch.ids.shape, dtype=object)
    for line, sentence in zip(framed, batch.sentences, strict=True):
        line[: len(words[sentence]) + 2] = [START, *words[sentence], END]
    table = {
        "sentence": batch.sentences[row],
        "position": place - 1,
        "word": framed[row, place],
        "known": batch.ids.cpu().numpy()[row, place] != Vocabulary.unknown,
        "output": batch.outputs.cpu().numpy()[row],
        "score": batch.scores.cpu().numpy()[row],
        "saliency": values.detach().cpu().numpy()[row, place],
    }
    if errors is not None:
        table["completeness error"] = errors.cpu().numpy()[row]
    return pd.DataFrame(table)


def _in_order(parts: list[pd.DataFrame]) -> pd.DataFrame:
    keys = [key for key in ("sentence", "position", "dimension") if key in parts[0]]
    return pd.concat(parts, ignore_index=True).sort_values(keys, kind="stable", ignore_index=True)
