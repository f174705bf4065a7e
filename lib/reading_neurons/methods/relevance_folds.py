"""Relevance fold by fold: what a mean over folds is the mean of, and how sure it is.

A fold is a random twentieth of the strings, so folds drawn with replacement are a bootstrap over strings.

Easy to get wrong: the best of 128 units on one fold. Which unit is the best is decided on all folds, and its score on
each is read off afterwards; the best unit of each fold would be a luckier one every time.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from jaxtyping import Float

from reading_neurons.features.feature import Feature, Library
from reading_neurons.methods import least_squares, linear_svm
from reading_neurons.methods.labelled import Labelled, labelled, require_rows
from reading_neurons.methods.relevance import FOLDS

ANSWERS = 0.75
"""The balanced accuracy from which on a unit is said to answer a binary feature."""
EXPLAINS = 0.5
"""The R2 from which on it is said to answer a continuous one."""


def by_fold(
    states: Float[np.ndarray, "characters units"],
    corpus: Labelled,
    features: Feature | Iterable[Feature],
    folds: int = FOLDS,
    *,
    seed: int = 0,
) -> pd.DataFrame:
    """The score of the best unit on every fold, and how many units answer there.

    Parameters
    ----------
    states, corpus, features, folds, seed
        As for :func:`reading_neurons.methods.relevance.from_states`; the folds are the same.

    Returns
    -------
    DataFrame
        One row per feature and fold: ``feature``, ``fold``; ``unit`` (the best over all folds), ``best`` (its score:
        accuracy or R2), ``majority`` (NaN for a continuous feature); ``answering`` (how many units have a balanced
        accuracy of :data:`ANSWERS`, or an R2 of :data:`EXPLAINS`, on this fold).

    Examples
    --------
    >>> from reading_neurons.corpora.strings import ParsedString, Strings
    >>> from reading_neurons.features.text import characters
    >>> strings = Strings("mine", "test", (ParsedString("abab", ()), ParsedString("bbab", ())))
    >>> states = np.array([[1.0, 0, 1, 0, 0, 0, 1, 0], np.zeros(8)]).T
    >>> by_fold(states, strings, characters("a"), folds=2)[["fold", "unit", "best", "answering"]].values.tolist()
    [[0.0, 0.0, 1.0, 1.0], [1.0, 0.0, 1.0, 1.0]]
    """
    features = Library([features] if isinstance(features, Feature) else features)
    labels, in_fold = labelled(corpus, features, folds, seed)
    require_rows(len(states), labels.shape[1])
    values = np.asarray(states).T
    continuous = np.array([feature.continuous for feature in features])
    scores, answers = (np.empty((len(values), len(features), folds)) for _ in range(2))
    majority = np.full((len(features), folds), np.nan)
    if not continuous.all():
        fits = linear_svm.fit(values, labels[~continuous] > 0.5, in_fold)
        scores[:, ~continuous], majority[~continuous] = fits.accuracy, fits.majority
        with np.errstate(invalid="ignore"):
            answers[:, ~continuous] = (fits.found / fits.size).mean(axis=-1) >= ANSWERS
    if continuous.any():
        scores[:, continuous] = least_squares.fit(values, labels[continuous], in_fold).r2
        answers[:, continuous] = scores[:, continuous] >= EXPLAINS
    unit = scores.mean(axis=2).argmax(axis=0)
    best = np.take_along_axis(scores, unit[None, :, None], axis=0)[0]
    feature, fold = (index.ravel() for index in np.indices((len(features), folds)))
    return pd.DataFrame(
        {
            "feature": np.array(features.names, dtype=object)[feature],
            "fold": fold,
            "unit": unit[feature],
            "best": best.ravel(),
            "majority": majority.ravel(),
            "answering": answers.sum(axis=0).astype(np.int64).ravel(),
        }
    )
