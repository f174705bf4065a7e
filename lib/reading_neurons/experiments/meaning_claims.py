"""Figures of the space of meanings, and what Li et al. 2016 claim of it, read off the tables of a record.

Easy to get wrong: a claim that nothing happens. Data can refute it, when an interval leaves zero; they cannot show it.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from reading_neurons.experiments.panel import SENTIMENT
from reading_neurons.experiments.record import Claim
from reading_neurons.verdicts import decided, denied, sided

GOLD = "people"
"""Who labelled the treebank, in the column of networks."""


def _value(tables: Mapping[str, pd.DataFrame], kind: str, network: str, measure: str, quantity: str) -> pd.Series:
    found = tables["effects"].set_index(["kind", "network", "measure", "quantity"]).sort_index()
    return found.loc[(kind, network, measure, quantity)]


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Every effect by its name, and for both figures the mean faithfulness of each kind of picture."""
    figures = {
        f"{row.kind}: {row.network}, {row.measure}: {row.quantity}": float(row.value)
        for row in tables["effects"].itertuples()
    }
    pictured = tables["distortion"].groupby(["figure", "network", "projection"], sort=False)
    for (figure, network, projection), row in pictured[["trustworthiness", "kept"]].mean().iterrows():
        figures |= {f"{figure} by {projection}: {network}, {name}": float(row[name]) for name in row.index}
    return figures


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """What the paper reads off figures 2 and 4, with 95 % intervals over words, clauses or sentences."""
    claims = [
        _claim(tables, kind, network, measure, quantity, sign, f"{network}: {text}", paper)
        for network in SENTIMENT
        for kind, measure, quantity, sign, text, paper in _ASKED
    ]
    found = tables["effects"][["kind", "network"]].drop_duplicates().itertuples(index=False, name=None)
    known = set(found)
    return claims + [
        _claim(tables, kind, network, "sentiment", "asymmetry", 1, f"{network}, treebank: {text}", "asymmetry")
        for network in (GOLD, *SENTIMENT)
        for kind, text in _ASKED_OF_TREEBANK.items()
        if (kind, network) in known
    ]


_SEEN = {"negations": "seen in figure 2", "clauses": "seen in figure 4"}
_ASKED = [
    (kind, measure, quantity, sign, text, paper or _SEEN[kind])
    for kind, measure, quantity, sign, text, paper in (
        ("negations", "euclidean", "positive modified", -1, '"not" + positive lies nearer to the negative words', ""),
        ("negations", "euclidean", "negative modified", -1, '"not" + negative lies nearer to the negative words', ""),
        ("negations", "euclidean", "negative modified, from neutral", -1,
         '"not" + negative lies nearer to the negative words than neutral words do', "not asked"),
        ("negations", "sentiment", "asymmetry", 1,
         '"not" lowers the scores of positive words more than it raises those of negative ones', "asymmetry"),
        ("clauses", "euclidean", "drop beyond control", 1,
         "a negative clause moves a positive sentence to the negative, more than a neutral one", ""),
        ("clauses", "euclidean", "negative modified", -1,
         "a positive clause leaves a negative sentence on the negative side", ""),
        ("clauses", "euclidean", "rise beyond control", 0,
         "a positive clause moves a negative sentence no more than a neutral one", ""),
        ("clauses", "euclidean", "asymmetry", 1,
         "a negative clause moves a positive sentence further than the reverse", "asymmetry"),
    )
]  # fmt: skip
_ASKED_OF_TREEBANK = {
    "treebank negations": "a negator lowers what is positive more than it raises what is negative",
    "treebank clauses": "a negative clause behind lowers more than a positive one raises",
    "treebank clauses, from middle": "the whole is more negative than its two clauses on average",
}


def _claim(tables, kind, network, measure, quantity, sign, text, paper) -> Claim:
    row = _value(tables, kind, network, measure, quantity)
    interval = float(row["low"]), float(row["high"])
    holds = sided(interval, sign) if sign else denied(decided(interval, above=0))
    return Claim(text, paper, float(row["value"]), interval, holds)
