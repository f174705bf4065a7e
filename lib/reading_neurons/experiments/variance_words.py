"""The variance of every word beside what might explain it: how it is labelled by itself, and how often it was seen.

Easy to get wrong: an unknown word. Networks read it as ``<unk>``, of which training has seen many; as a word it was
never seen, and its frequency is 0.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from reading_neurons.corpora.trees import Tree, Trees
from reading_neurons.methods.variance import variance
from reading_neurons.models.sentiment import NEUTRAL
from reading_neurons.pathway import Pathway


def strengths(trees: Trees) -> np.ndarray:
    """How far the label of each leaf is from neutral, 0 to 2, all sentences one below the other."""
    return np.concatenate([_leaves(tree) for tree in trees.trees])


def _leaves(tree: Tree) -> np.ndarray:
    labels = np.full(len(tree.words), NEUTRAL)
    for start, end, label in tree.constituents:
        if end - start == 1:
            labels[start] = label
    return np.abs(labels - NEUTRAL)


def word_table(pathway: Pathway, trees: Trees, training: Trees) -> pd.DataFrame:
    """The variance of every word beside what might explain it.

    Returns
    -------
    DataFrame
        Columns of :func:`~reading_neurons.methods.variance.variance`, ``relative`` (variance in units of the average
        word of the sentence), ``strength`` (as :func:`strengths`) and ``frequency`` (occurrences in the training
        sentences; 0 for an unknown word).
    """
    table = variance(pathway, trees)
    counts = Counter(word for sentence in training.tokens for word in sentence)
    mean = table.groupby("sentence")["saliency"].transform("mean")
    return table.assign(
        relative=(table["saliency"] / mean).where(mean > 0, 1.0),
        strength=strengths(trees),
        frequency=[counts[word] for word in table["word"]],
    )
