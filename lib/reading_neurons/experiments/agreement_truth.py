"""Do methods agree with what was planted: contributions of words in generated reviews, read by trained networks.

Two truths are planted for every word: what the sentence loses without it, and its Shapley value. A method is compared
with both by rank, sentence by sentence, beside the same network untrained and beside shuffled words.

Easy to get wrong: whose truth it is. The planted contribution says what the word does in the world, not in the network;
where a network has misread a sentence, a faithful method should disagree with it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from reading_neurons.corpora import polarity
from reading_neurons.corpora.trees import Trees
from reading_neurons.experiments import truth
from reading_neurons.experiments.panel import Panel
from reading_neurons.methods.agreement import METHODS, attributions, mean_agreement, rank_agreement
from reading_neurons.methods.randomisation import sanity
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import interval

TRUTHS = ("left out", "shapley")
SENTENCES, CHECKED = 120, 30
STEPS = 16
SHUFFLES = 20
NULL = 0.05  # what shuffled words may agree
UNCHANGED = 0.9


def planted(pathway: Pathway, trees: Trees, methods=METHODS, steps: int = STEPS) -> pd.DataFrame:
    """What each method gives each word of generated reviews, beside what was planted.

    Returns
    -------
    DataFrame
        Columns of :func:`~reading_neurons.methods.agreement.attributions`, and for both kinds of
        :func:`~reading_neurons.corpora.polarity.contributions` ``left out`` and ``shapley``, above 0 where the word
        makes the sentence more positive.
    """
    table = attributions(pathway, trees, methods=methods, steps=steps)
    return table.assign(**{kind: np.concatenate(polarity.contributions(trees, kind)) for kind in TRUTHS})


def truth_agreement(table: pd.DataFrame, methods=METHODS, shuffled: int | None = None) -> pd.DataFrame:
    """Rank agreement with both truths: ``method``, ``truth``, ``mean``, ``low``, ``high``, ``count`` over sentences."""
    found = mean_agreement(rank_agreement(table, methods, TRUTHS, shuffled=shuffled))
    found = found.rename(columns={"first": "method", "second": "truth"})
    return found.sort_values("method", key=lambda names: names.map(list(methods).index), kind="stable", ignore_index=True)


def checks(world: Panel) -> Iterator[truth.Check]:
    """What must be so in a generated world; the bounds were fixed before any was run."""
    trees = world.test.take(range(min(SENTENCES, len(world.test))))
    few = trees.take(range(min(CHECKED, len(trees))))
    for name, pathway in world.trained.items():
        table = planted(pathway, trees)
        found = truth_agreement(table).set_index(["method", "truth"])
        for method in METHODS:
            row = found.loc[(method, "left out")]
            text = f"{name}: {method} agrees with what a sentence loses without the word"
            yield truth.Check(text, row["mean"], row["low"], row["high"], bool(row["low"] > 0))
        yield _null(name, table, world.seed)
        yield _learnt(name, table, planted(world.untrained[name], trees, ["score omission"]))
        yield from _randomised(name, world, few)


def _null(name: str, table: pd.DataFrame, seed: int) -> truth.Check:
    draws = [truth_agreement(table, ["score omission"], seed + draw)["mean"].iloc[0] for draw in range(SHUFFLES)]
    value = float(np.mean(draws))
    text = f"{name}: with shuffled words agreement is 0, to {NULL}"
    return truth.Check(text, value, *interval(np.array(draws)), abs(value) < NULL)


def _learnt(name: str, trained: pd.DataFrame, untrained: pd.DataFrame) -> truth.Check:
    parts = [
        rank_agreement(table, ["score omission"], ["left out"]).set_index("sentence")["spearman"]
        for table in (trained, untrained)
    ]
    gained = (parts[0] - parts[1]).dropna().rename("gain").reset_index().assign(all="all")
    row = mean_agreement(gained, ["all"], value="gain").iloc[0]
    text = f"{name}: score omission agrees more after training than before"
    return truth.Check(text, row["mean"], row["low"], row["high"], bool(row["low"] > 0))


def _randomised(name: str, world: Panel, trees: Trees) -> Iterator[truth.Check]:
    """Variance must not react to cell and readout, omission not to the readout, all others to the cell."""
    found = mean_agreement(sanity(world.networks[name], trees, name, steps=STEPS, seed=world.seed), ["stage", "method"])
    means = found.set_index(["stage", "method"])
    for method, stage in (("variance", "readout and cell"), ("omission", "readout")):
        row = means.loc[(stage, method)]
        text = f"{name}: {method} stays as it was when the {stage} {'are' if 'and' in stage else 'is'} randomised"
        yield truth.Check(text, row["mean"], row["low"], row["high"], bool(row["mean"] > 1 - 1e-6))
    for method in METHODS[:-1]:
        row = means.loc[("cell alone", method)]
        text = f"{name}: {method} reacts when the cell is randomised (rank correlation below {UNCHANGED})"
        yield truth.Check(text, row["mean"], row["low"], row["high"], bool(row["high"] < UNCHANGED))
