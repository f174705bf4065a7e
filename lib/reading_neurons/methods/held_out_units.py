"""Units chosen on some strings and measured on others, with intervals over strings.

The best of 128 units is the best of 128 chances too: what it knows of the strings that it was chosen on is too much.
Here the unit of each feature is chosen on one split, and what it knows,

    knowledge = 2 abs(AUC - 1/2) for a binary feature, R2 of a line for a continuous one,

is measured on another; its interval comes from drawing whole strings with replacement.

Easy to get wrong: the side. A unit may say yes at the low end of its scale; which end does is part of the choice. On
the other split the sign is kept, so that a unit that knows nothing there comes out at 0 on average, not above.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from reading_neurons import passes
from reading_neurons.corpora.strings import Strings
from reading_neurons.features.feature import Library
from reading_neurons.methods.rank_measures import auc
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import cluster_draws, interval

if TYPE_CHECKING:
    from distributed import Client

REPLICATES = 500
COLUMNS = ("feature", "unit", "chosen", "knowledge", "low", "high")


def signed_knowledge(
    states: Float[np.ndarray, "characters units"], labels: Float[np.ndarray, "features characters"], library: Library
) -> Float[np.ndarray, "features units"]:
    """What each unit knows of each feature, below 0 where the unit is lower where the feature is so.

    Parameters
    ----------
    states : array, shape (characters, units)
    labels : array, shape (features, characters)
        As :meth:`~reading_neurons.features.feature.Library.labels` gives them.
    library : Library

    Examples
    --------
    >>> from reading_neurons.features.feature import Feature
    >>> library = Library([Feature("x", "the letter x", lambda text: [c == "x" for c in text])])
    >>> signed_knowledge(np.array([[0.1, 0.9], [0.7, 0.2], [0.5, 0.3]]), library.labels(["xab"]), library).tolist()
    [[-1.0, 1.0]]
    """
    continuous = np.array([feature.continuous for feature in library])
    found = np.empty((len(library), states.shape[1]))
    if not continuous.all():
        found[~continuous] = (2 * auc(states.T, labels[~continuous] > 0.5) - 1).T
    for place in np.flatnonzero(continuous):
        correlation = _correlation(states, labels[place])
        found[place] = np.sign(correlation) * correlation**2
    return np.nan_to_num(found)


def held_out(
    pathway: Pathway,
    choosing: Strings,
    measuring: Strings,
    features: Library,
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
    client: Client | None = None,
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """The unit that knows each feature best on some strings, and what it knows of others.

    Parameters
    ----------
    pathway : Pathway
    choosing, measuring : Strings
        Where units are chosen, and where they are measured.
    features : Library
    replicates, seed : int
        Of the bootstrap over strings; with the same seed the draws of two pathways are the same, so that their
        differences have intervals too.
    client : dask.distributed.Client, optional
        Of a cluster that reads the strings; every state is sent here.

    Returns
    -------
    DataFrame
        One row per feature: ``feature``, ``unit``, ``chosen`` (knowledge where it was chosen), ``knowledge``, ``low``,
        ``high`` (95 % interval over strings). Below 0: the unit has the other side there.
    dict of feature to array, shape (replicates,)
        The draws of the bootstrap.

    Raises
    ------
    ValueError
        If there is no string, or a feature does not fit one.
    """
    chosen = choose(pathway, choosing, features, client)
    return measure(pathway, chosen, measuring, features, replicates=replicates, seed=seed, client=client)


def choose(pathway: Pathway, strings: Strings, features: Library, client: Client | None = None) -> pd.DataFrame:
    """The unit that knows each feature best.

    Returns
    -------
    DataFrame
        One row per feature: ``feature``, ``unit``, ``side`` (-1 where the unit is lower with the feature, else 1),
        ``chosen`` (its knowledge).
    """
    known = signed_knowledge(passes.states(pathway, strings, client=client), features.labels(strings.items), features)
    units = np.abs(known).argmax(axis=1)
    best = known[np.arange(len(features)), units]
    return pd.DataFrame(
        {"feature": features.names, "unit": units, "side": np.where(best < 0, -1, 1), "chosen": np.abs(best)}
    )


def measure(
    pathway: Pathway,
    chosen: pd.DataFrame,
    strings: Strings,
    features: Library,
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
    client: Client | None = None,
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """What chosen units know of the features they were chosen for; as :func:`held_out` gives it.

    Parameters
    ----------
    pathway : Pathway
    chosen : DataFrame
        As :func:`choose` gives it, of these features.
    strings : Strings
    features : Library
    replicates, seed : int
        Of the bootstrap over strings.
    """
    states, labels = passes.states(pathway, strings, client=client), features.labels(strings.items)
    counts = np.vstack([np.ones(len(strings), dtype=int), cluster_draws(len(strings), replicates, seed)])
    string = np.repeat(np.arange(len(strings)), list(map(len, strings.texts)))
    rows, draws = [], {}
    for place, (feature, row) in enumerate(zip(features, chosen.itertuples(), strict=True)):
        values = row.side * states[:, row.unit].astype(np.float64)
        drawn = (_r2_draws if feature.continuous else _auc_draws)(values, labels[place], string, counts)
        rows.append((feature.name, row.unit, row.chosen, drawn[0], *interval(drawn[1:])))
        draws[feature.name] = drawn[1:]
    return pd.DataFrame(rows, columns=COLUMNS), draws


def differences(
    draws: Mapping[str, Mapping[str, np.ndarray]], tables: Mapping[str, pd.DataFrame], first: str, second: str
) -> pd.DataFrame:
    """How much more the chosen unit of one network knows than that of another.

    Parameters
    ----------
    draws, tables : mapping of a network's name to what :func:`held_out` gives
    first, second : str
        Names of the two.

    Returns
    -------
    DataFrame
        One row per feature: ``feature``, ``difference``, ``low``, ``high``.
    """
    one, other = (tables[name].set_index("feature")["knowledge"] for name in (first, second))
    return pd.DataFrame(
        [
            (name, one[name] - other[name], *interval(draws[first][name] - draws[second][name]))
            for name in tables[first]["feature"]
        ],
        columns=["feature", "difference", "low", "high"],
    )


def _auc_draws(
    values: Float[np.ndarray, "characters"],
    labels: Float[np.ndarray, "characters"],
    string: Int[np.ndarray, "characters"],
    counts: Int[np.ndarray, "replicates strings"],
) -> Float[np.ndarray, "replicates"]:
    """2 AUC - 1 with each string counted as often as it was drawn; NaN where a label is missing."""
    order = np.argsort(values, kind="stable")
    ordered, yes, of = values[order], labels[order] > 0.5, string[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))  # equal values are one group
    found = np.full(len(counts), np.nan)
    for place, drawn in enumerate(counts):
        weight = drawn[of].astype(np.float64)
        ones = np.add.reduceat(weight * yes, starts)
        zeros = np.add.reduceat(weight * ~yes, starts)
        pairs = ones.sum() * zeros.sum()
        if pairs:
            found[place] = 2 * (ones @ (zeros.cumsum() - zeros / 2)) / pairs - 1
    return found


def _r2_draws(values, labels, string, counts) -> Float[np.ndarray, "replicates"]:
    """The squared correlation, with its sign."""
    sums = np.stack([
        np.bincount(string, weights, minlength=counts.shape[1])
        for weights in (np.ones_like(values), values, labels, values**2, labels**2, values * labels)
    ])  # fmt: skip
    n, x, y, xx, yy, xy = (counts @ sums.T).T
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = (n * xy - x * y) / np.sqrt((n * xx - x**2) * (n * yy - y**2))
    return np.sign(correlation) * correlation**2


def _correlation(states: np.ndarray, labels: np.ndarray) -> Float[np.ndarray, "units"]:
    centred = states.astype(np.float64) - states.mean(axis=0, dtype=np.float64)
    label = labels - labels.mean(dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (label @ centred) / np.sqrt((centred**2).sum(axis=0) * (label**2).sum())
