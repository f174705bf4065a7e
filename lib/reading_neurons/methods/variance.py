"""Variance of a sentence's embeddings: which words differ most from the average word beside them.

Li et al. 2016, "Average and Variance" and figure 8. With ``e_ij`` dimension j of the embedding of word i, in a sentence
of N words,

    variance(i, j) = (e_ij - sum_i' e_i'j / N)^2,

and a word's own number is the sum over its dimensions, the squared distance from the mean of the sentence. The idea is
that training renders indicators different from other words, so that they stand out.

Easy to get wrong: what is read. Nothing but the embedding: no cell, no class, no order of words. The map of a sentence
is that of the same words shuffled, two networks with the same embedding have the same maps, and where embeddings were
not learnt (fixed vectors, a network before training) a map shows nothing that a network does.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from jaxtyping import Float

from reading_neurons.methods.gradients import encoded
from reading_neurons.passes import Sentences
from reading_neurons.pathway import Pathway


def variance(pathway: Pathway, sentences: Sentences) -> pd.DataFrame:
    """How far the embedding of each word lies from the mean of its sentence.

    Parameters
    ----------
    pathway : Pathway
        Any; only its vocabulary and its embedding are used.
    sentences : Captions, Trees, or iterable of sentences
        ``<s>`` and ``</s>`` do not count, neither as words nor in the mean. The one word of a sentence of one word is
        its mean and has 0.

    Returns
    -------
    DataFrame
        One row per word in the order of the corpus, as :func:`reading_neurons.methods.saliency.saliency` gives them:
        ``sentence``, ``position`` (the first word is 0), ``word`` and ``saliency``, the squared distance.

    Raises
    ------
    ValueError
        If there is no sentence, one has no word, or no word that the network knows.

    References
    ----------
    Li et al. 2016, "Average and Variance".

    Examples
    --------
    >>> import torch
    >>> from reading_neurons.models import LSTM
    >>> from reading_neurons.text import Vocabulary
    >>> network = LSTM(Vocabulary(["a", "fine", "film"]), embedding=2, units=4)
    >>> _ = network.embedding.weight.data[4:].copy_(torch.tensor([[0.0, 0.0], [3.0, 0.0], [0.0, 0.0]]))
    >>> variance(network.pathways["lstm"], ["a fine film"])
       sentence  position  word  saliency
    0         0         0     a       1.0
    1         0         1  fine       4.0
    2         0         2  film       1.0
    """
    rows, squares = _squares(pathway, sentences)
    return rows.assign(saliency=squares.sum(axis=1))


def variance_maps(pathway: Pathway, sentences: Sentences) -> pd.DataFrame:
    """The squared deviation of each dimension of each word: the paper's heat map (figure 8).

    Returns
    -------
    DataFrame
        One row per word and dimension: the columns of :func:`variance`, and ``dimension``.
    """
    rows, squares = _squares(pathway, sentences)
    wide = rows.loc[rows.index.repeat(squares.shape[1])].reset_index(drop=True)
    dimension = np.tile(np.arange(squares.shape[1]), len(rows))
    return wide.assign(dimension=dimension, saliency=squares.ravel())


def _squares(pathway: Pathway, sentences: Sentences) -> tuple[pd.DataFrame, Float[np.ndarray, "words embedding"]]:
    """The words of all sentences one below the other, and the squared deviations of each."""
    ids = [sentence[1:-1] for sentence in encoded(pathway, sentences)]
    lengths = np.array([len(sentence) for sentence in ids])
    flat, starts = np.concatenate(ids), np.cumsum(lengths) - lengths
    embedded = pathway.embedding.detach().cpu().double().numpy()[flat]
    means = np.add.reduceat(embedded, starts, axis=0) / lengths[:, None]
    rows = pd.DataFrame(
        {
            "sentence": np.repeat(np.arange(len(ids)), lengths),
            "position": np.arange(len(flat)) - np.repeat(starts, lengths),
            "word": np.array(pathway.vocabulary.words, dtype=object)[flat],
        }
    )
    return rows, (embedded - np.repeat(means, lengths, axis=0)) ** 2
