"""What the chapter on relevance draws of a record: the best units beside base rates.

Easy to get wrong: the base rate of a cross-validation. It is what the more frequent answer outside of a fold is worth
inside of it, mean over folds, and may be a hair below the share of that answer in the whole.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from reading_neurons.experiments.inspection_claims import CONTROL, REPLICATES
from reading_neurons.statistics import cluster_draws, interval


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
