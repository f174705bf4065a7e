"""Do maps of saliency find the words that make a generated sentence positive or negative, and nothing else?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from reading_neurons.corpora import polarity
from reading_neurons.corpora.trees import Trees
from reading_neurons.experiments.panel import Panel
from reading_neurons.experiments.truth import Check
from reading_neurons.methods.clause_saliency import polarity as sign_of
from reading_neurons.methods.gradients import PREDICTED, Outputs
from reading_neurons.methods.saliency import METHODS, saliency
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import rank_correlation, rank_null

SIGNED = METHODS[1:]
NOTHING = 0.15  # what a correlation may reach where nothing is to be found
COMPLETE = 0.02  # mean completeness error, by the mean change of a score


def checks(world: Panel) -> Iterator[Check]:
    """What must be so in every generated world."""
    for name, pathway in world.trained.items():
        tables = {method: planted(pathway, world.test, method) for method in METHODS}
        for method, table in tables.items():
            yield _found(f"{name}, {method}: words rank by the size of what they contribute", table, signed=False)
        for method in SIGNED:
            said = f"{name}, {method}: words rank by what they contribute, sign and all"
            yield _found(said, tables[method], signed=True)
        mixed = shuffled(tables["derivative"])
        yield _nothing(f"{name}, derivative: no correlation with shuffled contributions", mixed, signed=False)
        yield _complete(name, tables["integrated gradients"])
    for name, pathway in world.untrained.items():
        # It may take every sentence for neutral, where contributions have no direction.
        table = planted(pathway, world.test, "integrated gradients", "positive")
        yield _nothing(f"{name}, untrained: integrated gradients know no sign", table, True)


def planted(
    pathway: Pathway, trees: Trees, method: str = "derivative", outputs: Outputs = PREDICTED
) -> pd.DataFrame:
    """Saliency of every word for the predicted class, or others, beside what was planted.

    Returns
    -------
    DataFrame
        As :func:`reading_neurons.methods.saliency.saliency` gives it, with ``weight`` and ``shapley`` (what the word
        contributes when left out, and its Shapley value), ``direction`` (-1, 0, 1: the polarity of the class) and
        ``saturated`` (whether the sentence is at an end of the scale).
    """
    table = saliency(pathway, trees, outputs, method=method)
    left_out, shapley = (polarity.contributions(trees, kind) for kind in ("left out", "shapley"))
    full = np.array([polarity.saturated(tree) for tree in trees.trees])
    return table.assign(
        weight=np.concatenate(left_out),
        shapley=np.concatenate(shapley),
        direction=sign_of(table["output"], len(pathway.output_names)),
        saturated=full[table["sentence"]],
    )


def columns(table: pd.DataFrame, signed: bool, truth: str = "weight") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is compared of each word: its saliency, the truth, its sentence; magnitudes, or signed for the class."""
    if signed:
        table = table[table["direction"] != 0]
        pair = table["saliency"], table[truth] * table["direction"]
    else:
        pair = table["saliency"].abs(), table[truth].abs()
    return pair[0].to_numpy(), pair[1].to_numpy(), table["sentence"].to_numpy()


def correlation(table: pd.DataFrame, signed: bool, truth: str = "weight", seed: int = 0) -> dict[str, float]:
    """Rank correlation within sentences, with its interval and that of contributions shuffled within each sentence.

    NaN where every sentence is taken for neutral, so that contributions have no direction.
    """
    x, y, sentence = columns(table, signed, truth)
    if not len(x):
        return dict.fromkeys(("correlation", "low", "high", "null_low", "null_high"), float("nan")) | {"count": 0}
    low, high = rank_null(x, y, within=sentence, permutations=100, seed=seed)
    found = rank_correlation(x, y, sentence, within=sentence, replicates=500, seed=seed)
    return {**found, "null_low": low, "null_high": high}


def recovery(
    pathways: Mapping[str, Pathway], trees: Trees, truth: str = "weight", outputs: Outputs = PREDICTED
) -> pd.DataFrame:
    """Each method and network against the truth, as :func:`reading_neurons.charts.recovery` takes it."""
    rows = []
    for name, pathway in pathways.items():
        for method in METHODS:
            table = planted(pathway, trees, method, outputs)
            rows.append({"test": f"{method}, size", "pathway": name, **correlation(table, False, truth)})
            if method in SIGNED:
                rows.append({"test": f"{method}, signed", "pathway": name, **correlation(table, True, truth)})
    order = [f"{method}, {kind}" for kind in ("size", "signed") for method in METHODS]
    table = pd.DataFrame(rows)
    return table.sort_values("test", key=lambda names: names.map(order.index), kind="stable", ignore_index=True)


def shuffled(table: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """The contributions of each sentence shuffled among its words."""
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.random(len(table)), table["sentence"]))
    return table.sort_values("sentence", kind="stable").assign(weight=table["weight"].to_numpy()[order])


def _found(check: str, table: pd.DataFrame, signed: bool) -> Check:
    found = correlation(table, signed)
    return Check(check, found["correlation"], found["low"], found["high"], bool(found["low"] > found["null_high"]))


def _nothing(check: str, table: pd.DataFrame, signed: bool) -> Check:
    found = correlation(table, signed)
    return Check(check, found["correlation"], found["low"], found["high"], bool(abs(found["correlation"]) < NOTHING))


def _complete(name: str, table: pd.DataFrame) -> Check:
    each = table.groupby("sentence").agg(total=("saliency", "sum"), error=("completeness error", "first"))
    ratio = each["error"].abs().mean() / (each["total"] - each["error"]).abs().mean()
    said = f"{name}: integrated gradients add up to the change of the score (error, by the mean change)"
    return Check(said, ratio, ratio, ratio, bool(ratio < COMPLETE))
