"""Arithmetic expressions of single digits (Deep Neural Inspection 2017, section 4).

The grammar is ``e -> digit | (e) | e+e | e-e | e*e | e/e``. It says which strings there are, not how often; nor
which tree a string has, for its rules are ambiguous. Here a string is drawn from left to right: an operand is a digit
or, with the chance ``nesting``, an expression in parentheses; after it comes another operator and operand with the
chance ``more``. The tree is that of a shift-reduce parser with C's precedences
(:mod:`reading_neurons.corpora.shift_reduce`), its nodes of the kinds ``digit``, ``brackets``, ``sum``, ``difference``,
``product``, ``quotient``.

Easy to get wrong: the tree is a function of the string, but of the whole string. In ``1+2*3`` the sum covers all, in
``1*2+3`` the product covers three characters; what follows decides what a character has been part of.
"""

from __future__ import annotations

from reading_neurons.corpora.parentheses import sampled
from reading_neurons.corpora.shift_reduce import ARITHMETIC
from reading_neurons.corpora.strings import StringCorpus
from reading_neurons.corpora.walks import Move, Walk

DIGITS, OPERATORS = "0123456789", "+-*/"


def generate(
    strings: int = 4000,
    seed: int = 0,
    *,
    shortest: int = 5,
    longest: int = 80,
    deepest: int = 4,
    nesting: float = 0.3,
    more: float = 0.7,
) -> StringCorpus:
    """Arithmetic expressions with their trees.

    Parameters
    ----------
    strings : int
        Training strings, at least 10; a tenth as many are drawn for validation and a third for test.
    seed : int
        The same seed gives the same corpus.
    shortest, longest : int
        Characters of a string. Longer and shorter ones are not drawn, by exact chances:
        see :mod:`reading_neurons.corpora.walks`.
    deepest : int
        How many parentheses may be open.
    nesting : float
        The chance that an operand is an expression in parentheses.
    more : float
        The chance that an operand is followed by an operator.

    Returns
    -------
    StringCorpus

    Raises
    ------
    ValueError
        If there are too few strings, a chance is none, no string has such a length, or there are too few different
        ones.

    Examples
    --------
    >>> corpus = generate(strings=30)
    >>> [len(split) for split in corpus.splits], corpus.train.texts[1]
    ([30, 3, 10], '(1)+0-(8-5*9)/4/((0/(5)+2))')
    >>> [(node.kind, node.start, node.end) for node in corpus.train.strings[1].nodes][:4]
    [('difference', 0, 27), ('sum', 0, 5), ('brackets', 0, 3), ('digit', 1, 2)]
    """
    return sampled("arithmetic", walk(shortest, longest, deepest, nesting, more), ARITHMETIC, strings, seed)


def walk(shortest: int = 5, longest: int = 80, deepest: int = 4, nesting: float = 0.3, more: float = 0.7) -> Walk:
    """The walk that the strings are drawn from; arguments as for :func:`generate`.

    State ``2 k`` awaits an operand inside of k parentheses, state ``2 k + 1`` follows one.

    Examples
    --------
    >>> lively = walk()
    >>> chances = lively.chances("1+(2")
    >>> chances[:, lively.outcomes.index("+")].round(2).tolist()
    [0.0, 0.25, 0.0, 0.0, 0.17]
    """
    for name, chance in (("nesting", nesting), ("more", more)):
        if not 0 < chance < 1:
            raise ValueError(f"{name} is a chance between 0 and 1, found {chance}")
    if deepest < 0:
        raise ValueError(f"deepest is a number of open parentheses, at least 0, found {deepest}")
    moves: list[tuple[Move, ...]] = []
    for depth in range(deepest + 1):
        inner = nesting if depth < deepest else 0.0
        digits = [Move(digit, 2 * depth + 1, (1 - inner) / len(DIGITS)) for digit in DIGITS]
        moves.append((*digits, *[Move("(", 2 * depth + 2, inner)] * (depth < deepest)))
        operators = [Move(operator, 2 * depth, more / len(OPERATORS)) for operator in OPERATORS]
        moves.append((*operators, *[Move(")", 2 * depth - 1, 1 - more)] * (depth > 0)))
    return Walk("arithmetic", tuple(moves), (0.0, 1 - more, *[0.0] * (2 * deepest)), shortest, longest)
