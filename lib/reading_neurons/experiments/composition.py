"""Li et al. 2016, section 4: what modifiers and clauses do to the vectors of a network of sentiment, over all pairs.

The paper shows a dozen phrases (Figure 1) and two sentences (Figure 3). Here every phrase of the treebank with a
negator or an intensifier is read, beside the same phrase with a neutral word; the two sentences are one of a hundred
pairs of their form; and every pair of clauses of the treebank with a connective between them is weighed.

Easy to get wrong: the difference that a last word makes. States move at every word; that two opposite sentences come
closer at an opposite last word says that clauses compete only beside what a neutral last word does to the same two.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from reading_neurons.experiments import composition_pairs as chosen
from reading_neurons.experiments import composition_truth, truth
from reading_neurons.experiments.composition_claims import claims_of, figures_of
from reading_neurons.experiments.panel import SENTIMENT, Panel, panel
from reading_neurons.experiments.record import Record
from reading_neurons.methods.composition import consistent, expected_class, held_out, pair_vectors, vectors
from reading_neurons.methods.state_differences import compared, last_word
from reading_neurons.pathway import Pathway

EFFECTS = (
    ("negation", "positive", "turned"),
    ("negation", "negative", "turned"),
    ("intensification", "all", "strengthened"),
)
"""What is asked of which pairs: kind of modifier, side of the base, effect."""

SHOWN = (
    "good", "not good", "nice", "not nice", "like", "do n't like",
    "bad", "not bad", "boring", "not boring", "dull", "not dull",
    "funny", "very funny", "so funny", "incredibly funny", "like it", "like it a lot", "like it so much",
)  # fmt: skip
"""Phrases of the paper's Figure 1, and of its form."""

SENTENCES = ("i hate the movie though the plot is interesting", "i like the movie though the plot is boring")
ENDINGS = ("opposite", "neutral", "agreeing")
WAYS = ("states", "beginnings")
CLAUSES_READ_BY = (*(f"trained {name}" for name in SENTIMENT), "untrained lstm")  # what a record has room for


def run(corpus: str = "sst", *, quick: bool = False, seed: int = 0) -> Record:
    """Read every pair of a treebank, or for ``"polarity"`` check the methods where the truth is known.

    Parameters
    ----------
    corpus : str
        ``"sst"`` or ``"polarity"``.
    quick : bool
        Tiny networks and few sentences: every step is taken, no figure means anything.
    seed : int

    Returns
    -------
    Record
    """
    if corpus == "polarity":
        return truth.over_seeds(
            "composition", composition_truth.checks, corpus=corpus, networks=SENTIMENT, quick=quick, seed=seed
        )
    compared_networks = panel(corpus, seed=seed, quick=quick, networks=SENTIMENT)
    tables = analyse(compared_networks)
    return compared_networks.record("composition", figures_of(tables), tables, claims_of(tables))


def analyse(world: Panel) -> dict[str, pd.DataFrame]:
    """Everything that a record of a treebank keeps, without its phrases.

    Returns
    -------
    dict of DataFrame
        ``dimensions``: each dimension of each trained network for each of :data:`EFFECTS`; ``effects``: the same counted, with
        what holds on heads that did not choose the dimensions; ``pairs``: labels and expected classes of each pair with
        a base that is not neutral; ``endings``: pairs of the paper's form, with three kinds of last words; ``clauses``:
        labels and expected classes of two clauses and their whole; ``opposites``: clauses of the treebank paired by
        opposite signs; ``vectors`` and ``states``: the paper's own examples.
    """
    splits = world.corpus.splits if not world.quick else (world.corpus.train, world.test)
    networks = {
        f"{state} {name}": pathway
        for state, pathways in (("trained", world.trained), ("untrained", world.untrained))
        for name, pathway in pathways.items()
    }
    vocabulary = next(iter(networks.values())).vocabulary
    pairs = {kind: chosen.of_treebank(splits, kind, vocabulary) for kind in chosen.KINDS}
    clauses = chosen.clauses(splits, vocabulary)
    dimensions, effects, of_pairs = modified(networks, pairs, world.seed)
    return {
        "dimensions": dimensions, "effects": effects, "pairs": of_pairs, "endings": endings(networks, world.seed),
        "clauses": clause_classes({name: networks[name] for name in CLAUSES_READ_BY}, clauses), "opposites": opposites(networks, clauses, world.seed),
        "vectors": shown_vectors(networks), "states": shown_states(networks["trained lstm"]),
    }  # fmt: skip


def modified(
    networks: Mapping[str, Pathway], pairs: Mapping[str, pd.DataFrame], seed: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The tables ``dimensions``, ``effects`` and ``pairs``."""
    polar = {kind: table[table["base_label"] != chosen.NEUTRAL] for kind, table in pairs.items()}
    numbers = {kind: pd.factorize(table["head"])[0] for kind, table in polar.items()}
    classes = {
        kind: {"kind": kind, "head": numbers[kind], **table[["base_label", "modified_label"]].to_dict(orient="list")}
        for kind, table in polar.items()
    }
    dimensions, effects = [], []
    for name, pathway in networks.items():
        found = {kind: pair_vectors(pathway, table) for kind, table in polar.items()}
        for kind, side, effect in EFFECTS:
            kept = _side(polar[kind]["base_label"].to_numpy(), side)
            arrays = [found[kind][part][kept] for part in ("base", "modified", "neutral")]
            said = {"network": name, "kind": kind, "side": side}
            per_dimension = consistent(*arrays, numbers[kind][kept], effect, seed=seed)
            if name.startswith("trained "):
                dimensions.append(per_dimension.drop(columns=["change_low", "change_high", "p"]).assign(**said))
            effects.append(_counted(per_dimension, held_out(*arrays, numbers[kind][kept], effect, seed=seed)) | said)
        for kind, parts in found.items():
            for part in ("base", "modified"):
                classes[kind][f"{part}: {name}"] = expected_class(pathway, parts[part]).round(2)
    joined = pd.concat([pd.DataFrame(columns) for columns in classes.values()], ignore_index=True)
    return _first(pd.concat(dimensions, ignore_index=True).round(3)), _first(pd.DataFrame(effects)), joined


def _side(labels: np.ndarray, side: str) -> np.ndarray:
    sides = {"positive": labels > chosen.NEUTRAL, "negative": labels < chosen.NEUTRAL, "all": labels != chosen.NEUTRAL}
    return sides[side]


def _counted(per_dimension: pd.DataFrame, other_half: Mapping[str, float]) -> dict:
    counts = {
        "dimensions": len(per_dimension), "consistent": int(per_dimension["consistent"].sum()),
        "share": per_dimension["share"].mean(), "null": per_dimension["null"].mean(),
    }  # fmt: skip
    return counts | {f"held_out_{name}": value for name, value in other_half.items()}


def _first(table: pd.DataFrame) -> pd.DataFrame:
    names = ["network", "kind", "side"]
    return table[names + [column for column in table if column not in names]]


def endings(networks: Mapping[str, Pathway], seed: int = 0, connectives=("though", "but")) -> pd.DataFrame:
    """Two opposite sentences before and after three kinds of last words, one row a pair.

    Returns
    -------
    DataFrame
        ``connective``, ``main``, ``ending``, and per network, way and kind of last word the log of the distance after
        it over that before it, ``trained lstm: states, opposite``; and the class expected of the sentence that begins
        positively, less that of the other, before the last word and after, ``trained lstm: gap, before``.
    """
    vocabulary = next(iter(networks.values())).vocabulary
    parts = []
    for connective in connectives:
        rows = chosen.templates(vocabulary, connective, seed)
        table = rows[["main", "ending"]].assign(connective=connective)[["connective", "main", "ending"]]
        for name, pathway in networks.items():
            for way in WAYS:
                for ending, (one, other) in _last_words(rows).items():
                    pair = (rows["negative"] + " " + one).tolist(), (rows["positive"] + " " + other).tolist()
                    found = last_word(pathway, *pair, prefixes=way == "beginnings")["log_ratio"]
                    table[f"{name}: {way}, {ending}"] = found.round(3).to_numpy()
            nothing = pd.Series([""] * len(rows))
            for ending, (one, other) in {"before": (nothing, nothing), **_last_words(rows)}.items():
                table[f"{name}: gap, {ending}"] = _gap(pathway, rows, one, other).round(3)
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


def _gap(pathway: Pathway, rows: pd.DataFrame, one: pd.Series, other: pd.Series) -> np.ndarray:
    """The class expected of the sentence with the positive first clause, less that of the one with the negative."""
    texts = (rows["positive"] + " " + other).tolist(), (rows["negative"] + " " + one).tolist()
    positive, negative = (expected_class(pathway, vectors(pathway, text)) for text in texts)
    return positive - negative


def _last_words(rows: pd.DataFrame) -> dict[str, tuple[pd.Series, pd.Series]]:
    """The last words of the negative and of the positive sentence."""
    return {
        "opposite": (rows["good"], rows["bad"]),
        "neutral": (rows["neutral"], rows["neutral"]),
        "agreeing": (rows["bad"], rows["good"]),
    }


def clause_classes(networks: Mapping[str, Pathway], clauses: pd.DataFrame) -> pd.DataFrame:
    """Labels, and the class that each network expects, of two clauses read alone and of the whole."""
    whole = clauses["first"] + " " + clauses["link"] + " " + clauses["second"]
    texts = {"first": clauses["first"], "second": clauses["second"], "whole": whole}
    table = clauses[["connective", "first_label", "second_label", "label"]].copy()
    for name, pathway in networks.items():
        for part, text in texts.items():
            read = vectors(pathway, [one.split(" ") for one in text])
            table[f"{part}: {name}"] = expected_class(pathway, read).round(2)
    return table


def opposites(networks: Mapping[str, Pathway], clauses: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Two clause pairs of opposite order, before and after their second clauses, and with those exchanged.

    A pair of a negative and a positive clause stands beside one of a positive and a negative clause with the same
    connective. Exchanged, each first clause is followed by one of its own sign.

    Returns
    -------
    DataFrame
        ``connective``, and per network the log of the distance after the second clauses over that before them:
        ``opposite: trained lstm``, ``exchanged: trained lstm``.
    """
    first, second = (np.sign(clauses[f"{part}_label"] - chosen.NEUTRAL) for part in ("first", "second"))
    rng = np.random.default_rng(seed)
    rows = []
    for connective in chosen.CONNECTIVES:
        of_it = clauses["connective"] == connective
        down, up = (rng.permutation(np.flatnonzero(of_it & (first == -s) & (second == s))) for s in (1, -1))
        rows += list(zip(down, up, strict=False))
    pairs = [(clauses.loc[a], clauses.loc[b]) for a, b in rows]
    table = pd.DataFrame({"connective": [one["connective"] for one, _ in pairs]})
    for name, pathway in networks.items():
        before = _apart(pathway, [(_start(one), _start(other)) for one, other in pairs])
        ends = {
            "opposite": [(_start(one) + _end(one), _start(other) + _end(other)) for one, other in pairs],
            "exchanged": [(_start(one) + _end(other), _start(other) + _end(one)) for one, other in pairs],
        }
        for ending, texts in ends.items():
            table[f"{ending}: {name}"] = np.log(_apart(pathway, texts) / before).round(4)
    return table


def _start(row: pd.Series) -> tuple[str, ...]:
    return tuple(f"{row['first']} {row['link']}".split(" "))


def _end(row: pd.Series) -> tuple[str, ...]:
    return tuple(row["second"].split(" "))


def _apart(pathway: Pathway, pairs: list[tuple[tuple[str, ...], tuple[str, ...]]]) -> np.ndarray:
    if not pairs:
        return np.empty(0)
    one, other = (vectors(pathway, [pair[side] for pair in pairs]) for side in (0, 1))
    return np.linalg.norm(one - other, axis=1)


def shown_vectors(networks: Mapping[str, Pathway]) -> pd.DataFrame:
    """The vectors of :data:`SHOWN` in each trained network: ``network``, ``dimension``, one column per phrase."""
    parts = []
    for name, pathway in networks.items():
        if name.startswith("trained "):
            readable = [one for one in SHOWN if any(word in pathway.vocabulary for word in one.split())]
            found = pd.DataFrame(dict(zip(readable, vectors(pathway, readable).round(3), strict=True)))
            parts.append(found.reset_index(names="dimension").assign(network=name.removeprefix("trained ")))
    table = pd.concat(parts, ignore_index=True)
    return table[["network", "dimension", *(column for column in table if column not in ("network", "dimension"))]]


def shown_states(pathway: Pathway) -> pd.DataFrame:
    """The paper's two sentences word by word, in both ways.

    Returns
    -------
    DataFrame
        As :func:`reading_neurons.methods.state_differences.compared` gives it, with ``way`` and without ``difference``.
    """
    parts = [compared(pathway, *SENTENCES, prefixes=way == "beginnings").assign(way=way) for way in WAYS]
    return pd.concat(parts, ignore_index=True).drop(columns="difference").round(3)
