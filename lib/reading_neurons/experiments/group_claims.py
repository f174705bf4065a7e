"""Figures and claims of the experiment on groups of units, from the tables of its record alone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from reading_neurons.experiments.record import Claim
from reading_neurons.methods.group_measures import gains
from reading_neurons.methods.paired import paired
from reading_neurons.statistics import cluster_draws, interval
from reading_neurons.verdicts import decided

METHODS = ("corpus", "default")
HIGH = 0.95  # of an activation whose most is 1
REPLICATES = 2000
PAPER_T = {"visual": -14.1, "textual": -21.7}  # corpus less Gumbel, over its groups

Tables = Mapping[str, pd.DataFrame]


def figures_of(tables: Tables) -> dict[str, float]:
    """Shares of units and groups driven above .95, cohesion, agreement, and gains of members held out."""
    figures = {}
    for (pathway, network), rows in tables["groups"].groupby(["pathway", "network"], sort=False):
        of = f"{network} {pathway}"
        pairs = rows["size"] * (rows["size"] - 1)
        figures[f"mean correlation within groups: {of}"] = float((rows["within"] * pairs).sum() / pairs.sum())
        figures[f"least correlation within a group: {of}"] = float(rows["least"].min())
    for table, what in (("single", "single units"), ("groups", "groups")):
        figures |= _driven(tables[table], what)
    for (pathway, network), rows in tables["agreement"].groupby(["pathway", "network"], sort=False):
        figures[f"agreement of two halves: {network} {pathway}"] = float(rows["index"].mean())
        figures[f"agreement of random groups, highest: {network} {pathway}"] = float(rows["high"].max())
    for key, rows in tables["held out"].groupby(["pathway", "network", "method", "what"], sort=False):
        pathway, network, method, what = key
        found = gains(rows)
        said = f"{network} {pathway}, {what} by {method}"
        figures[f"gain of members seen: {said}"] = float(found["seen"].mean())
        figures[f"gain of members held out: {said}"] = float(found["held_out"].mean())
        figures[f"share carried over: {said}"] = float(found["held_out"].sum() / found["seen"].sum())
    return figures


def _driven(table: pd.DataFrame, what: str) -> dict[str, float]:
    """How far each method drives its targets."""
    figures = {}
    for (pathway, network), rows in table.groupby(["pathway", "network"], sort=False):
        for method in METHODS:
            if rows[method].notna().all():
                figures[f"{what}, mean by {method}: {network} {pathway}"] = float(rows[method].mean())
                figures[f"{what} above {HIGH} by {method}: {network} {pathway}"] = float((rows[method] > HIGH).mean())
    return figures


def claims_of(tables: Tables) -> list[Claim]:
    """What the paper says of single units and groups, then what it does not ask, each with a 95 % interval."""
    claims = []
    for pathway in tables["groups"]["pathway"].unique():
        single = _of(tables["single"], pathway)
        groups = _of(tables["groups"], pathway)
        for method in METHODS:
            text = f"more than half of the single {pathway} units are driven above {HIGH} by the {_said(method)}"
            claims.append(_share(text, "tanh is easily saturated", single[method] > HIGH, above=True))
        text = f"fewer than half of the {pathway} groups are driven above {HIGH} by the default"
        claims.append(_share(text, "groups as targets instead", groups["default"] > HIGH, above=False))
        claims.append(_t(pathway, groups))
    for pathway in tables["groups"]["pathway"].unique():
        claims += _held_out(tables["held out"], pathway)
        claims += _agreement(tables["agreement"], pathway)
    return claims


def _said(method: str) -> str:
    return {"corpus": "corpus search", "default": "default"}[method]


def _of(table: pd.DataFrame, pathway: str, network: str = "trained") -> pd.DataFrame:
    return table[(table["pathway"] == pathway) & (table["network"] == network)]


def _share(text: str, paper: str, hits: pd.Series, above: bool) -> Claim:
    found = binomtest(int(hits.sum()), len(hits)).proportion_ci(method="wilson")
    bounds = float(found.low), float(found.high)
    holds = decided(bounds, above=0.5) if above else decided(bounds, below=0.5)
    return Claim(text, paper, float(hits.mean()), bounds, holds)


def _t(pathway: str, groups: pd.DataFrame) -> Claim:
    found = paired(groups["corpus"], groups["default"])
    text = (
        f"t of corpus less default over {len(groups)} {pathway} groups, which the default wins in "
        f"{found['won']:.0%}, by {found['gain']:.3f} on average"
    )
    bounds = (-found["t_high"], -found["t_low"])
    return Claim(text, f"t = {PAPER_T.get(pathway, 'none')}", -found["t"], bounds, decided(bounds, below=0))


def _held_out(table: pd.DataFrame, pathway: str) -> list[Claim]:
    """Members that were held out gain more in groups than in random groups, and more where the network was trained."""
    claims = []
    drawn = {
        (network, method, what): _draws(gains(rows))
        for (network, method, what), rows in table[table["pathway"] == pathway].groupby(["network", "method", "what"])
    }
    for method in METHODS:
        gained = drawn["trained", method, "groups"][0] - drawn["trained", method, "random"][0]
        text = f"{pathway} members held out gain more in groups than in random groups, by the {_said(method)}"
        claims.append(_difference(text, gained))
    ratio = drawn["trained", "default", "groups"][1] - drawn["untrained", "default", "groups"][1]
    text = f"of what {pathway} members seen gain, those held out have a larger share than in untrained groups"
    claims.append(_difference(text, ratio))
    return claims


def _draws(found: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The mean gain held out, and its share of the gain seen: of all groups, then of bootstrap replicates."""
    drawn = np.vstack([np.ones((1, len(found))), cluster_draws(len(found), REPLICATES, 0)])
    held, seen = drawn @ found["held_out"].to_numpy(), drawn @ found["seen"].to_numpy()
    return held / len(found), held / seen


def _difference(text: str, draws: np.ndarray) -> Claim:
    low, high = interval(draws[1:])
    return Claim(text, "not asked", float(draws[0]), (low, high), decided((low, high), above=0))


def _agreement(table: pd.DataFrame, pathway: str) -> list[Claim]:
    trained, untrained = (_of(table, pathway, network) for network in ("trained", "untrained"))
    index = trained["index"].to_numpy()
    text = f"two halves of the n-grams give {pathway} groups that agree more than random ones (adjusted Rand)"
    bounds = interval(index)
    random = float(trained["high"].max())
    claims = [Claim(text, "not asked", float(index.mean()), bounds, decided(bounds, above=random))]
    # Splits of both networks are the same splits of the same n-grams.
    apart = index - untrained["index"].to_numpy()
    text = f"{pathway} groups of the trained network agree more between halves than untrained ones"
    low, high = interval(apart)
    return [*claims, Claim(text, "not asked", float(apart.mean()), (low, high), decided((low, high), above=0))]
