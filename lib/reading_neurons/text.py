"""Words as numbers: how a sentence becomes what a network reads.

Every network of this project reads a sentence framed as ``<s> w1 .. wn </s>``. A word is a run of the
characters ``a-z``, ``0-9`` and the apostrophe after lower-casing, so punctuation never reaches a network.

Easy to get wrong: padding. A batch of sentences of several lengths is padded on the right, and a state at a
padded position means nothing; :class:`Batch` therefore always carries the lengths along with the ids.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

PAD, START, END, UNKNOWN = "<pad>", "<s>", "</s>", "<unk>"
SPECIALS = (PAD, START, END, UNKNOWN)
_TOKEN = re.compile(r"[a-z0-9']+")
_CLITIC = re.compile(r"(?<=\w)(?=(?:n't|'(?:s|re|ve|ll|d|m))(?!\w))")
_TREEBANK_TOKEN = re.compile(
    r"n't(?!\w)|'(?:s|re|ve|ll|d|m)(?!\w)|\w+(?:[-.,'/]\w+)*|-[lr]rb-|\.{2,}|-{2,}|`{1,2}|'{1,2}|[^\w\s]"
)
_BRACKETS = {"(": "-lrb-", ")": "-rrb-"}


def tokenize(text: str) -> list[str]:
    """The words of a text as a network reads them.

    Parameters
    ----------
    text : str
        Any text, with its case and punctuation.

    Returns
    -------
    list of str
        Lower-cased runs of ``a-z``, ``0-9`` and ``'``, in order.

    Examples
    --------
    >>> tokenize("Two dogs' bowls, on a clock-tower!")
    ['two', "dogs'", 'bowls', 'on', 'a', 'clock', 'tower']
    >>> tokenize("...")
    []
    """
    return _TOKEN.findall(text.lower())


def treebank_tokenize(text: str) -> list[str]:
    """The words of a text as treebanks split it, in lower case: punctuation and "n't" are words of their own.

    Examples
    --------
    >>> treebank_tokenize("I don't hate it -- it's a so-so film...")
    ['i', 'do', "n't", 'hate', 'it', '--', 'it', "'s", 'a', 'so-so', 'film', '...']
    """
    found = _TREEBANK_TOKEN.findall(_CLITIC.sub(" ", text.lower().replace("\u2019", "'")))
    return [_BRACKETS.get(token, token) for token in found]


def token_spans(text: str) -> list[tuple[int, int]]:
    """Where each word of :func:`tokenize` stands in the text: half-open ranges of characters.

    Offsets refer to the text that was given, also where a character's lower case is longer than the character
    itself (the Turkish dotted capital I becomes an i and a combining dot).

    Examples
    --------
    >>> token_spans("A dog.")
    [(0, 1), (2, 5)]
    """
    lowered = text.lower()
    spans = [match.span() for match in _TOKEN.finditer(lowered)]
    if len(lowered) == len(text):
        return spans
    origin = [index for index, character in enumerate(text) for _ in character.lower()]
    return [(origin[start], origin[end - 1] + 1) for start, end in spans]


class Vocabulary:
    """A fixed list of words, each with a number.

    Parameters
    ----------
    words : sequence of str
        The words in the order of their numbers, without the four special symbols, which always
        take the numbers 0 to 3: ``<pad>``, ``<s>``, ``</s>``, ``<unk>``.
    tokenizer : callable
        How a text that somebody types is split into such words.

    Raises
    ------
    ValueError
        If a word occurs twice or is one of the special symbols.

    Examples
    --------
    >>> vocabulary = Vocabulary.of([["a", "dog"], ["a", "cat"]])
    >>> vocabulary.words
    ('<pad>', '<s>', '</s>', '<unk>', 'a', 'cat', 'dog')
    >>> vocabulary.encode(["a", "zebra"])
    array([1, 4, 3, 2])
    >>> vocabulary.decode([1, 4, 3, 2])
    ['<s>', 'a', '<unk>', '</s>']
    """

    def __init__(self, words: Sequence[str], tokenizer: Callable[[str], list[str]] = tokenize):
        self.words: tuple[str, ...] = SPECIALS + tuple(words)
        self.tokenizer = tokenizer
        self._number = {word: number for number, word in enumerate(self.words)}
        if len(self._number) != len(self.words):
            repeated = [word for word, count in Counter(self.words).items() if count > 1]
            raise ValueError(
                f"each word of a vocabulary must occur once and differ from {', '.join(SPECIALS)}; "
                f"found more than once: {', '.join(repeated[:5])}"
            )

    @classmethod
    def of(
        cls,
        sentences: Iterable[Sequence[str]],
        min_count: int = 1,
        tokenizer: Callable[[str], list[str]] = tokenize,
    ) -> Vocabulary:
        """The words that occur at least ``min_count`` times, most frequent first, ties in alphabetical order."""
        counts = Counter(word for sentence in sentences for word in sentence)
        kept = [word for word, count in counts.items() if count >= min_count]
        return cls(sorted(kept, key=lambda word: (-counts[word], word)), tokenizer)

    pad, start, end, unknown = range(len(SPECIALS))

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.words == other.words

    def __hash__(self) -> int:
        return hash(self.words)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} words, specials included)"

    def number(self, word: str) -> int:
        """The number of a word; that of ``<unk>`` for a word that is not in the vocabulary."""
        return self._number.get(word, self.unknown)

    def encode(self, words: Sequence[str]) -> np.ndarray:
        """The numbers of ``<s> w1 .. wn </s>``, shape ``(n + 2,)``."""
        return np.array([self.start, *map(self.number, words), self.end], dtype=np.int64)

    def decode(self, ids: Iterable[int]) -> list[str]:
        """The words with these numbers."""
        return [self.words[number] for number in ids]


@dataclass(frozen=True)
class Batch:
    """Sentences of several lengths side by side, padded on the right.

    Attributes
    ----------
    ids : integer tensor, shape (batch, time)
    lengths : integer tensor, shape (batch,)
        How many positions of each row are real, the two framing symbols included.

    Examples
    --------
    >>> batch = Batch.of([np.array([1, 4, 2]), np.array([1, 4, 5, 2])])
    >>> batch.ids.tolist(), batch.lengths.tolist()
    ([[1, 4, 2, 0], [1, 4, 5, 2]], [3, 4])
    >>> batch.mask.tolist()
    [[True, True, True, False], [True, True, True, True]]
    """

    ids: Int[Tensor, "batch time"]
    lengths: Int[Tensor, "batch"]

    @classmethod
    def of(cls, sequences: Sequence[np.ndarray]) -> Batch:
        """Pad encoded sentences to the length of the longest."""
        if not len(sequences):
            raise ValueError("a batch needs at least one sentence, found none")
        lengths = np.fromiter(map(len, sequences), dtype=np.int64, count=len(sequences))
        ids = np.full((len(sequences), lengths.max()), Vocabulary.pad, dtype=np.int64)
        ids[np.arange(ids.shape[1]) < lengths[:, None]] = np.concatenate(sequences)
        return cls(torch.from_numpy(ids), torch.from_numpy(lengths))

    @cached_property
    def mask(self) -> Tensor:
        """True where a position is real, shape (batch, time)."""
        return torch.arange(self.ids.shape[1], device=self.ids.device) < self.lengths[:, None]

    def to(self, device) -> Batch:
        """The same batch on a device."""
        return Batch(self.ids.to(device), self.lengths.to(device))

    def __len__(self) -> int:
        return len(self.ids)
