"""Items and their labels, divided into folds for a cross-validation.

Easy to get wrong: what a fold may cut. Characters of one string, captions of one image are not independent: with one in
the training set and its neighbour in the test, a predictor is asked what it has been told. So whole groups go into one
fold or another.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from reading_neurons.features.feature import Library


class Labelled(Protocol):
    """Items that features label, character by character or word by word: Strings, or annotated captions.

    ``tokens`` are what a network reads, one sequence an item; ``groups`` says what must not be divided.
    """

    @property
    def tokens(self) -> Sequence[Sequence[str]]: ...

    @property
    def items(self) -> Sequence[Any]: ...

    @property
    def groups(self) -> np.ndarray: ...


def labelled(
    corpus: Labelled, features: Library, folds: int, seed: int
) -> tuple[Float[np.ndarray, "features characters"], Int[np.ndarray, "characters"]]:
    """The labels of all characters, and the fold of each, after a look at everything that can be wrong."""
    if not all(hasattr(corpus, name) for name in ("tokens", "items", "groups")):
        raise TypeError(
            f"features label the items of a corpus, found {type(corpus).__name__}: make sentences into such with "
            "features.words.annotated(captions), or unparsed(sentences) where nobody parsed them, and for characters "
            "with corpora.characters(corpus)"
        )
    lengths = np.array([len(words) for words in corpus.tokens], dtype=np.int64)
    if not lengths.sum():
        raise ValueError("relevance needs at least one character, found none: is the corpus empty?")
    in_fold = np.repeat(divide(corpus.groups, lengths, folds, seed), lengths)
    labels = features.labels(corpus.items)
    constant = labels.min(axis=1) == labels.max(axis=1)
    if constant.any():
        first = int(np.argmax(constant))
        trees = any(getattr(item, "nodes", True) for item in corpus.items)
        raise ValueError(
            f"the feature {features.names[first]!r} is {labels[first, 0]:g} at every one of {labels.shape[1]} "
            "characters, so nothing can predict it: leave it out, or give strings where it varies"
            + ("" if trees else "; none of these has a parse tree, which features of trees need")
        )
    return labels, in_fold


def require_rows(states: int, labels: int) -> None:
    """Raise a ``ValueError`` if there is not one state for each label."""
    if states != labels:
        raise ValueError(
            f"found {states} states for {labels} labels, expected one a character: do states and features come from "
            "the same strings?"
        )


def divide(
    groups: Sequence | np.ndarray, lengths: Int[np.ndarray, "items"], folds: int, seed: int = 0
) -> Int[np.ndarray, "items"]:
    """The fold of every item: groups stay whole, and folds get about as many characters each.

    Groups come in order of falling length, equals in random order, each to the fold that has fewest.

    Raises
    ------
    ValueError
        If there are fewer than 2 folds, or fewer groups than folds.

    Examples
    --------
    >>> divide(["a", "a", "b", "c"], np.array([1, 1, 2, 4]), folds=2).tolist() in ([0, 0, 0, 1], [1, 1, 1, 0])
    True
    """
    number, known = pd.factorize(np.asarray(groups))
    if folds < 2:
        raise ValueError(f"a cross-validation needs at least 2 folds, found {folds}")
    if len(known) < folds:
        raise ValueError(
            f"found {len(known)} strings (or images) for {folds} folds, expected at least one a fold: "
            "give more of them, or ask for fewer folds"
        )
    sizes = np.bincount(number, lengths, minlength=len(known))
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(len(known))
    filled = [(0.0, int(fold)) for fold in rng.permutation(folds)]
    fold_of = np.empty(len(known), dtype=np.int64)
    for group in drawn[np.argsort(-sizes[drawn], kind="stable")]:
        size, fold = filled[0]
        fold_of[group] = fold
        heapq.heapreplace(filled, (size + sizes[group], fold))
    return fold_of[number]
