"""Six methods on the same sentences and networks: do they agree with each other, and do they read the network?

Li et al. (2016) show two of them, first derivatives and variance, on three sentences, and say that each "has its pros
and cons". Here both stand beside four others on sentences from all over the test split. A treebank has no planted
contributions; what stands in for them is the label of each word by itself, how far it is from neutral. And Adebayo et
al.'s (2018) check is made: what becomes of each map when the weights of the network are randomised layer by layer.

Easy to get wrong: agreement as a proof. Methods that make the same mistake agree; only what is known from elsewhere,
and the randomised weights, can tell.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from reading_neurons.corpora.trees import Trees
from reading_neurons.experiments import agreement_truth, truth
from reading_neurons.experiments.panel import SENTIMENT, panel
from reading_neurons.experiments.record import Claim, Record
from reading_neurons.experiments.variance_words import strengths
from reading_neurons.methods.agreement import (
    METHODS,
    SIGNED,
    attributions,
    mean_agreement,
    method_values,
    rank_agreement,
)
from reading_neurons.methods.randomisation import STAGES, sanity
from reading_neurons.models.store import Network
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import cluster_draws, interval
from reading_neurons.verdicts import decided

LEAVES = "leaf labels"
SENTENCES, CHECKED = 500, 150  # from all over the test split: compared, and compared with randomised networks
STEPS = 16
DIGITS = 3
REPLICATES = 1000
PAIR = " ~ "
UNCHANGED = 0.9  # a map that correlates more than this with the original has not reacted
TIMED = 100  # sentences
RANKED = [
    *(PAIR.join(pair) for pair in combinations([*METHODS, LEAVES], 2)),
    *(f"{state} {method}{PAIR}{LEAVES}" for state in ("untrained", "shuffled") for method in METHODS),
]
REMAINING = [f"{stage}{PAIR}{method}" for stage in STAGES for method in METHODS]


def run(corpus: str = "sst", *, quick: bool = False, seed: int = 0) -> Record:
    """Compare the methods on a treebank, or for ``"polarity"`` check them where the truth is known.

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
    name = "do-methods-agree"
    if corpus == "polarity":
        checks = agreement_truth.checks
        return truth.over_seeds(name, checks, quick=quick, seed=seed, corpus=corpus, networks=SENTIMENT)
    compared = panel(corpus, seed=seed, quick=quick, networks=SENTIMENT, classes=5)
    sizes = (24, 8) if quick else (SENTENCES, CHECKED)
    tables = analyse(compared.networks, compared.untrained, compared.test, *sizes, seed=seed)
    return compared.record(name, figures_of(tables), tables, claims_of(tables))


def analyse(
    networks: Mapping[str, Network],
    untrained: Mapping[str, Pathway],
    test: Trees,
    sentences: int,
    checked: int,
    seed: int = 0,
) -> dict[str, pd.DataFrame]:
    """Everything a record keeps.

    Returns
    -------
    dict of DataFrame
        ``ranks, NETWORK``: one row per sentence, Spearman's correlation of each pair of methods, of each method with
        the labels of the leaves, of the same untrained, and of leaves with shuffled words. ``kendall``: means of all
        pairs. ``sanity, NETWORK``: one row per sentence, each stage and method. ``cost``: seconds of each method.
    """
    spread = test.take(np.linspace(0, len(test) - 1, min(sentences, len(test))).round().astype(int))
    few = spread.take(np.linspace(0, len(spread) - 1, min(checked, len(spread))).round().astype(int))
    tables, kendall, cost = {}, [], []
    for name, network in networks.items():
        pathway = network.pathways[name]
        table = attributions(pathway, spread, steps=STEPS).assign(**{LEAVES: strengths(spread)})
        pairs = rank_agreement(table, [*METHODS, LEAVES])
        kendall.append(mean_agreement(pairs, value="kendall", seed=seed).assign(pathway=name))
        before = attributions(untrained[name], spread, steps=STEPS).assign(**{LEAVES: strengths(spread)})
        tables[f"ranks, {name}"] = _wide(
            RANKED,
            pairs.assign(pair=pairs["first"] + PAIR + pairs["second"]),
            _against(before, "untrained "),
            _against(table, "shuffled ", shuffled=seed),
        )
        found = sanity(network, few, name, steps=STEPS, seed=seed)
        tables[f"sanity, {name}"] = _wide(REMAINING, found.assign(pair=found["stage"] + PAIR + found["method"]))
        cost.append(_cost(pathway, few.take(range(min(TIMED, len(few))))).assign(pathway=name))
    for name, parts in (("kendall", kendall), ("cost", cost)):
        joined = pd.concat(parts, ignore_index=True)
        tables[name] = joined[["pathway", *(column for column in joined if column != "pathway")]]
    return tables


def _against(table: pd.DataFrame, prefix: str, shuffled: int | None = None) -> pd.DataFrame:
    found = rank_agreement(table, METHODS, [LEAVES], shuffled=shuffled)
    return found.assign(pair=prefix + found["first"] + PAIR + LEAVES)


def _wide(pairs: list[str], *parts: pd.DataFrame) -> pd.DataFrame:
    """One row per sentence, a column for each pair in order."""
    wide = pd.concat(parts, ignore_index=True).pivot(index="sentence", columns="pair", values="spearman")
    return wide.reindex(columns=pairs).round(DIGITS).rename_axis(columns=None).reset_index()


def _cost(pathway: Pathway, trees: Trees) -> pd.DataFrame:
    """Seconds for 1,000 words, the median of three runs."""
    words, rows = sum(map(len, trees.tokens)), []
    for method in METHODS:
        seconds = []
        for _ in range(3):
            began = time.perf_counter()
            method_values(pathway, trees, 0, method, steps=STEPS)
            seconds.append(time.perf_counter() - began)
        rows.append((method, float(np.median(seconds)) / words * 1000))
    return pd.DataFrame(rows, columns=["method", "seconds"])


def means(wide: pd.DataFrame, pairs: Iterable[str] | None = None, seed: int = 0) -> pd.DataFrame:
    """Means of the columns of a record's table of sentences.

    Returns
    -------
    DataFrame
        One row per pair: ``first``, ``second``, ``mean``, ``low``, ``high`` (95 % over sentences), ``count``.
    """
    pairs = [column for column in wide if PAIR in column] if pairs is None else list(pairs)
    rows = []
    for pair in pairs:
        values = wide[pair].dropna().to_numpy(dtype=float)
        first, second = pair.split(PAIR)
        rows.append((first, second, values.mean(), *_bounds(values, seed), len(values)))
    return pd.DataFrame(rows, columns=["first", "second", "mean", "low", "high", "count"])


def _bounds(values: np.ndarray, seed: int = 0) -> tuple[float, float]:
    return interval(cluster_draws(len(values), REPLICATES, seed) @ values / len(values))


def matrix(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The agreement of every pair of methods, as :func:`reading_neurons.charts.agreement_matrix` takes it."""
    found = [rows.assign(pathway=name) for name, rows in _tables(tables, "ranks")]
    joined = pd.concat(found, ignore_index=True)
    return joined[joined["first"].isin(METHODS) & joined["second"].isin(METHODS)].reset_index(drop=True)


def against_leaves(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The agreement of every method with the leaves, as :func:`reading_neurons.charts.truth_bars` takes it.

    Returns
    -------
    DataFrame
        ``pathway``, ``method``, ``network`` (trained, untrained or shuffled), ``mean``, ``low``, ``high``, ``count``.
    """
    parts = []
    for name, rows in _tables(tables, "ranks"):
        rows = rows[rows["second"] == LEAVES]
        state = rows["first"].str.extract(r"^(untrained|shuffled) ")[0].fillna("trained")
        method = rows["first"].str.replace(r"^(untrained|shuffled) ", "", regex=True)
        parts.append(rows.assign(pathway=name, network=state, method=method))
    columns = ["pathway", "method", "network", "mean", "low", "high", "count"]
    return pd.concat(parts, ignore_index=True)[columns]


def cascade(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What is left of each map, as :func:`reading_neurons.charts.randomisation_curves` takes it.

    Returns
    -------
    DataFrame
        ``pathway``, ``stage``, ``method``, ``mean``, ``low``, ``high``, ``count``.
    """
    parts = [rows.assign(pathway=name) for name, rows in _tables(tables, "sanity")]
    joined = pd.concat(parts, ignore_index=True).rename(columns={"first": "stage", "second": "method"})
    return joined[["pathway", "stage", "method", "mean", "low", "high", "count"]]


def guide(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What a record says of each method, means over the networks: the ground for choosing one.

    Returns
    -------
    DataFrame
        One row per method: ``method``, ``signed``, ``with leaf labels`` (rank correlation), ``readout randomised``,
        ``cell randomised`` and ``everything randomised`` (rank correlation with the original map; 1: it does not
        notice), ``seconds`` for 1,000 words.
    """
    leaves = against_leaves(tables)
    trained = leaves[leaves["network"] == "trained"]
    found = trained.groupby("method")["mean"].mean().rename("with leaf labels").to_frame()
    left = cascade(tables).groupby(["method", "stage"])["mean"].mean().unstack("stage")
    for title, stage in (("readout", "readout"), ("cell", "cell alone"), ("everything", "everything")):
        found[f"{title} randomised"] = left[stage]
    found["seconds"] = tables["cost"].groupby("method")["seconds"].mean()
    found.insert(0, "signed", [method in SIGNED for method in found.index])
    return found.loc[list(METHODS)].reset_index()


def _tables(tables: Mapping[str, pd.DataFrame], kind: str) -> list[tuple[str, pd.DataFrame]]:
    prefix = f"{kind}, "
    return [(name.removeprefix(prefix), means(table)) for name, table in tables.items() if name.startswith(prefix)]


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """All means over sentences."""
    figures = {f"{row.first}{PAIR}{row.second}: {row.pathway}": row.mean for row in matrix(tables).itertuples()}
    for row in against_leaves(tables).itertuples():
        figures[f"{row.method}{PAIR}{LEAVES}: {row.network} {row.pathway}"] = row.mean
    for row in cascade(tables).itertuples():
        figures[f"{row.method}, {row.stage} randomised: {row.pathway}"] = row.mean
    return {name: float(value) for name, value in figures.items()}


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """What the paper says or implies of its two methods, and what is asked of all."""
    claims = []
    for name, _ in _tables(tables, "ranks"):
        wide = tables[f"ranks, {name}"]
        for method, paper in (("derivative", "figures 5 to 7"), ("variance", "figure 8")):
            text = f"{name}: {method} gives more to words that bear sentiment"
            claims.append(_above(text, paper, wide[f"{method}{PAIR}{LEAVES}"]))
        text = f"{name}: derivative and variance agree on which words matter"
        claims.append(_above(text, "both good", wide[f"derivative{PAIR}variance"]))
        for method in METHODS:
            found = wide[f"{method}{PAIR}{LEAVES}"] - wide[f"untrained {method}{PAIR}{LEAVES}"]
            text = f"{name}: {method} agrees with the labels of words more than before training"
            claims.append(_above(text, "no control", found))
        checked = tables[f"sanity, {name}"]
        for method in METHODS:
            values = checked[f"cell alone{PAIR}{method}"].dropna().to_numpy(dtype=float)
            low, high = _bounds(values)
            text = f"{name}: {method} reacts when the cell is randomised (rank correlation below {UNCHANGED})"
            holds = decided((low, high), below=UNCHANGED)
            claims.append(Claim(text, "no control", float(values.mean()), (low, high), holds))
    return claims


def _above(text: str, paper: str, values: pd.Series) -> Claim:
    known = values.dropna().to_numpy(dtype=float)
    low, high = _bounds(known)
    return Claim(text, paper, float(known.mean()), (low, high), decided((low, high), above=0))

