"""What a chapter draws of a record on composition: tables as charts take them.

Easy to get wrong: a name that hides a control. Of the untrained networks one is drawn, and its name says what it is.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from reading_neurons.charts import style
from reading_neurons.experiments.composition_claims import asymmetry, gaps


def shown(tables: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The paper's phrases and all dimensions, for :func:`reading_neurons.charts.composition.phrase_vectors`."""
    wide = tables["vectors"]
    groups = {
        "negation, positive": (("good", "not good"), ("nice", "not nice"), ("like", "do n't like")),
        "negation, negative": (("bad", "not bad"), ("boring", "not boring"), ("dull", "not dull")),
        "intensification": (
            ("funny", "very funny", "so funny", "incredibly funny"),
            ("like it", "like it a lot", "like it so much"),
        ),
    }
    parts = [
        wide[["network", "dimension", phrase]].set_axis(["pathway", "dimension", "value"], axis=1)
        .assign(group=group, pair=pair, phrase=phrase)
        for group, members in groups.items()
        for pair, phrases in enumerate(members)
        for phrase in phrases
        if phrase in wide
    ]  # fmt: skip
    dimensions = tables["dimensions"]
    group = (dimensions["kind"] + ", " + dimensions["side"]).replace("intensification, all", "intensification")
    dimensions = dimensions.assign(group=group, pathway=dimensions["network"].str.removeprefix("trained "))
    return pd.concat(parts, ignore_index=True), dimensions[dimensions["network"].str.startswith("trained ")]


def denied(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Where denied phrases are, in the order of a chart: ``case``, ``pathway``, ``mean``, ``low``, ``high``."""
    rows = asymmetry(tables["pairs"])
    cases = {"positive": "not + positive", "negative": "not + negative"}
    kept = rows[rows["of"].isin(cases) & ~rows["network"].isin(["untrained recurrent", "untrained bi-lstm"])]
    return _charted(kept.assign(case=kept["of"].map(cases)))


def endings_shown(tables: Mapping[str, pd.DataFrame], connective: str = "though") -> pd.DataFrame:
    """How far apart in class two opposite sentences are, before and after kinds of last words; as :func:`denied`."""
    rows = gaps(tables["endings"])
    cases = {"before": "before, the last word", "agreeing": "agreeing, last words", "neutral": "a neutral, last word",
             "opposite": "opposite, last words"}  # fmt: skip
    kept = rows[(rows["connective"] == connective) & rows["ending"].isin(cases)]
    kept = kept[~kept["network"].isin(["untrained recurrent", "untrained bi-lstm"])]
    order = kept["ending"].map(list(cases).index)
    return _charted(kept.assign(case=kept["ending"].map(cases)).iloc[np.argsort(order, kind="stable")])


def _charted(rows: pd.DataFrame) -> pd.DataFrame:
    pathway = rows["network"].str.removeprefix("trained ")
    return rows.assign(pathway=pathway)[["case", "pathway", "mean", "low", "high"]].reset_index(drop=True)


def worlds(checks: pd.DataFrame) -> pd.DataFrame:
    """In how many worlds each check holds: one row per check, one column per network.

    Examples
    --------
    >>> checks = pd.DataFrame({"check": ["lstm: so", "lstm: so"], "seed": [0, 1], "holds": [True, False]})
    >>> worlds(checks).loc["so", "lstm"]
    '1 of 2'
    """
    parts = checks["check"].str.split(": ", n=1, expand=True)
    rows = checks.assign(network=parts[0], check=parts[1]).groupby(["check", "network"], sort=False)["holds"]
    said = rows.sum().astype(int).astype(str) + " of " + rows.size().astype(str)
    table = said.unstack("network")
    return table.loc[style.in_order(parts[1]), style.in_order(parts[0])].rename_axis(index=None, columns=None)
