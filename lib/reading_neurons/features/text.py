"""Features of the text itself: regular expressions, sets of characters, digits, and a control that means nothing.

They take strings with or without a parse tree, and sentences of words where the feature is about single ones.

Easy to get wrong: what a network could have learnt by heart. A feature that every character decides alone, as "is a
digit", asks for no knowledge of what stands around it. :func:`control` is such a feature without any sense: a unit that
predicts it as well as a feature of interest has shown nothing (Hewitt and Liang 2019).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from reading_neurons.features.feature import Feature


def pattern(regex: str, name: str | None = None) -> Feature:
    """The characters inside of a match of a regular expression.

    Parameters
    ----------
    regex : str
        As Python's ``re`` reads it; matches do not overlap, and empty ones label nothing.
    name : str, optional
        By default the expression itself, between slashes.

    Raises
    ------
    ValueError
        If it is no regular expression; the message says where it breaks off.

    Examples
    --------
    >>> pattern(r"[0-9]+").labels("x = 12;").tolist()
    [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0]
    """
    try:
        compiled = re.compile(regex)
    except re.error as error:
        raise ValueError(
            f"found {regex!r}, which is no regular expression: {error}; put a backslash before characters that are "
            "meant as they are"
        ) from error

    def values(item: Any) -> np.ndarray:
        labels = np.zeros(len(item))
        for match in compiled.finditer(text_of(item)):
            labels[match.start() : match.end()] = 1
        return labels

    return Feature(name or f"/{regex}/", f"inside of a match of {regex}", values)


def characters(allowed: Collection[str], name: str | None = None) -> Feature:
    """One of a set of characters.

    Parameters
    ----------
    allowed : collection of str
        A string stands for its characters.
    name : str, optional

    Raises
    ------
    ValueError
        If the set is empty.

    Examples
    --------
    >>> characters("()").labels("0(1)").tolist()
    [0.0, 1.0, 0.0, 1.0]
    """
    chosen = frozenset(allowed)
    if not chosen:
        raise ValueError("expected at least one character, found none")
    shown = " ".join(sorted(chosen))
    return Feature(name or f"one of {shown}", f"the character is one of {shown}", lambda item: _is_in(item, chosen))


def digit_value(name: str = "digit value") -> Feature:
    """The value of a digit, 0 to 9, scaled to [0, 1]; every other character has 0.

    Examples
    --------
    >>> digit_value().labels("(9-3)").round(2).tolist()
    [0.0, 1.0, 0.0, 0.33, 0.0]
    """
    values = {str(digit): float(digit) for digit in range(10)}
    return Feature(
        name, "the value of a digit, 0 elsewhere", lambda item: [values.get(sign, 0.0) for sign in signs_of(item)],
        continuous=True, most=9.0,
    )  # fmt: skip


def control(alphabet: Collection[str], *, share: float = 0.5, seed: int = 0, name: str | None = None) -> Feature:
    """A label drawn at random for each type of character (or word), which means nothing.

    Parameters
    ----------
    alphabet : collection of str
        The types, as those of a network's vocabulary; the label of any other is 0.
    share : float
        Of the types that get the label 1: at least one does, and at least one does not.
    seed : int
    name : str, optional

    Raises
    ------
    ValueError
        If there are fewer than two types, or the share is not between 0 and 1.

    References
    ----------
    Hewitt and Liang 2019, "Designing and interpreting probes with control tasks".

    Examples
    --------
    >>> one, other = control("01234()", seed=1), control("01234()", seed=2)
    >>> one.labels("0123").tolist() == one.labels("0123").tolist(), one.labels("01234()").sum()
    (True, np.float64(4.0))
    """
    types = sorted(set(alphabet))
    if len(types) < 2:
        raise ValueError(f"a control needs at least 2 types of characters, found {len(types)}")
    if not 0 < share < 1:
        raise ValueError(f"the share of types with the label 1 must be between 0 and 1, found {share}")
    count = min(max(round(share * len(types)), 1), len(types) - 1)
    chosen = frozenset(types[i] for i in np.random.default_rng(seed).permutation(len(types))[:count])
    return Feature(
        name or f"control {seed}", "nothing: a label drawn for each type of character",
        lambda item: _is_in(item, chosen),
    )  # fmt: skip


def signs_of(item: Any) -> Sequence[str]:
    """What a feature labels one by one: the characters of a string, the words of a sentence."""
    return item.words if hasattr(item, "words") else text_of(item)


def text_of(item: Any) -> str:
    """The text of a string, with or without its tree.

    Raises
    ------
    ValueError
        If the item is no string.
    """
    text = getattr(item, "text", item)
    if not isinstance(text, str) or hasattr(item, "words"):
        raise ValueError(
            f"this feature labels the characters of a string, found {type(item).__name__}: for captions take "
            "features.words, as word_is('dog')"
        )
    return text


def _is_in(item: Any, chosen: frozenset[str]) -> list[bool]:
    return [sign in chosen for sign in signs_of(item)]
