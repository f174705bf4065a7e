"""Do two features have the same units? (Deep Neural Inspection 2017, section 5.1)

The paper finds that "the top neurons for different nesting and representations are not correlated with each other". Two
numbers say how far that is so: how many of the top k units of two features are the same, beside the k * k / units that
chance gives, and the rank correlation of both scores over all units.

Easy to get wrong: features that are labels of the same characters. The range and the impulse of a node share its first
and last character, a deeper level lies inside of the one above; their scores may correlate for that reason alone. The
correlation of the labels themselves stands beside (:func:`label_correlations`).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pandas as pd

from reading_neurons.features.feature import Library
from reading_neurons.methods.labelled import Labelled
from reading_neurons.methods.relevance import top
from reading_neurons.methods.relevance_measures import standardised
from reading_neurons.statistics import rank_correlation

K = 10


def agreement(
    table: pd.DataFrame,
    pairs: Iterable[tuple[str, str]] | None = None,
    k: int = K,
    *,
    by: str = "score",
    replicates: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """For pairs of features: how many of their top units are the same, and how alike their scores rank all units.

    Parameters
    ----------
    table : DataFrame
        As :func:`reading_neurons.methods.relevance.relevance` gives it.
    pairs : iterable of (str, str), optional
        Names of features; by default all pairs.
    k : int
    by : "score", "balanced" or "auc"
        See :func:`reading_neurons.methods.relevance.top`.
    replicates, seed : int
        Of the bootstrap over units.

    Returns
    -------
    DataFrame
        One row per pair: ``feature``, ``other``; ``shared`` (how many of the k) and ``expected`` (by chance);
        ``correlation`` (Spearman's, over all units), ``low``, ``high`` (95 %).

    Raises
    ------
    ValueError
        If a feature is not in the table, there are fewer than k units, or no pair.

    Examples
    --------
    >>> table = pd.DataFrame({"feature": ["a"] * 4 + ["b"] * 4, "unit": [0, 1, 2, 3] * 2,
    ...                       "score": [0.9, 0.8, 0.7, 0.6, 0.6, 0.7, 0.8, 0.9], "auc": 0.5})
    >>> agreement(table, k=2)[["shared", "expected", "correlation"]].round(3).values.tolist()
    [[0.0, 1.0, -1.0]]
    """
    names = table["feature"].unique().tolist()
    pairs = list(combinations(names, 2) if pairs is None else pairs)
    if not pairs:
        raise ValueError(f"an agreement needs two features, found {', '.join(map(repr, names)) or 'none'}")
    if unknown := sorted({name for pair in pairs for name in pair} - set(names)):
        raise ValueError(f"no feature is named {unknown[0]!r}: the table has {', '.join(map(repr, names))}")
    units = table["unit"].nunique()
    if not 1 <= k <= units:
        raise ValueError(f"asked for the top {k} of {units} units: choose from 1 to {units}")
    best = {name: set(rows["unit"]) for name, rows in top(table, k, by=by).groupby("feature")}
    key = (table["auc"] - 0.5).abs() if by == "auc" else table[by]
    scores = table.assign(key=key).pivot(index="unit", columns="feature", values="key")
    rows = []
    for one, other in pairs:
        pair = scores[[one, other]].to_numpy()
        found = rank_correlation(*pair.T, np.arange(units), replicates=replicates, seed=seed)
        rows.append((one, other, len(best[one] & best[other]), k * k / units,
                     found["correlation"], found["low"], found["high"]))  # fmt: skip
    return pd.DataFrame(rows, columns=["feature", "other", "shared", "expected", "correlation", "low", "high"])


def label_correlations(corpus: Labelled, features: Library) -> pd.DataFrame:
    """How alike the labels themselves are: Pearson's correlation of every pair of features over all characters.

    Returns
    -------
    DataFrame
        One row per pair: ``feature``, ``other``, ``labels``.

    Examples
    --------
    >>> from reading_neurons.corpora.strings import ParsedString, Strings
    >>> from reading_neurons.features.text import characters
    >>> strings = Strings("mine", "test", (ParsedString("abab", ()),))
    >>> label_correlations(strings, Library([characters("a"), characters("b")])).round(3).values.tolist()
    [['one of a', 'one of b', -1.0]]
    """
    labels = standardised(features.labels(corpus.items).astype(np.float64))
    found = labels @ labels.T / labels.shape[1]
    pairs = combinations(range(len(features)), 2)
    names = features.names
    return pd.DataFrame(
        [(names[i], names[j], float(found[i, j])) for i, j in pairs], columns=["feature", "other", "labels"]
    )
