"""The phrases and clauses whose composition is measured: pairs with a modifier, beside a neutral one, and two clauses.

For Li et al. 2016, section 4: every pair that a corpus has and not a chosen few, each beside the same phrase with a
word that says nothing.

Easy to get wrong: the null. "Not good" differs from "good" in its length too, and any word in front of it moves the
state; what negation does is what it does beyond "is good".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import pandas as pd

from reading_neurons.corpora import polarity
from reading_neurons.corpora.polarity_lexicon import ADJECTIVES, FEELING
from reading_neurons.corpora.trees import Trees
from reading_neurons.text import Vocabulary

KINDS = ("negation", "intensification")
"""Kinds of modifiers."""

NEUTRAL = 2
NEGATORS = ("not", "never")
CONTRACTED = "n't"
INTENSIFIERS = ("very", "so", "incredibly", "really")
MORE = (("a", "lot"), ("so", "much"))
NEUTRAL_BEFORE = ("is", "was", "the", "and")
NEUTRAL_BEHIND = ("today", "here")
CONNECTIVES = ("though", "although", "but", "while")
NEUTRAL_ENDINGS = ("long", "short", "slow", "dark")
PAPER = ("hate", "like", "interesting", "boring")
TEMPLATES = 100
"""Pairs of sentences of the paper's form."""


def of_polarity(kind: str) -> pd.DataFrame:
    """Every polar word of the generated reviews with every modifier of a kind, and with a neutral one.

    Returns
    -------
    DataFrame
        ``head``, ``base``, ``modified``, ``neutral``, ``other`` (with another neutral word, the null of the null),
        ``positive`` (whether the base is).

    Examples
    --------
    >>> pairs = of_polarity("negation")
    >>> pairs.loc[pairs["head"] == "good", ["modified", "neutral", "other"]].values.tolist()[0]
    ['not good', 'is good', 'was good']
    """
    pairs = polarity.modified(kind)
    behind = [changed.startswith(base) for base, changed in zip(pairs["base"], pairs["modified"], strict=True)]
    found = [_neutral(base, last) for base, last in zip(pairs["base"], behind, strict=True)]
    return pd.DataFrame({
        "head": pairs["head"], "base": pairs["base"], "modified": pairs["modified"],
        "neutral": [first for first, _ in found], "other": [second for _, second in found],
        "positive": pairs["base_value"] > 0,
    })  # fmt: skip


def _neutral(base: str, behind: bool) -> tuple[str, str]:
    """Two phrases of a base and a word that says nothing, on the side where the modifier stands."""
    first, *rest = base.split()
    if behind:
        return f"{base} again", f"{base} yesterday"
    if rest == ["it"] or (not rest and first in {present for present, _ in FEELING}):
        return f"i {base}", f"we {base}"
    if rest == ["me"]:
        return f"this {base}", f"that {base}"
    return f"is {base}", f"was {base}"


def of_treebank(splits: Sequence[Trees], kind: str, vocabulary: Vocabulary) -> pd.DataFrame:
    """Every constituent of a treebank that is a modifier and a constituent, by the labels of both.

    Negation: *not*, *never*, or a verb and *n't*, before a constituent. Intensification: *very*, *so*, *incredibly*,
    *really* before one, *a lot* or *so much* behind one. Each different phrase counts once.

    Parameters
    ----------
    splits : sequence of Trees
    kind : str
        One of :data:`KINDS`.
    vocabulary : Vocabulary
        Bases without any word that it has are left out.

    Returns
    -------
    DataFrame
        ``head`` (the base), ``base``, ``modified``, ``neutral``, ``base_label``, ``modified_label`` (0 to 4), as they
        were given first where annotators labelled a phrase twice.
    """
    rows = {}
    for split in splits:
        for tree, words in zip(split.trees, split.tokens, strict=True):
            labels = {(start, end): label for start, end, label in tree.constituents}
            for (start, end), label in labels.items():
                for begin, stop in _bases(words, start, end, kind):
                    if (begin, stop) in labels and any(word in vocabulary for word in words[begin:stop]):
                        key = words[start:end], begin - start, end - stop
                        rows.setdefault(key, (words[begin:stop], label, labels[begin, stop]))
    table = [
        (" ".join(base), " ".join(base), " ".join(phrase), _said(base, behind, number), base_label, label)
        for number, ((phrase, _, behind), (base, label, base_label)) in enumerate(rows.items())
    ]
    return pd.DataFrame(table, columns=["head", "base", "modified", "neutral", "base_label", "modified_label"])


def _bases(words: Sequence[str], start: int, end: int, kind: str) -> Iterator[tuple[int, int]]:
    """Where the base of a phrase may be, if the phrase is one of the kind."""
    before = NEGATORS if kind == "negation" else INTENSIFIERS
    if end - start > 1 and words[start] in before:
        yield start + 1, end
    if kind == "negation" and end - start > 2 and words[start + 1] == CONTRACTED:
        yield start + 2, end
    if kind == "intensification" and end - start > 2 and tuple(words[end - 2 : end]) in MORE:
        yield start, end - 2


def _said(base: Sequence[str], behind: int, number: int) -> str:
    """The base with a neutral word; the words take turns."""
    if behind:
        return " ".join((*base, NEUTRAL_BEHIND[number % len(NEUTRAL_BEHIND)]))
    return " ".join((NEUTRAL_BEFORE[number % len(NEUTRAL_BEFORE)], *base))


def templates(vocabulary: Vocabulary, connective: str = "though", seed: int = 0) -> pd.DataFrame:
    """Two opposite sentences of the paper's form, with last words that are opposite, neutral, or of the clause's sign.

    "I hate the movie though the plot is ..." and "I like the movie though the plot is ...", for other verbs and last
    words too; the first row is the paper's own.

    Parameters
    ----------
    vocabulary : Vocabulary
        Verbs and last words that it lacks are left out.
    connective : str
    seed : int
        Of the choice of :data:`TEMPLATES` rows among all.

    Returns
    -------
    DataFrame
        ``main`` (both verbs), ``ending`` (both last words); ``negative`` and ``positive``, the two sentences up to the
        last word; ``good``, ``bad``, ``neutral`` and ``other``, last words with and without sentiment.
    """
    verbs = {verb: value > 0 for (verb, _), value in FEELING.items() if verb in vocabulary}
    words = {word: value > 0 for word, value in ADJECTIVES["story"].items() if word in vocabulary}
    plain = [word for word in NEUTRAL_ENDINGS if word in vocabulary]
    chosen = list(product(_of(verbs, False), _of(verbs, True), _of(words, True), _of(words, False)))
    order = np.random.default_rng(seed).permutation(len(chosen))
    chosen = [PAPER, *(chosen[i] for i in order if chosen[i] != PAPER)][:TEMPLATES]
    link = ", but" if connective == "but" else connective
    return pd.DataFrame([
        {
            "main": f"{hate}, {like}", "ending": f"{good}, {bad}", "good": good, "bad": bad,
            "neutral": plain[number % len(plain)], "other": plain[(number + 1) % len(plain)],
            "negative": f"i {hate} the movie {link} the plot is",
            "positive": f"i {like} the movie {link} the plot is",
        }
        for number, (hate, like, good, bad) in enumerate(chosen)
    ])  # fmt: skip


def _of(table: dict[str, bool], positive: bool) -> list[str]:
    return [word for word, sign in table.items() if sign == positive]


def clauses(splits: Sequence[Trees], vocabulary: Vocabulary) -> pd.DataFrame:
    """Every constituent of a treebank that is two labelled constituents with a connective between them.

    Returns
    -------
    DataFrame
        ``connective``; ``first``, ``link`` (the connective, and the comma before it), ``second``, as text;
        ``first_label``, ``second_label``, ``label`` (of the whole), 0 to 4.
    """
    rows = []
    for split in splits:
        for tree, words in zip(split.trees, split.tokens, strict=True):
            labels = {(start, end): label for start, end, label in tree.constituents}
            rows += [
                row for place, word in enumerate(words) if word in CONNECTIVES for row in _joined(words, labels, place)
            ]
    columns = ["connective", "first", "link", "second", "first_label", "second_label", "label"]
    table = pd.DataFrame(rows, columns=columns).drop_duplicates(["first", "second"], ignore_index=True)
    known = [all(any(word in vocabulary for word in text.split(" ")) for text in pair) for pair in _pairs(table)]
    return table[known].reset_index(drop=True)


def _pairs(table: pd.DataFrame) -> Iterator[tuple[str, str]]:
    return zip(table["first"], table["second"], strict=True)


def _joined(words: Sequence[str], labels: dict[tuple[int, int], int], place: int) -> Iterator[tuple]:
    """The smallest constituent around a connective whose two sides are constituents of two words at least."""
    around = sorted((pair for pair in labels if pair[0] < place < pair[1] - 2), key=lambda pair: pair[1] - pair[0])
    for start, end in around:
        stop = place - 1 if words[place - 1] == "," else place
        if stop - start > 1 and (start, stop) in labels and (place + 1, end) in labels:
            texts = (" ".join(words[a:b]) for a, b in ((start, stop), (stop, place + 1), (place + 1, end)))
            yield words[place], *texts, labels[start, stop], labels[place + 1, end], labels[start, end]
            return
