"""Generated reviews whose truth is planted: which word contributes how much to the sentiment of its sentence.

Sentences about films, books and meals, as binary trees with a label from 0 to 4 on every constituent. The labels come
from a value in [-1, 1] that is composed from the words, as :mod:`~reading_neurons.corpora.polarity_meaning` says:
graded words, intensifiers and diminishers, a negation that is asymmetric (*not good* is negative, *not bad* is no more
than neutral), concessions in which a negative clause weighs more than a positive one, and clauses that say nothing of
the kind. The planted contribution of a word is what its sentence loses without it,

    w_i = value(sentence) - value(sentence with word i taken out),

where an intensifier or a negator disappears, a polar word becomes neutral, and *though* or *but* becomes *and*.

Easy to get wrong: a contribution of 0 does not say that the word is neutral. Where strong words are stacked ("I really
hate that dreadful film") the scale is at its end, and each may be left out without a change; :func:`saturated` tells,
and the Shapley values of :func:`contributions` share the sentiment among them all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from reading_neurons.corpora import polarity_lexicon as lexicon
from reading_neurons.corpora import polarity_meaning as meaning
from reading_neurons.corpora.polarity_grammar import Writer, capitalised
from reading_neurons.corpora.polarity_meaning import THRESHOLDS, Phrase
from reading_neurons.corpora.polarity_phrases import clause_pairs, modified
from reading_neurons.corpora.trees import Tree, TreeCorpus, Trees

__all__ = [
    "THRESHOLDS",
    "clause_pairs",
    "contributions",
    "generate",
    "minimal_pairs",
    "modified",
    "saturated",
]

_TRIES = 200
_KINDS = {"left out": meaning.left_out, "shapley": meaning.shapley}


def generate(sentences: int = 3000, seed: int = 0) -> TreeCorpus:
    """A treebank of different sentences, with planted contributions.

    Parameters
    ----------
    sentences : int
        How many, at least 10: 80 % become training data, 10 % validation, 10 % test. No two have the same words.
    seed : int
        The same seed gives the same corpus.

    Returns
    -------
    TreeCorpus
        The ``weights`` of its splits are the contributions of every word when it is left out.

    Raises
    ------
    ValueError
        If there are too few sentences for three splits, or more than the grammar readily finds different ones.

    Examples
    --------
    >>> corpus = generate(sentences=50)
    >>> [len(split) for split in corpus.splits]
    [40, 5, 5]
    >>> print(corpus.train.trees[1])
    (1 (1 (2 (2 The) (2 meal)) (1 (2 (2 did) (2 n't)) (3 (3 charm) (2 me)))) (2 .))
    >>> corpus.train.weights[1].round(2).tolist()
    [0.0, 0.0, 0.0, -1.11, -0.51, 0.0, 0.0]
    """
    if sentences < 10:
        raise ValueError(f"three splits need at least 10 sentences, found {sentences}: ask for more")
    rng = np.random.default_rng(seed)
    found: dict[tuple[str, ...], Phrase] = {}
    for _ in range(_TRIES * sentences):
        phrase = Writer(rng).sentence()
        found.setdefault(tuple(word.lower() for word in meaning.words(phrase)), phrase)
        if len(found) == sentences:
            break
    else:
        raise ValueError(f"found {len(found)} different sentences, expected {sentences}: ask for fewer")
    phrases, tenth = list(found.values()), sentences // 10
    return TreeCorpus(
        "polarity",
        _split("train", phrases[: sentences - 2 * tenth]),
        _split("validation", phrases[sentences - 2 * tenth : sentences - tenth]),
        _split("test", phrases[sentences - tenth :]),
    )


def minimal_pairs(pairs: int = 200, seed: int = 1) -> tuple[Trees, Trees]:
    """Sentences that differ in nothing but the order of their words, and in their label.

    Sentence ``i`` of both has exactly the same words: two polar words have changed places ("I like the plot but hate
    the cast", "I hate the plot but like the cast"), or the two sides of *though*, *although* or *but* have. A network
    that ignores the order of words gives both the same label, so it is right on at most half of the sentences.

    Parameters
    ----------
    pairs : int
    seed : int
        The same seed gives the same pairs.

    Returns
    -------
    two Trees
        With planted contributions, as the splits of the corpus.

    Examples
    --------
    >>> first, second = minimal_pairs(3)
    >>> for side in (first, second):
    ...     print(side.trees[2].label, " ".join(side.trees[2].words))
    2 The book thrilled me a bit though I never enjoyed it .
    1 I never enjoyed it though the book thrilled me a bit .
    """
    if pairs < 1:
        raise ValueError(f"found {pairs} pairs, expected at least one")
    rng = np.random.default_rng(seed)
    found: dict[Phrase, Phrase] = {}
    while len(found) < pairs:
        phrase = Writer(rng).sentence()
        label = meaning.label(meaning.value(phrase))
        others = [other for other in _rearranged(phrase) if meaning.label(meaning.value(other)) != label]
        if others:
            found.setdefault(phrase, others[int(rng.integers(len(others)))])
    return _split("minimal pairs 1", list(found)), _split("minimal pairs 2", list(found.values()))


def contributions(split: Trees, kind: str = "left out") -> tuple[np.ndarray, ...]:
    """What every word adds to the value of its sentence, read anew from trees of this corpus.

    Parameters
    ----------
    split : Trees
        Of this corpus, in any order, or others of the same words and kind.
    kind : {"left out", "shapley"}
        The value of the sentence less its value without the word, as the ``weights`` of the corpus; or the average
        over all orders in which the words that carry sentiment may be put in, which sums to the value of the sentence
        however saturated it is.

    Returns
    -------
    tuple of float arrays
        One array a sentence, one number a word, above 0 where the word makes the sentence more positive.

    Raises
    ------
    ValueError
        If the kind is neither of the two, a word is not of this corpus, or a tree is not binary.

    Examples
    --------
    >>> trees = Trees("polarity", "own", (Tree.parse("(0 (1 (2 the) (1 (0 awful) (2 film))) (1 (2 is) (1 bad)))"),))
    >>> [contributions(trees, kind)[0].round(2).tolist() for kind in ("left out", "shapley")]
    [[0.0, -0.45, 0.0, 0.0, -0.1], [0.0, -0.68, 0.0, 0.0, -0.32]]
    """
    if kind not in _KINDS:
        raise ValueError(f"found the kind {kind!r}, expected one of {', '.join(map(repr, _KINDS))}")
    return tuple(_KINDS[kind](meaning.phrase(tree)) for tree in split.trees)


def saturated(tree: Tree) -> bool:
    """Whether a sentence is at an end of the scale, and a word that carries sentiment may go without a change.

    Examples
    --------
    >>> sentence = ("I", ("really", ("hate", ("the", ("awful", "film")))))
    >>> saturated(meaning.tree(sentence)), saturated(meaning.tree(("I", ("hate", ("the", "film")))))
    (True, False)
    """
    phrase = meaning.phrase(tree)
    if abs(meaning.value(phrase)) < 1:
        return False
    return bool(np.any(meaning.left_out(phrase)[meaning.carriers(phrase)] == 0))


def _split(name: str, phrases: list[Phrase]) -> Trees:
    trees = tuple(meaning.tree(phrase) for phrase in phrases)
    return Trees("polarity", name, trees, tuple(meaning.left_out(phrase) for phrase in phrases))


def _rearranged(phrase: Phrase) -> Iterator[Phrase]:
    """The sentence with two polar words of a kind exchanged, or with its halves exchanged, in every way."""
    words = [word if word == "I" else word.lower() for word in meaning.words(phrase)]
    kinds = [_kinds().get(word) for word in words]
    for first in range(len(words)):
        for second in range(first + 1, len(words)):
            if kinds[first] and kinds[first] == kinds[second]:
                exchanged = list(words)
                exchanged[first], exchanged[second] = words[second], words[first]
                if _articles(exchanged) == _articles(words):
                    yield capitalised(_filled(phrase, iter(exchanged)))
    for other in _turned(_filled(phrase, iter(words))):
        yield capitalised(other)


@cache
def _kinds() -> dict[str, str]:
    """The table, and the form, of every adjective and verb."""
    found = {word: "adjective" for table in lexicon.ADJECTIVES.values() for word in table}
    for name, table in (("feeling", lexicon.FEELING), ("effect", lexicon.EFFECT)):
        for present, past in table:
            found |= {present: name, past: f"{name} in the past"}
    return found


def _articles(words: list[str]) -> list[tuple[str, bool]]:
    """Every *a* and *an*, and whether a vowel follows."""
    return [(word, after[0] in "aeiou") for word, after in zip(words, words[1:], strict=False) if word in ("a", "an")]


def _filled(phrase: Phrase, words: Iterator[str]) -> Phrase:
    """The same structure with other words."""
    if isinstance(phrase, str):
        return next(words)
    return _filled(phrase[0], words), _filled(phrase[1], words)


def _turned(phrase: Phrase) -> Iterator[Phrase]:
    """The phrase with the two sides of one of its connectives exchanged."""
    match phrase:
        case ((str(connective), minor), ","), main if connective in lexicon.CONCESSION:
            yield ((connective, main), ","), minor
        case (first, ","), (str(connective), second) if connective in lexicon.CONCESSION:
            yield (second, ","), (connective, first)
        case first, (str(connective), second) if connective in lexicon.CONCESSION:
            yield second, (connective, first)
        case left, right:
            yield from ((other, right) for other in _turned(left))
            yield from ((left, other) for other in _turned(right))
