"""Parse trees as labels of characters: range, impulse, depth (Deep Neural Inspection 2017, section 4, figure 1).

For the brackets of ``((1+2))``, which stand in one another:

======================  =================  ===
character               ``( ( 1 + 2 ) )``
======================  =================  ===
range, level 1          ``1 1 1 1 1 1 1``  f3
range, level 2          ``0 1 1 1 1 1 0``  f2
depth, most 2 (x 2)     ``1 2 2 2 2 2 1``  f1
impulse, level 2        ``0 1 0 0 0 1 0``  f4
impulse, level 1        ``1 0 0 0 0 0 1``  f5
======================  =================  ===

Easy to get wrong: what is over and what is not. A range covers its closing bracket; a network that has read it knows
that nothing is open any more. What a counter would hold after each character is :func:`open_of`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reading_neurons.corpora.strings import Node, ParsedString
from reading_neurons.features.feature import Feature


def range_of(kind: str, level: int | None = None) -> Feature:
    """Whether a character is inside of a node of a kind.

    Parameters
    ----------
    kind : str
        As in ``Strings.kinds``.
    level : int, optional
        Count only nodes that are inside of exactly ``level - 1`` others of this kind; by default all.

    Returns
    -------
    Feature
        Binary.

    Raises
    ------
    ValueError
        If the level is below 1.

    Examples
    --------
    >>> from reading_neurons.corpora.shift_reduce import ARITHMETIC
    >>> string = ARITHMETIC.tree("((1+2))")
    >>> range_of("brackets", 2).labels(string).tolist()
    [0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0]
    >>> range_of("sum").labels(string).tolist()
    [0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0]
    """
    _check(level)

    def values(item: ParsedString) -> np.ndarray:
        found = np.zeros(len(item))
        for node in _nodes(item, kind, level):
            found[node.start : node.end] = 1
        return found

    return Feature(f"{_name(kind, level)}, range", f"inside of {_described(kind, level)}", values)


def impulse_of(kind: str, level: int | None = None) -> Feature:
    """Whether a character is the first or the last of a node of a kind; arguments as for :func:`range_of`.

    Examples
    --------
    >>> from reading_neurons.corpora.shift_reduce import ARITHMETIC
    >>> string = ARITHMETIC.tree("((1+2))")
    >>> impulse_of("brackets").labels(string).tolist(), impulse_of("brackets", 1).labels(string).tolist()
    ([1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    """
    _check(level)

    def values(item: ParsedString) -> np.ndarray:
        found = np.zeros(len(item))
        for node in _nodes(item, kind, level):
            found[[node.start, node.end - 1]] = 1
        return found

    return Feature(f"{_name(kind, level)}, impulse", f"first or last character of {_described(kind, level)}", values)


def depth_of(kind: str, most: int) -> Feature:
    """In how many nodes of a kind a character is, continuous: 1 for ``most`` or more.

    Examples
    --------
    >>> from reading_neurons.corpora.shift_reduce import ARITHMETIC
    >>> depth_of("brackets", 2).labels(ARITHMETIC.tree("((1+2))")).tolist()
    [0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5]
    """

    def values(item: ParsedString) -> np.ndarray:
        found = np.zeros(len(item) + 1)
        for node in _nodes(item, kind):
            found[node.start] += 1
            found[node.end] -= 1
        return found.cumsum()[:-1]

    return Feature(f"{kind}, depth", f"how many {kind} nodes a character is in, up to {most}", values, True, most)


def open_of(kind: str, most: int) -> Feature:
    """How many nodes of a kind have begun and not ended when a character has been read, continuous.

    Examples
    --------
    >>> from reading_neurons.corpora.shift_reduce import ARITHMETIC
    >>> open_of("brackets", 2).labels(ARITHMETIC.tree("((1+2))")).tolist()
    [0.5, 1.0, 1.0, 1.0, 1.0, 0.5, 0.0]
    """
    described = f"how many {kind} nodes are open once a character is read, up to {most}"
    return Feature(f"{kind}, open", described, lambda item: _open(item, kind), True, most)


def open_is(kind: str, count: int) -> Feature:
    """Whether exactly so many nodes of a kind are open when a character has been read, binary.

    Examples
    --------
    >>> from reading_neurons.corpora.shift_reduce import ARITHMETIC
    >>> open_is("brackets", 1).labels(ARITHMETIC.tree("((1+2))")).tolist()
    [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    """
    if count < 0:
        raise ValueError(f"a number of open nodes is at least 0, found {count}")
    described = f"{count or 'no'} {kind} node{'s' * (count != 1)} open once a character is read"
    return Feature(
        f"{kind} open {count}", described, lambda item: (_open(item, kind) == count).astype(np.float64)
    )


def _open(item: ParsedString, kind: str) -> np.ndarray:
    found = np.zeros(len(item))
    for node in _nodes(item, kind):
        found[node.start] += 1
        found[node.end - 1] -= 1
    return found.cumsum()


def _nodes(item: ParsedString, kind: str, level: int | None = None) -> Iterator[Node]:
    """The nodes of a kind that cover anything, of one level or of all."""
    if not isinstance(item, ParsedString):
        raise ValueError(
            f"a feature of a parse tree labels parsed strings, found {type(item).__name__} {str(item)[:40]!r}: parse "
            "it first, as with features.parser.ARITHMETIC.tree(text)"
        )
    ends: list[int] = []
    for node in item.of(kind):
        while ends and ends[-1] <= node.start:
            ends.pop()
        ends.append(node.end)
        if node.end > node.start and level in (None, len(ends)):
            yield node


def _check(level: int | None) -> None:
    if level is not None and level < 1:
        raise ValueError(f"levels count from 1, the outermost nodes of a kind, found level={level}")


def _name(kind: str, level: int | None) -> str:
    return kind if level is None else f"{kind} {level}"


def _described(kind: str, level: int | None) -> str:
    return f"a {kind} node" + (f" of level {level}" if level else "")
