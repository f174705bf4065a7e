"""Li et al. 2016, "Average and Variance": do the words that bear sentiment stand out from the mean of their sentence?

The paper shows one map (figure 8) and says that it "does a good job of emphasizing the relevant sentiment words". Here
every test sentence is measured: the share of its variance that is on words which bear sentiment, beside their share of
its words and beside the same network before training; and whether it is more than how often a word was seen.

Easy to get wrong: rare words. They have hardly moved from where they began, frequent ones have, and words that bear
sentiment are rarer than those that do not; so variance is also compared among words of equal frequency.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from reading_neurons.corpora.trees import Trees
from reading_neurons.experiments import truth, variance_truth
from reading_neurons.experiments.panel import SENTIMENT, panel
from reading_neurons.experiments.record import Claim, Record
from reading_neurons.experiments.variance_words import word_table
from reading_neurons.methods.emphasis import partial_rank_correlation, shares
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import cluster_draws, interval, mean_intervals, rank_correlation, rank_null
from reading_neurons.verdicts import decided

BANDS = {"once": 1, "2 to 4": 2, "5 to 19": 5, "20 to 99": 20, "100 to 999": 100, "1,000 or more": 1000}
"""Names of the bands of frequency, and from how many occurrences in training each begins."""
MEASURES = ("strength", "frequency", "strength, frequency held constant")
SHOWN, OFTEN = 25, 5  # words a record names of each network, and how often they must occur
DIGITS = 4
REPLICATES = 1000


def run(corpus: str = "sst", *, quick: bool = False, seed: int = 0) -> Record:
    """Measure every test sentence, or for ``"polarity"`` check the method where the truth is known.

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
        checks = variance_truth.checks
        return truth.over_seeds("variance", checks, quick=quick, seed=seed, corpus=corpus, networks=SENTIMENT)
    compared = panel(corpus, seed=seed, quick=quick, networks=SENTIMENT, classes=5)
    tables = analyse(compared.trained, compared.untrained, compared.corpus.train, compared.test, seed)
    return compared.record("variance", figures_of(tables), tables, claims_of(tables))


def analyse(
    trained: Mapping[str, Pathway], untrained: Mapping[str, Pathway], training: Trees, test: Trees, seed: int = 0
) -> dict[str, pd.DataFrame]:
    """Everything a record keeps.

    Returns
    -------
    dict of DataFrame
        ``sentences``: how many words each has and how many bear sentiment, and the share of variance on these for each
        network, trained and untrained; ``correlations`` of variance with strength and frequency; ``bands``: how far
        words of a band of frequency stand out and have moved in training; ``words`` that stand out most.
    """
    wide, correlations, bands, words = None, [], [], []
    for name, pathway in trained.items():
        for state, network in (("trained", pathway), ("untrained", untrained[name])):
            table = word_table(network, test, training)
            found = shares(table, table["strength"] > 0)
            wide = found[["sentence", "words", "marked"]] if wide is None else wide
            wide = wide.assign(**{f"{state} {name}": found["share"].round(DIGITS)})
            correlations.append(_correlations(table, seed).assign(pathway=name, network=state))
            moved = _moved(pathway, untrained[name], table["word"])
            bands.append(_bands(table.assign(moved=moved), seed).assign(pathway=name, network=state))
        words.append(_standing_out(word_table(pathway, test, training)).assign(pathway=name))
    joined = {"correlations": correlations, "bands": bands, "words": words}
    return {"sentences": wide} | {name: _first(pd.concat(parts, ignore_index=True)) for name, parts in joined.items()}


def _first(table: pd.DataFrame) -> pd.DataFrame:
    names = [name for name in ("pathway", "network") if name in table]
    return table[[*names, *(column for column in table if column not in names)]]


def _correlations(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Rank correlations over all words that training met, with intervals over sentences."""
    known = table[table["frequency"] > 0]
    value, strength, frequency, sentence = (
        known[column].to_numpy() for column in ("relative", "strength", "frequency", "sentence")
    )
    found = [
        rank_correlation(value, strength, sentence, seed=seed),
        rank_correlation(value, frequency, sentence, seed=seed),
        partial_rank_correlation(value, strength, frequency, sentence, seed=seed),
    ]
    low, high = rank_null(value, strength, permutations=100, seed=seed)
    return pd.DataFrame(found).assign(null_low=low, null_high=high).assign(measure=MEASURES)


def _moved(trained: Pathway, start: Pathway, words: pd.Series) -> np.ndarray:
    """How far training has moved the embedding of each word."""
    moved = (trained.embedding - start.embedding).norm(dim=1).detach().cpu().numpy()
    return moved[[trained.vocabulary.number(word) for word in words]]


def _bands(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Mean relative variance of words with and without sentiment in each band of frequency."""
    known = table[table["frequency"] > 0]
    number = np.searchsorted(list(BANDS.values()), known["frequency"], side="right") - 1
    rows = known.assign(band=number, kind=np.where(known["strength"] > 0, "bears sentiment", "neutral"))
    found = mean_intervals(rows, "relative", ["band", "kind"], cluster="sentence", seed=seed)
    moved = rows.groupby(["band", "kind"])["moved"].mean().rename("moved").reset_index()
    found = found.merge(moved, on=["band", "kind"])
    return found.assign(band=np.array(list(BANDS))[found["band"]])


def _standing_out(table: pd.DataFrame) -> pd.DataFrame:
    """The words of highest relative variance among those seen a few times."""
    table = table[table["frequency"] > 0]
    found = table.groupby("word").agg(
        relative=("relative", "mean"),
        strength=("strength", "max"),
        frequency=("frequency", "first"),
        count=("word", "size"),
    )
    return found[found["count"] >= OFTEN].nlargest(SHOWN, "relative").reset_index()


def differences(sentences: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Share of variance on words that bear sentiment, less their share of the words: means with intervals.

    Parameters
    ----------
    sentences : DataFrame
        That of a record.

    Returns
    -------
    DataFrame
        One row per network and state: ``pathway``, ``network`` (trained, untrained, or their difference), ``share``,
        ``chance``, ``mean`` (share less chance), ``low``, ``high`` (95 % over sentences).
    """
    chance = sentences["marked"] / sentences["words"]
    draws = cluster_draws(len(sentences), REPLICATES, seed) / len(sentences)
    rows = []
    for name in dict.fromkeys(column.split(" ", 1)[1] for column in sentences if column.startswith("trained ")):
        trained, untrained = sentences[f"trained {name}"], sentences[f"untrained {name}"]
        for state, share, base in (
            ("trained", trained, chance), ("untrained", untrained, chance), ("difference", trained, untrained),
        ):  # fmt: skip
            found = (share - base).to_numpy()
            low, high = interval(draws @ found)
            rows.append((name, state, share.mean(), base.mean(), found.mean(), low, high))
    return pd.DataFrame(rows, columns=["pathway", "network", "share", "chance", "mean", "low", "high"])


def figures_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """The mean share on words that bear sentiment, what chance would give, and the rank correlations."""
    found = differences(tables["sentences"])
    rows = found[found["network"] != "difference"]
    figures = {"share of words that bear sentiment": float(rows["chance"].iloc[0])}
    figures |= {f"share of variance: {row.network} {row.pathway}": float(row.share) for row in rows.itertuples()}
    for row in tables["correlations"].itertuples():
        figures[f"rank correlation with {row.measure}: {row.network} {row.pathway}"] = float(row.correlation)
    return figures


def claims_of(tables: Mapping[str, pd.DataFrame]) -> list[Claim]:
    """The paper's claim for each network, with 95 % intervals over sentences."""
    found, correlations = differences(tables["sentences"]), tables["correlations"]
    claims = []
    for name in dict.fromkeys(found["pathway"]):
        rows = found[found["pathway"] == name].set_index("network")
        text = f"{name}: words that bear sentiment have more of the variance than their share of the words"
        claims.append(_claim(text, "figure 8", rows.loc["trained"]))
        text = f"{name}: words that bear sentiment have more of the variance than before training"
        claims.append(_claim(text, "no control", rows.loc["difference"]))
        of_network = correlations[(correlations["pathway"] == name) & (correlations["network"] == "trained")]
        row = of_network.set_index("measure").loc[MEASURES[2]].rename({"correlation": "mean"})
        text = f"{name}: variance rises with the strength of a word, its frequency held constant"
        claims.append(_claim(text, "no control", row))
    return claims


def _claim(text: str, paper: str, row: pd.Series) -> Claim:
    low, high = float(row["low"]), float(row["high"])
    return Claim(text, paper, float(row["mean"]), (low, high), decided((low, high), above=0))
