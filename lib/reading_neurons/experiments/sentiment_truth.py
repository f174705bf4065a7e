"""Do the networks of sentiment read structure, or only words? Asked of generated worlds, where the answer is known.

A bag of words, a logistic regression on how often each word occurs in a phrase, sees the same phrases as the networks.
It cannot tell apart two sentences of the same words, so it is right about at most one of a minimal pair.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from reading_neurons.corpora import Trees, polarity
from reading_neurons.experiments.panel import Panel
from reading_neurons.experiments.truth import Check
from reading_neurons.pathway import Pathway, represent
from reading_neurons.statistics import cluster_draws, interval

PAIRS = 200
REPLICATES = 1000


def checks(world: Panel) -> Iterator[Check]:
    """More often right than a bag of words; right about both of a pair; nothing learnt without training."""
    test = world.test
    bag = _bag_of_words(world.corpus.train, test)
    common = np.bincount(world.corpus.train.labels).max() / len(world.corpus.train)
    first, second = polarity.minimal_pairs(PAIRS, seed=world.seed + 1)
    for name, pathway in world.trained.items():
        right = _right(pathway, test)
        yield _above(f"{name}: right about more sentences than a bag of words", right - bag, 0.0)
        both = _right(pathway, first) * _right(pathway, second)
        yield _above(f"{name}: right about both of most pairs made of the same words", both, 0.5)
        random = _right(world.untrained[name], test)
        mean, low, high = _interval(random)
        text = f"{name} untrained: right no more often than the most common class, by .05 at most"
        yield Check(text, mean, low, high, bool(low <= common + 0.05))


def _right(pathway: Pathway, trees: Trees) -> np.ndarray:
    with torch.inference_mode():
        scores = pathway.outputs(represent(pathway, trees.tokens))
    return (scores.argmax(dim=1).numpy() == trees.labels).astype(float)


def _bag_of_words(train: Trees, test: Trees) -> np.ndarray:
    counts = CountVectorizer(analyzer=lambda words: words)
    phrases, labels = zip(*train.phrases(), strict=True)
    model = LogisticRegression(max_iter=1000).fit(counts.fit_transform(phrases), labels)
    return (model.predict(counts.transform(test.tokens)) == test.labels).astype(float)


def _interval(values: np.ndarray) -> tuple[float, float, float]:
    draws = cluster_draws(len(values), REPLICATES, seed=0) @ values / len(values)
    return float(values.mean()), *interval(draws)


def _above(text: str, values: np.ndarray, bound: float) -> Check:
    mean, low, high = _interval(values)
    return Check(text, mean, low, high, bool(low > bound))
