"""Li et al. 2016, section 3.1: how often the three networks of sentiment are right about whole sentences.

Each network is trained from several seeds, with five classes and, anew and without neutral phrases, with two. The epoch
is chosen on the validation sentences. Beside it stands the best epoch on the test sentences, for that is what the
paper's code reports, and what five classes give when they are collapsed into two.

Easy to get wrong: which randomness an interval covers. Sentences are drawn with replacement for the intervals here; the
spread over seeds is given beside it, and the two are of about the same size.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import torch

from reading_neurons.corpora import Trees
from reading_neurons.experiments import sentiment_truth
from reading_neurons.experiments.panel import SENTIMENT, Panel, panel
from reading_neurons.experiments.record import Claim, Record
from reading_neurons.experiments.truth import over_seeds
from reading_neurons.models.sentiment import NEUTRAL, SentimentNetwork, classes_of
from reading_neurons.pathway import represent
from reading_neurons.statistics import cluster_draws, interval
from reading_neurons.verdicts import decided

SEEDS = 5
QUICK_SEEDS = 2
REPLICATES = 1000
SETTINGS = {5: {}, 2: {"classes": 2, "dropout": 0.2, "batch_size": 64, "learning_rate": 0.05}}
"""Of the networks by their classes. Without neutral phrases a third of the examples is left, and on the validation
sentences less dropout and smaller batches serve them better."""
MEASURES = ("five", "two", "collapsed")
"""Five classes; two, trained so; five classes collapsed into two, on sentences that are not neutral."""
PAPER = {
    ("recurrent", "five"): 0.429,
    ("lstm", "five"): 0.469,
    ("bi-lstm", "five"): 0.488,
    ("recurrent", "two"): 0.850,
    ("lstm", "two"): 0.870,
    ("bi-lstm", "two"): 0.878,
}


def run(corpus: str = "sst", *, quick: bool = False, seed: int = 0) -> Record:
    """Train or load the networks, and count the sentences that each gets right.

    Parameters
    ----------
    corpus : str
        A treebank; ``polarity`` asks of five generated worlds whether word order is read at all.
    quick : bool
        Tiny networks: every step is taken, no figure means anything.
    seed : int
        The first of the seeds.
    """
    if corpus == "polarity":
        return over_seeds(
            "sentiment", sentiment_truth.checks, corpus="polarity", networks=SENTIMENT, quick=quick, seed=seed
        )
    seeds = range(seed, seed + (QUICK_SEEDS if quick else SEEDS))
    panels = {
        (number, classes): panel(corpus, seed=number, quick=quick, networks=SENTIMENT, **settings)
        for number in seeds
        for classes, settings in SETTINGS.items()
    }
    return recorded(panels)


def recorded(panels: Mapping[tuple[int, int], Panel]) -> Record:
    """The record of panels of several seeds, keyed by seed and number of classes; all have one corpus."""
    began = time.monotonic()
    tables = measured(panels)
    whole = replace(
        next(iter(panels.values())),
        seconds=sum(one.seconds for one in panels.values()),
        identities={
            f"{name}, {classes} classes, seed {seed}": identity
            for (seed, classes), one in panels.items()
            for name, identity in one.identities.items()
        },
        began=began,
    )
    return whole.record("sentiment", figures_of(tables), tables, claims_of(tables))


def measured(panels: Mapping[tuple[int, int], Panel]) -> dict[str, pd.DataFrame]:
    """The tables of the record.

    Returns
    -------
    dict of DataFrame
        ``runs``, one row per network, measure and seed: ``network``, ``measure`` (one of :data:`MEASURES`), ``seed``,
        ``epoch`` (chosen on validation, from 1), ``validation``, ``accuracy``, ``best epoch`` and ``best`` (chosen on
        test; none for collapsed classes), ``untrained``. ``sentences``, one row per test sentence: ``label`` and for
        each network and measure, as ``lstm two``, in how many seeds it is right; none where it is not asked.
    """
    runs, right = [], {}
    test = next(iter(panels.values())).test
    for (seed, classes), one in panels.items():
        for name, network in one.networks.items():
            control = one.controls[name]
            for measure in ("five", "collapsed") if classes == 5 else ("two",):
                asked = correct(network, test, measure)
                right.setdefault((name, measure), []).append(asked)
                found = {"accuracy": np.nanmean(asked), "untrained": np.nanmean(correct(control, test, measure))}
                runs.append({"network": name, "measure": measure, "seed": seed, **found, **_epochs(network, measure)})
    counts = {f"{name} {measure}": np.sum(rows, axis=0) for (name, measure), rows in right.items()}
    order = ["network", "measure", "seed", "epoch", "validation", "accuracy", "best epoch", "best", "untrained"]
    return {"runs": pd.DataFrame(runs)[order], "sentences": pd.DataFrame({"label": test.labels, **counts})}


def _epochs(network: SentimentNetwork, measure: str) -> dict[str, float]:
    """Which epoch each split would choose; a network is kept for its own classes, not for the collapsed ones."""
    history = network.history
    chosen, best = history["validation_error"].idxmin(), history["test_error"].idxmin()
    own = measure != "collapsed"
    return {
        "epoch": int(history["epoch"][chosen]),
        "validation": 1 - history["validation_error"][chosen] if own else np.nan,
        "best epoch": int(history["epoch"][best]) if own else np.nan,
        "best": 1 - history["test_error"][best] if own else np.nan,
    }


@torch.inference_mode()
def correct(network: SentimentNetwork, trees: Trees, measure: str) -> np.ndarray:
    """For each sentence 1 where the network is right, 0 where it is wrong, NaN where it is not asked."""
    (pathway,) = network.pathways.values()
    chances = pathway.outputs(represent(pathway, trees.tokens)).softmax(dim=1).numpy()
    if measure == "five":
        return (chances.argmax(axis=1) == trees.labels).astype(float)
    if measure == "collapsed":
        chances = np.stack((chances[:, :NEUTRAL].sum(axis=1), chances[:, NEUTRAL + 1 :].sum(axis=1)), axis=1)
    classes = classes_of(trees.labels, 2)
    return np.where(classes < 0, np.nan, chances.argmax(axis=1) == classes)


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Mean accuracy over seeds, its spread, the mean of the best epochs on test, and of untrained networks."""
    figures = {}
    for (name, measure), rows in tables["runs"].groupby(["network", "measure"], sort=False):
        figures[f"{name}, {measure}: accuracy"] = rows["accuracy"].mean()
        figures[f"{name}, {measure}: standard deviation over seeds"] = rows["accuracy"].std()
        if measure != "collapsed":
            figures[f"{name}, {measure}: best on test"] = rows["best"].mean()
        figures[f"{name}, {measure}: untrained"] = rows["untrained"].mean()
    return figures


def means(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Accuracy of each network, mean over seeds: ``network``, ``measure``, ``mean``, ``low``, ``high`` (sentences)."""
    seeds = tables["runs"]["seed"].nunique()
    keys = tables["runs"][["network", "measure"]].drop_duplicates().itertuples(index=False)
    rows = [(name, measure, *_mean(tables["sentences"][f"{name} {measure}"] / seeds)) for name, measure in keys]
    return pd.DataFrame(rows, columns=["network", "measure", "mean", "low", "high"])


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """Each accuracy of the paper, and the order of the networks; intervals over sentences."""
    seeds = tables["runs"]["seed"].nunique()
    shares = tables["sentences"].drop(columns="label") / seeds
    claims = []
    for (name, measure), paper in PAPER.items():
        here, low, high = _mean(shares[f"{name} {measure}"])
        text = f"the {name} network is right in {measure} classes at least as often as in the paper"
        claims.append(Claim(text, f"{paper:.3f}", here, (low, high), decided((low, high), above=paper)))
    for better, worse in (("lstm", "recurrent"), ("bi-lstm", "lstm")):
        for measure in ("five", "two"):
            here, low, high = _mean(shares[f"{better} {measure}"] - shares[f"{worse} {measure}"])
            printed = PAPER[better, measure] - PAPER[worse, measure]
            text = f"{better} is right more often than {worse} in {measure} classes"
            claims.append(Claim(text, f"{printed:+.3f}", here, (low, high), decided((low, high), above=0)))
    return claims


def _mean(values: pd.Series) -> tuple[float, float, float]:
    asked = values.dropna().to_numpy()
    draws = cluster_draws(len(asked), REPLICATES, seed=0) @ asked / len(asked)
    return float(asked.mean()), *interval(draws)
