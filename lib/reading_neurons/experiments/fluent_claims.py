"""What follows from the tables of fluent inputs: figures, and claims with intervals over neurons.

The paper printed no figure for any of this. Where it says something that bears on a claim, the table of claims says so.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from reading_neurons.experiments.record import Claim
from reading_neurons.methods.input_lengths import spans
from reading_neurons.methods.silence import competition
from reading_neurons.statistics import interval
from reading_neurons.verdicts import decided

REPLICATES = 2000
UNTESTED = "not tested"
LEVELS = {
    "fluent": "optimised, as fluent as n-grams of captions",
    "opening": "optimised, as fluent as openings of captions",
    "corpus": "best n-gram of the corpus",
    "fluent corpus": "best n-gram of the corpus, as fluent as its median",
}
"""What a chart compares, by the columns of the table of neurons."""
BEATS = {"visual": "any words: t = -23.5", "textual": "any words: t = -33.6"}


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Every number that the chapter tells, by network and pathway."""
    figures = {f"median log probability, {row.written}": row.median for row in tables["fluency"].itertuples()}
    for (network, pathway), rows in tables["neurons"].groupby(["network", "pathway"], sort=False):
        said = f"{network} {pathway}"
        for name in ("fluent", "opening", "corpus", "fluent corpus"):
            figures[f"climb that remains, {name}: {said}"] = float(remaining(rows, name).mean())
        figures[f"advantage over corpus search that remains: {said}"] = _ratio(_advantage(rows))
        figures[f"log probability of the optimum: {said}"] = float(rows["optimum log_probability"].median())
        figures[f"log probability of the corpus's best: {said}"] = float(rows["corpus log_probability"].median())
        figures[f"fluent input beats the corpus's best, share: {said}"] = float(
            (rows["fluent activation"] > rows["corpus activation"]).mean()
        )
    for (pathway, search), rows in tables["searches"].groupby(["pathway", "search"], sort=False):
        figures[f"hypervolume, {search}: {pathway}"] = float(rows["hypervolume"].mean())
    for (pathway, kind), rows in tables["lengths"].groupby(["pathway", "kind"], sort=False):
        figures[f"median span, {kind}s: {pathway}"] = float(spans(rows).median())
    for (network, pathway), rows in tables["silence"].groupby(["network", "pathway"], sort=False):
        for name, value in competition(rows).items():
            figures[f"competition, {name}: {network} {pathway}"] = value
    return figures


def remaining(rows: pd.DataFrame, name: str) -> pd.Series:
    """The share of the optimum's climb above the neuron's mean that another n-gram keeps; NaN where there is none."""
    return (rows[f"{name} activation"] - rows["mean"]) / (rows["optimum activation"] - rows["mean"])


def shares(neurons: pd.DataFrame) -> pd.DataFrame:
    """What remains of each neuron's climb, as :func:`reading_neurons.charts.fluent_inputs.fluency_cost` takes it.

    Of a control only what is optimised is shown: its corpus search read fewer captions.
    """
    names = neurons["network"].map({"trained": "", "untrained": "untrained "}) + neurons["pathway"]
    order = ["visual", "untrained visual", "textual", "untrained textual"]
    parts = []
    for level, said in LEVELS.items():
        part = pd.DataFrame(
            {"pathway": names, "level": said, "neuron": neurons["neuron"], "words": neurons[f"{level} words"]}
        )
        kept = part.assign(share=remaining(neurons, level)).dropna(subset="share")
        parts.append(kept[~(kept["pathway"].str.startswith("untrained") & ("corpus" in level))])
    joined = pd.concat(parts, ignore_index=True)
    place = joined["level"].map(list(LEVELS.values()).index) * len(order) + joined["pathway"].map(order.index)
    return joined.iloc[np.argsort(place, kind="stable")].reset_index(drop=True)


def _advantage(rows: pd.DataFrame) -> np.ndarray:
    """What fluent inputs, and optima, reach beyond the corpus's best, in units of the optimum's climb; a row per neuron."""
    fluent, corpus = remaining(rows, "fluent"), remaining(rows, "corpus")
    return np.stack((fluent - corpus, 1 - corpus), axis=1)


def _ratio(pairs: np.ndarray) -> float:
    return float(np.nanmean(pairs[:, 0]) / np.nanmean(pairs[:, 1]))


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """What is claimed, with 95 % intervals over neurons."""
    claims = []
    neurons = {key: rows for key, rows in tables["neurons"].groupby(["network", "pathway"], sort=False)}
    for pathway in ("visual", "textual"):
        claims += _of_fluency(pathway, neurons["trained", pathway], neurons["untrained", pathway])
    for pathway, rows in tables["searches"].groupby("pathway", sort=False):
        wide = rows.pivot(index="neuron", columns="search", values="hypervolume")
        for peer, said in (("epo", "plain EPO"), ("weighted", "weighted sums alone")):
            text = f"{pathway}: the search of this book finds a larger front than {said} at equal evaluations"
            claims.append(_above(text, UNTESTED, (wide["fronts"] - wide[peer]).to_numpy()))
    claims += _of_lengths(tables["lengths"])
    for (network, pathway), rows in tables["silence"].groupby(["network", "pathway"], sort=False):
        found = competition(rows)
        text = f"{network} {pathway}: what silences an output excites outputs that seldom go with it"
        bounds = (found["low"], found["high"])
        # Below 0 is not enough: outputs shuffled among each other may give as much.
        holds = decided(bounds, below=0) if found["correlation"] < found["null_low"] or found["low"] > 0 else None
        claims.append(Claim(text, UNTESTED, found["correlation"], bounds, holds))
    return claims


def _of_fluency(pathway: str, rows: pd.DataFrame, control: pd.DataFrame) -> list[Claim]:
    kept, random = remaining(rows, "fluent").to_numpy(), remaining(control, "fluent").to_numpy()
    fluent = "as fluent as the median n-gram of captions"
    matched = (remaining(rows, "matched") - remaining(rows, "corpus")).to_numpy()
    same = (remaining(rows, "fluent") - remaining(rows, "fluent corpus")).to_numpy()
    advantage = _advantage(rows)
    span = interval(np.array([_ratio(advantage[drawn]) for drawn in _drawn(len(advantage))]))
    both = np.array([
        np.nanmean(kept[one]) - np.nanmean(random[other])
        for one, other in zip(_drawn(len(kept)), _drawn(len(random), 1), strict=True)
    ])  # fmt: skip
    left = _ratio(advantage), span, decided(span, above=0.5)
    difference = float(np.nanmean(kept) - np.nanmean(random))
    return [
        _above(f"{pathway}: an input {fluent} keeps more than half of the optimum's climb", UNTESTED, kept, 0.5),
        _above(f"{pathway}: an input {fluent} beats the corpus's best n-gram", BEATS[pathway], advantage[:, 0]),
        _above(f"{pathway}: an input as fluent as the corpus's best n-gram beats it", BEATS[pathway], matched),
        _above(f"{pathway}: of inputs {fluent} the optimised beats the corpus's", UNTESTED, same),
        Claim(f"{pathway}: most of the advantage over corpus search remains in an input {fluent}", UNTESTED, *left),
        Claim(
            f"{pathway}: fluency costs the trained network less of the climb than an untrained one", "no control",
            difference, interval(both), decided(interval(both), above=0),
        ),
    ]  # fmt: skip


def _of_lengths(table: pd.DataFrame) -> list[Claim]:
    span = {key: spans(rows).to_numpy(dtype=float) for key, rows in table.groupby(["pathway", "kind"], sort=False)}
    claims = []
    for kind in ("output", "unit"):
        first, second = span["visual", kind], span["textual", kind]
        draws = [
            first[one].mean() - second[other].mean()
            for one, other in zip(_drawn(len(first)), _drawn(len(second), 1), strict=True)
        ]
        low, high = interval(np.array(draws))
        text = f"visual {kind}s go on rising over more words than textual {kind}s (words)"
        here = float(first.mean() - second.mean())
        claims.append(Claim(text, UNTESTED, here, (low, high), decided((low, high), above=0)))
    return claims


def _drawn(count: int, seed: int = 0) -> np.ndarray:
    """Which neurons each replicate of the bootstrap draws."""
    return np.random.default_rng(seed).integers(count, size=(REPLICATES, count))


def _above(text: str, paper: str, values: np.ndarray, bound: float = 0.0) -> Claim:
    """The mean of one value a neuron, claimed to be above a bound."""
    values = values[~np.isnan(values)]
    if not len(values):
        return Claim(text, paper, float("nan"), (float("nan"), float("nan")), None)
    low, high = interval(values[_drawn(len(values))].mean(axis=1))
    return Claim(text, paper, float(values.mean()), (low, high), decided((low, high), above=bound))
