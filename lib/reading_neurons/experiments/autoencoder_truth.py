"""Does an autoencoder look where it copies from? Asked of generated worlds, whose sentences it learns to copy.

What must be so follows from the task: a network that copies a dozen words through one state has to keep the places of
its source apart. Which word of the source is the strongest at a step need not follow from it, and does not: the first
few words are, at most steps. So steps are asked for the rank of the word that is copied, and words for their strongest
step.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from reading_neurons.experiments.panel import Panel
from reading_neurons.experiments.truth import Check
from reading_neurons.methods.copy_influence import alignment
from reading_neurons.methods.copy_saliency import copy_saliency
from reading_neurons.models.copying import accuracy
from reading_neurons.statistics import cluster_draws, interval

NAME = "autoencoder"
CHANCES = {"hit": "chance of a hit", "near": "chance near", "rank": "chance rank"}
EXACT = 0.5  # of the sentences of a generated world are to be copied word for word, at least
SMALL, SMALL_RANK = 0.05, 0.5  # what an untrained network may differ from chance: share of hits, places
ROUNDING = 1e-9  # a difference of sums that are the same but for rounding is none
REPLICATES = 1000


def checks(world: Panel) -> Iterator[Check]:
    """A network that copies looks where it copies from; one with random weights does not."""
    for name, read, good in ((NAME, world.networks[NAME], True), (f"{NAME} untrained", world.controls[NAME], False)):
        found = accuracy(read, world.test)
        mean, low, high = _mean(found["exact"], found["image"])
        text = f"more than {EXACT:g} of the sentences are copied word for word" if good else "no sentence is copied"
        yield Check(f"{name}: {text}", mean, low, high, bool(low > EXACT if good else mean == 0))
        table = copy_saliency(read, world.test, copy="right")
        for along, measure, what, small in (
            ("step", "rank", "the word that is copied ranks higher in the source than chance", SMALL_RANK),
            ("word", "hit", "a word is at its strongest when it is copied, more often than chance", SMALL),
        ):
            aligned = alignment(table, along)
            better = (aligned[measure] - aligned[CHANCES[measure]]) * (-1 if measure == "rank" else 1)
            mean, low, high = _mean(better, world.test.image[aligned["sentence"]])
            holds = low > ROUNDING if good else -small <= low and high <= small
            text = what if good else f"{what}: not by more than {small:g}"
            yield Check(f"{name}: {text}", mean, low, high, bool(holds))


def _mean(values: pd.Series, cluster) -> tuple[float, float, float]:
    """A mean, and its interval over clusters."""
    number, clusters = pd.factorize(np.asarray(cluster))
    sums, counts = (np.bincount(number, weights, len(clusters)) for weights in (values, None))
    draws = cluster_draws(len(clusters), REPLICATES, seed=0)
    return float(np.mean(values)), *interval((draws @ sums) / (draws @ counts))
