"""Does a method find the weight that was planted in a generated corpus?

Three questions, each harder than the one before. Over all words, a list of content words would do. Over nouns only, a
list of nouns would do no more, but a mean per word still might. Within one word type across its roles (*dog* as
subject, object, modifier), a mean per word predicts nothing at all, and only a reader of structure can succeed.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from reading_neurons.annotation import token_table
from reading_neurons.corpora.captions import Captions
from reading_neurons.methods import omission
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import mean_intervals, rank_correlation, rank_null

TESTS = ("all words", "nouns only", "one word type across roles")
NOUNS = ("NN", "NNS")
ROUNDING = 1e-5  # scores closer than this are the same


def recovery(
    table: pd.DataFrame, score: str = "score", *, replicates: int = 1000, permutations: int = 200, seed: int = 0
) -> pd.DataFrame:
    """Rank correlation of scores with planted weights, with an interval and a null, for every pathway.

    Parameters
    ----------
    table : DataFrame
        One row per word and pathway: ``pathway``, ``word``, ``tag``, ``image``, ``weight`` and the score; as
        :func:`reading_neurons.methods.omission.annotated` gives it for a generated corpus.
    score : str
        Column of the scores.
    replicates : int
        Bootstrap replicates over scenes.
    permutations : int
        How often the planted weights are shuffled for the null: among all words, among nouns, and within a word type.
    seed : int

    Returns
    -------
    DataFrame
        One row per test and pathway: ``test`` (one of :data:`TESTS`), ``pathway``, ``correlation``, ``low``, ``high``
        (95 %, scenes drawn with replacement), ``null_low``, ``null_high`` (95 % of shuffled weights), ``count``.

    Raises
    ------
    ValueError
        If the table has no planted weights.
    """
    if "weight" not in table or table["weight"].isna().any():
        raise ValueError(
            "recovery needs a planted weight for every word, in a column 'weight': only generated corpora carry them"
        )
    rows = []
    for pathway, words in table.groupby("pathway", sort=False):
        nouns = words[words["tag"].isin(NOUNS)]
        for test, part, within in zip(TESTS, (words, nouns, nouns), (None, None, nouns["word"]), strict=True):
            x, y = part[score].to_numpy(), part["weight"].to_numpy()
            found = rank_correlation(x, y, part["image"].to_numpy(), within=within, replicates=replicates, seed=seed)
            low, high = rank_null(x, y, within=within, permutations=permutations, seed=seed)
            rows.append({"test": test, "pathway": pathway, **found, "null_low": low, "null_high": high})
    return pd.DataFrame(rows)


def by_role(table: pd.DataFrame, score: str = "score", min_count: int = 20) -> pd.DataFrame:
    """Mean score of nouns at each planted weight, over all nouns and for each noun alone.

    Parameters
    ----------
    table : DataFrame
        As for :func:`recovery`.
    score : str
        Column of the scores.
    min_count : int
        A noun of its own needs as many occurrences in at least three of its roles, in each pathway.

    Returns
    -------
    DataFrame
        ``word`` ("all nouns" or a noun), ``pathway``, ``weight``, ``mean``, ``low``, ``high`` (95 %, scenes drawn with
        replacement), ``count``.
    """
    nouns = table[table["tag"].isin(NOUNS)]
    everything = mean_intervals(nouns, score, ["pathway", "weight"]).assign(word="all nouns")
    counts = nouns.groupby(["word", "pathway", "weight"]).size()
    roles = counts[counts >= min_count].groupby("word").size()
    often = roles[roles >= 3 * nouns["pathway"].nunique()].index
    parts = [
        mean_intervals(nouns[nouns["word"] == word], score, ["pathway", "weight"]).assign(word=word) for word in often
    ]
    order = {name: place for place, name in enumerate(table["pathway"].unique())}
    joined = pd.concat([everything, *parts], ignore_index=True)
    return joined.sort_values("pathway", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def role_swaps(pathways: Mapping[str, Pathway], first: Captions, second: Captions) -> pd.DataFrame:
    """Does a noun's score rise where its role grew heavier, in pairs of captions made of the same words?

    Parameters
    ----------
    pathways : mapping of str to Pathway
    first, second : Captions
        Caption ``i`` of both has the same words in another order; see
        :func:`reading_neurons.corpora.scenes.minimal_pairs`.

    Returns
    -------
    DataFrame
        One row per pathway: ``pathway``, ``agree``, the share of exchanged nouns whose omission score changed in the
        direction of the planted weight (no change counts as half), ``low`` and ``high`` (95 %, pairs drawn with
        replacement), ``nouns``.
    """
    return pd.concat([_swaps(name, pathway, first, second) for name, pathway in pathways.items()], ignore_index=True)


def _swaps(name: str, pathway: Pathway, first: Captions, second: Captions) -> pd.DataFrame:
    scored = []
    for captions in (first, second):
        table = token_table(captions, captions.parses).assign(score=omission.scores(pathway, captions.tokens)["score"])
        scored.append(table.drop_duplicates(["sentence", "word"], keep=False))
    pairs = scored[0].merge(scored[1], on=["sentence", "word"])
    pairs = pairs[pairs["weight_x"] != pairs["weight_y"]]
    # A sum of the same words in another order differs by rounding alone.
    change = (pairs["score_x"] - pairs["score_y"]).where(lambda d: d.abs() > ROUNDING, 0.0)
    agree = (np.sign(change) * np.sign(pairs["weight_x"] - pairs["weight_y"]) + 1) / 2
    rated = pairs.assign(pathway=name, agree=agree)
    found = mean_intervals(rated, "agree", "pathway", cluster="sentence")
    return found.rename(columns={"mean": "agree", "count": "nouns"})
