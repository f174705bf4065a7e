"""Balanced parentheses with digits (LSTMVis; Deep Neural Inspection 2017, section 5.1): every digit is its own depth.

At every step a walk chooses uniformly among what is allowed: the digit that is the present depth, an opening
parenthesis unless four are open, a closing one if any is open; where none is open, it ends first with the chance
``ending``. Its tree is ``s -> d s | ( s ) s | empty``; nodes are kept for digits (``digit``) and for every pair of
parentheses with what is between (``brackets``).

``grammar="as_printed"`` is the grammar that the paper prints instead: e0 -> 0 e0 | (e1), e1 -> e1 1 | 1 e1 | (e2),
and so on to e4 -> 4 e4 | empty. Each of its strings opens four parentheses and closes them, once, with digits in
between; the paper prints no chances, so here every place takes another digit with chance 1/2.

Easy to get wrong: a string that occurs in two splits. Short strings are likely; training strings are drawn as they
come, validation and test strings are left out where one before them (in any split) is the same.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from reading_neurons.corpora.shift_reduce import DEEPEST, PARENTHESES, Grammar
from reading_neurons.corpora.strings import StringCorpus, Strings
from reading_neurons.corpora.walks import Move, Walk

_TRIES = 100  # drawn strings for each one that is asked for


def generate(
    strings: int = 4000,
    seed: int = 0,
    *,
    grammar: str = "lstmvis",
    shortest: int = 2,
    longest: int = 160,
    ending: float = 0.1,
) -> StringCorpus:
    """Strings of nested parentheses and digits, with their trees.

    Parameters
    ----------
    strings : int
        Training strings, at least 10; a tenth as many are drawn for validation and a third for test.
    seed : int
        The same seed gives the same corpus.
    grammar : "lstmvis" or "as_printed"
    shortest, longest : int
        Characters of a string. Longer and shorter ones are not drawn, by exact chances:
        see :mod:`reading_neurons.corpora.walks`.
    ending : float
        The chance that a string ends where no parenthesis is open (``lstmvis`` alone).

    Returns
    -------
    StringCorpus
        Nodes of its trees are of the kinds ``brackets`` and ``digit``.

    Raises
    ------
    ValueError
        If there are too few strings, the grammar is unknown, no string has such a length, or there are too few
        different ones.

    Examples
    --------
    >>> corpus = generate(strings=30)
    >>> [len(split) for split in corpus.splits]
    [30, 3, 10]
    >>> corpus.train.texts[0], generate(strings=30, grammar="as_printed").train.texts[0]
    ('(1)00(1)0()0', '(1(22(3(4))2))')
    """
    return sampled("parentheses", walk(grammar, shortest, longest, ending), PARENTHESES, strings, seed)


def walk(grammar: str = "lstmvis", shortest: int = 2, longest: int = 160, ending: float = 0.1) -> Walk:
    """The walk that a grammar's strings are drawn from; arguments as for :func:`generate`.

    Examples
    --------
    >>> lively = walk()
    >>> dict(zip(lively.outcomes, lively.chances("0(1")[3].round(3).tolist()))
    {'(': 0.327, ')': 0.34, '0': 0.0, '1': 0.333, '2': 0.0, '3': 0.0, '4': 0.0, '</s>': 0.0}
    """
    if grammar not in _GRAMMARS:
        raise ValueError(f"unknown grammar {grammar!r}: choose one of {', '.join(map(repr, _GRAMMARS))}")
    if not 0 < ending < 1:
        raise ValueError(f"ending is a chance between 0 and 1, found {ending}")
    moves, endings = _GRAMMARS[grammar](ending)
    return Walk(f"parentheses, {grammar}", moves, endings, shortest, longest)


def distinct(longest: int = 40) -> pd.DataFrame:
    """How many different strings the two grammars allow.

    Returns
    -------
    DataFrame
        One row per ``grammar`` and ``length`` from 1 on: ``strings`` of exactly this length, ``up_to`` this length.
        Python ints, for they outgrow 64 bits.

    Examples
    --------
    >>> table = distinct(8)
    >>> table[table.length == 8][["grammar", "strings", "up_to"]].values.tolist()
    [['lstmvis', 323, 538], ['as_printed', 1, 1]]
    """
    rows = []
    for grammar in _GRAMMARS:
        counts = walk(grammar, 1, longest).distinct
        rows += zip([grammar] * longest, range(1, longest + 1), counts[1:], np.cumsum(counts)[1:], strict=True)
    table = pd.DataFrame(rows, columns=["grammar", "length", "strings", "up_to"])
    return table.astype({"strings": object, "up_to": object})


def sampled(name: str, walk: Walk, grammar: Grammar, strings: int, seed: int) -> StringCorpus:
    """Three splits of a walk's strings, parsed; a split's strings come from a stream of random numbers of its own."""
    if strings < 10:
        raise ValueError(f"three splits need at least 10 training strings, found {strings}: ask for more")
    streams = [np.random.default_rng(stream) for stream in np.random.SeedSequence(seed).spawn(3)]
    train = [walk.draw(streams[0]) for _ in range(strings)]
    seen = set(train)
    splits = {
        "train": train,
        "validation": _unseen(walk, streams[1], strings // 10, seen),
        "test": _unseen(walk, streams[2], strings // 3, seen),
    }
    made = {split: tuple(map(grammar.tree, texts)) for split, texts in splits.items()}
    return StringCorpus(name, *(Strings(name, split, trees) for split, trees in made.items()))


def _unseen(walk: Walk, rng: np.random.Generator, count: int, seen: set[str]) -> list[str]:
    """So many strings that are not seen yet; afterwards they are."""
    found: list[str] = []
    for _ in range(_TRIES * count):
        if (text := walk.draw(rng)) not in seen:
            seen.add(text)
            found.append(text)
        if len(found) == count:
            return found
    raise ValueError(
        f"found {len(found)} strings of {walk.name!r} that are not seen in training, expected {count}: ask for fewer "
        "strings, or allow longer ones"
    )


def _lstmvis(ending: float):
    """One state for each depth."""
    moves = []
    for depth in range(DEEPEST + 1):
        allowed = [(str(depth), depth)]
        allowed += [("(", depth + 1)] * (depth < DEEPEST) + [(")", depth - 1)] * (depth > 0)
        chance = (1.0 if depth else 1 - ending) / len(allowed)
        moves.append(tuple(Move(character, to, chance) for character, to in allowed))
    return tuple(moves), (ending, *[0.0] * DEEPEST)


def _as_printed(_: float):
    """One state for each place between parentheses: on the way in at depth 0 .. 4, on the way out at 3 .. 0."""
    moves = []
    for place in range(2 * DEEPEST):
        depth = min(place, 2 * DEEPEST - place)
        bracket = "(" if place < DEEPEST else ")"
        moves.append((Move(str(depth), place, 0.5), Move(bracket, place + 1, 0.5)))
    return (*moves, ()), (*[0.0] * (2 * DEEPEST), 1.0)


_GRAMMARS: dict[str, Callable[[float], tuple]] = {"lstmvis": _lstmvis, "as_printed": _as_printed}
