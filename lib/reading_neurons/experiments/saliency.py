"""Li et al. 2016, section 5: saliency on all test sentences of the treebank, and on the paper's own.

The paper looks at three sentences. Here are these, and measures over every sentence of the test split: how much of the
saliency falls on words that bear sentiment (leaves whose label is not neutral), how even it is, how it fades with the
distance from the end, and how often the clause with more saliency is not the one that decides. The derivative is that
of the gold class's raw score.

Easy to get wrong: whose score. Of the predicted class a network explains its own error; the paper takes the gold class.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from reading_neurons.corpora import polarity
from reading_neurons.corpora.trees import Trees
from reading_neurons.experiments import truth
from reading_neurons.experiments.panel import SENTIMENT, panel
from reading_neurons.experiments.record import Record
from reading_neurons.experiments.saliency_claims import (
    CLAUSE_MEASURES,
    GENERATED,
    HALVES,
    TREEBANK,
    claims_of,
    figures_of,
)
from reading_neurons.experiments.saliency_truth import checks
from reading_neurons.methods import clause_saliency
from reading_neurons.methods.focus import MEASURES, by_distance, focus, relative, shuffled_share
from reading_neurons.methods.saliency import maps, saliency
from reading_neurons.pathway import Pathway

PAPER = (
    "I hate the movie",
    "I hate the movie that I saw last night",
    "I hate the movie though the plot is interesting",
    "though the plot is interesting",
)
"""The sentences of figures 5 to 7, and the clause that the paper tried alone."""
GOLD = ("very negative", "very negative", "very negative", "positive")

NEUTRAL = 2
FAR = 7  # words before the last: the paper says that "hate" stands out after 7-8 further steps


def run(corpus: str = "sst", *, quick: bool = False, seed: int = 0) -> Record:
    """Measure every test sentence of a treebank, or for ``"polarity"`` check the maps where the truth is known.

    Parameters
    ----------
    corpus : str
    quick : bool
        Tiny networks and few sentences: every step is taken, no figure means anything.
    seed : int

    Returns
    -------
    Record
    """
    if corpus == "polarity":
        return truth.over_seeds("saliency", checks, corpus=corpus, networks=SENTIMENT, quick=quick, seed=seed)
    compared = panel(corpus, seed=seed, quick=quick, networks=SENTIMENT)
    tables = analyse(compared.trained, compared.untrained, compared.test, seed)
    return compared.record("saliency", figures_of(tables), tables, claims_of(tables))


def analyse(
    trained: Mapping[str, Pathway], untrained: Mapping[str, Pathway], trees: Trees, seed: int = 0
) -> dict[str, pd.DataFrame]:
    """Everything a record keeps.

    Returns
    -------
    dict of DataFrame
        ``sentences``: one row per test sentence with ``words``, ``base`` and columns ``STATE NETWORK MEASURE``, the
        state being ``trained`` or ``untrained``, the measures those of :mod:`reading_neurons.methods.focus` and ``far``
        (saliency of its bearing words at least 7 before the last, by the sentence's mean). ``chance``: where the share
        would be if saliencies were shuffled. ``distance``: by the distance from the end. ``examples`` and ``cells``:
        the paper's sentences by word and by dimension. ``clauses``: sentences of two clauses, generated and of the
        treebank.
    """
    columns, chance, distance = {}, [], []
    for state, pathways in (("trained", trained), ("untrained", untrained)):
        for name, pathway in pathways.items():
            table = of_trees(pathway, trees)
            found = focus(table).set_index("sentence")
            columns |= {"words": found["words"], "base": found["base"].round(3)}
            far = _far(table)
            for measure in MEASURES:
                columns[f"{state} {name} {measure}"] = found[measure].round(3)
            if state == "trained":
                columns[f"{state} {name} far"] = far.reindex(found.index).round(2)
            low, high = shuffled_share(table, permutations=50, seed=seed)
            chance.append({"network": state, "pathway": name, "low": low, "high": high})
            distance.append(by_distance(table, seed=seed).assign(network=state, pathway=name).round(4))
    return {
        "sentences": pd.DataFrame(columns).reset_index(drop=True),
        "chance": pd.DataFrame(chance),
        "distance": pd.concat(distance, ignore_index=True),
        "examples": _examples(trained),
        "cells": _cells(trained),
        "clauses": _clauses(trained, trees),
    }


def of_trees(pathway: Pathway, trees: Trees, method: str = "derivative", outputs=None) -> pd.DataFrame:
    """Saliency of every word of a treebank for the gold class, with ``bearing``: whether its leaf is not neutral."""
    labels = trees.labels if outputs is None else outputs
    table = saliency(pathway, trees, labels, method=method)
    leaves = [leaf for tree in trees.trees for leaf in leaf_labels(tree)]
    return table.assign(bearing=np.array(leaves) != NEUTRAL)


def leaf_labels(tree) -> list[int]:
    """The label of every word, in order.

    Examples
    --------
    >>> from reading_neurons.corpora.trees import Tree
    >>> leaf_labels(Tree.parse("(3 (2 a) (4 (4 fine) (2 film)))"))
    [2, 4, 2]
    """
    labels = {part.start: part.label for part in tree.constituents if part.end - part.start == 1}
    return [labels[place] for place in range(len(tree.words))]


def _far(table: pd.DataFrame) -> pd.Series:
    """Of each sentence: the mean saliency of its bearing words far from its end, by the sentence's mean."""
    distance = table.groupby("sentence")["position"].transform("max") - table["position"]
    kept = table["bearing"] & (distance >= FAR)
    return relative(table)[kept].groupby(table["sentence"][kept]).mean()


def _examples(pathways: Mapping[str, Pathway]) -> pd.DataFrame:
    """The paper's sentences word by word, with the class that each network gives them."""
    parts = []
    for name, pathway in pathways.items():
        decided = clause_saliency.scores(pathway, [text.split() for text in _lower()]).argmax(axis=1)
        table = saliency(pathway, _lower(), [list(pathway.output_names).index(gold) for gold in GOLD])
        parts.append(table.assign(pathway=name, decision=[pathway.output_names[decided[s]] for s in table["sentence"]]))
    kept = ["pathway", "sentence", "position", "word", "saliency", "decision"]
    return pd.concat(parts, ignore_index=True)[kept].round({"saliency": 5})


def _cells(pathways: Mapping[str, Pathway]) -> pd.DataFrame:
    parts = [
        maps(pathway, _lower()[:3], GOLD[0]).assign(pathway=name)
        for name, pathway in pathways.items()
    ]
    wide = pd.concat(parts, ignore_index=True).pivot(
        index=["pathway", "sentence", "position", "word"], columns="dimension", values="saliency"
    )
    return wide.map(lambda cell: float(f"{cell:.2g}")).rename(columns=str).reset_index()


def _lower() -> list[str]:
    return [text.lower() for text in PAPER]


def long_cells(wide: pd.DataFrame) -> pd.DataFrame:
    """The cells of a record as :func:`reading_neurons.charts.dimension_heat` takes them."""
    keys = ["pathway", "sentence", "position", "word"]
    long = wide.melt(id_vars=keys, var_name="dimension", value_name="saliency").astype({"dimension": int})
    order = {name: place for place, name in enumerate(SENTIMENT)}
    return long.sort_values("pathway", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def _clauses(pathways: Mapping[str, Pathway], trees: Trees) -> pd.DataFrame:
    """Sentences of two clauses; columns ``NETWORK MEASURE``."""
    parts = []
    generated, real = clause_saliency.of_pairs(polarity.clause_pairs()), clause_saliency.split_clauses(trees)
    for source, clauses in ((GENERATED, generated), (TREEBANK, real)):
        if not clauses:
            continue
        signs = {f"{which} polarity": [getattr(one, f"{which}_polarity") for one in clauses] for which in HALVES}
        columns = {"source": source, **signs}
        for name, pathway in pathways.items():
            table = clause_saliency.clause_table(pathway, clauses).round(2)
            columns |= {f"{name} {measure}": table[measure].to_numpy() for measure in CLAUSE_MEASURES}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)
