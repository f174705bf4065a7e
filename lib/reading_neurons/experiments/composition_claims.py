"""Figures and claims of the record on composition, from its tables alone.

Easy to get wrong: the unit that an interval is over. Phrases of one base are one observation, and so are all sentences
with the same two verbs.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from reading_neurons.experiments.record import Claim
from reading_neurons.methods.composition import sides
from reading_neurons.methods.state_differences import weights
from reading_neurons.statistics import cluster_draws, interval
from reading_neurons.verdicts import sided

NETWORKS = ("recurrent", "lstm", "bi-lstm")
STATES = ("trained", "untrained")
ENDINGS = ("opposite", "neutral", "agreeing")
MIDDLE = 2.0
REPLICATES = 1000


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """What the record says in numbers, for trained and untrained networks."""
    figures: dict[str, float] = {}
    for row in tables["effects"].to_dict(orient="records"):
        name = f"{row['kind']}, {row['side']}: {row['network']}"
        figures[f"share of dimensions consistent, {name}"] = row["consistent"] / row["dimensions"]
        figures[f"effect beyond a neutral word on held-out heads, {name}"] = row["held_out_excess"]
    for row in asymmetry(tables["pairs"]).itertuples():
        figures[f"denied, {row.of}: {row.network}"] = row.mean
    for row in closeness(tables["endings"]).itertuples():
        figures[f"last word {row.ending}, {row.way}, {row.connective}: {row.network}"] = row.mean
    for row in gaps(tables["endings"]).itertuples():
        figures[f"gap of classes, {row.ending}, {row.connective}: {row.network}"] = row.mean
    for row in clause_weights(tables["clauses"]).itertuples():
        figures[f"weight of the {row.clause} clause, {row.connective}: {row.network}"] = row.weight
    opposites = tables["opposites"]
    for column in opposites.columns.drop("connective"):
        figures[f"second clause {column}"] = float(opposites[column].mean())
    return figures


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """What the paper reads off its Figures 1 and 3, each with a 95 % interval."""
    return [*_modifiers(tables), *_asymmetries(tables), *_last_words(tables), *_clauses(tables)]


# What modifiers do


def _modifiers(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    rows = tables["effects"].set_index(["network", "kind", "side"])
    asked = (
        ("intensification", "all", "an intensifier strengthens some dimensions (LSTM)"),
        ("negation", "positive", "negation turns some dimensions of positive phrases (LSTM)"),
        ("negation", "negative", "negation turns some dimensions of negative phrases (LSTM)"),
    )
    claims = []
    for kind, side, said in asked:
        here, low, high = _held_out(rows.loc[("trained lstm", kind, side)])
        text = f"{said} beyond a neutral word, on held-out phrases"
        claims.append(_claim(text, "seen in figure 1", here, (low, high), sign=1))
        other = _held_out(rows.loc[("untrained lstm", kind, side)])
        half = float(np.hypot(high - low, other[2] - other[1]) / 2)
        excess = here - other[0]
        text = f"{said} more than in the untrained network"
        claims.append(_claim(text, "no control", excess, (excess - half, excess + half), sign=1))
    return claims


def _held_out(row: pd.Series) -> tuple[float, float, float]:
    """The effect on held-out phrases and its interval; 0 where no dimension was consistent on the others."""
    found = row[["held_out_excess", "held_out_low", "held_out_high"]].astype(float)
    return tuple(found) if row["held_out_chosen"] else (0.0, 0.0, 0.0)


def asymmetry(pairs: pd.DataFrame) -> pd.DataFrame:
    """Where denied phrases of positive and of negative bases are, by each network and by the annotators.

    Returns
    -------
    DataFrame
        ``network`` (``annotators`` too), and the columns of :func:`reading_neurons.methods.composition.sides`.
    """
    rows = pairs[pairs["kind"] == "negation"]
    columns = {"annotators": "modified_label"} | {
        f"{state} {name}": f"modified: {state} {name}" for state in STATES for name in NETWORKS
    }
    positive = rows["base_label"] > MIDDLE
    parts = [
        sides(rows[column].to_numpy(float), MIDDLE, rows["head"], positive).assign(network=name)
        for name, column in columns.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    return table[["network", "of", "pairs", "heads", "mean", "low", "high"]]


def _asymmetries(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    rows = asymmetry(tables["pairs"]).set_index(["network", "of"])
    claims = []
    for name in ("trained lstm", "trained recurrent", "trained bi-lstm", "annotators"):
        said = {"annotators": "by the annotators' labels"}.get(name, f"{name.removeprefix('trained ')}, expected label")
        row = rows.loc[(name, "negative")]
        text = f"denied negative phrases (not bad) stay on the negative side ({said})"
        claims.append(_claim(text, "seen in figures 1 and 2", row["mean"], (row["low"], row["high"]), sign=-1))
        row = rows.loc[(name, "asymmetry")]
        text = f"denied negative phrases move less far over the middle than denied positive ones ({said})"
        claims.append(_claim(text, "asymmetry of negation", row["mean"], (row["low"], row["high"]), sign=-1))
    return claims


# What a second clause does


def closeness(endings: pd.DataFrame) -> pd.DataFrame:
    """What last words do to the distance of two opposite sentences: means over pairs, intervals over pairs of verbs.

    Returns
    -------
    DataFrame
        ``connective``, ``network``, ``way``, ``ending`` (with ``opposite - neutral``: beyond a neutral last word),
        ``mean``, ``low``, ``high`` of the log of the distance after over before.
    """
    rows = []
    for connective, table in endings.groupby("connective", sort=False):
        verbs = pd.factorize(table["main"])[0]
        draws = cluster_draws(verbs.max() + 1, REPLICATES, 0)
        counts = np.bincount(verbs)
        for head in dict.fromkeys(column.rsplit(", ", 1)[0] for column in table if ": " in column):
            network, way = head.split(": ")
            if way == "gap":
                continue
            values = {ending: table[f"{head}, {ending}"].to_numpy() for ending in ENDINGS}
            values["opposite - neutral"] = values["opposite"] - values["neutral"]
            for ending, found in values.items():
                drawn = (draws @ np.bincount(verbs, found)) / (draws @ counts)
                rows.append((connective, network, way, ending, found.mean(), *interval(drawn)))
    return pd.DataFrame(rows, columns=["connective", "network", "way", "ending", "mean", "low", "high"])


def gaps(endings: pd.DataFrame) -> pd.DataFrame:
    """How much more positive the sentence with the positive first clause is, before and after kinds of last words.

    Returns
    -------
    DataFrame
        ``connective``, ``network``, ``ending`` (``before``, each kind, and ``opposite - neutral``), ``mean``, ``low``,
        ``high``, in classes; intervals over pairs of verbs.
    """
    rows = []
    for connective, table in endings.groupby("connective", sort=False):
        verbs = pd.factorize(table["main"])[0]
        draws, counts = cluster_draws(verbs.max() + 1, REPLICATES, 0), np.bincount(verbs)
        for network in (f"{state} {name}" for state in STATES for name in NETWORKS):
            values = {ending: table[f"{network}: gap, {ending}"].to_numpy() for ending in ("before", *ENDINGS)}
            values["opposite - neutral"] = values["opposite"] - values["neutral"]
            for ending, found in values.items():
                drawn = (draws @ np.bincount(verbs, found)) / (draws @ counts)
                rows.append((connective, network, ending, found.mean(), *interval(drawn)))
    return pd.DataFrame(rows, columns=["connective", "network", "ending", "mean", "low", "high"])


def _last_words(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    rows = closeness(tables["endings"]).set_index(["connective", "network", "way", "ending"])
    claims = []
    for network, way in (
        ("lstm", "states"),
        ("lstm", "beginnings"),
        ("recurrent", "beginnings"),
        ("bi-lstm", "beginnings"),
    ):
        for ending, text, paper in (
            ("opposite", "opposite last words bring two opposite sentences together", "seen in figure 3"),
            (
                "opposite - neutral",
                "opposite last words bring two opposite sentences closer than a neutral one does",
                "no control",
            ),
        ):
            row = rows.loc[("though", f"trained {network}", way, ending)]
            where = "states" if way == "states" else "beginnings read as sentences"
            claims.append(
                _claim(f"{text} (though, {network}, {where})", paper, row["mean"], (row["low"], row["high"]), -1)
            )
    rows = gaps(tables["endings"]).set_index(["connective", "network", "ending"])
    for network in NETWORKS:
        row = rows.loc[("though", f"trained {network}", "opposite - neutral")]
        text = f"opposite last words take two opposite sentences closer in class than neutral ones (though, {network})"
        claims.append(_claim(text, "clauses compete", row["mean"], (row["low"], row["high"]), -1))
    return claims


def clause_weights(clauses: pd.DataFrame) -> pd.DataFrame:
    """What the two clauses count in the whole, by connective, for each network and for the annotators.

    Returns
    -------
    DataFrame
        ``connective`` (``but``, or ``though, although, while``), ``network``, ``clause`` (first, second), ``weight``,
        ``low``, ``high``, ``sentences``.
    """
    groups = {"but": clauses["connective"] == "but", "though, although, while": clauses["connective"] != "but"}
    columns = {"annotators": ("label", "first_label", "second_label")}
    for state in STATES:
        for name in NETWORKS:
            if f"whole: {state} {name}" in clauses:
                columns[f"{state} {name}"] = tuple(f"{part}: {state} {name}" for part in ("whole", "first", "second"))
    rows = []
    for connective, kept in groups.items():
        draws = np.random.default_rng(0).integers(kept.sum(), size=(REPLICATES // 2, kept.sum()))
        for network, names in columns.items():
            arrays = [clauses.loc[kept, name].to_numpy(float) for name in names]
            found = weights(*arrays)
            drawn = np.array([weights(*(array[draw] for array in arrays)) for draw in draws])
            for number, clause in enumerate(("first", "second")):
                rows.append((connective, network, clause, found[number], *interval(drawn[:, number]), int(kept.sum())))
    return pd.DataFrame(rows, columns=["connective", "network", "clause", "weight", "low", "high", "sentences"])


def _clauses(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    rows = clause_weights(tables["clauses"]).set_index(["connective", "network", "clause"])
    claims = []
    for connective in ("though, although, while", "but"):
        for name in ("lstm", "annotators"):
            row = rows.loc[(connective, name if name == "annotators" else f"trained {name}", "second")]
            text = f"clauses of the treebank compete: the second moves the whole towards itself ({connective}; {name})"
            claims.append(_claim(text, "seen in figure 3", row["weight"], (row["low"], row["high"]), 1))
    values = (tables["opposites"]["opposite: trained lstm"] - tables["opposites"]["exchanged: trained lstm"]).to_numpy()
    drawn = cluster_draws(len(values), REPLICATES, 0) @ values / len(values)
    text = "opposite second clauses bring two sentences of the treebank closer than agreeing ones (lstm)"
    return [*claims, _claim(text, "seen in figure 3", values.mean(), interval(drawn), -1)]


def _claim(text: str, paper: str, here: float, span: tuple[float, float], sign: int) -> Claim:
    """A claim that a figure has the sign."""
    low, high = map(float, span)
    return Claim(text, paper, float(here), (low, high), sided((low, high), sign))
