"""Figures and claims about the relevance of units, from the tables of a record alone (Deep Neural Inspection 2017).

Intervals of scores come from the twenty folds, drawn with replacement: each is a random twentieth of the strings.
Intervals of rank correlations come from units drawn with replacement, the same ones for all pairs.

Easy to get wrong: a range of levels. "Inside of level 2" is true of everything deeper as well; of a unit that grows
with depth it cuts off the upper part, for every level. "Exactly two open" is a band in the middle, which no single
boundary cuts out. Both readings of the paper's "nesting level" are claims of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from reading_neurons.experiments.record import Claim
from reading_neurons.methods.relevance_folds import ANSWERS
from reading_neurons.statistics import cluster_draws, interval
from reading_neurons.verdicts import decided

CONTROL = "control"
REPLICATES = 1000
RANGE, IMPULSE = ", range", ", impulse"
SAME_NODE, LEVELS, NESTINGS, NODES = "range and impulse", "levels", "nestings", "kinds of nodes"
SLIGHT = 0.2  # a rank correlation that would still pass for none
ABOUT_NINETY = 0.85  # what is meant by "about 90 %": at least


def related(names: list[str]) -> pd.DataFrame:
    """Pairs of features that the paper compares, or that one would: ``relation``, ``feature``, ``other``.

    Examples
    --------
    >>> related(["brackets 1, range", "brackets 2, range", "brackets 1, impulse"]).values.tolist()
    [['range and impulse', 'brackets 1, range', 'brackets 1, impulse'],
     ['levels', 'brackets 1, range', 'brackets 2, range']]
    """
    rows = [(SAME_NODE, name + RANGE, name + IMPULSE) for name in nodes(names)]
    ranges = [name for name in names if name.endswith(RANGE)]
    levels = [name for name in ranges if name.removesuffix(RANGE)[-1:].isdigit()]
    rows += [(LEVELS, one, other) for one, other in combinations(levels, 2)]
    rows += [(NESTINGS, *pair) for pair in combinations([name for name in names if name.startswith("nesting ")], 2)]
    rows += [(NODES, *pair) for pair in combinations([name for name in ranges if name not in levels], 2)]
    return pd.DataFrame(rows, columns=["relation", "feature", "other"])


def nodes(names: Iterable[str]) -> list[str]:
    """Nodes that have a range and an impulse; a digit, which is one character, has one label and is left out."""
    names = list(names)
    found = [name.removesuffix(RANGE) for name in names if name.endswith(RANGE)]
    return [name for name in found if name + IMPULSE in names and name != "digit"]


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """For each network and feature the best score, the majority's, how many units answer and how many are found."""
    figures: dict[str, float] = {}
    binary = set(tables["features"].query("kind == 'binary'")["feature"])
    for (network, feature), rows in tables["folds"].groupby(["network", "feature"], sort=False):
        figures[f"best, {network}: {feature}"] = float(rows["best"].mean())
        if network == "trained" and feature in binary:
            figures[f"majority: {feature}"] = float(rows["majority"].mean())
    answering = tables["relevance"][tables["relevance"]["feature"].isin(binary)]
    for (network, feature), rows in answering.groupby(["network", "feature"], sort=False):
        figures[f"units that answer, {network}: {feature}"] = int((rows["balanced"] >= ANSWERS).sum())
    for row in tables["discoveries"].itertuples():
        figures[f"units beyond chance, {row.network}: {row.feature}"] = int(row.found)
    return figures


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """What the paper reads off figures 2 and 3, and what it leaves open."""
    folds = {name: _wide(tables["folds"], name) for name in ("best", "majority", "answering")}
    names = tables["features"]["feature"].tolist()
    claims = [_few(folds, tables), *_levels(folds, tables["relevance"], names)]
    claims += [*_production_rules(folds, names), *_kinds(folds, names)]
    return [*claims, *_alike(tables["relevance"], names), *_controls(folds, tables["features"])]


def _few(folds, tables: Mapping[str, pd.DataFrame]) -> Claim:
    """The caption of figure 2: "while most neurons are marginally predictive, a few are highly predictive"."""
    features, units = tables["features"], tables["relevance"]["unit"].nunique()
    real = features[(features["kind"] == "binary") & ~features["feature"].str.startswith(CONTROL)]["feature"]
    rest = _above("", "", 1 - folds["answering"]["trained"][real].mean(axis=1) / units, bound=0.5)
    text = "most units do not answer a feature: the share of those that do is below one half, mean over features"
    low, high = (1 - bound for bound in reversed(rest.interval))
    return Claim(text, "a few are highly predictive", 1 - rest.here, (low, high), rest.holds)


def _wide(table: pd.DataFrame, value: str) -> dict[str, pd.DataFrame]:
    """For each network the value of every fold (rows) and feature (columns)."""
    return {
        network: rows.pivot(index="fold", columns="feature", values=value)
        for network, rows in table.groupby("network", sort=False)
    }


def _above(text: str, paper: str, values: np.ndarray, bound: float = 0.0) -> Claim:
    """A claim about the mean of values (of folds, of units): it holds where the whole interval is above the bound."""
    values = np.asarray(values, dtype=float)
    drawn = cluster_draws(len(values), REPLICATES, seed=0) @ values / len(values)
    low, high = interval(drawn)
    return Claim(text, paper, float(values.mean()), (low, high), decided((low, high), above=bound))


def _levels(folds, relevance: pd.DataFrame, names: list[str]) -> list[Claim]:
    """Figure 2: "many neurons are highly predictive for the first and deepest levels, far fewer for the others"."""
    levels = [name for name in names if name.startswith("brackets ") and name.endswith(RANGE) and name[9].isdigit()]
    nestings = [name for name in names if name.startswith("nesting ")]
    claims = []
    for said, chosen in (("inside of", levels), ("exactly at", nestings)):
        if len(chosen) < 3:
            continue
        ends, middle = [chosen[0], chosen[-1]], chosen[1:-1]
        text = f"{said} the first and deepest level: more units answer than for the levels between"
        answering = folds["answering"]["trained"]
        claims.append(_above(text, "many, far fewer", answering[ends].mean(axis=1) - answering[middle].mean(axis=1)))
        text = f"{said} the first and deepest level: the mean raw accuracy of all units is higher"
        claims.append(_over_units(text, "seen in figure 2", relevance, ends, middle))
        text = f"{said} the first and deepest level: the more frequent label alone is right more often"
        majority = folds["majority"]["trained"]
        claims.append(_above(text, "no base rate", majority[ends].mean(axis=1) - majority[middle].mean(axis=1)))
    return claims


def _over_units(text: str, paper: str, relevance: pd.DataFrame, ends: list[str], middle: list[str]) -> Claim:
    """A claim about the mean over units, with an interval over them."""
    trained = relevance[relevance["network"] == "trained"].pivot(index="unit", columns="feature", values="score")
    return _above(text, paper, trained[ends].mean(axis=1) - trained[middle].mean(axis=1))


def _production_rules(folds, names: list[str]) -> list[Claim]:
    """Figure 3: digits and brackets about 90 %, binary expressions low, the product and the quotient above all."""
    if "product, range" not in names:
        return []
    best, majority = folds["best"]["trained"], folds["majority"]["trained"]
    claims = []
    for node in ("digit", "brackets"):
        text = f"the best unit for {node} (range) is right at more than {ABOUT_NINETY:.0%} of the characters"
        claims.append(_above(text, "about 90 %", best[node + RANGE], ABOUT_NINETY))
        text = f"the best unit for {node} (range) is right more often than saying the more frequent label"
        claims.append(_above(text, "no base rate", best[node + RANGE] - majority[node + RANGE]))
    simple, operations = ["digit", "brackets"], ["sum", "difference", "product", "quotient"]
    excess = best - majority
    for table, paper, said in ((best, "low scores", ""), (excess, "no base rate", ", in excess of the majority's")):
        gap = _mean(table, simple, RANGE) - _mean(table, operations, RANGE)
        claims.append(_above(f"digits and brackets are predicted better than the four operations{said}", paper, gap))
        gap = _mean(table, operations[:2], RANGE) - _mean(table, operations[2:], RANGE)
        text = f"sums and differences are predicted better than products and quotients{said}"
        claims.append(_above(text, paper, gap))
    return claims


def _kinds(folds, names: list[str]) -> list[Claim]:
    """Figure 3: "the range representation has higher relevance scores than impulse representation"."""
    both = nodes(names)
    if not both:
        return []
    best, majority = folds["best"]["trained"], folds["majority"]["trained"]
    paper = "seen in figure 3" if "product" in both else "no figure"
    text = "ranges have a higher best accuracy than impulses of the same nodes"
    gap = _mean(best, both, RANGE) - _mean(best, both, IMPULSE)
    excess = best - majority
    above = _mean(excess, both, RANGE) - _mean(excess, both, IMPULSE)
    return [_above(text, paper, gap), _above(f"{text}, in excess of the majority's", "no base rate", above)]


def _mean(table: pd.DataFrame, chosen: list[str], ending: str) -> pd.Series:
    return table[[name + ending for name in chosen]].mean(axis=1)


def _alike(relevance: pd.DataFrame, names: list[str]) -> list[Claim]:
    """"The top neurons for different nesting and representations are not correlated with each other"."""
    pairs = related(names)
    scores = relevance[relevance["network"] == "trained"]
    claims = []
    for by, values in (("score", scores["score"]), ("AUC", (scores["auc"] - 0.5).abs())):
        wide = scores.assign(key=values).pivot(index="unit", columns="feature", values="key")
        for relation, rows in pairs.groupby("relation", sort=False):
            paper = "not correlated" if relation in (SAME_NODE, LEVELS, NESTINGS) else "no figure"
            here, low, high = _mean_correlation(wide, rows[["feature", "other"]].values.tolist())
            text = f"{_RELATIONS[relation]}: no positive rank correlation of units by {by}, on average"
            holds = False if low > 0 else True if high < SLIGHT else None  # a wide interval around 0 shows nothing
            claims.append(Claim(text, paper, here, (low, high), holds))
    return claims


_RELATIONS = {
    SAME_NODE: "range and impulse of one node",
    LEVELS: "ranges of different levels",
    NESTINGS: "different numbers of open brackets",
    NODES: "ranges of different nodes",
}


def _mean_correlation(wide: pd.DataFrame, pairs: list[list[str]]) -> tuple[float, float, float]:
    """Spearman's correlation, mean over pairs, with an interval over units; ranks are taken once."""
    ranks = {name: rankdata(wide[name]) - (len(wide) + 1) / 2 for name in {name for pair in pairs for name in pair}}
    draws = np.vstack([np.ones(len(wide)), cluster_draws(len(wide), REPLICATES, seed=0)])
    found = []
    for one, other in pairs:
        a, b = ranks[one], ranks[other]
        n, sa, sb = draws.sum(axis=1), draws @ a, draws @ b
        with np.errstate(invalid="ignore", divide="ignore"):
            spread = np.sqrt((draws @ (a * a) - sa * sa / n) * (draws @ (b * b) - sb * sb / n))
            found.append((draws @ (a * b) - sa * sb / n) / np.where(spread > 1e-9, spread, np.nan))
    # Where nearly all units score the same, a draw may hold no other: it says nothing of that pair.
    defined = np.ma.masked_invalid([drawn for drawn in found if np.isfinite(drawn[0])] or [np.full(len(draws), np.nan)])
    means = defined.mean(axis=0).filled(np.nan)
    return float(means[0]), *interval(means[1:])


def _controls(folds, features: pd.DataFrame) -> list[Claim]:
    """What the paper has no control for: the same network untrained, and features that mean nothing."""
    binary = features.query("kind == 'binary'")["feature"].tolist()
    real = [name for name in binary if not name.startswith(CONTROL)]
    chance = [name for name in binary if name.startswith(CONTROL)]
    trained, untrained = folds["best"]["trained"][real], folds["best"]["untrained"][real]
    excess = folds["best"]["trained"] - folds["majority"]["trained"]
    text = "training raises the accuracy of the best unit, mean over features"
    claims = [_above(text, "no control", (trained - untrained).mean(axis=1))]
    if chance:
        text = "the best units exceed the majority by more for features than for labels drawn by character type"
        claims.append(_above(text, "no control", excess[real].mean(axis=1) - excess[chance].mean(axis=1)))
    return claims
