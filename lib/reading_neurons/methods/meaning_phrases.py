"""The phrases that are placed: words and what modifies them, sentences and the clauses behind them, with controls.

Li et al. 2016 choose some by eye (figures 2 and 4). :func:`figure_words` and :func:`figure_clauses` are such lists, for
a picture; :func:`negations` and :func:`clauses` are all that the words of the generated world give, for a claim. Each
of these has a control of the same length that denies and concedes nothing: "is good" beside "not good", "and I saw it
last night" beside ", but it is too long". All are plain English, so that a network that has read real reviews can be
asked the same.

Easy to get wrong: what a longer phrase alone does. A representation moves with every word that is read; a move is due
to "not" only as far as a neutral word in its place does not make it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from reading_neurons.corpora.polarity import clause_pairs, modified
from reading_neurons.corpora.polarity_lexicon import ADJECTIVES
from reading_neurons.text import Vocabulary, treebank_tokenize

POSITIVE = (
    "good", "nice", "great", "wonderful", "brilliant", "lovely", "funny", "interesting", "charming", "enjoyable",
)  # fmt: skip
NEGATIVE = (
    "bad", "terrible", "awful", "dreadful", "weak", "boring", "stupid", "dull", "disappointing", "annoying",
)  # fmt: skip
_NEGATED = 6  # words of each sign that figure 2 denies
_INTENSIFIED = 4
_RANDOM = 10
_MAINS = {
    1: ("i like the movie", "i love the movie", "the movie is good", "i enjoyed the movie"),
    -1: ("i hate the movie", "i loathe the movie", "the movie is bad", "i hated the movie"),
}
_CLAUSES = {
    1: ("although it had good acting", ", but it is funny", "though the plot is interesting", ", but i had fun"),
    -1: ("although it had bad acting", ", but it is too long", "though the plot is boring"),
    0: ("and i saw it last night",),
}
NEUTRAL_SENTENCES = (
    "i saw the movie", "we watched the movie", "i saw the movie last night", "we watched it yesterday",
    "i watched the film again", "we saw the film last week", "i bought the book yesterday", "we ordered the meal again",
)  # fmt: skip
_WORDS = {1: "positive", -1: "negative"}
# What stands in the place of a negator: words that the generated world has at such places, and that say nothing.
_NEUTRAL_FOR = {"not": "is", "never": "was", "hardly": "that", "do n't": "i do"}
_NEUTRAL_FOR_VERBS = _NEUTRAL_FOR | {"not": "i", "never": "we"}
_SAW = {4: ("i saw it yesterday", "we watched it again"), 5: ("i saw it last night", "we watched it last week")}


def figure_words(vocabulary: Vocabulary, random: Sequence[str] = ()) -> pd.DataFrame:
    """Words, modified and denied words, and random ones for comparison: a picture as figure 2 of the paper.

    Parameters
    ----------
    vocabulary : Vocabulary
        Of the network that is to read them; phrases with a word that it does not know are left out.
    random : sequence of str
        The random words; the first ten that are known.

    Returns
    -------
    DataFrame
        ``phrase``, ``group``, and ``base``, the polar or random word in it.

    Raises
    ------
    ValueError
        If the vocabulary has no such words.

    Examples
    --------
    >>> table = figure_words(Vocabulary(["not", "very", "good", "bad", "soup"]), ["soup"])
    >>> table[["phrase", "group"]].values.tolist()
    [['good', 'positive'], ['not good', 'not + positive'], ['very good', 'very + positive'], ['bad', 'negative'],
     ['not bad', 'not + negative'], ['very bad', 'very + negative'], ['soup', 'random word']]
    """
    rows = []
    for words, name in ((POSITIVE, "positive"), (NEGATIVE, "negative")):
        rows += [(word, name, word) for word in words]
        rows += [(f"not {word}", f"not + {name}", word) for word in words[:_NEGATED]]
        rows += [(f"very {word}", f"very + {name}", word) for word in words[:_INTENSIFIED]]
    rows += [(word, "random word", word) for word in [word for word in random if word in vocabulary][:_RANDOM]]
    return known(pd.DataFrame(rows, columns=["phrase", "group", "base"]), ["phrase"], vocabulary)


def figure_clauses(vocabulary: Vocabulary) -> pd.DataFrame:
    """Simple sentences, and what a second clause adds: a picture as figure 4 of the paper.

    Returns
    -------
    DataFrame
        ``phrase``, ``group`` and ``base``, the sentence without the second clause (itself for a simple one).

    Raises
    ------
    ValueError
        If the vocabulary knows none.
    """
    rows = []
    for sign, mains in _MAINS.items():
        rows += [(main, f"{_WORDS[sign]} sentence", main) for main in mains]
        for other, name in ((-sign, f"{_WORDS[-sign]} clause"), (0, "neutral clause")):
            group = f"{_WORDS[sign]} + {name}" if other else "+ neutral clause"
            rows += [(f"{main} {clause}", group, main) for main in mains for clause in _CLAUSES[other]]
    return known(pd.DataFrame(rows, columns=["phrase", "group", "base"]), ["phrase"], vocabulary)


def negations(vocabulary: Vocabulary) -> pd.DataFrame:
    """Every polar word of the generated world that a network knows, denied, and with a neutral word for the negator.

    Returns
    -------
    DataFrame
        ``head`` (the polar word), ``sign`` (1 or -1), ``base``, ``modified``, ``control`` (phrases); ``base_value`` and
        ``modified_value``, planted in the generated world.

    Raises
    ------
    ValueError
        If the vocabulary knows none.

    Examples
    --------
    >>> pairs = negations(Vocabulary(["good", "bad", "not", "is"]))
    >>> pairs[["sign", "base", "modified", "control"]].values.tolist()
    [[1, 'good', 'not good', 'is good'], [-1, 'bad', 'not bad', 'is bad']]
    """
    pairs = modified("negation")
    adjectives = {word for table in ADJECTIVES.values() for word in table}
    control = []
    for head, base, changed in zip(pairs["head"], pairs["base"], pairs["modified"], strict=True):
        negator = changed.removesuffix(base).strip()
        quality = head in adjectives or base.split()[0] in ("a", "an")
        control.append(f"{(_NEUTRAL_FOR if quality else _NEUTRAL_FOR_VERBS)[negator]} {base}")
    pairs = pairs.assign(control=control, sign=np.sign(pairs["base_value"]).astype(int))
    return known(pairs, ["base", "modified", "control"], vocabulary)


def clauses(vocabulary: Vocabulary) -> pd.DataFrame:
    """Sentences of the generated world with a clause of the opposite sign behind them, as far as they are known.

    The second clause is about the plot, or about *it*.

    Returns
    -------
    DataFrame
        ``sign`` of the first clause, ``connective``, ``concessive``; ``base`` (the first clause), ``modified`` (the
        whole), ``control`` (a neutral clause of the same length behind *and*); ``base_value`` and ``modified_value``.

    Raises
    ------
    ValueError
        If the vocabulary knows none.
    """
    pairs = clause_pairs()
    pairs = pairs[pairs["concessive"].str.startswith(("the plot ", "it "))].reset_index(drop=True).rename(
        columns={"main": "base", "whole": "modified", "main_value": "base_value", "whole_value": "modified_value"}
    )
    added = pairs["modified"].str.split().str.len() - pairs["base"].str.split().str.len() - 1
    neutral = [_SAW[length][row % 2] for row, length in enumerate(added)]
    pairs["control"] = pairs["base"] + " and " + neutral
    pairs["sign"] = np.sign(pairs["base_value"]).astype(int)
    return known(pairs, ["base", "modified", "control"], vocabulary)


def ends(vocabulary: Vocabulary) -> tuple[list[str], list[str]]:
    """All positive and all negative adjectives of the generated world that a network knows.

    Raises
    ------
    ValueError
        If it knows none of one sign.
    """
    known = [(word, value) for table in ADJECTIVES.values() for word, value in table.items() if word in vocabulary]
    found = [word for word, value in known if value > 0], [word for word, value in known if value < 0]
    if not all(found):
        raise ValueError("the network knows no positive or no negative adjective of those listed: name others")
    return found


def with_neutral(pairs: pd.DataFrame, phrases: Iterable[str], vocabulary: Vocabulary) -> pd.DataFrame:
    """Pairs, and below them neutral phrases that nothing modifies, of the sign 0, as far as they are known."""
    rows = pd.DataFrame({"base": [phrase for phrase in phrases if knows(vocabulary, phrase)], "sign": 0})
    names = {column: rows["base"] for column in ("head", "concessive") if column in pairs}
    return pd.concat([pairs, rows.assign(**names)], ignore_index=True)


def knows(vocabulary: Vocabulary, phrase: str) -> bool:
    """Whether a network knows every word of a phrase."""
    return all(word in vocabulary for word in treebank_tokenize(phrase))


def known(table: pd.DataFrame, columns: Sequence[str], vocabulary: Vocabulary) -> pd.DataFrame:
    """The rows of a table in whose columns a network knows every word.

    Raises
    ------
    ValueError
        If there are none.
    """
    kept = np.logical_and.reduce([[knows(vocabulary, phrase) for phrase in table[column]] for column in columns])
    if not kept.any():
        raise ValueError(f"the network knows none of {len(table)} phrases, as {table[columns[0]].iloc[0]!r}")
    return table[kept].reset_index(drop=True)


def simple(pairs: pd.DataFrame, sign: int) -> list[str]:
    """The bases of pairs with one sign, each once and in order: the two ends for whole sentences."""
    return pairs.loc[pairs["sign"] == sign, "base"].drop_duplicates().tolist()
