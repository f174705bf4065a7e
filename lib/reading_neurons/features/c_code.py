"""Ten types of syntax of C, from a semicolon to the head of a function, as labels of characters.

Deep Neural Inspection 2017, section 5.3, has "10 parse tree nodes of varying complexity", of which it names four:
semicolons that end a statement, function declarations, matching braces, and digits. These ten are ours, in the order of
how much of a text one has to have read to know them: each as range and impulse, as in
:mod:`~reading_neurons.features.tree`.

Easy to get wrong: a feature that is always the case. Every string is one function, so "inside of a function definition"
is true of all its characters and nothing can be told of it. What can is the function's head, ``int add(int a)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np

from reading_neurons.corpora.strings import Node, ParsedString
from reading_neurons.features.feature import Feature, Library
from reading_neurons.features.tree import depth_of, open_of

MOST_BRACES = 4
MOST_PARENTHESES = 4


class NodeType(NamedTuple):
    """A type of syntax: its name, what it is, and its nodes in a string."""

    name: str
    description: str
    nodes: Callable[[ParsedString], Iterator[Node]]


def _of(*kinds: str) -> Callable[[ParsedString], Iterator[Node]]:
    return lambda item: (node for node in item.nodes if node.kind in kinds)


def _head(item: ParsedString) -> Iterator[Node]:
    """The declaration that a function definition begins with."""
    return islice(item.of("Decl"), 1)


def _declarations(item: ParsedString) -> Iterator[Node]:
    return islice(item.of("Decl"), 1, None)


#: The ten types, from simple to complex.
TYPES = (
    NodeType("terminator", "a semicolon that ends a statement", _of("terminator")),
    NodeType("constant", "a number, a character or a string", _of("Constant")),
    NodeType("identifier", "a name of a variable or function, where it is declared or used", _of("ID", "TypeDecl")),
    NodeType("parentheses", "matching parentheses", _of("parentheses")),
    NodeType("call", "a call of a function, its name and parentheses included", _of("FuncCall")),
    NodeType("declaration", "a declaration of a variable or parameter", _declarations),
    NodeType("conditional", "an if, with its condition and all that it decides", _of("If")),
    NodeType("loop", "a for, while or do, with its head and body", _of("For", "While", "DoWhile")),
    NodeType("braces", "matching braces", _of("braces")),
    NodeType("function head", "what a function begins with, up to its closing parenthesis", _head),
)


def c_code() -> Library:
    """Range and impulse of the ten types, and how many braces and parentheses are around or open.

    The features label strings of :func:`~reading_neurons.corpora.tiny_c.generate` and
    :func:`~reading_neurons.corpora.c_source.load`.

    Examples
    --------
    >>> from reading_neurons.corpora.c_syntax import parse
    >>> library, function = c_code(), parse("int f(int a) { g(a); }")
    >>> for name in ("terminator, range", "call, range", "braces, impulse", "function head, impulse"):
    ...     print("".join("-x"[int(label)] for label in library[name].labels(function)), name)
    -------------------x-- terminator, range
    ---------------xxxx--- call, range
    -------------x-------x braces, impulse
    x----------x---------- function head, impulse
    """
    features = [feature for kind in TYPES for feature in (_range(kind), _impulse(kind))]
    return Library([*features, depth_of("braces", MOST_BRACES), open_of("parentheses", MOST_PARENTHESES)])


def _range(kind: NodeType) -> Feature:
    def values(item: ParsedString) -> np.ndarray:
        found = np.zeros(len(item))
        for node in kind.nodes(item):
            found[node.start : node.end] = 1
        return found

    return Feature(f"{kind.name}, range", f"inside of {kind.description}", values)


def _impulse(kind: NodeType) -> Feature:
    def values(item: ParsedString) -> np.ndarray:
        found = np.zeros(len(item))
        for node in kind.nodes(item):
            found[[node.start, node.end - 1]] = 1
        return found

    return Feature(f"{kind.name}, impulse", f"first or last character of {kind.description}", values)
