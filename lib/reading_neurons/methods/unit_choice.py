"""Which units to show: those whose contexts have most in common, by a stated score, and random ones beside them.

Kádár et al. 2017 show five units of each pathway (table 1) and do not say how they were found. Here tags and
dependency labels are compared between contexts that end in different words, so that a unit that answers to one word
does not count as one that answers to a part of speech.

Easy to get wrong: a chosen unit proves nothing about the others. The best of 1,024 units is far above chance even where
there is nothing to find, so random units are drawn beside the chosen ones, and the scores of all units are compared.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from reading_neurons.methods.homogeneity import homogeneity, ranking

OTHER_WORDS = ", other words"
KINDS = ("word", "tag", "deprel", "topic", f"tag{OTHER_WORDS}", f"deprel{OTHER_WORDS}")
CHOSEN = ("tag", "deprel", "topic")


def scores(
    contexts: pd.DataFrame, tokens: pd.DataFrame, topics: pd.DataFrame | None = None, **options
) -> pd.DataFrame:
    """Homogeneity of every unit in word, tag, dependency label and topic, and in the labels between different words.

    Parameters
    ----------
    contexts, tokens, topics
        As for :func:`reading_neurons.methods.homogeneity.homogeneity`; without ``topics`` there is no score for them.
    **options
        Its ``draws`` and ``seed``.

    Returns
    -------
    DataFrame
        As that function gives it, ``kind`` one of :data:`KINDS`.
    """
    plain = homogeneity(contexts, tokens, topics, **options)
    other = homogeneity(contexts, tokens, kinds=("tag", "deprel"), other_words=True, **options)
    return pd.concat([plain, other.assign(kind=other["kind"] + OTHER_WORDS)], ignore_index=True)


def scored(kind: str) -> str:
    """The kind of score that units are chosen by: tags and labels between different words.

    Examples
    --------
    >>> scored("tag"), scored("topic")
    ('tag, other words', 'topic')
    """
    return kind if kind == "topic" else f"{kind}{OTHER_WORDS}"


def choose(
    table: pd.DataFrame, kinds: Sequence[str] = CHOSEN, each: int = 4, random: int = 6, seed: int = 0
) -> pd.DataFrame:
    """The most homogeneous units of each kind, each for a label of its own, then random ones.

    Of the units with the same label the most homogeneous is taken, so that four units for trains do not hide all
    others. Only where there are too few labels is one taken twice; no unit is.

    Parameters
    ----------
    table : DataFrame
        As :func:`scores` gives it.
    kinds : sequence of str
        Some of :data:`CHOSEN`, in the order in which units are taken.
    each : int
        Units of each kind.
    random : int
        Units that are drawn from the rest.
    seed : int

    Returns
    -------
    DataFrame
        ``unit``, ``why`` (a kind, or ``random``), and ``score``, ``label``, ``share`` of that kind; of a random unit
        those of the last kind.

    Raises
    ------
    ValueError
        If no kind is named, or the table has no scores of one.
    """
    if not kinds:
        raise ValueError(f"expected at least one kind to choose units by, found none: name some of {CHOSEN}")
    rows, taken = [], set()
    for kind in kinds:
        ranked = ranking(table, scored(kind))
        fresh = ranked[~ranked["unit"].isin(taken)]
        again = fresh["label"].duplicated()
        fresh = pd.concat([fresh[~again], fresh[again]]).head(each)
        rows.append(fresh.assign(why=kind))
        taken |= set(fresh["unit"])
    rest = np.setdiff1d(table["unit"].unique(), list(taken))
    drawn = np.random.default_rng(seed).choice(rest, size=min(random, len(rest)), replace=False)
    last = table[table["kind"] == scored(kinds[-1])]
    rows.append(last[last["unit"].isin(drawn)].assign(why="random"))
    return pd.concat(rows, ignore_index=True)[["unit", "why", "score", "label", "share"]]
