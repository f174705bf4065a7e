"""Two sentences word by word, and how far apart they are (Li et al. 2016, section 4, Figure 3).

With ``h_t`` and ``g_t`` the vectors of two sentences after word t, the figure shows both and ``|h_t - g_t|``. If the
two say the opposite, a last word of the opposite sign may take them together (clauses *compete*) or leave them as far
apart as they were (clauses *collaborate*: what comes after "though" is made to side with what came before it).

Easy to get wrong: which vector "after word t" is. A state inside a sentence was never trained to be a representation,
as ``<s> w1 .. wt </s>`` was. And any word at all moves two states; what a word with a sign does shows only beside a
word without one at the same place.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float

from reading_neurons import asking
from reading_neurons.methods.gradients import encoded
from reading_neurons.pathway import Pathway, as_tokens, length_batches, represent
from reading_neurons.text import Batch


@torch.inference_mode()
def over_time(
    pathway: Pathway, sentences: Sequence[str | Sequence[str]], *, prefixes: bool = False
) -> list[Float[np.ndarray, "words units"]]:
    """The vector of each sentence after each of its words.

    Parameters
    ----------
    pathway : Pathway
    sentences : sequence of str or of sequences of words
    prefixes : bool
        The representation of each beginning, read as a sentence of its own, instead of the state; of a network that
        reads in both directions, states know what comes after them.

    Returns
    -------
    list of float arrays, shape (words, units)
        One a sentence, without the framing symbols.

    Raises
    ------
    ValueError
        If there is no sentence, one has no word, or none of its words is known.
    """
    ids = encoded(pathway, sentences)
    if prefixes:
        words = as_tokens(sentences, pathway.vocabulary.tokenizer)
        begun = list(dict.fromkeys(one[:end] for one in words for end in range(1, len(one) + 1)))
        place = {beginning: number for number, beginning in enumerate(begun)}
        # A beginning may hold nothing but unknown words, and is read all the same: its sentence does not.
        found = represent(pathway, begun).cpu().numpy()
        return [found[[place[one[:end]] for end in range(1, len(one) + 1)]] for one in words]
    found: list[np.ndarray] = [np.empty(0)] * len(ids)
    for chosen in length_batches([len(one) for one in ids], 128):
        batch = Batch.of([ids[i] for i in chosen]).to(pathway.embedding.device)
        states = asking.states(pathway, asking.words(pathway, batch.ids), batch.lengths).cpu().numpy()
        for row, number in enumerate(chosen):
            found[number] = states[row, 1 : len(ids[number]) - 1]
    return found


def compared(pathway: Pathway, first: str, second: str, *, prefixes: bool = False) -> pd.DataFrame:
    """Two sentences of equally many words, side by side.

    Parameters
    ----------
    pathway : Pathway
    first, second : str
    prefixes : bool
        As for :func:`over_time`.

    Returns
    -------
    DataFrame
        One row per word and dimension: ``position``, ``first_word``, ``second_word``, ``dimension``, ``first``,
        ``second``, ``difference`` (absolute).

    Raises
    ------
    ValueError
        If the sentences are not equally long, or cannot be read.

    Examples
    --------
    >>> from reading_neurons.models import LSTM
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = LSTM(Vocabulary(["so", "good", "bad"]), embedding=3, units=2).eval().pathways["lstm"]
    >>> table = compared(pathway, "so good", "so bad")
    >>> len(table), table["difference"].iloc[:2].tolist()
    (4, [0.0, 0.0])
    """
    words = as_tokens([first, second], pathway.vocabulary.tokenizer)
    if len(words[0]) != len(words[1]):
        raise ValueError(
            "two sentences are compared word by word, so they must be equally long: "
            f"found {len(words[0])} and {len(words[1])} words"
        )
    one, other = over_time(pathway, words, prefixes=prefixes)
    time, units = one.shape
    return pd.DataFrame({
        "position": np.repeat(np.arange(time), units),
        "first_word": np.repeat(np.asarray(words[0], dtype=object), units),
        "second_word": np.repeat(np.asarray(words[1], dtype=object), units),
        "dimension": np.tile(np.arange(units), time),
        "first": one.ravel(), "second": other.ravel(), "difference": np.abs(one - other).ravel(),
    })  # fmt: skip


def distances(
    pathway: Pathway, first: Sequence[str], second: Sequence[str], *, prefixes: bool = False
) -> list[Float[np.ndarray, "words"]]:
    """How far apart the two sentences of each pair are after each word: Euclidean, one array a pair.

    Raises
    ------
    ValueError
        If there are not as many firsts as seconds, or a pair is not of equally many words.
    """
    if len(first) != len(second):
        raise ValueError(f"expected pairs of sentences, found {len(first)} first and {len(second)} second ones")
    read = over_time(pathway, [*first, *second], prefixes=prefixes)
    pairs = list(zip(read[: len(first)], read[len(first) :], strict=True))
    for number, (one, other) in enumerate(pairs):
        if one.shape != other.shape:
            raise ValueError(f"pair {number} has {len(one)} and {len(other)} words, expected equally many")
    return [np.linalg.norm(one - other, axis=1) for one, other in pairs]


def last_word(pathway: Pathway, first: Sequence[str], second: Sequence[str], *, prefixes: bool = False) -> pd.DataFrame:
    """How far apart two sentences are before and after their last words.

    Returns
    -------
    DataFrame
        One row a pair: ``before``, ``after``, and ``log_ratio``, below 0 where the last words bring the two together.

    Raises
    ------
    ValueError
        As for :func:`distances`, and if a sentence has a single word.
    """
    found = distances(pathway, first, second, prefixes=prefixes)
    if short := [number for number, one in enumerate(found) if len(one) < 2]:
        raise ValueError(f"pair {short[0]} has one word, and nothing before its last: expected at least 2 words")
    before, after = (np.array([one[place] for one in found]) for place in (-2, -1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return pd.DataFrame({"before": before, "after": after, "log_ratio": np.log(after / before)})


def weights(
    whole: Float[np.ndarray, "sentences"], first: Float[np.ndarray, "sentences"], second: Float[np.ndarray, "sentences"]
) -> tuple[float, float]:
    """What each of two clauses counts in the whole: least-squares slopes of ``whole`` on both, with an intercept.

    Two clauses compete if both slopes are above 0: the second moves the whole towards its own sign. They collaborate
    if the second's is not.

    Raises
    ------
    ValueError
        If there are fewer than four sentences, or arrays of different lengths.

    Examples
    --------
    >>> first, second = np.array([0.0, 1, 0, 1, 3]), np.array([0.0, 0, 1, 1, 2])
    >>> [round(weight, 6) for weight in weights(1 + 0.8 * first + 0.2 * second, first, second)]
    [0.8, 0.2]
    """
    if not len(whole) == len(first) == len(second) >= 4:
        raise ValueError(
            f"expected three arrays of one length, at least 4, found {len(whole)}, {len(first)} and {len(second)}"
        )
    columns = np.column_stack((np.ones(len(whole)), first, second))
    slopes = np.linalg.lstsq(columns, np.asarray(whole, dtype=float), rcond=None)[0]
    return float(slopes[1]), float(slopes[2])
