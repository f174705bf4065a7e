"""How well an autoencoder copies: its copies, word accuracy and exact matches, by length (Li et al. 2016, section 3.2).

A copy is made greedily: the decoder reads its own likeliest word next, until ``</s>`` or ``2 n + 5`` words. ``forced``
accuracy instead lets it read the right words, as in training; it flatters, for after a right beginning a language model
can guess much of a sentence without having kept it.

Easy to get wrong: unknown words. The network can at best copy ``<unk>`` for a word outside of its vocabulary, and that
counts as right; the column ``unknown`` says how many words of a sentence were such.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import torch
from jaxtyping import Bool, Int
from torch import Tensor

from reading_neurons.corpora.captions import Captions
from reading_neurons.corpora.trees import Trees
from reading_neurons.models.autoencoder import Autoencoder
from reading_neurons.pathway import as_tokens, length_batches
from reading_neurons.statistics import mean_intervals
from reading_neurons.text import Batch, Vocabulary

LONGEST = 200  # words; longer than any sentence of the corpora, for somebody may paste a page
MEASURES = ("forced", "copied", "exact")

Sentences = Captions | Trees | Iterable[str | Sequence[str]]


def readable(network: Autoencoder, sentences: Sentences) -> list[tuple[str, ...]]:
    """The words of sentences that the network can be asked to copy.

    Raises
    ------
    ValueError
        If there is no sentence, or one has no word, no word that the network knows, or more than 200 words.

    Examples
    --------
    >>> readable(Autoencoder(Vocabulary(["a", "dog"]), embedding=4, units=4), ["A dog.", ["a", "yak"]])
    [('a', 'dog'), ('a', 'yak')]
    """
    given = sentences.tokens if isinstance(sentences, Captions | Trees) else sentences
    words = as_tokens(given, network.vocabulary.tokenizer)
    if not words:
        raise ValueError("expected at least one sentence, found none")
    for index, sentence in enumerate(words):
        if len(sentence) > LONGEST:
            raise ValueError(
                f"sentence {index} has {len(sentence)} words, and at most {LONGEST} are copied: give its sentences one "
                "by one"
            )
        if not any(word in network.vocabulary for word in sentence):
            raise ValueError(
                f"sentence {index} has no word that the network knows ({' '.join(sentence[:5])!r}): its vocabulary of "
                f"{len(network.vocabulary)} comes from its training corpus; use at least one of these words"
            )
    return words


@torch.inference_mode()
def copies(network: Autoencoder, sentences: Sentences, batch_size: int = 128) -> list[tuple[str, ...]]:
    """What the decoder writes of each sentence, one likeliest word after the other.

    Parameters
    ----------
    network : Autoencoder
    sentences : Captions, Trees, or iterable of str or of sequences of words
    batch_size : int
        How many are copied at once; does not change the copies.

    Returns
    -------
    list of tuples of str
        Without ``</s>``; a copy that did not end has ``2 n + 5`` words.

    Raises
    ------
    ValueError
        As :func:`readable`.
    """
    words = readable(network, sentences)
    result: list[tuple[str, ...]] = [()] * len(words)
    for chosen, batch in _batches(network, words, batch_size):
        for index, ids in zip(chosen, _greedy(network, batch), strict=True):
            result[index] = tuple(network.vocabulary.decode(ids))
    return result


def _batches(network: Autoencoder, words: Sequence[Sequence[str]], batch_size: int):
    """Framed sentences of nearly equal length, and which they are."""
    encoded = [network.vocabulary.encode(sentence) for sentence in words]
    for chosen in length_batches([len(ids) for ids in encoded], batch_size):
        yield chosen, Batch.of([encoded[i] for i in chosen]).to(network.embedding.weight.device)


def _greedy(network: Autoencoder, batch: Batch) -> list[list[int]]:
    """The numbers of the words that the decoder writes, ``</s>`` left out."""
    _, state = network.encode(network.embedding(batch.ids), batch.lengths)
    limits = 2 * (batch.lengths - 2) + 5
    word = torch.full_like(batch.lengths, Vocabulary.start)
    going, written = torch.ones_like(word, dtype=torch.bool), []
    for step in range(int(limits.max())):
        state, units = network.decoder.advance(network.decoder.project(network.embedding(word)), state)
        word = network.readout(units).argmax(dim=1)
        going = going & (word != Vocabulary.end) & (step < limits)
        if not going.any():
            break
        written.append(torch.where(going, word, Vocabulary.end))
    rows = torch.stack(written, dim=1).tolist() if written else [[] for _ in range(len(batch))]
    return [row[: row.index(Vocabulary.end)] if Vocabulary.end in row else row for row in rows]


@torch.inference_mode()
def accuracy(network: Autoencoder, sentences: Sentences, batch_size: int = 128) -> pd.DataFrame:
    """How well each sentence is copied.

    Parameters
    ----------
    network : Autoencoder
    sentences : Captions, Trees, or iterable of str or of sequences of words
    batch_size : int

    Returns
    -------
    DataFrame
        One row per sentence: ``sentence`` (index), ``image`` (of captions; otherwise the index again), ``length`` n and
        ``unknown`` (words), ``forced`` (share of ``w1 .. wn </s>`` that the decoder predicts after the right words),
        ``copied`` (share of them that stand in its own copy at their place), ``exact`` (1.0 if the copy is the
        sentence, else 0.0), and ``copy``, the text of the copy.

    Raises
    ------
    ValueError
        As :func:`readable`.
    """
    words = readable(network, sentences)
    forced, shares, texts = np.empty(len(words)), np.empty(len(words)), [""] * len(words)
    for chosen, batch in _batches(network, words, batch_size):
        forced[chosen] = _share(_predicted(network, batch), batch).numpy()
        written = _greedy(network, batch)
        shares[chosen] = _share(_ended(written, batch), batch).numpy()
        for index, ids in zip(chosen, written, strict=True):
            texts[index] = " ".join(network.vocabulary.decode(ids))
    return pd.DataFrame(
        {
            "sentence": np.arange(len(words)),
            "image": sentences.image if isinstance(sentences, Captions) else np.arange(len(words)),
            "length": [len(sentence) for sentence in words],
            "unknown": [sum(word not in network.vocabulary for word in sentence) for sentence in words],
            "forced": forced,
            "copied": shares,
            "exact": (shares == 1).astype(float),
            "copy": texts,
        }
    )


def _predicted(network: Autoencoder, batch: Batch) -> Int[Tensor, "batch steps"]:
    """The likeliest next word after each right beginning of the copy."""
    embedded = network.embedding(batch.ids)
    _, states = network.read(embedded, batch.lengths, embedded[:, :-1])
    return network.readout(states).argmax(dim=-1)


def _ended(written: Sequence[Sequence[int]], batch: Batch) -> Int[Tensor, "batch steps"]:
    """Copies as a table as wide as the sentences, ``</s>`` behind each that ended within them."""
    table = torch.full_like(batch.ids[:, 1:], Vocabulary.end)
    for row, ids in zip(table, written, strict=True):
        kept = torch.tensor(ids[: len(row)], dtype=row.dtype)
        row[: len(kept)] = kept
    return table


def _share(found: Int[Tensor, "batch steps"], batch: Batch) -> Tensor:
    """The share of right symbols in each row, ``</s>`` included."""
    real: Bool[Tensor, "batch steps"] = batch.mask[:, 1:]
    return ((found == batch.ids[:, 1:]) & real).sum(dim=1).double() / real.sum(dim=1)


def by_length(table: pd.DataFrame, width: int = 5, *, cluster: str = "image", seed: int = 0) -> pd.DataFrame:
    """Accuracy for sentences of similar length, and for all.

    Parameters
    ----------
    table : DataFrame
        Of :func:`accuracy`.
    width : int
        How many lengths make one row: with 5, lengths 1 to 5, 6 to 10 and so on.
    cluster : str
        Column whose values are drawn together for the intervals.
    seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        One row per measure and range of lengths, the range of all lengths last: ``measure`` (forced, copied, exact),
        ``shortest``, ``longest`` (words), ``mean``, ``low``, ``high`` (95 %), ``count`` (sentences), ``all`` (bool).

    Examples
    --------
    >>> table = pd.DataFrame({"length": [4, 7, 9], "image": range(3), "forced": 1.0, "copied": 1.0, "exact": [1, 0, 1]})
    >>> found = by_length(table)
    >>> found.loc[found["measure"] == "exact", ["shortest", "longest", "mean", "count"]].values.tolist()
    [[1.0, 5.0, 1.0, 1.0], [6.0, 10.0, 0.5, 2.0], [4.0, 9.0, 0.6666666666666666, 3.0]]
    """
    if width < 1:
        raise ValueError(f"a range needs at least 1 length, found {width}")
    first = (table["length"] - 1) // width * width + 1
    parts = []
    for measure in MEASURES:
        ranges = mean_intervals(table.assign(shortest=first), measure, "shortest", cluster=cluster, seed=seed)
        ranges.insert(1, "longest", ranges["shortest"] + width - 1)
        whole = table.assign(shortest=table["length"].min(), longest=table["length"].max())
        whole = mean_intervals(whole, measure, ["shortest", "longest"], cluster=cluster, seed=seed)
        parts.append(pd.concat((ranges.assign(all=False), whole.assign(all=True))).assign(measure=measure))
    found = pd.concat(parts, ignore_index=True)
    return found[["measure", "shortest", "longest", "mean", "low", "high", "count", "all"]]
