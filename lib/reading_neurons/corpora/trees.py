"""Sentences whose every constituent has a sentiment: the one type that every sentiment corpus gives.

A tree is kept as its words and a flat list of labelled spans, root first, so that whatever asks for "all phrases" or
"the phrase that ends here" is a loop and not a recursion. It is read from, and written as, the brackets of the Penn
Treebank: ``(3 (2 a) (4 fine))``.

Easy to get wrong: where a word ends. A leaf of the Stanford Sentiment Treebank may hold a no-break space ("8 1/2" is
one word there), which ``str.split`` would take for two; brackets and words are separated by the ASCII space alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

LABELS = ("very negative", "negative", "neutral", "positive", "very positive")
"""What the labels 0 to 4 mean."""

_PIECES = re.compile(r"[()]|[^() ]+| +")


class Constituent(NamedTuple):
    """Words ``start`` to ``end`` (half open) and their label, 0 to 4."""

    start: int
    end: int
    label: int


@dataclass(frozen=True)
class Tree:
    """A sentence, and a label on each of its constituents.

    Attributes
    ----------
    words : tuple of str
        As written, with case and punctuation.
    constituents : tuple of Constituent
        The whole sentence first, then each constituent before its parts, from left to right.

    Examples
    --------
    >>> tree = Tree.parse("(3 (2 a) (4 (4 fine) (2 film)))")
    >>> tree.words, tree.label
    (('a', 'fine', 'film'), 3)
    >>> [(" ".join(tree.words[start:end]), label) for start, end, label in tree.constituents]
    [('a fine film', 3), ('a', 2), ('fine film', 4), ('fine', 4), ('film', 2)]
    >>> print(tree)
    (3 (2 a) (4 (4 fine) (2 film)))
    """

    words: tuple[str, ...]
    constituents: tuple[Constituent, ...]

    @property
    def label(self) -> int:
        """The label of the whole sentence."""
        return self.constituents[0].label

    @classmethod
    def parse(cls, brackets: str) -> Tree:
        """The tree of one line of brackets.

        Raises
        ------
        ValueError
            If the line is not a tree; the message names the column.
        """
        return _Reader(brackets).tree()

    def __str__(self) -> str:
        closing = [0] * (len(self.words) + 1)
        opening: list[list[int]] = [[] for _ in self.words]
        for start, end, label in self.constituents:
            opening[start].append(label)
            closing[end] += 1
        parts = []
        for place, word in enumerate(self.words):
            parts.append("".join(f"({label} " for label in opening[place]) + word + ")" * closing[place + 1])
        return " ".join(parts)


class _Reader:
    """Reads one line of brackets from left to right."""

    def __init__(self, brackets: str):
        self.text = brackets
        self.words: list[str] = []
        self.spans: list[list[int]] = []
        self.open: list[int] = []

    def tree(self) -> Tree:
        label_next = False
        for match in _PIECES.finditer(self.text):
            piece, column = match.group(), match.start() + 1
            if label_next:
                self._open(piece, column)
            elif piece == ")":
                self._close(column)
            elif piece[0] not in "( ":
                self._word(piece, column)
            elif piece == "(" and self.spans and not self.open:
                raise self._error(column, "a second tree behind the first", "one tree a line")
            label_next = piece == "("
        if self.open or not self.spans:
            found = f"{len(self.open)} open brackets at the end" if self.spans else "no bracket"
            raise self._error(len(self.text) + 1, found, "a tree as (3 (2 a) (4 fine))")
        return Tree(tuple(self.words), tuple(Constituent(*span) for span in self.spans))

    def _open(self, label: str, column: int) -> None:
        if label not in ("0", "1", "2", "3", "4"):
            raise self._error(column, f"the label {label!r}", "a label from 0 to 4 right behind each opening bracket")
        self.open.append(len(self.spans))
        self.spans.append([len(self.words), -1, int(label)])

    def _close(self, column: int) -> None:
        if not self.open:
            raise self._error(column, "a closing bracket too many", "as many as opening ones")
        span = self.spans[self.open.pop()]
        if span[0] == len(self.words):
            raise self._error(column, "a constituent without a word", "a word or constituents in each bracket")
        span[1] = len(self.words)

    def _word(self, word: str, column: int) -> None:
        if not self.open:
            raise self._error(column, f"the word {word!r} outside of every bracket", "words inside brackets")
        self.words.append(word)

    def _error(self, column: int, found: str, expected: str) -> ValueError:
        return ValueError(f"column {column}: found {found}, expected {expected}")


@dataclass(frozen=True)
class Trees:
    """The sentences of one split.

    Attributes
    ----------
    corpus, split : str
    trees : tuple of Tree
    weights : tuple of float arrays, or None
        The planted contribution of every word to the sentiment of its sentence, one array a sentence, above 0 where
        the word makes it more positive; None where nothing is planted.
    """

    corpus: str
    split: str
    trees: tuple[Tree, ...]
    weights: tuple[np.ndarray, ...] | None = None

    def __len__(self) -> int:
        return len(self.trees)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The words of every sentence as written, with a space between any two."""
        return tuple(" ".join(tree.words) for tree in self.trees)

    @cached_property
    def tokens(self) -> tuple[tuple[str, ...], ...]:
        """The words of every sentence as a network reads them: in lower case."""
        return tuple(tuple(word.lower() for word in tree.words) for tree in self.trees)

    @cached_property
    def labels(self) -> np.ndarray:
        """The label of every sentence, 0 to 4, shape (sentences,)."""
        return np.array([tree.label for tree in self.trees], dtype=np.int64)

    def phrases(self) -> Iterator[tuple[tuple[str, ...], int]]:
        """Every constituent of every sentence, as words that a network reads and a label; repeats included."""
        for tree, words in zip(self.trees, self.tokens, strict=True):
            for start, end, label in tree.constituents:
                yield words[start:end], label

    def take(self, sentences: Sequence[int] | np.ndarray) -> Trees:
        """Some of the sentences, in the order given."""
        chosen = np.asarray(sentences, dtype=np.int64)
        return replace(
            self,
            trees=tuple(self.trees[i] for i in chosen),
            weights=self.weights and tuple(self.weights[i] for i in chosen),
        )


@dataclass(frozen=True)
class TreeCorpus:
    """A sentiment treebank in three splits: ``train``, ``validation``, ``test``."""

    name: str
    train: Trees
    validation: Trees
    test: Trees
    sources: tuple[Path, ...] = ()
    """The files it was read from; none for a generated corpus."""

    @property
    def splits(self) -> tuple[Trees, Trees, Trees]:
        """The three splits in order."""
        return self.train, self.validation, self.test

    @cached_property
    def fingerprint(self) -> str:
        """A short hash of everything a network can learn from: the brackets of all splits."""
        digest = hashlib.sha256(self.name.encode())
        for split in self.splits:
            digest.update("\n".join(map(str, split.trees)).encode())
        return digest.hexdigest()[:16]
