"""Omission scores: how much a network's representation of a sentence owes to each word.

Kádár et al. 2017, section 5.1, equation 12. With ``h(S)`` the representation of a sentence, and ``S without i`` the
sentence without its i-th word,

    omission(i, S) = 1 - cosine(h(S), h(S without i)).

A sentence of n words asks for n + 1 readings. For a recurrent pathway most of that work is the same: a state depends
only on the words so far, so all sequences that begin alike share states. :func:`representations` lays every sequence
of many sentences into one prefix tree and computes each distinct prefix once, one row of one matrix product per
prefix and depth; nothing is padded, and a word type is projected once.

Easy to get wrong: the score of one word is not comparable across lengths without thought. The fewer the words, the
more each weighs, and a one-word sentence is compared with the empty sentence ``<s> </s>``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from reading_neurons import asking, shards
from reading_neurons.annotation import Parse, token_table
from reading_neurons.corpora.captions import Captions
from reading_neurons.pathway import (
    FEWEST_ROWS,
    Pathway,
    Recurrent,
    as_tokens,
    filled,
    represent_ids,
    state_rows,
    stepper,
)

if TYPE_CHECKING:
    from distributed import Client

ROWS_AT_ONCE = 512  # so that the gates of a block stay in the processor's cache
SMALLEST = 1e-6  # scores are clamped here before a logarithm is taken


def scores(
    pathway: Pathway,
    sentences: Iterable[str | Sequence[str]],
    chunk: int = 2000,
    *,
    client: Client | None = None,
) -> pd.DataFrame:
    """Omission score of every word of every sentence.

    Parameters
    ----------
    pathway : Pathway
        Any; a :class:`~reading_neurons.pathway.Recurrent` one is read by the fast road.
    sentences : iterable of str or of sequences of words
    chunk : int
        Sentences computed together; more share more prefixes and take more memory (about ``60 * chunk * units``
        bytes). Does not change the result.
    client : dask.distributed.Client, optional
        Of a cluster whose workers compute a chunk at a time; see :func:`reading_neurons.shards.each`.

    Returns
    -------
    DataFrame
        One row per word, in order: ``sentence`` (index), ``position`` (0-based), ``word`` (as given, also where the
        network does not know it), ``score`` (0: nothing changed; 1: orthogonal; 2: opposite). A one-word sentence
        is compared with the empty sentence.

    Raises
    ------
    ValueError
        If there is no sentence, or a sentence has no word (the message names its index).

    References
    ----------
    Kádár et al. 2017, section 5.1.

    Examples
    --------
    >>> from reading_neurons.models import Imaginet
    >>> from reading_neurons.text import Vocabulary
    >>> network = Imaginet(Vocabulary(["a", "dog"]), ["object:dog"], embedding=4, units=8)
    >>> table = scores(network.pathways["visual"], ["a dog", "a dog"])
    >>> table[["sentence", "position", "word"]].values.tolist()
    [[0, 0, 'a'], [0, 1, 'dog'], [1, 0, 'a'], [1, 1, 'dog']]
    >>> bool((table["score"] >= 0).all())
    True
    """
    words = as_tokens(sentences, pathway.vocabulary.tokenizer)
    if not words:
        raise ValueError("expected at least one sentence, found none")
    if chunk < 1:
        raise ValueError(f"chunk must be at least 1 sentence, found {chunk}")
    encoded = [pathway.vocabulary.encode(sentence) for sentence in words]
    result: list[np.ndarray] = [np.empty(0)] * len(words)
    # Sorted, so that sentences that begin alike meet in the same chunk.
    order = sorted(range(len(words)), key=lambda i: encoded[i].tolist())
    chunks = [order[begin : begin + chunk] for begin in range(0, len(order), chunk)]
    found = shards.each(_of_chunk, pathway, ([encoded[i] for i in chosen] for chosen in chunks), client)
    for chosen, distances in zip(chunks, found, strict=True):
        for i, of_sentence in zip(chosen, distances, strict=True):
            result[i] = of_sentence
    lengths = [len(sentence) for sentence in words]
    return pd.DataFrame(
        {
            "sentence": np.repeat(np.arange(len(words)), lengths),
            "position": np.concatenate([np.arange(n) for n in lengths]),
            "word": [word for sentence in words for word in sentence],
            "score": np.concatenate(result),
        }
    )


def _of_chunk(pathway: Pathway, encoded: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The scores of the words of each framed sentence."""
    return list(_distances(representations(pathway, encoded), [len(ids) - 2 for ids in encoded]))


def _distances(representations: Float[Tensor, "sequences units"], lengths: Sequence[int]) -> Iterator[np.ndarray]:
    """1 - cosine of each sentence with each of its omissions; the sentence itself comes last of its sequences."""
    sizes = torch.tensor(lengths) + 1
    whole = torch.repeat_interleave(torch.cumsum(sizes, 0) - 1, sizes).to(representations.device)
    blocks = [
        1 - F.cosine_similarity(block, representations.index_select(0, rows), dim=1)
        for block, rows in zip(representations.split(ROWS_AT_ONCE), whole.split(ROWS_AT_ONCE), strict=True)
    ]
    # Rounding can leave a cosine a hair above 1.
    distance = torch.cat(blocks).clamp_(min=0)
    # Of two zero vectors, which a rectifier can leave, the cosine is undefined and comes as 0; but nothing has changed.
    zero = (distance == 1).nonzero().squeeze(1)
    distance[zero[(representations[zero] == representations[whole[zero]]).all(dim=1)]] = 0
    distance = distance.double().cpu().numpy()
    for part in np.split(distance, np.cumsum(sizes.numpy())[:-1]):
        yield part[:-1]


@torch.inference_mode()
def representations(
    pathway: Pathway, encoded: Sequence[np.ndarray]
) -> Float[Tensor, "sequences units"]:
    """Representations of every sentence with each of its words left out, then of the sentence itself.

    Parameters
    ----------
    pathway : Pathway
    encoded : sequence of int arrays
        Framed sentences of n + 2 word numbers.

    Returns
    -------
    float tensor, shape (sum of (n + 1), units)
        For each sentence n rows without its first, .., last word, then one row for the whole.
    """
    if isinstance(pathway, Recurrent):
        return _from_prefix_tree(pathway, encoded)
    return represent_ids(pathway, [sequence for ids in encoded for sequence in omissions(ids)])


def omissions(ids: np.ndarray) -> list[np.ndarray]:
    """A framed sentence without its first, .., last word, then whole.

    Examples
    --------
    >>> [o.tolist() for o in omissions(np.array([1, 7, 8, 2]))]
    [[1, 8, 2], [1, 7, 2], [1, 7, 8, 2]]
    """
    return [np.delete(ids, place) for place in range(1, len(ids) - 1)] + [ids]


def _from_prefix_tree(pathway: Recurrent, encoded: Sequence[np.ndarray]) -> Float[Tensor, "sequences units"]:
    """Walk all sequences from left to right at once, one distinct prefix a row."""
    project, advance = stepper(pathway)
    known, symbols = np.unique(np.concatenate(encoded), return_inverse=True)
    table = project(asking.words(pathway, filled(torch.from_numpy(known))))
    levels = list(_levels(symbols, [len(ids) for ids in encoded]))
    state = pathway.initial(1)
    # Two stores that every depth uses by turns: fresh memory for each costs as much as the nonlinearities.
    stores = [_store(state, max(len(parents) for parents, *_ in levels)) for _ in range(2)]
    result: Tensor | None = None
    for depth, level in enumerate(levels):
        parents, words, finished, rows = (torch.from_numpy(part).to(table.device) for part in level)
        state, units = _advance_blocks(advance, table, state, parents, words, stores[depth % 2])
        if result is None:
            result = units.new_empty((sum(len(ids) - 1 for ids in encoded), *units.shape[1:]))
        if len(finished):
            result.index_copy_(0, finished, units.index_select(0, rows))
    return result


def _levels(symbols: np.ndarray, lengths: Sequence[int]):
    """The prefix tree of all sequences of all sentences, depth by depth.

    Yields
    ------
    parents, words : int arrays
        For each distinct prefix of this depth the row of its parent one depth above, and its last word.
    finished, rows : int arrays
        Sequences that end at this depth, and the row of each.
    """
    lengths = np.asarray(lengths)
    starts = np.cumsum(lengths) - lengths
    # n + 1 sequences a sentence: word 1 .. n left out (framed places), then none, said as a place past the end.
    sentence = np.repeat(np.arange(len(lengths)), lengths - 1)
    omitted = np.concatenate([np.arange(1, n) for n in lengths])
    size = lengths[sentence] - (omitted < lengths[sentence] - 1)
    start = starts[sentence]
    sequence = np.arange(len(sentence))
    row = np.zeros(len(sentence), dtype=np.int64)
    count = int(symbols.max()) + 1
    for depth in range(int(lengths.max())):
        place = depth + (depth >= omitted) * (size < lengths[sentence])
        prefix, row = np.unique(row * count + symbols[start + place], return_inverse=True)
        done = size == depth + 1
        yield prefix // count, prefix % count, sequence[done], row[done]
        going = ~done
        sentence, omitted, size, start = sentence[going], omitted[going], size[going], start[going]
        sequence, row = sequence[going], row[going]


def _advance_blocks(advance, table: Tensor, state, parents: Tensor, words: Tensor, store):
    """One step for every row, in blocks small enough for the cache; the new states are kept in ``store``."""
    states, units = [], []
    for block, symbols in zip(parents.split(ROWS_AT_ONCE), words.split(ROWS_AT_ONCE), strict=True):
        new, seen = advance(table.index_select(0, filled(symbols)), state_rows(state, filled(block)))
        if len(block) < FEWEST_ROWS:  # what was filled in is nobody's
            new, seen = _first_rows((new, seen), len(block)) if seen is not new else [_first_rows(new, len(block))] * 2
        states.append(new)
        units.append(seen)
    joined = _join(states, store)
    return joined, joined if states[0] is units[0] else torch.cat(units)


def _first_rows(state, rows: int):
    if isinstance(state, Tensor):
        return state[:rows]
    return tuple(_first_rows(part, rows) for part in state)


def _store(state, rows: int):
    """Room for so many rows of a state."""
    if isinstance(state, Tensor):
        return state.new_empty(rows, *state.shape[1:])
    return tuple(_store(part, rows) for part in state)


def _join(blocks: list, store):
    if isinstance(store, Tensor):
        return torch.cat(blocks, out=store[: sum(map(len, blocks))])
    return tuple(_join(list(parts), part) for parts, part in zip(zip(*blocks, strict=True), store, strict=True))


def annotated(
    pathways: Mapping[str, Pathway] | Sequence[Pathway],
    captions: Captions,
    parses: Sequence[Parse],
    *,
    client: Client | None = None,
) -> pd.DataFrame:
    """Omission scores of several pathways, each word with its tag and dependency label.

    Parameters
    ----------
    pathways : mapping of str to Pathway, or sequence of Pathway
    captions : Captions
    parses : sequence of Parse
        One a caption; see :func:`reading_neurons.annotation.annotate`.
    client : dask.distributed.Client, optional
        Of a cluster that computes the scores.

    Returns
    -------
    DataFrame
        One row per word and pathway: ``sentence``, ``position``, ``word``, ``pathway``, ``score``, ``tag``,
        ``deprel``, ``head``, ``image``, and ``weight`` where the captions carry planted weights.

    Raises
    ------
    ValueError
        If there is no pathway, two have the same name, or the parses are not those of the captions.
    """
    named = pathways if isinstance(pathways, Mapping) else {pathway.name: pathway for pathway in pathways}
    if not named or len(named) < len(pathways):
        raise ValueError(
            f"expected pathways of different names, at least one, found {[pathway.name for pathway in pathways]}: "
            "name them in a mapping"
        )
    tokens = token_table(captions, parses)
    parts = [
        tokens.assign(pathway=name, score=scores(pathway, captions.tokens, client=client)["score"].to_numpy())
        for name, pathway in named.items()
    ]
    columns = ["sentence", "position", "word", "pathway", "score"]
    joined = pd.concat(parts, ignore_index=True)
    return joined[columns + [column for column in joined if column not in columns]]


def log_ratio(table: pd.DataFrame, numerator: str = "visual", denominator: str = "textual") -> pd.DataFrame:
    """Log of the ratio of two pathways' scores, word by word.

    Parameters
    ----------
    table : DataFrame
        As :func:`annotated` gives it.
    numerator, denominator : str
        Pathways; above zero means that the first depends more on the word (paper: section 5.2, figure 3).

    Returns
    -------
    DataFrame
        One row per word: the columns of ``table`` without ``pathway`` and ``score``, and ``log_ratio`` (natural),
        with scores below 1e-6 raised to it, and ``clamped``, whether that happened to either.

    Raises
    ------
    ValueError
        If the table lacks one of the two pathways, or they do not have the same words in the same order.
    """
    found = set(table["pathway"])
    if missing := {numerator, denominator} - found:
        raise ValueError(f"no scores of the pathway {', '.join(sorted(missing))}; the table has {sorted(found)}")
    above = table[table["pathway"] == numerator]
    below = table[table["pathway"] == denominator]
    words = ["sentence", "position", "word"]
    if not above[words].reset_index(drop=True).equals(below[words].reset_index(drop=True)):
        raise ValueError(
            f"the rows of {numerator!r} and of {denominator!r} are not the same words in the same order: "
            "sort the table by sentence and position, and filter words in both alike"
        )
    pair = np.stack([above["score"].to_numpy(), below["score"].to_numpy()])
    logs = np.log(np.maximum(pair, SMALLEST))
    return above.drop(columns=["pathway", "score"]).assign(
        log_ratio=logs[0] - logs[1], clamped=(pair < SMALLEST).any(axis=0)
    )


def evenness(table: pd.DataFrame) -> pd.DataFrame:
    """How evenly each pathway spreads its scores over a sentence: their entropy, as a share of the most there can be.

    Returns
    -------
    DataFrame
        One row per sentence of at least two words and pathway: ``sentence``, ``pathway``, ``evenness`` (1: every word
        counts the same; 0: one word counts alone), and ``image`` where the table has it.
    """
    keys = ["pathway", "sentence", *(["image"] if "image" in table else [])]
    score = table["score"].clip(lower=SMALLEST)
    share = score / score.groupby([table[key] for key in keys]).transform("sum")
    entropy = (-share * np.log(share)).groupby([table[key] for key in keys]).agg(["sum", "size"])
    entropy = entropy[entropy["size"] > 1]
    return (entropy["sum"] / np.log(entropy["size"])).rename("evenness").reset_index()


def without_word(table: pd.DataFrame, pathway: str, rank: int = 0) -> list[tuple[str, ...]]:
    """Every sentence without the word that matters most to a pathway, or another rank of it.

    Parameters
    ----------
    table : DataFrame
        As :func:`annotated` gives it.
    pathway : str
    rank : int
        0 for the most important word, -1 for the least; among equals the earlier counts as more important.

    Returns
    -------
    list of tuples of str
        One sentence per sentence of the table that has at least two words, in order.
    """
    words = table[table["pathway"] == pathway]
    shorter = []
    for _, sentence in words.groupby("sentence"):
        if len(sentence) > 1:
            place = np.argsort(-sentence["score"].to_numpy(), kind="stable")[rank]
            shorter.append(tuple(np.delete(sentence["word"].to_numpy(object), place)))
    return shorter
