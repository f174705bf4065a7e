"""What the chapter on relevance draws of a record: units sorted as in the paper's figures, best ones and base rates.

Easy to get wrong: the names of lines. Figures 2 and 3 draw one line for each level or node, and two panels, range and
impulse; so the name of a feature is taken apart into a panel (``group``) and a line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from reading_neurons.experiments.inspection_claims import CONTROL, REPLICATES
from reading_neurons.statistics import cluster_draws, interval

INSIDE, ENDS = "range: inside of it", "impulse: its first or last character"
OPEN, DIGIT = "exactly so many open", "digit"
_NAMES = (
    (re.compile(r"(?:brackets )?(.+), range"), INSIDE),
    (re.compile(r"(?:brackets )?(.+), impulse"), ENDS),
    (re.compile(r"nesting (\d)"), OPEN),
    (re.compile(r"digit (\d)"), DIGIT),
)


def panel_of(feature: str) -> tuple[str, str] | None:
    """The panel and the line of a feature; None for one that the paper's figures do not have.

    Examples
    --------
    >>> panel_of("brackets 2, range"), panel_of("sum, impulse"), panel_of("control 1")
    (('range: inside of it', '2'), ('impulse: its first or last character', 'sum'), None)
    """
    for name, group in _NAMES:
        if found := name.fullmatch(feature):
            return group, found[1]
    return None


def sorted_scores(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The score of every unit, as :func:`reading_neurons.charts.sorted_relevance.sorted_relevance` takes it.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Of a record of the experiment. Where brackets of all levels are one feature, as in arithmetic, single levels are
        left out.
    """
    rows = tables["relevance"]
    places = {name: panel_of(name) for name in rows["feature"].unique()}
    if "brackets, range" in places:
        places = {name: place for name, place in places.items() if place and not place[1].isdigit()}
    rows = rows[rows["feature"].map(lambda name: places.get(name) is not None)]
    majority = tables["folds"].groupby("feature")["majority"].mean()
    split = pd.DataFrame(rows["feature"].map(places).tolist(), columns=["group", "line"], index=rows.index)
    found = rows[["network", "unit", "score"]].join(split).assign(majority=rows["feature"].map(majority))
    order = found[["group", "line"]].drop_duplicates()
    groups = {group: number for number, (_, group) in enumerate(_NAMES)}
    lines = {line: number for number, line in enumerate(order["line"].unique())}
    key = found["group"].map(groups) * len(lines) + found["line"].map(lines)
    return found.assign(key=key).sort_values("key", kind="stable", ignore_index=True).drop(columns="key")


def beside_majority(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """For every binary feature the best unit's accuracy, trained and untrained, and that of the more frequent label.

    Returns
    -------
    DataFrame
        ``feature``, ``best``, ``low``, ``high`` (95 %, folds drawn with replacement), ``untrained``, ``majority``,
        ``control`` (True for labels that mean nothing).
    """
    binary = tables["features"].query("kind == 'binary'")["feature"]
    wide = {
        network: rows.pivot(index="fold", columns="feature", values="best")
        for network, rows in tables["folds"].groupby("network")
    }
    majority = tables["folds"].groupby("feature")["majority"].mean()
    draws = cluster_draws(len(wide["trained"]), REPLICATES, seed=0) / len(wide["trained"])
    rows = []
    for name in binary:
        values = wide["trained"][name].to_numpy()
        low, high = interval(draws @ values)
        untrained = float(wide["untrained"][name].mean())
        rows.append((name, values.mean(), low, high, untrained, majority[name], name.startswith(CONTROL)))
    return pd.DataFrame(rows, columns=["feature", "best", "low", "high", "untrained", "majority", "control"])
