"""How the sentiment of a phrase is composed from its words: value, label and the share of every word in it.

A phrase is a word or a pair of phrases, ``("not", ("very", "good"))``. Its **value**, in [-1, 1], is composed from the
bottom up. A word has a value (*good* .55), or does something to what stands beside it (*very* multiplies, *not*
negates), or neither. With x the value of what stands beside,

* degree: clip(k x), k > 1 for *very*, k < 1 for *slightly*;
* negation: -.85 x up to x = .6, then back up by .5 (x - .6), for x > 0; -.15 x for x < 0;
* excess, *too*: clip(x - .45);
* concession: clip(main + w other), w = .1 where the other clause is positive, .8 or more where it is negative;
* conjunction, *and*: the stronger of the two plus half of the weaker, clipped;
* anything else: clip(x + y).

The value is cut into five labels as the Stanford treebank cuts its own scale, at -.6, -.2, .2 and .6.

Easy to get wrong: "not bad" is not "good". Denying a negative word gives .15 at most, which is neutral, and denying a
strong word ("not superb") gives less than denying a plain one ("not good").
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection
from itertools import combinations
from math import factorial
from typing import NamedTuple

import numpy as np

from reading_neurons.corpora.polarity_lexicon import (
    CONCESSION,
    CONJUNCTION,
    DEGREES,
    EXCESS,
    FUNCTION,
    NEGATORS,
    NEUTRAL,
    STRENGTH,
)
from reading_neurons.corpora.trees import Constituent, Tree

Phrase = str | tuple["Phrase", "Phrase"]
"""A word, or two phrases side by side."""

THRESHOLDS = (-0.6, -0.2, 0.2, 0.6)
"""A value up to the first is very negative, above the last very positive."""


class Meaning(NamedTuple):
    """The value of a phrase, and what it does to the value of what stands beside it, if anything."""

    value: float
    act: Callable[[float], Meaning] | None = None


def clip(value: float) -> float:
    """The value, at most 1 and at least -1."""
    return max(-1.0, min(1.0, value))


def negate(value: float) -> float:
    """The value of what is denied.

    Examples
    --------
    >>> [round(negate(value), 2) for value in (0.4, 0.55, 0.9, -0.55, 0.0)]
    [-0.34, -0.47, -0.36, 0.08, 0.0]
    """
    if value < 0:
        return -0.15 * value
    return -0.85 * min(value, 0.6) + 0.5 * max(value - 0.6, 0) if value else 0.0


def conjoin(first: float, second: float) -> float:
    """The value of two phrases with *and* between them; which comes first makes no difference."""
    strong, weak = sorted((first, second), key=lambda value: (-abs(value), value))
    return clip(strong + weak / 2)


def label(value: float) -> int:
    """The label of a value, 0 to 4.

    Examples
    --------
    >>> [label(value) for value in (-1, -0.6, -0.59, 0, 0.2, 0.21, 0.61)]
    [0, 0, 1, 2, 2, 3, 4]
    """
    return bisect_left(THRESHOLDS, round(value, 9))


def words(phrase: Phrase) -> tuple[str, ...]:
    """The words of a phrase from left to right."""
    return (phrase,) if isinstance(phrase, str) else words(phrase[0]) + words(phrase[1])


def value(phrase: Phrase, without: Collection[int] = ()) -> float:
    """The sentiment of a phrase, in [-1, 1].

    Parameters
    ----------
    phrase : str or pair of phrases
    without : collection of int
        Places of words that are taken out: what acts on its neighbours no longer does, what has a value becomes
        neutral, and *though* or *but* becomes *and*.

    Raises
    ------
    ValueError
        If a word is not one of :mod:`reading_neurons.corpora.polarity_lexicon`.

    Examples
    --------
    >>> [round(value(("not", word)), 2) for word in ("good", "bad")]
    [-0.47, 0.08]
    >>> hate = ("I", ("hate", ("the", "movie")))
    >>> value(hate), round(value((hate, ("though", ("it", ("is", "interesting"))))), 2)
    (-0.8, -0.75)
    >>> value(("not", "good"), without=[0])
    0.55
    """
    return _meanings(phrase, without)[0][2].value


def tree(phrase: Phrase) -> Tree:
    """The phrase with a label on each of its constituents.

    Examples
    --------
    >>> print(tree(("not", ("very", "good"))))
    (1 (2 not) (4 (2 very) (3 good)))
    """
    found = _meanings(phrase)
    return Tree(words(phrase), tuple(Constituent(start, end, label(meaning.value)) for start, end, meaning in found))


def phrase(tree: Tree) -> Phrase:
    """The phrase of a tree: what :func:`tree` was given.

    Raises
    ------
    ValueError
        If a constituent of several words has not two parts, as trees that were not generated here may have.
    """
    spans = iter(tree.constituents)

    def read(start: int, end: int) -> Phrase:
        if end - start == 1:
            return tree.words[start]
        first = next(spans, None)
        if first is None or not first.start == start < first.end < end:
            raise ValueError(_not_binary(tree, start, end))
        left = read(start, first.end)
        second = next(spans, None)
        if second is None or second[:2] != (first.end, end):
            raise ValueError(_not_binary(tree, start, end))
        return left, read(first.end, end)

    root = next(spans)
    return read(root.start, root.end)


def _not_binary(tree: Tree, start: int, end: int) -> str:
    return f"{' '.join(tree.words[start:end])!r} has not two parts, expected a tree of the generated corpus `polarity`"


def carriers(phrase: Phrase) -> list[int]:
    """The places of the words that carry sentiment: all but neutral content, function words and *and*."""
    return [place for place, word in enumerate(words(phrase)) if word.lower() not in _INERT]


def left_out(phrase: Phrase) -> np.ndarray:
    """What each word adds: the value of the phrase, less its value with that word taken out. Shape (words,).

    Examples
    --------
    >>> left_out(("not", "good")).round(2).tolist()
    [-1.02, -0.47]
    """
    weights, whole = np.zeros(len(words(phrase))), value(phrase)
    for place in carriers(phrase):
        weights[place] = whole - value(phrase, {place})
    return weights


def shapley(phrase: Phrase) -> np.ndarray:
    """What each word adds, on average over all orders in which the words may be put in. Shape (words,).

    The exact Shapley values of the words that carry sentiment. They sum to the value of the phrase.

    Examples
    --------
    >>> shapley(("not", "good")).round(3).tolist()
    [-0.509, 0.041]
    """
    places = carriers(phrase)
    count = len(places)
    worth = {
        chosen: value(phrase, set(places).difference(chosen))
        for size in range(count + 1)
        for chosen in combinations(places, size)
    }
    weights = np.zeros(len(words(phrase)))
    for chosen, with_all in worth.items():
        share = factorial(len(chosen) - 1) * factorial(count - len(chosen)) / factorial(count) if chosen else 0
        for place in chosen:
            weights[place] += share * (with_all - worth[tuple(other for other in chosen if other != place)])
    return weights


def _meanings(phrase: Phrase, without: Collection[int] = (), start: int = 0) -> list[tuple[int, int, Meaning]]:
    """Start, end and meaning of every constituent, the whole first."""
    if isinstance(phrase, str):
        return [(start, start + 1, _word(phrase, start in without))]
    left = _meanings(phrase[0], without, start)
    right = _meanings(phrase[1], without, left[0][1])
    return [(start, right[0][1], _composed(left[0][2], right[0][2])), *left, *right]


def _composed(left: Meaning, right: Meaning) -> Meaning:
    if left.act and right.act:  # "so much", ", but it is long": together they do what both do
        return Meaning(left.value + right.value, lambda value: left.act(right.act(value).value))
    if left.act:
        return left.act(right.value)
    if right.act:
        return right.act(left.value)
    return Meaning(clip(left.value + right.value))


def _word(word: str, out: bool) -> Meaning:
    try:
        present, absent = _LEXICON[word.lower()]
    except KeyError:
        raise ValueError(f"{word!r} has no planted meaning, expected words of the corpus `polarity`") from None
    return absent if out else present


def _acting(change: Callable[[float], float]) -> Meaning:
    return Meaning(0.0, lambda value: Meaning(change(value)))


def _degree(factor: float) -> Meaning:
    return _acting(lambda value: clip(factor * value))


def _joining(rule: Callable[[float, float], float]) -> Meaning:
    """A connective: it takes the clause behind it, and the two then act on the other clause."""
    return Meaning(0.0, lambda own: Meaning(own, lambda other: Meaning(rule(other, own))))


def _concession(positive: float, negative: float, own_is_main: bool) -> Meaning:
    def conceded(other: float, own: float) -> float:
        main, minor = (own, other) if own_is_main else (other, own)
        return clip(main + (positive if minor > 0 else negative) * minor)

    return _joining(conceded)


def _lexicon() -> dict[str, tuple[Meaning, Meaning]]:
    """What every word means, and what is left of it where it is taken out."""
    nothing, silent, plain = Meaning(0.0), _acting(lambda value: value), _joining(conjoin)
    found = {word: (nothing, nothing) for word in NEUTRAL}
    found |= {word: (silent, silent) for word in FUNCTION}
    found |= {word: (Meaning(strength), nothing) for word, strength in STRENGTH.items()}
    found |= {word: (_degree(factor), silent) for word, factor in DEGREES.items()}
    found |= {word: (_acting(lambda value, off=off: clip(value - off)), silent) for word, off in EXCESS.items()}
    found |= {word: (_acting(negate), silent) for word in NEGATORS}
    found |= {word: (_concession(*counts, word == "but"), plain) for word, counts in CONCESSION.items()}
    return found | {CONJUNCTION: (plain, plain)}


_LEXICON = _lexicon()
_INERT = NEUTRAL | set(FUNCTION) | {CONJUNCTION}
