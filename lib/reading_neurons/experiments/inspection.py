"""Deep Neural Inspection 2017, section 5, figures 2 and 3: how relevant is every unit to every feature?

Of a network over characters, trained and untrained, every unit is asked about every feature of the corpus's library and
about three control features that mean nothing: cross-validated accuracy (or R2), the majority's on the same folds,
balanced accuracy, AUC. What the figures show by eye becomes numbers: how many units answer a feature, which features
share their units, how many units are more than chance.

Easy to get wrong: comparing accuracies of features of different frequency. An impulse is rare, so saying no is right 9
times in 10; its best unit may have a higher accuracy than that of a range and know less. Every claim about accuracies
has a second one about what is above the majority.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from reading_neurons import passes
from reading_neurons.corpora.strings import Strings
from reading_neurons.experiments.inspection_claims import CONTROL, claims_of, figures_of, related
from reading_neurons.experiments.panel import CHARACTERS, Panel, panel
from reading_neurons.experiments.record import Record
from reading_neurons.features import Feature, Library
from reading_neurons.features.libraries import library_of
from reading_neurons.features.text import control
from reading_neurons.methods.predictive_groups import groups
from reading_neurons.methods.relevance import FOLDS, from_states, top
from reading_neurons.methods.relevance_agreement import K, agreement, label_correlations
from reading_neurons.methods.relevance_folds import by_fold
from reading_neurons.methods.relevance_measures import MEASURES
from reading_neurons.methods.relevance_null import PERMUTATIONS, discoveries
from reading_neurons.models import store
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import rank_correlation
from reading_neurons.text import SPECIALS

NETWORK = CHARACTERS[0]
CORPORA = ("parentheses", "arithmetic", "tiny_c", "c_source")
MOST = 100_000  # characters that are read: the first whole strings of the test split
QUICK_STRINGS = 60
CONTROLS = 3
EPOCHS = (1, 2, 4)
"""The checkpoints beside the untrained and the trained network, in the generated languages."""
TOGETHER = {
    "parentheses": ("nesting 2", "nesting 3", "brackets 2, impulse"),
    "arithmetic": ("product, range", "sum, impulse"),
    "tiny_c": ("conditional, range", "call, range"),
    "c_source": ("conditional, range", "call, range"),
}
"""Features that groups of units are asked about."""
DIGITS = 4  # of a record's scores


def run(corpus: str = "parentheses", *, quick: bool = False, seed: int = 0) -> Record:
    """The relevance of every unit to every feature of a language.

    Parameters
    ----------
    corpus : "parentheses", "arithmetic", "tiny_c" or "c_source"
    quick : bool
        A tiny network and few strings: every step is taken, no figure means anything.
    seed : int

    Raises
    ------
    ValueError
        If the corpus has no characters with trees.
    """
    if corpus not in CORPORA:
        raise ValueError(f"this experiment reads characters with parse trees: choose one of {', '.join(CORPORA)}")
    made = panel(corpus, seed=seed, quick=quick, networks=CHARACTERS)
    strings = read_strings(made)
    networks = {"trained": made.trained[NETWORK], "untrained": made.untrained[NETWORK]}
    features = library_for(networks["trained"], strings, corpus)
    found = analyse(networks, strings, features, seed=seed, permutations=20 if quick else PERMUTATIONS)
    checkpoints = {0: networks["untrained"]}
    if corpus in ("parentheses", "arithmetic") and not quick:
        settings = {"seed": seed}
        for epochs in EPOCHS:
            checkpoints[epochs] = store.trained(NETWORK, made.corpus, epochs=epochs, **settings).pathways[NETWORK]
    epochs = len(made.networks[NETWORK].history)
    found["training"] = through_training(checkpoints | {epochs: networks["trained"]}, strings, features, seed)
    found["groups"] = pd.concat(
        [groups(networks["trained"], strings, features[name], seed=seed).assign(feature=name)
         for name in TOGETHER[corpus] if name in features.names], ignore_index=True,
    ).drop(columns="members")  # fmt: skip
    return made.record("inspection", figures_of(found), found, claims_of(found))


def read_strings(made: Panel) -> Strings:
    """The first strings of the test split, up to :data:`MOST` characters."""
    if made.quick:
        return made.test.take(range(min(QUICK_STRINGS, len(made.test))))
    ends = np.cumsum([len(text) for text in made.test.texts])
    return made.test.take(range(max(int(np.searchsorted(ends, MOST, side="right")), FOLDS)))


def library_for(pathway: Pathway, strings: Strings, corpus: str) -> Library:
    """The library of a corpus and the controls, without what is the same at every character that is read."""
    alphabet = [sign for sign in pathway.vocabulary.words if sign not in SPECIALS]
    controls = [control(alphabet, seed=seed, name=f"{CONTROL} {seed}") for seed in range(CONTROLS)]
    features = [*library_of(corpus), *controls]
    labels = Library(features).labels(strings.items)
    return Library([feature for feature, row in zip(features, labels, strict=True) if row.min() < row.max()])


def analyse(
    networks: Mapping[str, Pathway],
    strings: Strings,
    features: Library,
    *,
    seed: int = 0,
    permutations: int = PERMUTATIONS,
) -> dict[str, pd.DataFrame]:
    """Everything a record keeps of some networks but their training.

    Returns
    -------
    dict of DataFrame
        ``features``: base rates; ``relevance`` of every unit; ``folds``: the best unit's score on each; ``agreement``
        of the units of related features; ``discoveries``: how many units are more than chance; ``measures``: how alike
        other measures rank the units.
    """
    labels = features.labels(strings.items)
    table = features.table()[["feature", "kind"]].assign(mean=labels.mean(axis=1).round(DIGITS))
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in ("relevance", "folds", "agreement", "discoveries")}
    alike = label_correlations(strings, features)
    for network, pathway in networks.items():
        states = passes.states(pathway, strings)
        scores = from_states(states, strings, features, seed=seed)
        kept = scores[["feature", "unit", "score", "balanced", "auc"]].round(DIGITS)
        parts["relevance"].append(kept.assign(network=network))
        parts["folds"].append(by_fold(states, strings, features, seed=seed).round(DIGITS).assign(network=network))
        parts["agreement"].append(_agreement(scores, alike, seed).assign(network=network))
        tested = discoveries(pathway, strings, features, permutations=permutations, seed=seed)
        counted = tested.groupby("feature", sort=False)["found"].agg(found="sum", units="size").reset_index()
        parts["discoveries"].append(counted.assign(network=network))
        if network == "trained":
            measures = _measures(states, strings, features, scores)
    joined = {name: _first(pd.concat(tables, ignore_index=True)) for name, tables in parts.items()}
    return {"features": table, **joined, "measures": measures}


def _first(table: pd.DataFrame) -> pd.DataFrame:
    return table[["network", *(name for name in table if name != "network")]]


def _agreement(scores: pd.DataFrame, alike: pd.DataFrame, seed: int) -> pd.DataFrame:
    """How far related features have the same units, by the paper's score and by AUC."""
    pairs = related(scores["feature"].unique().tolist())
    k = min(K, scores["unit"].nunique())
    parts = []
    for by in ("score", "auc"):
        found = agreement(scores, pairs[["feature", "other"]].values.tolist(), k, by=by, seed=seed)
        parts.append(found.assign(by=by, relation=pairs["relation"].to_numpy()))
    joined = pd.concat(parts, ignore_index=True).merge(alike, on=["feature", "other"], how="left").round(DIGITS)
    return joined[["relation", "by", "feature", "other", "shared", "expected", "correlation", "labels"]]


def _measures(states: np.ndarray, strings: Strings, features: Library, scores: pd.DataFrame) -> pd.DataFrame:
    """How alike other measures rank the units as the accuracy does: rank correlation, and shared top units."""
    binary = Library([feature for feature in features if not feature.continuous])
    k = min(K, states.shape[1])
    rows = []
    for measure in MEASURES:
        others = from_states(states, strings, binary, measure=measure)
        for name in binary.names:
            one, other = (table[table["feature"] == name] for table in (scores, others))
            shared = set(top(one, k)["unit"]) & set(top(other, k)["unit"])
            found = rank_correlation(one["score"].to_numpy(), other["score"].to_numpy(), one["unit"], replicates=1)
            rows.append((measure, name, len(shared), found["correlation"]))
    return pd.DataFrame(rows, columns=["measure", "feature", "shared", "correlation"]).round(DIGITS)


def through_training(
    checkpoints: Mapping[int, Pathway], strings: Strings, features: Library | list[Feature], seed: int = 0
) -> pd.DataFrame:
    """The best score for every feature after so many epochs, and the largest distance of an AUC from one half."""
    parts = []
    for epochs, pathway in checkpoints.items():
        scores = from_states(passes.states(pathway, strings), strings, features, seed=seed)
        scores = scores.assign(distance=(scores["auc"] - 0.5).abs())
        best = scores.groupby("feature", sort=False)[["score", "distance"]].max().round(DIGITS).reset_index()
        parts.append(best.assign(epochs=epochs))
    joined = pd.concat(parts, ignore_index=True)
    return joined[["epochs", "feature", "score", "distance"]]
