"""Does variance find what was planted in generated reviews, and nothing in shuffled, untrained or fixed embeddings?

Easy to get wrong: a fixed embedding says nothing about the network above it, which may be a good one. Such a network is
trained here, and must be right more often than its most frequent class, so that the empty map is not its fault.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from reading_neurons.corpora import polarity
from reading_neurons.corpora.trees import Trees
from reading_neurons.experiments import truth
from reading_neurons.experiments.panel import QUICK, Panel
from reading_neurons.experiments.variance_words import word_table
from reading_neurons.methods.emphasis import partial_rank_correlation, shares
from reading_neurons.methods.variance import variance
from reading_neurons.models import store
from reading_neurons.models.sentiment import error
from reading_neurons.models.training import fit
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import cluster_draws, interval, rank_correlation

REPLICATES = 1000
FIXED_EPOCHS = 3
PAIRS = 200
SHUFFLES = 20
SMALL = 0.03  # what a share may differ from chance where nothing is to be found


def checks(world: Panel) -> Iterator[truth.Check]:
    """What must be so in a generated world; the bounds were fixed before any was run."""
    test, training = world.test, world.corpus.train
    planted = np.abs(np.concatenate(polarity.contributions(test, "shapley")))
    rng = np.random.default_rng(world.seed)
    for name, pathway in world.trained.items():
        table = word_table(pathway, test, training)
        marked = table["strength"].to_numpy() > 0
        yield _above(f"{name}: polar words have more of the variance than their share of the words", table, marked)
        yield _null(f"{name}: of variances shuffled inside each sentence they have their share", table, marked, rng)
        before = word_table(world.untrained[name], test, training)
        yield _near(f"{name}: before training they have their share", before, marked)
        yield from _ranks(name, table, planted, world.seed)
    yield _reordered(world)
    yield from _fixed(world)


def _excess(table: pd.DataFrame, marked: np.ndarray) -> tuple[float, float, float]:
    found = shares(table, marked)
    values = (found["share"] - found["chance"]).to_numpy()
    low, high = interval(cluster_draws(len(values), REPLICATES, 0) @ values / len(values))
    return float(values.mean()), low, high


def _above(text: str, table: pd.DataFrame, marked: np.ndarray) -> truth.Check:
    value, low, high = _excess(table, marked)
    return truth.Check(text, value, low, high, low > 0)


def _near(text: str, table: pd.DataFrame, marked: np.ndarray) -> truth.Check:
    value, low, high = _excess(table, marked)
    return truth.Check(f"{text}, to {SMALL}", value, low, high, abs(value) < SMALL)


def _null(text: str, table: pd.DataFrame, marked: np.ndarray, rng: np.random.Generator) -> truth.Check:
    """The same of values that have changed places inside their sentence, again and again."""
    found = []
    for _ in range(SHUFFLES):
        order = np.lexsort((rng.random(len(table)), table["sentence"]))
        found.append(_excess(table.assign(saliency=table["saliency"].to_numpy()[order]), marked)[0])
    value = float(np.mean(found))
    return truth.Check(f"{text}, to {SMALL}", value, *interval(np.array(found)), abs(value) < SMALL)


def _ranks(name: str, table: pd.DataFrame, planted: np.ndarray, seed: int) -> Iterator[truth.Check]:
    known = (table["frequency"] > 0).to_numpy()
    value, frequency, sentence = (table[column].to_numpy()[known] for column in ("relative", "frequency", "sentence"))
    found = rank_correlation(value, planted[known], sentence, seed=seed)
    text = f"{name}: variance is rank-correlated with the planted contribution"
    yield truth.Check(text, found["correlation"], found["low"], found["high"], found["low"] > 0)
    found = partial_rank_correlation(value, planted[known], frequency, sentence, seed=seed)
    yield truth.Check(
        f"{text}, frequency held constant", found["correlation"], found["low"], found["high"], found["low"] > 0
    )


def _reordered(world: Panel) -> truth.Check:
    """The largest relative difference between the maps of sentences that differ in the order of words alone."""
    worst = max(
        float(np.abs(np.array(a) / np.array(b) - 1).max())
        for pathway in world.trained.values()
        for a, b in zip(*(_sorted(pathway, trees) for trees in polarity.minimal_pairs(PAIRS)), strict=True)
    )
    text = "two sentences of the same words in another order, with other labels, have the same map"
    return truth.Check(text, worst, worst, worst, worst < 1e-9)


def _sorted(pathway: Pathway, trees: Trees) -> list[list[float]]:
    found = variance(pathway, trees)
    return [sorted(rows) for _, rows in found.groupby("sentence")["saliency"]]


def _fixed(world: Panel) -> Iterator[truth.Check]:
    """A network whose embedding stays as it was drawn learns to classify, and its map shows nothing."""
    changes = {"seed": world.seed, **(QUICK["lstm"] if world.quick else {"epochs": FIXED_EPOCHS})}
    network = store.untrained("lstm", world.corpus, **changes)
    network.embedding.weight.requires_grad_(False)
    training, validation = world.corpus.train, world.corpus.validation
    schedule = store.recipe("lstm", world.corpus.name, **changes).schedule
    fit(network, network.examples(training), network.examples(validation), schedule, label="lstm, fixed embedding")
    largest = np.bincount(world.test.labels).max() / len(world.test)
    gain = 1 - error(network, network.sentences(world.test)) - largest
    text = "an lstm with a fixed random embedding beats the most frequent class by .1 or more"
    yield truth.Check(text, gain, gain, gain, bool(gain > 0.1))
    table = word_table(network.pathways["lstm"], world.test, training)
    text = "fixed random embedding: polar words have their share of the variance"
    yield _near(text, table, table["strength"].to_numpy() > 0)
