"""Which unit knows a feature best, by a measure that rare features do not flatter.

    knowledge = 2 abs(AUC - 1/2) for a binary feature, R2 (0 where below) for a continuous one,

from :func:`reading_neurons.methods.relevance.relevance`: 0 for a unit whose values say nothing of the feature, 1 for
one whose values tell it without fail, whichever end of its scale says yes.

Easy to get wrong: taking the best by accuracy. A semicolon is one character in thirty; a support vector machine with
one input is right 97 times in 100 by never expecting one, and so all units, the best and the worst, have the same
accuracy.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def knowledge(table: pd.DataFrame) -> pd.Series:
    """How well each unit knows each feature, from 0 to 1.

    Parameters
    ----------
    table : DataFrame
        As :func:`reading_neurons.methods.relevance.relevance` gives it: ``auc``, and where it is NaN ``score``, which
        is R2 of a continuous feature.

    Returns
    -------
    Series
        A number for each row.

    Examples
    --------
    >>> knowledge(pd.DataFrame({"auc": [0.5, 0.1, None], "score": [0.9, 0.9, -0.2]})).tolist()
    [0.0, 0.8, 0.0]
    """
    binary = (2 * (table["auc"] - 0.5)).abs()
    return binary.where(table["auc"].notna(), table["score"].clip(lower=0)).rename("knowledge")


def best_units(table: pd.DataFrame, each: int = 1) -> pd.DataFrame:
    """The units that know each feature best.

    Parameters
    ----------
    table : DataFrame
        As :func:`reading_neurons.methods.relevance.relevance` gives it.
    each : int
        How many units of each feature.

    Returns
    -------
    DataFrame
        Rows of the table with ``knowledge``, and ``rank`` from 0, behind ``feature``; features in their order, of
        equals the unit with the smaller number first.

    Raises
    ------
    ValueError
        If fewer than one is asked for.

    Examples
    --------
    >>> table = pd.DataFrame({"feature": "call", "unit": [0, 1, 2], "auc": [0.6, 0.2, 0.7], "score": 0.9})
    >>> best_units(table, each=2)[["feature", "rank", "knowledge", "unit"]].round(3).values.tolist()
    [['call', 0, 0.6, 1], ['call', 1, 0.4, 2]]
    """
    if each < 1:
        raise ValueError(f"asked for the best {each} units, expected at least 1")
    place = {feature: number for number, feature in enumerate(table["feature"].unique())}
    ranked = table.assign(knowledge=knowledge(table), _place=table["feature"].map(place))
    ranked = ranked.sort_values(["_place", "knowledge", "unit"], ascending=[True, False, True], ignore_index=True)
    rank = ranked.groupby("_place").cumcount()
    first = ["feature", "rank", "knowledge"]
    ranked = ranked.assign(rank=rank)[rank < each].drop(columns="_place")
    return ranked[[*first, *(column for column in ranked if column not in first)]].reset_index(drop=True)


def compared(tables: Mapping[str, pd.DataFrame], each: int = 10) -> pd.DataFrame:
    """The best units of several networks, one table below the other, as the chart of node types takes them.

    Parameters
    ----------
    tables : mapping of a network's name to DataFrame
        As :func:`reading_neurons.methods.relevance.relevance` gives them.
    each : int
        How many units of each feature and network.

    Returns
    -------
    DataFrame
        As :func:`best_units` gives it, with ``network`` in front, and ``type`` and ``labels`` from names of features
        such as "call, range".

    Raises
    ------
    ValueError
        If there is no table.
    """
    if not tables:
        raise ValueError("expected the relevance of at least one network, found none")
    parts = []
    for name, table in tables.items():
        best = best_units(table, each)
        named = best["feature"].str.rpartition(", ")
        parts.append(best.assign(type=named[0], labels=named[2]))
        parts[-1].insert(0, "network", name)
    return pd.concat(parts, ignore_index=True)
