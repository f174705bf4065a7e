"""Does a method find the weight that was planted in a generated corpus?

Three questions, each harder than the one before. Over all words, a list of content words would do. Over nouns only, a
list of nouns would do no more, but a mean per word still might. Within one word type across its roles (*dog* as
subject, object, modifier), a mean per word predicts nothing at all, and only a reader of structure can succeed.
"""

from __future__ import annotations

import pandas as pd

from reading_neurons.statistics import rank_correlation, rank_null

TESTS = ("all words", "nouns only", "one word type across roles")
NOUNS = ("NN", "NNS")


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
