"""What the record of the shipped network says: measures, figures and claims, from its tables alone.

The claims are promises: bounds were set before the network that is shipped had been measured.

Easy to get wrong: two networks that read the same captions. Their ratio is drawn together, photograph by photograph,
and its interval is narrower than those of the two figures let one think.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from reading_neurons.experiments.record import Claim
from reading_neurons.experiments.shipped_dreams import lead
from reading_neurons.models.shipped import LARGEST
from reading_neurons.statistics import cluster_draws, interval
from reading_neurons.verdicts import decided

SHIPPED, EXACT, WIDE, UNTRAINED = "shipped", "before rounding", "wide", "untrained"
NETWORKS = (SHIPPED, EXACT, WIDE, UNTRAINED)
REPLICATES = 1000
SUMS = ("surprise", "cosine", "recall@10", "attainable@10", "order", "first")
AGREEMENT, DEARER, CLOSENESS, ROUNDED = 0.8, 1.25, 0.95, 0.01
PROMISED = "promised"


def measures_of(photographs: pd.DataFrame, replicates: int = REPLICATES) -> pd.DataFrame:
    """Every measure of every network, with an interval over photographs.

    Returns
    -------
    DataFrame
        ``network``, ``measure`` ("perplexity", "nats a word", "cosine", "recall@10", "attainable@10", "order",
        "first"), ``value``, ``low``, ``high``.
    """
    rows = []
    for name, table in photographs.groupby("network", sort=False):
        draws = _draws(len(table), replicates)
        for measure in ("perplexity", "nats a word", *SUMS[1:]):
            value, *drawn = _mean(table, measure, draws)
            rows.append((name, measure, value, *interval(np.array(drawn))))
    return pd.DataFrame(rows, columns=["network", "measure", "value", "low", "high"])


def _draws(count: int, replicates: int) -> np.ndarray:
    """All photographs once, then bootstrap replicates."""
    return np.vstack((np.ones(count, dtype=int), cluster_draws(count, replicates, seed=0)))


def _mean(table: pd.DataFrame, measure: str, draws: np.ndarray) -> np.ndarray:
    words = measure in ("perplexity", "nats a word")
    column, per = ("surprise", "predicted") if words else (measure, "captions")
    mean = (draws @ table[column].to_numpy()) / (draws @ table[per].to_numpy())
    return np.exp(mean) if measure == "perplexity" else mean


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Every figure of a record, from its tables."""
    photographs = tables["photographs"]
    shipped = photographs[photographs["network"] == SHIPPED]
    figures = {
        "photographs": len(shipped),
        "captions": int(shipped["captions"].sum()),
        "bytes": int(tables["network"]["bytes"].iloc[0]),
    }
    for row in measures_of(photographs, replicates=1).itertuples():
        figures[f"{row.network}: {row.measure}"] = float(row.value)
    for row in tables["agreement"].itertuples():
        figures[f"{row.network}, {row.pathway}, {row.ranked}: agreement"] = float(row.correlation)
    for row in tables["rounding"].itertuples():
        figures[f"largest change of a {row.pathway} {row.of}"] = float(row.largest)
    for name, table in tables["named"].groupby("network", sort=False):
        figures[f"{name}: categories whose input names them"] = float(table["named"].mean())
        figures[f"{name}: inputs of others that do"] = float(table["others"].mean())
    return figures


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """What was promised of the shipped network, from the tables of a record alone."""
    photographs = tables["photographs"].set_index("network")
    shipped, wide = photographs.loc[SHIPPED], photographs.loc[WIDE]
    draws = _draws(len(shipped), REPLICATES)
    dearer = _mean(shipped, "perplexity", draws) / _mean(wide, "perplexity", draws)
    close = _mean(shipped, "cosine", draws) / _mean(wide, "cosine", draws)
    size, most = float(tables["network"]["bytes"].iloc[0]) / 1e6, LARGEST / 1e6
    claims = [
        Claim(f"half precision weighs at most {most:g} megabytes", PROMISED, size, (size, size), size <= most),
        _bounded(
            f"perplexity is at most {DEARER} times the wide network's", dearer[0], interval(dearer[1:]), below=DEARER
        ),
        _bounded(
            f"cosine to the scene is at least {CLOSENESS} of the wide network's",
            close[0], interval(close[1:]), above=CLOSENESS,
        ),
    ]  # fmt: skip
    for row in tables["agreement"].query("ranked == 'inside each caption' and network == @SHIPPED").itertuples():
        text = f"{row.pathway}: inside a caption words are ranked as by the wide network (Spearman's correlation)"
        within = (row.low, row.high)
        claims.append(_bounded(f"{text} at least {AGREEMENT}", row.correlation, within, above=AGREEMENT))
    of_shipped = tables["named"][tables["named"]["network"] == SHIPPED]
    said, low, high = lead(of_shipped, REPLICATES)
    text = "the optimal input of a category names it more often than those of the others do (difference of shares)"
    claims.append(Claim(text, PROMISED, said, (low, high), decided((low, high), above=0)))
    same, compared = same_sides(tables["log_ratios"])
    share = same / compared if compared else float("nan")
    text = "all labels are on the side, visual or textual, that the wide network puts them on (share)"
    claims.append(Claim(text, PROMISED, share, (share, share), same == compared if compared else None))
    for row in tables["rounding"].query("of == 'omission score'").itertuples():
        text = f"{row.pathway}: rounding changes no omission score by {ROUNDED} or more"
        claims.append(Claim(text, PROMISED, row.largest, (row.largest, row.largest), bool(row.largest < ROUNDED)))
    return claims


def same_sides(log_ratios: pd.DataFrame) -> tuple[int, int]:
    """On how many labels both medians lie on one side of 0, of those whose two intervals leave 0 out.

    Examples
    --------
    >>> rows = [("tag", "NN", SHIPPED, -0.5, -0.9, -0.1), ("tag", "NN", WIDE, 0.5, 0.1, 0.9)]
    >>> same_sides(pd.DataFrame(rows, columns=["kind", "label", "network", "median", "low", "high"]))
    (0, 1)
    """
    pair = log_ratios.pivot(index=["kind", "label"], columns="network", values=["median", "low", "high"]).dropna()
    decided = np.prod([pair["low"][name] * pair["high"][name] > 0 for name in (SHIPPED, WIDE)], axis=0).astype(bool)
    same = np.sign(pair["median"][SHIPPED]) == np.sign(pair["median"][WIDE])
    return int((same & decided).sum()), int(decided.sum())


def _bounded(
    claim: str, here: float, within: tuple[float, float], above: float = -math.inf, below: float = math.inf
) -> Claim:
    """A claim that holds where the whole interval is inside the bounds, and fails where it is outside."""
    return Claim(claim, PROMISED, float(here), within, decided(within, above, below))
