"""Relevance: which units know what a feature says? (Deep Neural Inspection 2017, section 3.2)

For one unit and one binary feature, a linear support vector machine predicts the label of every character from the
unit's value after that character alone; its accuracy, cross-validated over 20 folds, is the unit's query relevance

    s_ij = mean over folds of (share of the held-out characters whose label is predicted).

For a continuous feature it is R2 of least squares. The most relevant units are the answer to the query.

Easy to get wrong: what an accuracy is worth. A rare feature is "predicted" by saying no: an accuracy of .84 beside a
base rate of .76 is little. So the majority's accuracy on the same folds stands beside it, the balanced accuracy (base
rate 1/2) and the area under the ROC curve (1/2 too). And folds divide strings, not characters: neighbours of one string
in training and test would let the test look up what it asks.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from jaxtyping import Float

from reading_neurons import bins
from reading_neurons.features.feature import Feature, Library
from reading_neurons.methods import least_squares, linear_svm, relevance_measures
from reading_neurons.methods.labelled import Labelled, labelled, require_rows
from reading_neurons.methods.rank_measures import auc
from reading_neurons.pathway import Pathway

if TYPE_CHECKING:
    from distributed import Client

FOLDS = 20  # paper: section 3.2
COLUMNS = ("feature", "unit", "score", "accuracy", "majority", "balanced", "auc", "r2", "weight", "bias")
RANKINGS = ("score", "balanced", "auc")


def relevance(
    pathway: Pathway,
    corpus: Labelled,
    features: Feature | Iterable[Feature],
    folds: int = FOLDS,
    *,
    seed: int = 0,
    penalty: float = 1.0,
    measure: str = "svm",
    client: Client | None = None,
) -> pd.DataFrame:
    """The relevance of every unit to every feature.

    Parameters
    ----------
    pathway : Pathway
        The pathway ``character cell`` has the kept state of an LSTM as its units.
    corpus : Strings, or :class:`~reading_neurons.features.words.AnnotatedCaptions`
    features : Feature, or iterable of Feature
    folds : int
        Of the cross-validation; groups of the corpus (strings, images) are divided among them at random, so that they
        have about as many characters each.
    seed : int
        Of that division.
    penalty : float
        C of the support vector machine; 1 is scikit-learn's default, the paper's choice.
    measure : "svm", "correlation", "mutual information" or "difference of means"
        What the score is: that of the paper, or one of :mod:`reading_neurons.methods.relevance_measures`, which need no
        folds; accuracies are NaN then, and ``weight`` is the score with its sign, if it has one.
    client : dask.distributed.Client, optional
        Of a cluster that reads the corpus; see :func:`reading_neurons.passes.run`.

    Returns
    -------
    DataFrame
        One row per feature and unit: ``feature``, ``unit``; ``score`` (accuracy of a binary feature, R2 of a continuous
        one); ``accuracy``, ``majority``, ``balanced`` and ``auc`` of binary ones; ``r2`` of continuous ones;
        ``weight`` and ``bias`` of the fit on everything. What is not defined is NaN.

    Raises
    ------
    ValueError
        If there is no string or character, a feature is the same everywhere or does not fit an item, or there are fewer
        groups than folds.

    References
    ----------
    Deep Neural Inspection 2017, section 3.2.

    Examples
    --------
    >>> from reading_neurons.corpora.strings import ParsedString, Strings
    >>> from reading_neurons.features.text import characters
    >>> from reading_neurons.models.counting import CountingPathway
    >>> from reading_neurons.text import Vocabulary
    >>> strings = Strings("mine", "test", tuple(ParsedString(text, ()) for text in ["0", "0(1)", "(1)0", "0((2))"]))
    >>> counter = CountingPathway(Vocabulary(list("012()"), list), noise=0, most=1)
    >>> relevance(counter, strings, characters("(12"), folds=2)[["unit", "accuracy", "majority"]].round(3)
       unit  accuracy  majority
    0     0     0.929     0.464
    """
    features = Library([features] if isinstance(features, Feature) else features)
    labels, in_fold = labelled(corpus, features, folds, seed)
    with bins.spooled(pathway, corpus.tokens, 1, client) as values:
        require_rows(values.shape[1], labels.shape[1])
        return _measured(values, labels, features, in_fold, penalty, measure)


def from_states(
    states: Float[np.ndarray, "characters units"],
    corpus: Labelled,
    features: Feature | Iterable[Feature],
    folds: int = FOLDS,
    *,
    seed: int = 0,
    penalty: float = 1.0,
    measure: str = "svm",
) -> pd.DataFrame:
    """As :func:`relevance`, from states that are in memory, as :func:`reading_neurons.passes.states` gives them."""
    features = Library([features] if isinstance(features, Feature) else features)
    labels, in_fold = labelled(corpus, features, folds, seed)
    require_rows(len(states), labels.shape[1])
    return _measured(np.asarray(states).T, labels, features, in_fold, penalty, measure)


def _measured(values, labels, features: Library, folds: np.ndarray, penalty: float, measure: str) -> pd.DataFrame:
    """One row per feature and unit, features in their order."""
    continuous = np.array([feature.continuous for feature in features])
    shape = len(features), len(values)
    found = {name: np.full(shape, np.nan) for name in COLUMNS[2:]}
    if measure == "svm":
        _predicted(found, values, labels, continuous, folds, penalty)
    else:
        found["score"], found["weight"] = relevance_measures.measured(measure, values, labels, features)
    feature, unit = (index.ravel() for index in np.indices(shape))
    names = {"feature": np.array(features.names, dtype=object)[feature], "unit": unit}
    return pd.DataFrame(names | {name: column.ravel() for name, column in found.items()})


def _predicted(found: dict[str, np.ndarray], values, labels, continuous, folds: np.ndarray, penalty: float) -> None:
    """Fill in everything that a prediction gives."""
    if not continuous.all():
        chosen = labels[~continuous] > 0.5
        fits = linear_svm.fit(values, chosen, folds, penalty=penalty)
        found["accuracy"][~continuous] = fits.accuracy.mean(axis=2).T
        found["majority"][~continuous] = fits.majority.mean(axis=1)[:, None]
        found["balanced"][~continuous] = fits.balanced.T
        found["auc"][~continuous] = auc(values, chosen).T
        _keep(found, ~continuous, fits)
    if continuous.any():
        fits = least_squares.fit(values, labels[continuous], folds)
        found["r2"][continuous] = fits.r2.mean(axis=2).T
        _keep(found, continuous, fits)
    found["score"] = np.where(continuous[:, None], found["r2"], found["accuracy"])


def _keep(found: dict[str, np.ndarray], rows: np.ndarray, fits: linear_svm.Fits | least_squares.LeastSquares) -> None:
    found["weight"][rows], found["bias"][rows] = fits.weight[..., -1].T, fits.bias[..., -1].T


def top(table: pd.DataFrame, k: int = 10, least: float | None = None, *, by: str = "score") -> pd.DataFrame:
    """The k most relevant units for each feature, those above a minimum.

    Parameters
    ----------
    table : DataFrame
        As :func:`relevance` gives it.
    k : int
    least : float, optional
        Leave out units whose ``by`` is below it.
    by : "score", "balanced" or "auc"
        With ``auc`` units come in order of their distance from one half, whichever side they are on. Of equals that
        which is further away comes first: on a rare feature most units score the majority's accuracy.

    Returns
    -------
    DataFrame
        The rows of the table, ``rank`` (from 0) behind ``feature``; features in their order.

    Raises
    ------
    ValueError
        If k is below 1, or there is no such ranking.

    Examples
    --------
    >>> table = pd.DataFrame({"feature": "f", "unit": [0, 1, 2], "score": [0.5, 0.9, 0.7], "auc": [0.5, 0.1, 0.8]})
    >>> top(table, k=2, least=0.6)[["rank", "unit"]].values.tolist()
    [[0, 1], [1, 2]]
    """
    if k < 1:
        raise ValueError(f"asked for the top {k} units, expected at least 1")
    if by not in RANKINGS:
        raise ValueError(f"unknown ranking {by!r}: choose one of {', '.join(map(repr, RANKINGS))}")
    distance = (table["auc"] - 0.5).abs().fillna(0)
    key = (distance + 0.5 if by == "auc" else table[by]).rename("key")
    order = pd.concat((key, distance.rename("distance")), axis=1)
    ordered = table.assign(**order).sort_values(["key", "distance"], ascending=False, kind="stable")
    if least is not None:
        ordered = ordered[ordered["key"] >= least]
    ordered = ordered.drop(columns=["key", "distance"])
    ordered.insert(1, "rank", ordered.groupby("feature", sort=False).cumcount())
    place = {feature: number for number, feature in enumerate(table["feature"].unique())}
    chosen = ordered[ordered["rank"] < k]
    return chosen.sort_values("feature", key=lambda names: names.map(place), kind="stable", ignore_index=True)


def through_training(
    pathways: Mapping[Hashable, Pathway],
    corpus: Labelled,
    features: Feature | Iterable[Feature],
    folds: int = FOLDS,
    **settings,
) -> pd.DataFrame:
    """The relevance of the units of one network after one epoch, after two, and so on.

    Parameters
    ----------
    pathways : mapping of a checkpoint's name to its Pathway
        For instance ``{epochs: trained("character lstm", epochs=epochs).pathways["character lstm"]}``.
    corpus, features, folds, **settings
        As for :func:`relevance`.

    Returns
    -------
    DataFrame
        As :func:`relevance` gives it, ``checkpoint`` in front; checkpoints in the order given.

    Raises
    ------
    ValueError
        If there is no checkpoint, and as :func:`relevance`.
    """
    if not pathways:
        raise ValueError("expected at least one checkpoint of a network, found none")
    features = Library([features] if isinstance(features, Feature) else features)
    parts = []
    for name, pathway in pathways.items():
        table = relevance(pathway, corpus, features, folds, **settings)
        table.insert(0, "checkpoint", name)
        parts.append(table)
    return pd.concat(parts, ignore_index=True)
