"""Contexts of words: the n-gram of words, tags or labels that ends at each place of a corpus.

Easy to get wrong: the beginning of a sentence. An n-gram never reaches into the sentence before; where a sentence has
too few words on the left, the places are filled with padding, which is a value of its own.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd


def codes(values: Sequence[Hashable] | pd.Series, sentence: Sequence[int] | np.ndarray, width: int) -> np.ndarray:
    """A number for the n-gram that ends at each place; two places have the same number if their n-grams are equal.

    Parameters
    ----------
    values : sequence, length (words,)
        Words, tags or labels of a corpus in order.
    sentence : int array, shape (words,)
        The sentence each place belongs to; places of one sentence stand together.
    width : int
        1 for single values, 2 for bigrams ...

    Returns
    -------
    int array, shape (words,)
        Numbers from 0 in order of first occurrence.

    Raises
    ------
    ValueError
        If the width is below 1, or the two sequences differ in length.

    Examples
    --------
    >>> codes(["a", "dog", "a", "dog", "dog"], [0, 0, 1, 1, 1], 2)
    array([0, 1, 0, 1, 2])
    """
    sentence = np.asarray(sentence)
    if width < 1:
        raise ValueError(f"an n-gram has at least 1 place, found a width of {width}")
    if len(values) != len(sentence):
        raise ValueError(f"expected a sentence for each of {len(values)} values, found {len(sentence)}")
    single = pd.factorize(np.asarray(values))[0].astype(np.int64)
    size = int(single.max(initial=-1)) + 2  # one more for padding
    code = single
    for shift in range(1, width):
        before = np.zeros(len(single), dtype=np.int64)
        same = sentence[shift:] == sentence[:-shift]
        before[shift:][same] = single[:-shift][same] + 1
        code = pd.factorize(code * size + before)[0].astype(np.int64)
    return code


def texts(words: Sequence[str] | pd.Series, position: np.ndarray, places: np.ndarray, width: int) -> list[str]:
    """The n-grams that end at some places, as text; shorter at the beginning of a sentence.

    Parameters
    ----------
    words : sequence of str, length (words,)
    position : int array, shape (words,)
        Of each word in its sentence, from 0.
    places : int array
        Which words end the n-grams.
    width : int

    Examples
    --------
    >>> texts(["a", "dog", "runs", "it"], np.array([0, 1, 2, 0]), np.array([1, 2, 3]), 2)
    ['a dog', 'dog runs', 'it']
    """
    words = np.asarray(words, dtype=object)
    return [" ".join(words[place - min(width - 1, position[place]) : place + 1]) for place in places]
