"""Kádár et al. 2017, section 6.3, on a whole corpus: which pathway's states know a word's function, and which units?

An unpublished draft of the paper gives accuracies; the journal's version gives the units' contexts alone (table 2).
Here both are made again, on held-out images, with what neither has: a control task, untrained networks, and refits.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from reading_neurons import passes
from reading_neurons.annotation import annotate, token_table
from reading_neurons.corpora import Captions
from reading_neurons.experiments import truth
from reading_neurons.experiments.grammatical_truth import checks
from reading_neurons.experiments.panel import panel
from reading_neurons.experiments.record import Claim, Record
from reading_neurons.methods import grammatical_units, probe_measures, probe_units
from reading_neurons.methods.grammatical_units import TOP, WIDTH, Probe, Task
from reading_neurons.pathway import Pathway
from reading_neurons.verdicts import decided

NOUNS = ("NN", "NNS")
BOTH, NGRAMS, STATES, WORD = "states + 4-grams", "4-grams", "states", "word"
DRAFT = {  # accuracies of the unpublished draft
    ("", WORD): 0.710, ("", NGRAMS): 0.807, ("visual", STATES): 0.751, ("textual", STATES): 0.811,
    ("textual", BOTH): 0.823,
}  # fmt: skip
TABLE_2 = ("poss", "num", "cc", "aux", "pobj", "prep", "conj", "advmod", "advcl")  # labels of the paper's table 2
READ = ("visual", "textual")  # pathways whose units are refitted, and read
WORDS = 100_000  # of the corpus that are read: half to fit on, half held out
REFITS = {"trained": 20, "untrained": 5}
REFIT_WORDS = 50_000
TIGHTER = 3e-5  # a third of the usual tolerance: would more steps choose other units?
QUICK_WORDS = 4000
PAIRS = {  # what is compared with what, each as network, pathway and features
    "textual - visual states": (("trained", "textual", STATES), ("trained", "visual", STATES)),
    "textual states - word": (("trained", "textual", STATES), ("", "", WORD)),
    "visual states - word": (("trained", "visual", STATES), ("", "", WORD)),
    "sum states - word": (("trained", "sum", STATES), ("", "", WORD)),
    "textual states - 4-grams": (("trained", "textual", STATES), ("", "", NGRAMS)),
    "textual states + 4-grams - 4-grams": (("trained", "textual", BOTH), ("", "", NGRAMS)),
    "visual states + 4-grams - 4-grams": (("trained", "visual", BOTH), ("", "", NGRAMS)),
    "textual states, trained - untrained": (("trained", "textual", STATES), ("untrained", "textual", STATES)),
    "visual states, trained - untrained": (("trained", "visual", STATES), ("untrained", "visual", STATES)),
}


@dataclass
class _Found:
    """What was found so far: rows of each table, and which words each classifier gets right."""

    words: pd.DataFrame
    correct: dict[tuple[str, str, str], np.ndarray] = field(default_factory=dict)
    rows: dict[str, list[pd.DataFrame]] = field(default_factory=dict)

    def add(self, name: str, table: pd.DataFrame, **columns) -> None:
        self.rows.setdefault(name, []).append(table.assign(**columns))

    def tables(self) -> dict[str, pd.DataFrame]:
        return {name: pd.concat(parts, ignore_index=True) for name, parts in self.rows.items()}


def run(corpus: str = "coco", *, quick: bool = False, seed: int = 0) -> Record:
    """Fit classifiers of dependency labels to every pathway, trained and untrained, and test the claims.

    Parameters
    ----------
    corpus : str
        On ``scenes`` the method is tested: does it find the units that were planted?
    quick : bool
        Tiny networks and a few captions: every step is taken, no figure means anything.
    seed : int

    Returns
    -------
    Record
    """
    if corpus == "scenes":
        return truth.over_seeds("grammatical-units", checks, seed=seed, quick=quick)
    compared = panel(corpus, seed=seed, quick=quick)
    captions = some(compared.corpus.test, QUICK_WORDS if quick else WORDS)
    words = token_table(captions, annotate(captions))
    refits = (dict.fromkeys(REFITS, 2), len(words) // 4) if quick else (REFITS, REFIT_WORDS)
    networks = {"trained": compared.trained, "untrained": compared.untrained}
    tables = analyse(networks, captions, words, min_count=5 if quick else 50, refits=refits)
    figures = {"captions": len(captions), "words": len(words), **figures_of(tables)}
    return compared.record("grammatical-units", figures, tables, claims_of(tables))


def some(captions: Captions, words: int) -> Captions:
    """Captions of images drawn at random until there are so many words."""
    lengths = [len(sentence) for sentence in captions.tokens]
    kept = probe_measures.sample(np.repeat(captions.image, lengths), words)
    return captions.take(np.flatnonzero(kept[np.cumsum(lengths) - 1]))


def analyse(
    networks: Mapping[str, Mapping[str, Pathway]],
    captions: Captions,
    words: pd.DataFrame,
    *,
    min_count: int,
    refits: tuple[Mapping[str, int], int],
) -> dict[str, pd.DataFrame]:
    """The tables of a record.

    Parameters
    ----------
    networks : dict of str to dict of str to Pathway
        Pathways by name, under ``trained`` and ``untrained``.
    captions : Captions
    words : DataFrame
        Their words, as :func:`reading_neurons.annotation.token_table` gives them.
    min_count : int
        Of fitted words, for a label to be learnt.
    refits : (dict of str to int, int)
        How many refits of each kind of network, on how many words.
    """
    task = grammatical_units.task(words, min_count=min_count)
    control = task.control()
    found = _Found(words)
    _measure(found, task, "", "", "majority", probe_measures.majority(task))
    strength = {}
    for features, width in ((WORD, 1), (NGRAMS, WIDTH)):
        strength[features] = _best(found, task, None, width, "", "", features)
        for one in (task, control):
            _fit(found, one, None, width, "", "", features, one is control, ngram_penalty=strength[features])
    for network, pathways in networks.items():
        for name, pathway in pathways.items():
            states = passes.states(pathway, captions)
            _of_pathway(found, task, control, states, network, name, strength[NGRAMS], refits)
    _compare(found, task)
    return found.tables()


def _of_pathway(
    found: _Found, task: Task, control: Task, states, network: str, name: str, ngram_penalty: float, refits
):
    """Everything about one pathway of a trained or an untrained network."""
    place = (network, name)
    penalty = _best(found, task, states, 0, *place, STATES)
    settings = {"penalty": penalty, "ngram_penalty": ngram_penalty}
    _fit(found, task, states, 0, *place, STATES, False, **settings)
    _fit(found, control, states, 0, *place, STATES, True, **settings)
    if network == "untrained" and name not in READ:
        return
    probe = _fit(found, task, states, WIDTH, *place, BOTH, False, **settings)
    if network == "trained" and name in READ:
        _fit(found, control, states, WIDTH, *place, BOTH, True, **settings)
    top = probe.top_units(TOP)
    found.add("units", top, network=network, pathway=name)
    if name not in READ:
        return
    again = probe_units.refits(task, states, count=refits[0][network], words=refits[1], width=WIDTH, **settings)
    found.add("stability", probe_units.stability(again, states.shape[1]), network=network, pathway=name)
    if network == "trained":
        tighter = task.fit(states, WIDTH, tolerance=TIGHTER, **settings).top_units(TOP)
        both = probe_units.stability(pd.concat([top.assign(refit=0), tighter.assign(refit=1)]), states.shape[1])
        found.add("tolerance", both[["label", "share"]], pathway=name)
        shown = top[top["label"].isin(TABLE_2)]
        found.add("contexts", probe_units.unit_contexts(shown, states, found.words), pathway=name)
        weights = probe.weights()
        weights = weights[weights["unit"].isin(shown["unit"])]
        found.add("weights", weights, pathway=name)


def _best(found: _Found, task: Task, states, width: int, network: str, pathway: str, features: str) -> float:
    tried = probe_measures.penalties(task, states, width)
    found.add("penalties", tried, network=network, pathway=pathway, features=features)
    return float(tried["penalty"].iloc[0])


def _fit(found: _Found, task: Task, states, width, network, pathway, features, is_control: bool, **settings) -> Probe:
    """Fit one classifier and note how it did."""
    began = time.monotonic()
    probe = task.fit(states, width, **settings)
    row = {"penalty": settings.get("penalty") if states is not None else None, "iterations": probe.classifier.iterations,
           "gradient": probe.classifier.gradient, "seconds": time.monotonic() - began}  # fmt: skip
    about = {"network": network, "pathway": pathway, "features": features}
    found.add("fits", pd.DataFrame([row]), **about, control=is_control)
    predicted = probe.predicted(states)
    _measure(found, task, network, pathway, features, predicted == task.target, is_control)
    if not is_control:
        found.add(
            "labels", probe_measures.by_label(task, predicted)[["label", "count", "predicted", "right", "f1"]], **about
        )
    return probe


def _measure(
    found: _Found, task: Task, network, pathway, features, correct: np.ndarray, is_control: bool = False
) -> None:
    nouns = found.words["tag"].isin(NOUNS).to_numpy()
    for part, rows in (("all words", None), ("nouns", nouns)):
        measured = probe_measures.accuracies(task, {features: correct}, rows)
        found.add("accuracies", measured, network=network, pathway=pathway, part=part, control=is_control)
    if not is_control:
        found.correct[network, pathway, features] = correct


def _compare(found: _Found, task: Task) -> None:
    nouns = found.words["tag"].isin(NOUNS).to_numpy()
    rows = [
        (pair, part, *probe_measures.difference(task, found.correct[first], found.correct[second], chosen))
        for pair, (first, second) in PAIRS.items()
        for part, chosen in (("all words", None), ("nouns", nouns))
    ]
    found.add("differences", pd.DataFrame(rows, columns=["pair", "part", "difference", "low", "high"]))


def selectivity(accuracies: pd.DataFrame) -> pd.DataFrame:
    """Accuracy less that on the control task: ``network``, ``pathway``, ``features``, ``part``, ``accuracy``,
    ``control``, ``selectivity``; where a control was fitted."""
    keys = ["network", "pathway", "features", "part"]
    task, control = (
        accuracies[accuracies["control"] == is_control][[*keys, "accuracy"]] for is_control in (False, True)
    )
    joined = task.merge(control.rename(columns={"accuracy": "control"}), on=keys)
    return joined.assign(selectivity=joined["accuracy"] - joined["control"])


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Every figure of a record that its tables determine."""
    figures = {}
    every = tables["accuracies"]
    for row in every[~every["control"].astype(bool)].itertuples():
        figures[f"accuracy, {_name(row.network, row.pathway, row.features)}, {row.part}"] = row.accuracy
    for row in selectivity(every).itertuples():
        figures[f"selectivity, {_name(row.network, row.pathway, row.features)}, {row.part}"] = row.selectivity
    for (network, pathway), rows in tables["stability"].groupby(["network", "pathway"], sort=False):
        figures[f"units that reappear, {_name(network, pathway)}"] = float(rows["share"].mean())
        figures[f"same heaviest unit, {_name(network, pathway)}"] = float(rows["first"].mean())
    for pathway, rows in tables["tolerance"].groupby("pathway", sort=False):
        figures[f"units that stay at a third of the tolerance, {pathway}"] = float(rows["share"].mean())
    figures["largest gradient of a fit"] = float(tables["fits"]["gradient"].max())
    return figures


def _name(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """What the paper and its draft say or imply, each decided by a difference on the same held-out words."""
    differences = tables["differences"].set_index(["pair", "part"])
    claims = []
    for pair, part, text, paper in (
        ("textual - visual states", "all words", "textual states tell the label better than visual ones", ".811 against .751 (draft)"),
        ("textual - visual states", "nouns", "and of nouns", ""),
        ("textual states - word", "all words", "textual states tell it better than the word alone", ".811 against .710 (draft)"),
        ("visual states - word", "all words", "visual states tell it better than the word alone", ".751 against .710 (draft)"),
        ("visual states - word", "nouns", "and of nouns", ""),
        ("textual states - 4-grams", "all words", "textual states tell it better than 4-grams", ".811 against .807 (draft)"),
        ("textual states + 4-grams - 4-grams", "all words", "textual states add to 4-grams", ".823 against .807 (draft)"),
        ("visual states + 4-grams - 4-grams", "all words", "visual states add to 4-grams", "implied by table 2"),
        ("textual states, trained - untrained", "all words", "what textual states tell was learnt", "not tested"),
        ("visual states, trained - untrained", "all words", "what visual states tell was learnt", "not tested"),
    ):  # fmt: skip
        row = differences.loc[(pair, part)]
        text = f"{pair}, nouns only" if part == "nouns" else text
        interval = row["low"], row["high"]
        claims.append(Claim(text, paper or "not tested", row["difference"], interval, decided(interval, above=0)))
    return claims
