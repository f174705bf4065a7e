"""A tokenizer of subwords as a vocabulary: the pieces that a transformer reads, in the order that methods expect.

Every method of this book reads ``<s> w1 .. wn </s>``, numbers these two symbols, padding and the unknown word 0 to 3,
and pads on the right. A tokenizer has its own numbers and its own names for the same things (``[CLS]``, ``[SEP]``;
``bos``, ``eos``), so its rows are put into our order once, and nothing else has to know.

Easy to get wrong: what a word is. ``"unreadable"`` may be read as ``un ##read ##able``; each piece is then a word of
its own for every method. What a piece is called is left to the tokenizer: ``##able`` continues a word in WordPiece,
``Ġable`` begins one in GPT-2, ``▁able`` in SentencePiece.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from reading_neurons.text import SPECIALS, Vocabulary


@dataclass(frozen=True)
class Pieces:
    """Splits a text as a tokenizer of subwords does; no symbol is added in front or behind.

    Parameters
    ----------
    tokenizer : PreTrainedTokenizerBase
    """

    tokenizer: Any
    pieces: ClassVar[bool] = True
    """So that passes over a corpus give its texts, not its words."""

    def __call__(self, text: str) -> list[str]:
        return self.tokenizer.tokenize(text)


class Subwords(Vocabulary):
    """The tokens of a tokenizer, less those that frame a sentence, pad it or stand for the unknown.

    Parameters
    ----------
    tokenizer : PreTrainedTokenizerBase
    start, end : str, optional
        The tokens before and after a sentence; by default the tokenizer's ``cls`` and ``sep``, else ``bos`` and
        ``eos``.

    Attributes
    ----------
    rows : int array, shape (words,)
        The tokenizer's number of each word. Where it has no token to pad with or for the unknown, that of ``</s>``.
    copies : bool array, shape (words,)
        True for words that only repeat the row of another: there is no such token.

    Raises
    ------
    ValueError
        If the tokenizer lacks a token to begin or to end a sentence with, or has no others.

    Examples
    --------
    >>> from tokenizers import Tokenizer, models, pre_tokenizers
    >>> from transformers import PreTrainedTokenizerFast
    >>> known = {"[CLS]": 0, "[SEP]": 1, "dog": 2, "##s": 3, "[UNK]": 4}
    >>> core = Tokenizer(models.WordPiece(known, unk_token="[UNK]"))
    >>> core.pre_tokenizer = pre_tokenizers.Whitespace()
    >>> named = {"cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]"}
    >>> vocabulary = Subwords(PreTrainedTokenizerFast(tokenizer_object=core, **named))
    >>> vocabulary.words
    ('<pad>', '<s>', '</s>', '<unk>', 'dog', '##s')
    >>> vocabulary.tokenizer("dogs zebra")
    ['dog', '##s', '[UNK]']
    >>> vocabulary.rows[vocabulary.encode(["dog", "##s", "[UNK]"])].tolist()
    [0, 2, 3, 4, 1]
    """

    def __init__(self, tokenizer: Any, start: str | None = None, end: str | None = None):
        numbers = tokenizer.get_vocab()
        symbols = {
            self.pad: tokenizer.pad_token,
            self.start: _framing(tokenizer, numbers, start, "start", ("cls_token", "bos_token")),
            self.end: _framing(tokenizer, numbers, end, "end", ("sep_token", "eos_token")),
            self.unknown: tokenizer.unk_token,
        }
        taken = set(symbols.values())
        others = [token for token in sorted(numbers, key=numbers.__getitem__) if token not in taken]
        if not others:
            raise ValueError(f"found a tokenizer of {len(numbers)} tokens, none of which is a word or a piece of one")
        super().__init__(_named(others, numbers), Pieces(tokenizer))
        self._has_unknown = symbols[self.unknown] in numbers
        # First names win: a token that both begins and ends, as in GPT-2, is </s>.
        for symbol in (self.end, self.start, self.unknown, self.pad):
            if symbols[symbol] in numbers:
                self._number.setdefault(symbols[symbol], symbol)
        self._number.update(zip(others, range(len(SPECIALS), len(self)), strict=True))
        rows = [numbers.get(symbols[symbol], numbers[symbols[self.end]]) for symbol in range(len(SPECIALS))]
        self.rows = np.array(rows + [numbers[token] for token in others], dtype=np.int64)
        own = [self._number.get(symbols[symbol]) == symbol for symbol in range(len(SPECIALS))]
        self.copies = ~np.array(own + [True] * len(others))

    def number(self, word: str) -> int:
        """The number of a piece; for what is none, that of ``<unk>``.

        Raises
        ------
        ValueError
            If it is none, and the tokenizer has no token for the unknown.
        """
        if word not in self and not self._has_unknown:
            raise ValueError(
                f"{word!r} is not a piece of this tokenizer, which has no token for the unknown: give the sentence as "
                "text, so that it is split into pieces"
            )
        return super().number(word)

    def __repr__(self) -> str:
        return f"Subwords({len(self)} pieces, specials included)"


def _framing(tokenizer: Any, numbers: dict[str, int], given: str | None, side: str, names: Sequence[str]) -> str:
    """The token before or after a sentence."""
    token = given or next((token for token in (getattr(tokenizer, name, None) for name in names) if token), None)
    if token in numbers:
        return token
    found = f"{given!r} is not one of its {len(numbers)} tokens" if given else f"it has neither {' nor '.join(names)}"
    special = ", ".join(map(repr, tokenizer.all_special_tokens)) or "none"
    raise ValueError(
        f"methods read <s> w1 .. wn </s>, and the tokenizer has no token for the {side} of a sentence: {found}. Name "
        f"one with {side}=; its special tokens are: {special}"
    )


def _named(tokens: Sequence[str], numbers: dict[str, int]) -> list[str]:
    """Tokens as words of a vocabulary: without white space, none twice, none like ``<s>``."""
    seen, names = set(SPECIALS), []
    for token in tokens:
        name = "".join("␣" if character.isspace() else character for character in token)
        name = f"{name}#{numbers[token]}" if name in seen or not name else name
        seen.add(name)
        names.append(name)
    return names
