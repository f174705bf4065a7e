"""Homogeneity: how much the top contexts of a unit have in common, beyond what any words have.

Kádár et al. 2017, section 6.2, finds units whose contexts are "syntactically and/or topically related" by looking at
them. Here that is a number. With ``A`` the share of pairs of a unit's contexts that agree, and ``B`` the same for words
drawn at random from the corpus,

    homogeneity = (A - B) / (1 - B):

1 if every pair agrees, 0 if they agree as random words do. Two contexts agree in tag, dependency label or word if it is
the same at their last words; they agree in topic if the images that their captions describe have an object in common.
The null draws as many words as a unit has contexts, again and again.

Easy to get wrong: captions of one image share its topic and most of their words, so pairs from one image are left out,
and a unit whose contexts come from fewer than five images has no score: too few pairs would be left. And the most
homogeneous of 1,024 units is an extreme: ``p`` speaks of one unit, ``q`` and ``best`` of having looked at all.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from reading_neurons.corpora.captions import Captions

KINDS = ("word", "tag", "deprel", "topic")
DRAWS = 40_000  # enough for a p of .05 / 1024
FEWEST_IMAGES, FEWEST_WORDS = 5, 3  # among the contexts of a unit, for a score to mean anything
_AT_ONCE = 2000  # sets of contexts whose pairs are compared at once
_OBJECT = "object:"


def topics(captions: Captions) -> pd.DataFrame:
    """Which objects each image of a corpus shows.

    Returns
    -------
    DataFrame of bool
        One row per image (the numbers of ``captions.image``), one column per object: ``dog``, ``tennis racket`` ...

    Raises
    ------
    ValueError
        If the corpus has no scene vectors with objects.

    Examples
    --------
    >>> from reading_neurons.corpora import scenes
    >>> table = topics(scenes.generate(scenes=50).test)
    >>> int(table.loc[0].sum()), "dog" in table
    (3, True)
    """
    columns = [place for place, name in enumerate(captions.dimensions) if name.startswith(_OBJECT)]
    if captions.scenes is None or not columns:
        raise ValueError(
            f"the corpus {captions.corpus!r} does not say which objects an image shows: use 'scenes' or 'coco', "
            f"or leave the topic out with kinds={KINDS[:-1]}"
        )
    names = [captions.dimensions[place].removeprefix(_OBJECT) for place in columns]
    return pd.DataFrame(captions.scenes[:, columns] > 0, columns=names)


def homogeneity(
    contexts: pd.DataFrame,
    tokens: pd.DataFrame,
    topics: pd.DataFrame | None = None,
    kinds: Sequence[str] | None = None,
    *,
    other_words: bool = False,
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """How much each unit's contexts agree in word, tag, dependency label and topic.

    Parameters
    ----------
    contexts : DataFrame
        ``unit``, ``sentence``, ``position``, as many rows for each unit; as
        :func:`reading_neurons.methods.contexts.top_contexts` gives it, best with ``distinct=True``.
    tokens : DataFrame
        One row per word of the corpus, in order: ``sentence``, ``position``, ``word``, ``image`` and the kinds of
        label; as :func:`reading_neurons.annotation.token_table` gives it.
    topics : DataFrame of bool, optional
        One row per image, as :func:`topics` gives it; needed for the kind ``"topic"``.
    kinds : sequence of str, optional
        Some of :data:`KINDS`, or other columns of ``tokens``; by default all, without the topic where none is given.
    other_words : bool
        Count only pairs of contexts that end in different words: what a unit responds to beyond a word.
    draws : int
        Of the null.
    seed : int

    Returns
    -------
    DataFrame
        One row per kind and unit: ``unit``, ``kind``, ``score``, ``low``, ``high`` (95 % of the null), ``best`` (what
        the best of as many units reaches by chance once in 20 times), ``p`` (share of the null that is as high), ``q``
        (false discovery rate over the units, Benjamini and Hochberg), and of the label that is furthest above its
        share of the corpus ``label``, ``share`` (of the contexts) and ``corpus`` (its share there). A unit whose
        contexts come from fewer than 5 different images (of fewer than five contexts: are not all from different ones),
        or with ``other_words`` end in fewer than 3 different words, has the score NaN and p of 1.

    Raises
    ------
    ValueError
        If a column is missing, units have different numbers of contexts or fewer than 2, a context is no word of
        ``tokens``, or the topic is asked for and not given.

    Examples
    --------
    >>> tokens = pd.DataFrame({"sentence": range(8), "position": 0, "word": list("abcdefgh"), "image": range(8),
    ...                        "tag": ["NN", "NN", "NN", "DT", "IN", "VB", "CC", "JJ"]})
    >>> contexts = pd.DataFrame({"unit": [0, 0, 0, 1, 1, 1], "sentence": [0, 1, 2, 2, 3, 4], "position": 0})
    >>> homogeneity(contexts, tokens, kinds=["tag"], draws=1000)[["unit", "score", "label", "share"]].round(1)
       unit  score label  share
    0     0    1.0    NN    1.0
    1     1   -0.1    DT    0.3
    """
    kinds = tuple(kinds) if kinds is not None else KINDS if topics is not None else KINDS[:-1]
    _require(tokens, ["sentence", "position", "word", "image", *(kind for kind in kinds if kind != "topic")])
    if "topic" in kinds and topics is None:
        raise ValueError("the kind 'topic' needs the objects of each image: give topics(captions)")
    units, places = _sets(contexts, tokens)
    random = np.random.default_rng(seed).integers(len(tokens), size=(draws, places.shape[1]))
    rows = []
    for kind in kinds:
        has = _Labels(tokens, topics, kind)
        found, null = (has.agreement(sets, other_words) for sets in (places, random))
        base = np.nanmean(null)
        score, null = (found - base) / (1 - base), np.sort((null[~np.isnan(null)] - base) / (1 - base))
        above = len(null) - np.searchsorted(null, score - 1e-9)
        p = np.where(np.isnan(score), 1.0, (1 + above) / (1 + len(null)))
        low, high, best = np.quantile(null, [0.025, 0.975, 0.95 ** (1 / len(units))])
        label, share, corpus = has.dominant(places)
        rows.append(
            pd.DataFrame(
                {
                    "unit": units, "kind": kind, "score": score, "low": low, "high": high, "best": best,
                    "p": p, "q": false_discovery_control(p), "label": label, "share": share, "corpus": corpus,
                }
            )
        )  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def _require(table: pd.DataFrame, columns: Sequence[str]) -> None:
    if missing := [column for column in columns if column not in table]:
        raise ValueError(f"the table has no column {', '.join(map(repr, missing))}; its columns are {list(table)}")


def _sets(contexts: pd.DataFrame, tokens: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The units, and for each the rows of its contexts in the table of tokens."""
    _require(contexts, ["unit", "sentence", "position"])
    key = ["sentence", "position"]
    row = pd.Series(np.arange(len(tokens)), index=pd.MultiIndex.from_frame(tokens[key]))
    found = row.reindex(pd.MultiIndex.from_frame(contexts[key]))
    if found.isna().any():
        raise ValueError("a context is no word of the table of tokens: both must come from the same captions")
    units, number = np.unique(contexts["unit"], return_inverse=True)
    counts = np.bincount(number)
    if not len(counts) or counts.min() != counts.max() or counts[0] < 2:
        raise ValueError(
            f"expected the same number of contexts of each unit, at least 2, found {sorted(set(counts.tolist()))}"
        )
    return units, found.to_numpy(dtype=int)[np.argsort(number, kind="stable")].reshape(len(units), -1)


class _Labels:
    """The labels of one kind at every word."""

    def __init__(self, tokens: pd.DataFrame, topics: pd.DataFrame | None, kind: str):
        self._image = tokens["image"].to_numpy()
        self._word = pd.factorize(tokens["word"])[0]
        self._topics = kind == "topic"
        if self._topics:
            self.names = np.asarray(topics.columns, dtype=object)
            self._shown = topics.to_numpy(dtype=np.float32)
            self.shares = self._shown[self._image].mean(axis=0, dtype=float)
        else:
            self._code, names = pd.factorize(tokens[kind])
            self.names = np.asarray(names, dtype=object)
            self.shares = np.bincount(self._code, minlength=len(names)) / len(tokens)

    def agreement(self, sets: np.ndarray, other_words: bool) -> np.ndarray:
        """For each set of words the share of its pairs from different images that agree; NaN where there are too few."""
        result = np.empty(len(sets))
        upper = np.triu(np.ones((sets.shape[1],) * 2, dtype=bool), 1)
        fewest = min(FEWEST_IMAGES, sets.shape[1])
        for begin in range(0, len(sets), _AT_ONCE):
            places = sets[begin : begin + _AT_ONCE]
            compared = upper & ~_same(self._image[places])
            enough = _different(self._image[places]) >= fewest
            if other_words:
                compared &= ~_same(self._word[places])
                enough &= _different(self._word[places]) >= min(FEWEST_WORDS, sets.shape[1])
            if self._topics:
                shown = self._shown[self._image[places]]
                agree = shown @ shown.transpose(0, 2, 1) > 0
            else:
                agree = _same(self._code[places])
            with np.errstate(invalid="ignore"):
                shares = (agree & compared).sum((1, 2)) / compared.sum((1, 2))
            result[begin : begin + len(places)] = np.where(enough, shares, np.nan)
        return result

    def dominant(self, sets: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """For each set the label furthest above its share of the corpus, its share of the set, and of the corpus."""
        shares = np.stack([self.share(places) for places in sets])
        label = (shares - self.shares).argmax(axis=1)
        return self.names[label], shares[np.arange(len(sets)), label], self.shares[label]

    def share(self, places: np.ndarray) -> np.ndarray:
        """The share of these words that have each label."""
        if self._topics:
            return self._shown[self._image[places]].mean(axis=0, dtype=float)
        return np.bincount(self._code[places], minlength=len(self.names)) / len(places)


def _same(values: np.ndarray) -> np.ndarray:
    return values[:, :, None] == values[:, None, :]


def _different(values: np.ndarray) -> np.ndarray:
    """How many different values each row has."""
    return 1 + (np.diff(np.sort(values, axis=1), axis=1) > 0).sum(axis=1)


def label_shares(
    contexts: pd.DataFrame,
    tokens: pd.DataFrame,
    kinds: Sequence[str] = ("tag", "deprel"),
    topics: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Which labels each unit's top contexts have, beside the corpus.

    Parameters
    ----------
    contexts, tokens, topics
        As for :func:`homogeneity`.
    kinds : sequence of str

    Returns
    -------
    DataFrame
        One row per unit, kind and label that occurs among the unit's contexts, most frequent first: ``unit``, ``kind``,
        ``label``, ``count``, ``share``, ``corpus`` (the label's share of all words).

    Raises
    ------
    ValueError
        As for :func:`homogeneity`.
    """
    _require(tokens, ["sentence", "position", "word", "image", *(kind for kind in kinds if kind != "topic")])
    if "topic" in kinds and topics is None:
        raise ValueError("the kind 'topic' needs the objects of each image: give topics(captions)")
    units, sets = _sets(contexts, tokens)
    rows = []
    for kind in kinds:
        has = _Labels(tokens, topics, kind)
        for unit, places in zip(units, sets, strict=True):
            share = has.share(places)
            for label in np.argsort(-share, kind="stable")[: np.count_nonzero(share)]:
                shares = share[label], has.shares[label]
                rows.append((unit, kind, has.names[label], round(share[label] * len(places)), *shares))
    return pd.DataFrame(rows, columns=["unit", "kind", "label", "count", "share", "corpus"])


def ranking(scores: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The units in order of falling homogeneity of one kind, those without a score last.

    Among equals, and many units reach 1, the one whose label is further above its share of the corpus comes first.

    Raises
    ------
    ValueError
        If the table has no scores of the kind.
    """
    rows = scores[scores["kind"] == kind]
    if rows.empty:
        raise ValueError(f"no scores of the kind {kind!r}; the table has {sorted(set(scores['kind']))}")
    rows = rows.assign(_above=rows["share"] - rows["corpus"])
    rows = rows.sort_values(["score", "_above", "unit"], ascending=[False, False, True], ignore_index=True)
    return rows.drop(columns="_above")
