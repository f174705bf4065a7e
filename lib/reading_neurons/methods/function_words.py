"""Function words in optimal n-grams: how many, where, and whether they lead to the word that is predicted.

Poerner et al. 2018, section 3.3: optimal inputs of the visual network "rarely contain function words", those of the
language model have them "directly before the predicted word". A function word is here a word whose most frequent tag
in parsed captions belongs to a closed class (:data:`FUNCTION_TAGS`), or that is most often an auxiliary. An n-gram that
was optimised is no sentence, so its words cannot be tagged where they stand.

Easy to get wrong: what "rarely" is rare against. In a running text every third word is a function word, among the words
of a vocabulary one in thirty; an input written at random would hold next to none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Bool

from reading_neurons import passes
from reading_neurons.statistics import cluster_draws, interval

FUNCTION_TAGS = ("CC", "DT", "EX", "IN", "MD", "PDT", "POS", "PRP", "PRP$", "RP", "TO", "WDT", "WP", "WP$", "WRB")
"""Penn Treebank tags of the closed classes; numbers and adverbs are not among them."""

AUXILIARIES = ("aux", "auxpass", "cop", "aux:pass")
"""Dependency labels of auxiliaries, which are tagged as verbs."""

CLASSES = {"NN": "noun", "VB": "verb", "JJ": "adjective", "RB": "adverb", "CD": "number"}
REPLICATES = 10_000


def usual_tags(tokens: pd.DataFrame, column: str = "tag") -> dict[str, str]:
    """The most frequent tag, or other label, of each word; of equals the first in the alphabet.

    Parameters
    ----------
    tokens : DataFrame
        ``word`` and the column, one row per token, as :func:`reading_neurons.annotation.token_table` gives it.
    column : str

    Raises
    ------
    ValueError
        If a column is missing.

    Examples
    --------
    >>> usual_tags(pd.DataFrame({"word": ["run", "run", "run", "a"], "tag": ["VB", "NN", "VB", "DT"]}))
    {'a': 'DT', 'run': 'VB'}
    """
    if missing := [name for name in ("word", column) if name not in tokens]:
        raise ValueError(f"labels are counted in the columns word and {column}; missing: {', '.join(missing)}")
    counts = tokens.groupby(["word", column]).size().rename("count").reset_index()
    counts = counts.sort_values(["word", "count", column], ascending=[True, False, True])
    return dict(counts.drop_duplicates("word")[["word", column]].values.tolist())


def word_classes(tokens: pd.DataFrame) -> dict[str, str]:
    """Each word's class by its most frequent tag: ``"function"``, ``"noun"``, ``"verb"`` .., or ``"other"``.

    A word whose most frequent label is that of an auxiliary is a function word, too, though tagged as a verb.

    Parameters
    ----------
    tokens : DataFrame
        ``word``, ``tag`` and ``deprel``, one row per token.

    Examples
    --------
    >>> rows = {"word": ["is", "in", "dogs"], "tag": ["VBZ", "IN", "NNS"], "deprel": ["aux", "prep", "nsubj"]}
    >>> word_classes(pd.DataFrame(rows))
    {'dogs': 'noun', 'in': 'function', 'is': 'function'}
    """
    deprels = usual_tags(tokens, "deprel")
    return {
        word: "function" if tag in FUNCTION_TAGS or deprels[word] in AUXILIARIES else CLASSES.get(tag[:2], "other")
        for word, tag in usual_tags(tokens).items()
    }


def function_words(classes: Mapping[str, str]) -> set[str]:
    """The function words among classed words.

    Examples
    --------
    >>> function_words({"a": "function", "dog": "noun"})
    {'a'}
    """
    return {word for word, name in classes.items() if name == "function"}


def by_place(ngrams: Sequence[str], function: Collection[str], length: int) -> Bool[np.ndarray, "ngrams length"]:
    """For each place of each n-gram whether a function word stands there; shorter n-grams end at the last place.

    Raises
    ------
    ValueError
        If an n-gram is longer.

    Examples
    --------
    >>> by_place(["under an", "an"], {"under", "an"}, 2).tolist()
    [[True, True], [False, True]]
    """
    found = np.zeros((len(ngrams), length), dtype=bool)
    for row, ngram in enumerate(ngrams):
        words = ngram.split()
        if len(words) > length:
            raise ValueError(f"expected n-grams of at most {length} words, found {ngram!r}")
        found[row, length - len(words) :] = [word in function for word in words]
    return found


def difference(
    first: Sequence[float] | np.ndarray,
    second: Sequence[float] | np.ndarray,
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> dict[str, float]:
    """The mean of ``second - first`` over the same neurons, with an interval and a permutation test.

    The test exchanges, for each neuron, the two values or does not: without a difference either order is as likely.

    Parameters
    ----------
    first, second : float arrays, shape (neurons,)
    replicates, seed : int
        Of the bootstrap over neurons, and of the exchanges.

    Returns
    -------
    dict
        ``neurons``, ``difference``, ``low``, ``high`` (95 %), ``p`` (two-sided).

    Raises
    ------
    ValueError
        If there is no neuron, or the arguments differ in length.

    Examples
    --------
    >>> found = difference([0.0] * 20, [0.2, 0.4] * 10)
    >>> round(found["difference"], 2), found["low"] > 0.2, found["p"] < 0.001
    (0.3, True, True)
    """
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if len(first) != len(second) or not len(first):
        raise ValueError(f"expected one value of each neuron twice, found {len(first)} and {len(second)}")
    gained = second - first
    drawn = cluster_draws(len(gained), replicates, seed) @ gained / len(gained)
    low, high = interval(drawn)
    signs = np.random.default_rng(seed).integers(0, 2, (replicates, len(gained))) * 2 - 1
    as_large = np.abs(signs @ gained) >= abs(gained.sum()) - 1e-9
    p = (as_large.sum() + 1) / (replicates + 1)
    return {"neurons": len(gained), "difference": float(gained.mean()), "low": low, "high": high, "p": float(p)}


def bigrams(corpus: passes.Sentences) -> set[tuple[str, str]]:
    """The different pairs of neighbours in a corpus.

    Examples
    --------
    >>> sorted(bigrams(["a dog runs"]))
    [('a', 'dog'), ('dog', 'runs')]
    """
    found: set[tuple[str, str]] = set()
    for words in passes.words_of(corpus):
        found.update(zip(words, words[1:], strict=False))
    return found


def continued(last: Sequence[str], predicted: Sequence[str], known: Collection[tuple[str, str]]) -> pd.DataFrame:
    """Whether the last word of an n-gram and the word it predicts follow each other in a corpus.

    The null pairs the last word with the words that the *other* n-grams predict: a last word that goes before anything,
    such as "the", makes a known pair with them as well.

    Parameters
    ----------
    last, predicted : sequences of str
        One of each n-gram, at least two.
    known : collection of (str, str)
        As :func:`bigrams` gives it.

    Returns
    -------
    DataFrame
        One row per n-gram: ``known`` (0 or 1), ``others`` (the share of other n-grams' words it makes a known pair
        with).

    Raises
    ------
    ValueError
        If there are fewer than two n-grams, or not as many last as predicted words.

    Examples
    --------
    >>> pairs = {("an", "umbrella"), ("their", "left"), ("their", "umbrella")}
    >>> continued(["an", "their"], ["umbrella", "left"], pairs).values.tolist()
    [[1.0, 0.0], [1.0, 1.0]]
    """
    if len(last) != len(predicted) or len(last) < 2:
        raise ValueError(
            "expected two or more n-grams, a last and a predicted word each, "
            f"found {len(last)} and {len(predicted)} words"
        )
    pairs = np.array([[(one, word) in known for word in predicted] for one in last], dtype=float)
    own = np.diag(pairs)
    return pd.DataFrame({"known": own, "others": (pairs.sum(axis=1) - own) / (len(last) - 1)})


def before(
    tokens: pd.DataFrame,
    known: Mapping[str, str],
    classes: Iterable[str] = ("noun", "verb", "adjective"),
    replicates: int = 1000,
) -> pd.DataFrame:
    """In captions, how often the word before a noun, a verb .. is a function word.

    Parameters
    ----------
    tokens : DataFrame
        As :func:`reading_neurons.annotation.token_table` gives it.
    known : mapping of str to str
        The class of each word, as :func:`word_classes` gives it, for both words, as for those of optimal n-grams.
    classes : iterable of str
        Which; ``"any"`` for all words, whatever they are.
    replicates : int
        Of the bootstrap over images.

    Returns
    -------
    DataFrame
        One row per class: ``class``, ``share``, ``low``, ``high`` (95 %), ``count`` of pairs.
    """
    word = tokens["word"].map(known)
    follows = tokens["position"].to_numpy() > 0
    previous = word.shift().to_numpy()[follows] == "function"
    of, image = word.to_numpy()[follows], pd.factorize(tokens["image"].to_numpy()[follows])[0]
    rows = []
    draws = cluster_draws(int(image.max()) + 1, replicates, 0)
    for name in classes:
        chosen = np.ones(len(of), dtype=bool) if name == "any" else of == name
        hits, counts = (
            np.bincount(image[chosen], weights, minlength=draws.shape[1]) for weights in (previous[chosen], None)
        )
        with np.errstate(invalid="ignore"):
            low, high = interval((draws @ hits) / (draws @ counts))
        share = float(previous[chosen].mean()) if chosen.any() else float("nan")
        rows.append({"class": name, "share": share, "low": low, "high": high, "count": int(chosen.sum())})
    return pd.DataFrame(rows)
