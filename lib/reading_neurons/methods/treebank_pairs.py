"""Negation and clauses of opposite sign in a treebank, where every constituent has a label of its own.

What Li et al. 2016 (section 4) show on phrases that they made up can be asked of sentences that somebody wrote: a
constituent that a negator begins, beside the constituent that is denied; two clauses with *but* or *though* between
them, beside the whole. People have labelled all of these, so the network can be held against them.

Easy to get wrong: taking what people mean for granted. Where the labels of "not X" and "X but Y" do not behave as a
claim about language has it, a network that has learnt them well will not either.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from reading_neurons.corpora.polarity_lexicon import CONCESSION, CONJUNCTION, DEGREES, EXCESS, FUNCTION
from reading_neurons.corpora.polarity_lexicon import NEGATORS as _DENYING
from reading_neurons.corpora.trees import Tree, Trees

NEGATORS = ("not", "n't", "never", "hardly")
CONNECTIVES = ("but", "though", "although")
NEUTRAL = 2
SHORTEST = 3  # words of a clause
_ACTING = {*FUNCTION, *DEGREES, *EXCESS, *_DENYING, *CONCESSION, CONJUNCTION}
_STOPS = (",", "--", ";", ":")


def scaled(labels: np.ndarray) -> np.ndarray:
    """Labels 0 to 4 on the scale of a network's sentiment, -1 to 1.

    Examples
    --------
    >>> scaled(np.array([0, 2, 3])).tolist()
    [-1.0, 0.0, 0.5]
    """
    return np.asarray(labels) / NEUTRAL - 1


def negated_constituents(trees: Trees) -> pd.DataFrame:
    """Constituents that begin with a negator and go on with a polar constituent.

    Parameters
    ----------
    trees : Trees

    Returns
    -------
    DataFrame
        ``sentence``, ``start``, ``end``; ``base`` (words of what is denied, in lower case) and ``modified`` (with the
        negator); ``base_label`` and ``modified_label``, 0 to 4; ``sign`` of the first, 1 or -1.

    Examples
    --------
    >>> tree = Tree.parse("(1 (2 it) (1 (2 is) (1 (2 not) (3 good))))")
    >>> table = negated_constituents(Trees("own", "own", (tree,)))
    >>> table[["base", "modified", "base_label", "modified_label", "sign"]].values.tolist()
    [['good', 'not good', 3, 1, 1]]
    """
    rows = []
    for number, (tree, words) in enumerate(zip(trees.trees, trees.tokens, strict=True)):
        spans = _spans(tree)
        for (start, end), label in spans.items():
            base = spans.get((start + 1, end), NEUTRAL)
            if words[start] in NEGATORS and base != NEUTRAL:
                rows.append((number, start, end, *_texts(words, (start + 1, end), (start, end)), base, label))
    return _signed(rows, ["sentence", "start", "end", "base", "modified", "base_label", "modified_label"], "base_label")


def opposed_clauses(trees: Trees) -> pd.DataFrame:
    """Constituents of two parts of opposite sign with *but*, *though* or *although* between them.

    Returns
    -------
    DataFrame
        ``sentence``, ``connective``; ``base`` (words of the first part), ``second`` (of that behind the connective) and
        ``modified`` (of the whole); ``base_label``, ``second_label``, ``modified_label``; ``sign`` of the first, 1 or
        -1. Parts have at least three words.

    Examples
    --------
    >>> tree = Tree.parse("(1 (3 (2 it) (3 (2 looks) (3 fine))) (1 (2 but) (1 (2 it) (1 (2 is) (1 dull)))))")
    >>> table = opposed_clauses(Trees("own", "own", (tree,)))
    >>> table[["base", "second", "base_label", "second_label", "modified_label"]].values.tolist()
    [['it looks fine', 'it is dull', 3, 1, 1]]
    """
    rows = []
    for number, (tree, words) in enumerate(zip(trees.trees, trees.tokens, strict=True)):
        spans = _spans(tree)
        for span in spans:
            for place in range(span[0] + SHORTEST, span[1] - SHORTEST):
                parts = _parts(spans, words, span, place)
                if parts:
                    labels = [spans[part] for part in (*parts, span)]
                    rows.append((number, words[place], *_texts(words, *parts, span), *labels))
    columns = ["base", "second", "modified", "base_label", "second_label", "modified_label"]
    return _signed(rows, ["sentence", "connective", *columns], "base_label")


def neutral_words(trees: Trees, count: int = 40, least: int = 5, seed: int = 0) -> list[str]:
    """Words drawn from those that are neutral wherever they stand: where words without sentiment lie.

    Function words, and those that do something to their neighbours ("very"), are left out.

    Parameters
    ----------
    trees : Trees
    count : int
        How many, or all where there are fewer.
    least : int
        In how many places a word must stand.
    seed : int

    Examples
    --------
    >>> tree = Tree.parse("(3 (2 it) (3 (2 looks) (3 fine)))")
    >>> sorted(neutral_words(Trees("own", "own", (tree,)), least=1))
    ['looks']
    """
    labels: dict[str, list[int]] = {}
    for words, label in trees.phrases():
        if len(words) == 1 and words[0].isalpha() and len(words[0]) > 2 and words[0] not in _ACTING:
            labels.setdefault(words[0], []).append(label)
    silent = sorted(word for word, found in labels.items() if len(found) >= least and set(found) == {NEUTRAL})
    return [silent[number] for number in np.random.default_rng(seed).permutation(len(silent))[:count]]


def _parts(spans: dict, words: tuple, span: tuple[int, int], place: int) -> tuple | None:
    """The parts of a constituent on both sides of a connective, if both are constituents and of opposite sign."""
    if words[place] not in CONNECTIVES:
        return None
    first = (span[0], place - (words[place - 1] in _STOPS))
    second = (place + 1, span[1])
    if first not in spans or second not in spans or first[1] - first[0] < SHORTEST:
        return None
    return (first, second) if (spans[first] - NEUTRAL) * (spans[second] - NEUTRAL) < 0 else None


def _spans(tree: Tree) -> dict[tuple[int, int], int]:
    # A constituent of one part has the words of that part: the outer one stands first, and its label counts.
    return {(start, end): label for start, end, label in reversed(tree.constituents)}


def _texts(words: tuple, *spans: tuple[int, int]) -> list[str]:
    return [" ".join(words[start:end]) for start, end in spans]


def _signed(rows: list[tuple], columns: list[str], label: str) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(sign=np.sign(table[label].astype(int) - NEUTRAL).astype(int))
