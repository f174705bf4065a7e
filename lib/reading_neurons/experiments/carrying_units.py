"""Kádár et al. 2017, section 6.4, on a whole corpus: how long units stay on, and which fire before their label.

The paper shows examples chosen by eye. Here units are chosen on half of the images and measured on the other half,
beside the same network with random weights, and beside what the word at hand and the place in the sentence give alone.

Easy to get wrong: the best of a thousand units looks good in the data that chose it, whatever it does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reading_neurons import passes
from reading_neurons.annotation import Parse, annotate, token_table
from reading_neurons.corpora.captions import Captions
from reading_neurons.experiments import truth
from reading_neurons.experiments.carrying_truth import checks, quantile_difference
from reading_neurons.experiments.panel import Panel, panel
from reading_neurons.experiments.record import Claim, Record
from reading_neurons.methods import carrying_units, label_leads, levels, runs
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import halves, mean_intervals
from reading_neurons.verdicts import decided

LABELS = ("pobj", "conj", "dobj", "nsubj")
DRAWN = ("pobj", "conj")
PAPER = (("textual", "pobj"), ("visual", "pobj"), ("visual", "conj"))
TOP = 5  # units per pathway, and per label
HORIZON = 10
COUNTS = 2.5  # words for which a unit that counts words stays on by the position alone
FEWEST = 50  # triggers of a unit that may be chosen
LEFT = 5  # words that follow the trigger of a run that is asked whether it reaches the end
TRAINED, UNTRAINED = "trained", "untrained"


def run(corpus: str = "coco", *, quick: bool = False, seed: int = 0) -> Record:
    """Measure every unit of every pathway on the test captions, and test the paper's claims.

    Parameters
    ----------
    corpus : str
        ``scenes`` asks the planted truth in five worlds; any other corpus is measured.
    quick : bool
        Tiny networks and few captions: every step is taken, no figure means anything.
    seed : int

    Returns
    -------
    Record
    """
    if corpus == "scenes":
        return truth.over_seeds("carrying-units", checks, quick=quick, seed=seed, networks=("imaginet",))
    return measured(panel(corpus, seed=seed, quick=quick), quick=quick)


def measured(compared: Panel, *, quick: bool = False, parses: tuple[Parse, ...] | None = None) -> Record:
    """The record of the pathways of a panel on its test captions."""
    captions = compared.test
    tokens = token_table(captions, annotate(captions) if parses is None else parses)
    halved = _halves(captions, tokens, compared.seed)
    found: dict[str, list[pd.DataFrame]] = {}
    units = {}
    for network, pathways in ((TRAINED, compared.trained), (UNTRAINED, compared.untrained)):
        for name, pathway in pathways.items():
            one, units[f"{network} {name}"] = of_pathway(
                pathway, halved, compared.seed, replicates=100 if quick else 1000
            )
            for table, rows in one.items():
                if table == "pairs" and (network == UNTRAINED or name == "sum"):
                    continue
                rows.insert(0, "network", network)
                rows.insert(1, "pathway", name)
                found.setdefault(table, []).append(rows)
    tables = {name: pd.concat(parts, ignore_index=True) for name, parts in found.items()} | _wide(units)
    figures = {"captions": len(captions), "words": len(tokens), **figures_of(tables)}
    return compared.record("carrying-units", figures, tables, claims_of(tables))


@dataclass(frozen=True)
class Half:
    """The captions of half of the images, and their tokens."""

    captions: Captions
    tokens: pd.DataFrame


def _halves(captions: Captions, tokens: pd.DataFrame, seed: int) -> tuple[Half, Half]:
    """Where units are chosen, and where they are measured."""
    chosen = halves(captions.image, seed)
    parts = []
    for side in (chosen, ~chosen):
        kept = tokens[side[tokens["sentence"].to_numpy()]]
        parts.append(
            Half(
                captions.take(np.flatnonzero(side)),
                kept.assign(sentence=pd.factorize(kept["sentence"])[0]).reset_index(drop=True),
            )
        )
    return parts[0], parts[1]


def of_pathway(
    pathway: Pathway, halved: tuple[Half, Half], seed: int, replicates: int
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Tables of one pathway, and the persistence of all of its units, on the half that chooses."""
    choose, test = halved
    states = passes.states(pathway, choose.captions)
    level = levels.Levels.of(states[:: -(-len(states) // levels.SAMPLE)])
    units = carrying_units.persistence(pathway, choose.captions, level=level, states=states, seed=seed)
    often = units[units["triggers"] >= min(FEWEST, units["triggers"].max())]
    longest = often.sort_values("carried", ascending=False)["unit"].head(TOP).tolist()
    labels = [label for label in LABELS if 0 < (choose.tokens["deprel"] == label).sum()]
    told = label_leads.label_units(states, choose.tokens, labels, k=TOP)
    early = {label: _earliest(states, choose.tokens, told[told["label"] == label]) for label in labels}
    words = runs.trigger_words(states, choose.tokens, level)
    named = runs.selective(units, words, k=2 * TOP, fewest=min(FEWEST, units["triggers"].max()))
    states = passes.states(pathway, test.captions)
    return {
        "selective": named.round({"share": 3, "persistence": 3, "carried": 3}),
        **_runs(states, test, longest, level, seed, replicates),
        **_labels(states, test.tokens, told, early, seed, replicates),
        "pairs": pd.concat(
            _pairs(states, test.tokens, label, early[label], level) for label in DRAWN if label in early
        ),
    }, units


def _earliest(states: np.ndarray, tokens: pd.DataFrame, told: pd.DataFrame) -> int:
    """Of the units that tell a label at t, the one that tells it best at t - 1."""
    label, units = told["label"].iloc[0], told["unit"].tolist()
    signs = told["sign"].tolist()
    areas = label_leads.before_label(states, tokens, label, units, signs=signs, offsets=[-1], replicates=1)
    return int(areas[areas["unit"] >= 0].sort_values("auc", ascending=False)["unit"].iloc[0])


def _runs(
    states: np.ndarray, half: Half, units: Sequence[int], level: levels.Levels, seed: int, replicates: int
) -> dict[str, pd.DataFrame]:
    """How long the runs of the longest-carrying units last, what begins them, and whether they reach the end."""
    tokens, image = half.tokens, half.captions.image
    table = runs.runs(states, tokens, units, level)
    curves = runs.curves(states, tokens, units, level, horizon=HORIZON, replicates=replicates, seed=seed)
    length = tokens.groupby("sentence").size().to_numpy()
    early = table[length[table["sentence"]] - 1 - table["start"] >= LEFT]
    to_end = mean_intervals(
        early.assign(to_end=~early["ended"], image=image[early["sentence"].to_numpy()]), "to_end", "unit",
        replicates=replicates, seed=seed,
    ).rename(columns={"mean": "share", "count": "runs"})  # fmt: skip
    order = {unit: rank for rank, unit in enumerate(units)}
    to_end = to_end.sort_values("unit", key=lambda unit: unit.map(order), ignore_index=True)
    begun = runs.triggers(table, tokens, width=2, k=5)
    return {"curves": curves, "to_end": to_end, "triggers": begun.assign(length=begun["length"].round(2))}


def _labels(
    states: np.ndarray, tokens: pd.DataFrame, told: pd.DataFrame, early: Mapping[str, int], seed: int, replicates: int
) -> dict[str, pd.DataFrame]:
    """How well the units of each label tell it, from two words before it to one after; and pobj from prep."""
    common = {"replicates": replicates, "seed": seed}
    parts, phrase = [], []
    for label, rows in told.groupby("label", sort=False):
        chosen = {"units": rows["unit"].tolist(), "signs": rows["sign"].tolist()}
        parts.append(label_leads.before_label(states, tokens, label, **chosen, **common))
        if label == "pobj":
            phrase.append(
                label_leads.before_label(states, tokens, label, offsets=[0], against="prep", **chosen, **common)
            )
    areas = pd.concat(parts, ignore_index=True)
    areas["early"] = [int(unit == early[label]) for label, unit in zip(areas["label"], areas["unit"], strict=True)]
    told = told.assign(auc=told["auc"].round(4))
    return {
        "areas": areas,
        "phrase": pd.concat(phrase or [areas.head(0)], ignore_index=True).drop(columns="early", errors="ignore"),
        "told": told,
    }


def _pairs(states: np.ndarray, tokens: pd.DataFrame, label: str, unit: int, level: levels.Levels) -> pd.DataFrame:
    """Words by the decile of a unit's activation at t - 1 and at t: how many have the label at t, of how many."""
    pairs = label_leads.lagged(states, tokens, unit)
    edges = level.edges[1:-1, unit]
    deciles = [1 + np.searchsorted(edges, pairs[column], side="left") for column in ("before", "now")]
    counted = pd.DataFrame({"before": deciles[0], "now": deciles[1], "labelled": pairs["label"] == label})
    counted = counted.groupby(["before", "now"])["labelled"].agg(words="size", labelled="sum").reset_index()
    counted.insert(0, "label", label)
    counted.insert(1, "unit", unit)
    return counted


def _wide(units: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """One row per unit, one column per network and pathway: far smaller than one row for each of them."""
    return {
        value: pd.DataFrame({name: table[value].round(3) for name, table in units.items()})
        for value in ("persistence", "by_position", "carried")
    }


def units_of(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per unit and pathway: ``network``, ``pathway``, ``unit``, ``persistence``, ``by_position``, ``carried``."""
    parts = [
        pd.DataFrame({"network": name.partition(" ")[0], "pathway": name.partition(" ")[2], "unit": np.arange(len(column))}
                     | {value: tables[value][name] for value in ("persistence", "by_position", "carried")})
        for name, column in tables["persistence"].items()
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True).dropna(ignore_index=True)


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Every figure of a record that its tables determine."""
    figures = {}
    units = units_of(tables).groupby(["pathway", "network"], sort=False)
    for (pathway, network), rows in units:
        name = f"{network} {pathway}"
        figures[f"persistence, median unit, {name}"] = float(rows["persistence"].median())
        figures[f"carried, median unit, {name}"] = float(rows["carried"].median())
        figures[f"carried, best unit, {name}"] = float(rows["carried"].max())
        figures[f"counts words, share of units, {name}"] = float((rows["by_position"] >= COUNTS).mean())
    for row in training_gains(tables).itertuples():
        name = f"carried, median unit, trained - untrained, {row.pathway}"
        figures |= {name: row.difference, f"{name}, low": row.low, f"{name}, high": row.high}
    means = tables["areas"].query("unit == @label_leads.MEAN")
    for row in means[means["label"].isin(["pobj", "conj"]) & means["offset"].isin([-1, 0])].itertuples():
        figures[f"area of {row.label} at {row.offset}, {row.network} {row.pathway}"] = row.auc
    return figures


def training_gains(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What the median unit of each pathway carries, trained and untrained.

    Returns
    -------
    DataFrame
        ``pathway``, ``trained``, ``untrained``, ``difference``, ``low``, ``high`` (95 % interval over units).
    """
    rows = []
    for pathway, units in units_of(tables).groupby("pathway", sort=False):
        first, second = (units["carried"][units["network"] == network].to_numpy() for network in (TRAINED, UNTRAINED))
        if len(first) and len(second):
            medians = float(np.median(first)), float(np.median(second))
            rows.append((pathway, *medians, medians[0] - medians[1], *quantile_difference(first, second, 0.5)))
    return pd.DataFrame(rows, columns=["pathway", "trained", "untrained", "difference", "low", "high"])


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """The paper's claims of section 6.4, each decided by the tables."""
    curves, to_end = (
        tables[name].query("network == 'trained' and pathway == 'visual'") for name in ("curves", "to_end")
    )
    best = curves["unit"].iloc[0]
    five = curves[(curves["unit"] == best) & (curves["words"] == 5)].iloc[0]
    claims = [
        _claim(
            "visual: a unit stays on for 5 words and more in most of its runs",
            "kept in memory (examples)",
            five["share"],
            five,
            0.5,
        ),
        _until_end(to_end[to_end["unit"] == best]),
    ]
    early = tables["areas"].query("early == 1").set_index(["network", "pathway", "label", "offset"])
    for pathway, label in PAPER:
        if pathway == "visual":  # the paper's textual unit fires inside the phrase, not one word before
            paper, before = "top contexts end one word before", (pathway, label, -1)
            text = f"visual: a unit that tells {label} tells it one word before"
            claims.append(_of_row(early, (TRAINED, *before), text, paper, "auc", 0.5))
            claims.append(
                _beyond_control(
                    early, before, f"visual: it tells {label} one word before better than without training", paper
                )
            )
            text = f"visual: it tells {label} better there than at {label} itself"
            claims.append(_of_row(early, (TRAINED, *before), text, paper, "ahead", 0.0))
        text, paper = (
            f"{pathway}: at {label} it knows more than the word and its position",
            "previous words must be carried over",
        )
        claims.append(_of_row(early, (TRAINED, pathway, label, 0), text, paper, "excess", 0.0))
    phrase = (
        tables["phrase"]
        .query("network == 'trained' and unit == @label_leads.MEAN")
        .set_index(["pathway", "label", "offset"])
    )
    text = "textual: units of pobj are higher at it than at its preposition"
    claims.append(_of_row(phrase, ("textual", "pobj", 0), text, "not active for the prepositions", "auc", 0.5))
    return claims


def _claim(text: str, paper: str, here: float, row: pd.Series, bound: float, prefix: str = "") -> Claim:
    low, high = float(row[f"{prefix}low"]), float(row[f"{prefix}high"])
    return Claim(text, paper, float(here), (low, high), decided((low, high), above=bound))


def _beyond_control(early: pd.DataFrame, key: tuple, text: str, paper: str) -> Claim:
    """The difference to the unit chosen in the same way without training; the interval is wider than it need be."""
    if any((network, *key) not in early.index for network in (TRAINED, UNTRAINED)):
        return Claim(text, paper, np.nan, (np.nan, np.nan), None)
    trained, control = (early.loc[(network, *key)] for network in (TRAINED, UNTRAINED))
    low, high = float(trained["low"] - control["high"]), float(trained["high"] - control["low"])
    return Claim(text, paper, float(trained["auc"] - control["auc"]), (low, high), decided((low, high), above=0))


def _until_end(rows: pd.DataFrame) -> Claim:
    text, paper = "visual: most runs of that unit reach the end of the sentence", "until the end of the sequence"
    if rows.empty:
        return Claim(text, paper, np.nan, (np.nan, np.nan), None)
    return _claim(text, paper, rows["share"].iloc[0], rows.iloc[0], 0.5)


def _of_row(table: pd.DataFrame, key: tuple, text: str, paper: str, column: str, bound: float) -> Claim:
    if key not in table.index:
        return Claim(text, paper, np.nan, (np.nan, np.nan), None)
    row = table.loc[key]
    return _claim(text, paper, row[column], row, bound, "" if column == "auc" else f"{column}_")
