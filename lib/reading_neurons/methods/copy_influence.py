"""Over a corpus: does a decoder look where it copies from, and does it come to rest on its own words? (Li et al. 2016)

The paper reads two things off one sentence (figure 9): each word that is written is linked to its word in the source,
and as decoding goes on, words written before gain influence while the source loses it. Both are measured here from the
table of :func:`~reading_neurons.methods.copy_saliency.copy_saliency`, for as many sentences as it holds.

Easy to get wrong: how many words there are. At step k there are n words of the source and k of the copy, so the copy's
share of all saliency grows from 0 to a half even where every word counts for the same. :func:`influence` therefore
gives that share too, and the saliency of one word of the copy over that of one word of the source. Nor does growth of
these alone say that something was learnt: what was read last matters most to a network with random weights too.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from reading_neurons.statistics import cluster_draws, interval
from reading_neurons.text import END

TIE = 1e-6  # saliencies that differ by less, relatively, are equal but for rounding


def alignment(table: pd.DataFrame, along: str = "step") -> pd.DataFrame:
    """Is the word of the source that stands where the decoder writes the one that matters most?

    Parameters
    ----------
    table : DataFrame
        Of :func:`~reading_neurons.methods.copy_saliency.copy_saliency`, best with ``copy="right"``: only then does the
        word written at step k belong to word k of the source.
    along : "step" or "word"
        ``step`` asks of each step, which word of the source matters most. ``word`` asks of each word of the source, at
        which step its share of the source's saliency is greatest: where one word, such as the last that was read,
        matters most at every step, this still tells whether the others have their turn.

    Returns
    -------
    DataFrame
        One row per step (or word) of a sentence, the one that writes ``</s>`` left out: ``sentence``, ``place`` (of the
        step or word, from 0), ``words`` of the source, ``rank`` of the aligned word (or step) by its saliency, 1 for
        the strongest, ``hit`` (1 if it is the strongest; a share where several are), ``near`` (the same for the
        strongest within one place of it), and ``chance rank``, ``chance of a hit``, ``chance near``: what these are on
        average if the aligned place is drawn at random from the sentence.

    Raises
    ------
    ValueError
        If ``along`` is unknown, or no step writes a word.

    Examples
    --------
    >>> from reading_neurons.methods.copy_saliency import copy_saliency
    >>> from reading_neurons.models.autoencoder import Autoencoder
    >>> from reading_neurons.text import Vocabulary
    >>> network = Autoencoder(Vocabulary(["a", "dog"]), embedding=4, units=8).eval()
    >>> alignment(copy_saliency(network, ["a dog"], copy="right"))["chance of a hit"].tolist()
    [0.5, 0.5]
    """
    if along not in ("step", "word"):
        raise ValueError(f"along is 'step' or 'word', found {along!r}")
    rows = _of_words(table[table["side"] == "source"])
    rows = rows.assign(words=rows.groupby("sentence")["position"].transform("max") + 1)
    rows = rows[rows["step"] < rows["words"]]
    if rows.empty:
        raise ValueError("no step of the table writes a word: give it sentences of at least one word")
    total = rows.groupby(["sentence", "step"])["saliency"].transform("sum")
    place, other = ("step", "position") if along == "step" else ("position", "step")
    value = rows["saliency"] if along == "step" else (rows["saliency"] / total).where(total > 0, 0.0)
    groups = [rows["sentence"], rows[place]]
    top = (value >= (1 - TIE) * value.groupby(groups).transform("max")).astype(float)
    top /= top.groupby(groups).transform("sum")
    distance = (rows[place] - rows[other]).abs()
    last = rows["words"] - 1
    within = 1 + (rows[other] > 0) + (rows[other] < last)
    rank = value.groupby(groups).rank(ascending=False)
    found = pd.DataFrame(
        {
            "sentence": rows["sentence"], "place": rows[place], "words": rows["words"],
            "rank": rank.where(distance == 0, 0.0), "hit": top.where(distance == 0, 0.0),
            "near": top.where(distance <= 1, 0.0), "chance rank": top * (rows["words"] + 1) / 2,
            "chance of a hit": top / rows["words"], "chance near": top * within / rows["words"],
        }
    )  # fmt: skip
    return found.groupby(["sentence", "place", "words"], as_index=False).sum()


def influence(table: pd.DataFrame) -> pd.DataFrame:
    """How much of the saliency is on the words that the decoder wrote, step by step.

    Parameters
    ----------
    table : DataFrame
        Of :func:`~reading_neurons.methods.copy_saliency.copy_saliency`.

    Returns
    -------
    DataFrame
        One row per step of a sentence from the second one on: ``sentence``, ``step`` (which is also how many words
        were written before), ``words`` of the source, ``share`` of the saliency that is on the copy, ``equal`` (that
        share if every word had the same, ``step / (step + words)``), ``excess`` (``share - equal``), and ``ratio``:
        the base-2 logarithm of the saliency of an average word of the copy over that of an average word of the source.

    Raises
    ------
    ValueError
        If no step comes after another.

    Examples
    --------
    >>> from reading_neurons.methods.copy_saliency import copy_saliency
    >>> from reading_neurons.models.autoencoder import Autoencoder
    >>> from reading_neurons.text import Vocabulary
    >>> network = Autoencoder(Vocabulary(["a", "dog"]), embedding=4, units=8).eval()
    >>> influence(copy_saliency(network, ["a dog"], copy="right"))["equal"].tolist()
    [0.3333333333333333, 0.5]
    """
    words = _of_words(table)
    if not (words["side"] == "copy").any():
        raise ValueError("no step of the table comes after another: the copies have no word that others could rest on")
    sums = words.pivot_table(index=["sentence", "step"], columns="side", values="saliency", aggfunc="sum").dropna()
    lengths = words[words["side"] == "source"].groupby("sentence")["position"].max() + 1
    found = sums.reset_index().rename_axis(columns=None)
    found["words"] = found["sentence"].map(lengths)
    total = found["copy"] + found["source"]
    found["share"] = (found["copy"] / total).where(total > 0)
    found["equal"] = found["step"] / (found["step"] + found["words"])
    found["excess"] = found["share"] - found["equal"]
    with np.errstate(divide="ignore", invalid="ignore"):
        found["ratio"] = np.log2((found["copy"] / found["step"]) / (found["source"] / found["words"]))
    return found[["sentence", "step", "words", "share", "equal", "excess", "ratio"]]


def slope(
    table: pd.DataFrame,
    value: str,
    *,
    step: str = "step",
    cluster: str = "sentence",
    replicates: int = 1000,
    seed: int = 0,
) -> dict[str, float]:
    """By how much a value grows from one step of a sentence to the next.

    The slope of the least squares line within sentences: each sentence has a level of its own, so that long sentences,
    which alone have late steps, cannot pass for a growth.

    Parameters
    ----------
    table : DataFrame
        Of :func:`influence`; rows whose value is not finite are left out.
    value, step : str
        Columns.
    cluster : str
        Column whose values are drawn together: ``sentence``, or images where several sentences describe one.
    replicates, seed : int
        Of the bootstrap.

    Returns
    -------
    dict
        ``slope`` per step, ``low``, ``high`` (95 %), ``count`` (sentences).

    Raises
    ------
    ValueError
        If no sentence has two steps.

    Examples
    --------
    >>> table = pd.DataFrame({"sentence": [0, 0, 1, 1, 1], "step": [1, 2, 1, 2, 3], "share": [0.1, 0.3, 0.6, 0.8, 1]})
    >>> round(slope(table, "share")["slope"], 6)
    0.2
    """
    kept = table[np.isfinite(table[value])]
    x, y = (kept[column] - kept.groupby("sentence")[column].transform("mean") for column in (step, value))
    if not (x**2).sum() > 0:
        raise ValueError(f"a slope needs a sentence with at least two steps, found none in {len(table)} rows")
    number, clusters = pd.factorize(kept[cluster])
    together, alone = (np.bincount(number, product, minlength=len(clusters)) for product in (x * y, x * x))
    draws = cluster_draws(len(clusters), replicates, seed)
    with np.errstate(invalid="ignore"):
        low, high = interval((draws @ together) / (draws @ alone))
    return {
        "slope": float(together.sum() / alone.sum()), "low": low, "high": high, "count": kept["sentence"].nunique(),
    }  # fmt: skip


def _of_words(table: pd.DataFrame) -> pd.DataFrame:
    """Without the framing symbols."""
    return table[(table["position"] >= 0) & (table["word"] != END)]
