"""Which words an autoencoder writes from, asked by exchanging them: the control of the derivative (cf. Li et al. 2016).

The word at one place is exchanged for another of the vocabulary, drawn at random, and everything else is left as it
is. For the score ``S`` of the word that is written at step k,

``effect = mean over draws |S(exchanged) - S|``.

A derivative says what a small change of a vector would do, in whichever direction, be there a word or not; this says
what it does that there stands this word and not another. It is slower: a pass for each place instead of one for all.

Easy to get wrong: what is exchanged in a copy. The decoder reads another word, and its words behind it stay: it is not
asked to write on from there by itself. Nor does leaving a word out do for the source, for that moves all later words.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Int

from reading_neurons.methods.copy_saliency import copy_saliency, written_of
from reading_neurons.models.autoencoder import Autoencoder
from reading_neurons.models.copying import Sentences, readable
from reading_neurons.text import Vocabulary

WORDS = Vocabulary.unknown + 1  # the number of the first word: before it come the framing symbols and <unk>


def copy_exchange(
    network: Autoencoder, sentences: Sentences, *, copy: str = "right", draws: int = 2, seed: int = 0
) -> pd.DataFrame:
    """How much the score of each word that the decoder writes changes if another word is exchanged.

    Parameters
    ----------
    network : Autoencoder
    sentences : Captions, Trees, or iterable of str or of sequences of words
    copy : "right" or "own"
        Whether the decoder reads the right words, or goes on from its own. The score is that of the next one.
    draws : int
        How many words each is exchanged for.
    seed : int
        Of the words that are drawn.

    Returns
    -------
    DataFrame
        As :func:`~reading_neurons.methods.copy_saliency.copy_saliency` returns it, without the framing symbols:
        ``sentence``, ``step``, ``predicted``, ``side`` ("source" or "copy"), ``position``, ``word``, ``saliency`` (the
        effect). What measures that table measures this one too.

    Raises
    ------
    ValueError
        If there is no draw, no sentence, nothing to exchange a word for, ``copy`` is unknown, or a sentence has no word
        that the network knows or more than 200.

    Examples
    --------
    >>> network = Autoencoder(Vocabulary(["a", "dog"]), embedding=4, units=8).eval()
    >>> table = copy_exchange(network, ["a dog"])
    >>> table[["step", "predicted", "side", "word"]].values.tolist()[:5]
    [[0, 'a', 'source', 'a'], [0, 'a', 'source', 'dog'],
     [1, 'dog', 'source', 'a'], [1, 'dog', 'source', 'dog'], [1, 'dog', 'copy', 'a']]
    """
    if draws < 1:
        raise ValueError(f"a word is exchanged for at least one other, found draws={draws}")
    if len(network.vocabulary) < WORDS + 2:
        raise ValueError(
            f"a word is exchanged for another, found a vocabulary of {len(network.vocabulary) - WORDS}: expected at "
            "least two words"
        )
    words, generator = readable(network, sentences), np.random.default_rng(seed)
    parts = []
    for number, (source, written) in enumerate(zip(words, written_of(network, words, copy), strict=True)):
        # A copy of 2 n + 5 words did not end, so that no step wrote its end.
        steps = len(written) + (len(written) < 2 * len(source) + 5)
        ids = network.vocabulary.encode(source), network.vocabulary.encode(written)[: steps + 1]
        parts.append(_rows(network, number, source, written, ids[1][1:], effects(network, *ids, draws, generator)))
    return pd.concat(parts, ignore_index=True)


@torch.inference_mode()
def effects(
    network: Autoencoder,
    source: Int[np.ndarray, "time"],
    copy: Int[np.ndarray, "symbols"],
    draws: int,
    generator: np.random.Generator,
) -> Float[np.ndarray, "steps places"]:
    """The effect of every place of a framed source, then of its framed copy, on every step of the copy.

    Parameters
    ----------
    network : Autoencoder
    source, copy : int arrays
        ``<s> w1 .. wn </s>`` and ``<s> y1 .. ym``, the latter with ``</s>`` if it ended.
    draws : int
    generator : numpy.random.Generator

    Returns
    -------
    float array, shape (steps, n + words read of the copy)
        The effect of a word on steps before it is 0.
    """
    read = copy[:-1]
    whole = np.concatenate((source, read))
    places = np.concatenate((np.arange(1, len(source) - 1), np.arange(len(source) + 1, len(whole))))
    exchanged = np.tile(places, draws)
    rows = np.tile(whole, (len(exchanged) + 1, 1))
    rows[np.arange(1, len(rows)), exchanged] = _others(whole[exchanged], len(network.vocabulary), generator)
    embedded = network.embedding(torch.from_numpy(rows).to(network.embedding.weight.device))
    _, states = network.read(embedded[:, : len(source)], None, embedded[:, len(source) :])
    scores = network.scored(states, torch.from_numpy(copy[1:]).to(states.device)).cpu().numpy()
    return np.abs(scores[1:] - scores[0]).reshape(draws, len(places), len(read)).mean(axis=0).T


def _others(ids: Int[np.ndarray, "places"], size: int, generator: np.random.Generator) -> Int[np.ndarray, "places"]:
    """Another word for each, every one as likely."""
    drawn = generator.integers(WORDS, size - (ids >= WORDS))
    return drawn + ((ids >= WORDS) & (drawn >= ids))


def _rows(network, number: int, source, written, predicted, found: Float[np.ndarray, "steps places"]) -> pd.DataFrame:
    """The table of one sentence: for each step the source, then what was written before it."""
    read = found.shape[1] - len(source)
    position = np.concatenate((np.arange(len(source)), np.arange(read)))
    of_source = np.arange(found.shape[1]) < len(source)
    step, place = np.nonzero(of_source | (position < np.arange(len(found))[:, None]))
    return pd.DataFrame(
        {
            "sentence": number,
            "step": step,
            "predicted": np.array(network.vocabulary.words, dtype=object)[predicted][step],
            "side": np.where(of_source, "source", "copy")[place],
            "position": position[place],
            "word": np.array([*source, *written[:read]], dtype=object)[place],
            "saliency": found[step, place],
        }
    )


WAYS = {
    "derivative": copy_saliency,
    "gradient x input": partial(copy_saliency, measure="product"),
    "exchange": copy_exchange,
}
"""Ways to ask which words a copy is written from, by name; each is called as :func:`copy_exchange` is."""
