"""Controlled phrases of the generated reviews: words and what a modifier makes of them, clauses and what a second adds.

These are the pairs that Li et al. (2016) look at in their Figures 1 to 4, here for every polar word, with the value
that was planted in each. :mod:`reading_neurons.corpora.polarity` gives both functions under its own name.

Easy to get wrong: a chart of a handful of chosen pairs shows what one looks for; a claim about negation is one about
all rows.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from reading_neurons.corpora.polarity_grammar import but, indefinite
from reading_neurons.corpora.polarity_lexicon import ADJECTIVES, EFFECT, FEELING, INTENSIFIERS, POLAR_NOUNS, STRENGTH
from reading_neurons.corpora.polarity_meaning import Phrase, value, words

_MORE = (("a", "lot"), ("so", "much"), ("very", "much"))
_A_BIT = ("a", "bit")
_CONNECTIVES = ("though", "although", "but")
_MAIN_ADJECTIVES = ("great", "good", "nice", "terrible", "bad", "weak")
_MINOR_SUBJECTS = ("plot", "cast", "ending")


def modified(kind: str) -> pd.DataFrame:
    """Every polar word as it is and with each modifier of a kind.

    Parameters
    ----------
    kind : {"negation", "intensification", "diminution"}

    Returns
    -------
    DataFrame
        One row a pair: ``base`` and ``modified`` (phrases in lower case), ``base_value`` and ``modified_value`` (the
        planted sentiment of each, in [-1, 1]), ``head`` (the polar word of both).

    Raises
    ------
    ValueError
        If the kind is not one of the three.

    Examples
    --------
    >>> pairs = modified("negation")
    >>> chosen = pairs[pairs["head"].isin(["good", "bad"])].round(2)
    >>> chosen[["modified", "base_value", "modified_value"]].values.tolist()
    [['not good', 0.55, -0.47], ['never good', 0.55, -0.47], ['hardly good', 0.55, -0.47],
     ['not bad', -0.55, 0.08], ['never bad', -0.55, 0.08], ['hardly bad', -0.55, 0.08]]
    """
    kinds = {"negation": _negated, "intensification": _intensified, "diminution": _diminished}
    if kind not in kinds:
        raise ValueError(f"found the kind {kind!r}, expected one of {', '.join(kinds)}")
    rows = [(_text(base), _text(changed), value(base), value(changed), head) for head, base, changed in kinds[kind]()]
    return pd.DataFrame(rows, columns=["base", "modified", "base_value", "modified_value", "head"])


def clause_pairs() -> pd.DataFrame:
    """Clauses about a film, alone and with a clause of the opposite sign conceded behind them.

    Returns
    -------
    DataFrame
        One row a pair: ``main``, ``connective`` (*though*, *although* or *but*), ``concessive`` (the clause behind it,
        without it), ``whole`` (all in lower case); ``main_value``, ``concessive_value``, ``whole_value``;
        ``main_polarity`` and ``concessive_polarity``, *positive* or *negative*. By *main* the paper means the clause
        that comes first, with *but* too, where the grammar lets the one behind it weigh more.

    Examples
    --------
    >>> pairs = clause_pairs()
    >>> chosen = pairs[(pairs.main == "i hate the movie") & (pairs.concessive == "the plot is interesting")]
    >>> chosen[["whole", "main_value", "whole_value"]].round(2).values.tolist()
    [['i hate the movie though the plot is interesting', -0.8, -0.75],
     ['i hate the movie although the plot is interesting', -0.8, -0.75],
     ['i hate the movie , but the plot is interesting', -0.8, -0.46]]
    """
    movie = ("the", "movie")
    mains: list[Phrase] = [("i", (verb, movie)) for verb, _ in FEELING]
    mains += [(movie, ("is", adjective)) for adjective in _MAIN_ADJECTIVES]
    minors: list[Phrase] = [
        (("the", noun), ("is", adjective)) for noun in _MINOR_SUBJECTS for adjective in ADJECTIVES["story"]
    ]
    minors += [("it", ("is", ("too", "long"))), ("it", ("had", ("bad", "acting"))), ("it", ("had", ("good", "acting")))]
    rows = []
    for main in mains:
        for minor in minors:
            if value(main) * value(minor) < 0:
                rows += [_conceded(main, connective, minor) for connective in _CONNECTIVES]
    return pd.DataFrame(rows)


def _conceded(main: Phrase, connective: str, minor: Phrase) -> dict:
    whole = but(main, minor) if connective == "but" else (main, (connective, minor))
    row = {"connective": connective}
    for name, phrase in (("main", main), ("concessive", minor), ("whole", whole)):
        row |= {name: _text(phrase), f"{name}_value": value(phrase)}
        if phrase is not whole:
            row[f"{name}_polarity"] = "positive" if value(phrase) > 0 else "negative"
    return row


def _adjectives() -> list[str]:
    return [word for table in ADJECTIVES.values() for word in table]


def _predicates() -> Iterator[tuple[str, Phrase]]:
    """Every verb form with an object."""
    for table, thing in ((FEELING, "it"), (EFFECT, "me")):
        for present, past in table:
            if table is FEELING:
                yield present, (present, thing)
            yield past, (past, thing)


def _negated() -> Iterator[tuple[str, Phrase, Phrase]]:
    for word in _adjectives():
        for negator in ("not", "never", "hardly"):
            yield word, word, (negator, word)
    for noun in POLAR_NOUNS:
        yield noun, indefinite(noun), ("not", indefinite(noun))
    for present, past in FEELING:
        yield present, present, ("not", present)
        yield present, (present, "it"), (("do", "n't"), (present, "it"))
        yield past, (past, "it"), ("never", (past, "it"))
    for _, past in EFFECT:
        yield past, (past, "me"), ("never", (past, "me"))


def _intensified() -> Iterator[tuple[str, Phrase, Phrase]]:
    for word in _adjectives():
        for degree in INTENSIFIERS:
            yield word, word, (degree, word)
    for verb, predicate in _predicates():
        for more in _MORE:
            yield verb, predicate, (predicate, more)


def _diminished() -> Iterator[tuple[str, Phrase, Phrase]]:
    for word in _adjectives():
        for degree in ("somewhat", "fairly") if STRENGTH[word] > 0 else ("slightly", "somewhat", _A_BIT):
            yield word, word, (degree, word)
    for verb, predicate in _predicates():
        yield verb, predicate, (predicate, _A_BIT)


def _text(phrase: Phrase) -> str:
    return " ".join(words(phrase))
