"""Strings of characters with their parse trees: the one type that every formal language and every code corpus gives.

A tree is kept as a flat list of nodes, each a kind and the characters it covers, the root first and each node before
its parts. Whatever asks for "all characters inside of a loop" or "how many brackets are open here" is then a loop over
spans, and no method needs to know which parser made the tree.

Easy to get wrong: what a span counts. Spans are half-open and count characters of ``text``, which is exactly what a
network reads, one character at a time; comments that a parser never saw are not in it either.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np


class Node(NamedTuple):
    """A node of a parse tree: its kind (a rule, a type of syntax) and its characters ``start`` to ``end``, half open."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class ParsedString:
    """A string and its parse tree.

    Attributes
    ----------
    text : str
    nodes : tuple of Node
        The root first, each node before its parts, from left to right.

    Raises
    ------
    ValueError
        If a node lies outside of the text, or overlaps another without one being inside of the other.

    Examples
    --------
    >>> string = ParsedString("(1)", (Node("brackets", 0, 3), Node("digit", 1, 2)))
    >>> len(string), string.kinds, [string.text[start:end] for _, start, end in string.of("digit")]
    (3, ('brackets', 'digit'), ['1'])
    """

    text: str
    nodes: tuple[Node, ...]

    def __post_init__(self):
        enclosing: list[Node] = []
        for node in self.nodes:
            while enclosing and enclosing[-1].end <= node.start and enclosing[-1].end < node.end:
                enclosing.pop()
            inside = enclosing[-1] if enclosing else Node("text", 0, len(self.text))
            if not inside.start <= node.start <= node.end <= inside.end:
                raise ValueError(
                    f"found the node {node.kind!r} over characters {node.start} to {node.end}, expected it inside of "
                    f"{inside.kind!r}, {inside.start} to {inside.end}: give nodes root first, each before its parts"
                )
            enclosing.append(node)

    def __len__(self) -> int:
        return len(self.text)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its nodes, in alphabetical order."""
        return tuple(sorted({node.kind for node in self.nodes}))

    def of(self, kind: str) -> Iterator[Node]:
        """The nodes of one kind, in order."""
        return (node for node in self.nodes if node.kind == kind)


@dataclass(frozen=True)
class Strings:
    """The strings of one split.

    Attributes
    ----------
    corpus, split : str
    strings : tuple of ParsedString
    """

    corpus: str
    split: str
    strings: tuple[ParsedString, ...]

    def __len__(self) -> int:
        return len(self.strings)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The strings without their trees."""
        return tuple(string.text for string in self.strings)

    @cached_property
    def tokens(self) -> tuple[tuple[str, ...], ...]:
        """The characters of every string, as a network reads them."""
        return tuple(map(tuple, self.texts))

    @property
    def items(self) -> tuple[ParsedString, ...]:
        """What a feature labels, one for each row of :attr:`tokens`."""
        return self.strings

    @cached_property
    def groups(self) -> np.ndarray:
        """What must not be divided between training and test: every string is a group of its own, shape (strings,)."""
        return np.arange(len(self))

    @cached_property
    def kinds(self) -> dict[str, int]:
        """How many nodes of each kind there are, most frequent first."""
        counts = Counter(node.kind for string in self.strings for node in string.nodes)
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def take(self, strings: Sequence[int] | np.ndarray) -> Strings:
        """Some of the strings, in the order given."""
        return replace(self, strings=tuple(self.strings[i] for i in np.asarray(strings, dtype=np.int64)))


@dataclass(frozen=True)
class StringCorpus:
    """Strings in three splits: ``train``, ``validation``, ``test``."""

    name: str
    train: Strings
    validation: Strings
    test: Strings
    sources: tuple[Path, ...] = ()
    """The files it was read from; none for a generated corpus."""
    skipped: Mapping[str, int] = field(default_factory=dict)
    """What was found and could not be used: how many of it, by reason."""

    @property
    def splits(self) -> tuple[Strings, Strings, Strings]:
        """The three splits in order."""
        return self.train, self.validation, self.test

    @cached_property
    def fingerprint(self) -> str:
        """A short hash of everything a network can learn from: the texts of each split."""
        digest = hashlib.sha256(self.name.encode())
        for split in self.splits:
            digest.update(f"{split.split} {len(split)} ".encode())
            for text in split.texts:
                digest.update(f"{len(text)}:{text}".encode())
        return digest.hexdigest()[:16]
