"""Input optimization: write the n-gram a neuron wants most (Poerner et al. 2018).

With f the activation of a neuron and w1 .. wn words of the vocabulary, the optimal n-gram is

    argmax f(w1 .. wn)     over all words at all places,

which nobody can enumerate: 4,000 words make 10**18 5-grams. :func:`optimize` puts every way of looking for it behind
one call: the best n-gram of a corpus, the four relaxations of the paper, the Gumbel softmax followed by exact swaps of
single words, and three searches that only try.

Easy to get wrong: what is compared. Every method here is judged by the activation of its words, read anew through the
network; every one may write the same words; and every one is charged for each n-gram that it reads.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from jaxtyping import Bool, Int
from torch import Tensor

from reading_neurons import passes
from reading_neurons.methods import corpus_search
from reading_neurons.methods.ascent import DEFAULT, PUBLISHED, Ascent, Step, ascend
from reading_neurons.methods.discrete_search import SEARCHES, Budget, discrete
from reading_neurons.methods.objective import Found, Objective
from reading_neurons.methods.relaxations import RELAXATIONS, EmbeddingRelaxation
from reading_neurons.methods.swaps import Swaps, best_starts, swap
from reading_neurons.neurons import Neuron
from reading_neurons.pathway import Pathway
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

if TYPE_CHECKING:
    from distributed import Client

METHODS = ("corpus", *RELAXATIONS, "gumbel + swaps", *SEARCHES)
MEMORY = 256 * 2**20


def optimize(
    pathway: Pathway,
    neurons: Sequence[Neuron] | Neuron,
    length: int = 5,
    method: str = "gumbel + swaps",
    *,
    seed: int = 0,
    corpus: passes.Sentences | None = None,
    min_count: int = 1,
    pinned: Mapping[int, str] | None = None,
    lowest: bool = False,
    frame: bool = True,
    ascent: Ascent | str | None = None,
    swaps: Swaps | None = None,
    budget: Budget | None = None,
    precision: str = "float32",
    memory: int = MEMORY,
    watch: Callable[[Step], None] | None = None,
    found: Callable[[Found], None] | None = None,
    client: Client | None = None,
) -> pd.DataFrame:
    """The n-gram for which each neuron is most active, as a method finds it.

    Parameters
    ----------
    pathway : Pathway
    neurons : Neuron, or sequence of them
        See :mod:`reading_neurons.neurons`.
    length : int
        Words of an n-gram.
    method : str
        ``"corpus"``, ``"embedding"``, ``"logit"``, ``"softmax"``, ``"gumbel"``: those of the paper;
        ``"gumbel + swaps"``: the default; ``"coordinate"``, ``"greedy gradient"``, ``"random"``: searches that try.
    seed : int
        Every neuron has random numbers of its own: which others are asked for, and how many at a time, changes nothing.
    corpus : Captions, or iterable of sentences
        Where ``"corpus"`` looks, and where words are counted for ``min_count``.
    min_count : int
        Only words that occur so often in the corpus may be written.
    pinned : mapping of int to str
        Words that are given, by place from 0: ``{0: "under", 1: "an"}``.
    lowest : bool
        Look for the n-gram that silences the neuron.
    frame : bool
        Read ``<s> w1 .. wn </s>``; False reads the bare words, as the paper did.
    ascent : Ascent or "published"
        How the gradient ascent goes.
    swaps : Swaps
        How ``"gumbel + swaps"`` ends.
    budget : Budget
        What ``"coordinate"``, ``"greedy gradient"`` and ``"random"`` may spend.
    precision : "float32" or "bfloat16"
        Of the search; activations are always given in single precision.
    memory : int
        Bytes that the search may take; decides how many neurons go together, and nothing else.
    watch : callable
        Called after each step of an ascent; see :class:`reading_neurons.methods.ascent.Step`.
    found : callable
        Called at each n-gram that is better than all before it, whatever the method but ``"corpus"``; see
        :class:`reading_neurons.methods.objective.Found`.
    client : dask.distributed.Client, optional
        Of a cluster on which ``"corpus"`` reads its n-grams.

    Returns
    -------
    DataFrame
        One row per neuron, in order: ``neuron`` (its name), ``words`` (the n-gram as text), ``activation`` (of those
        words, computed anew), ``method``, ``steps`` (of an ascent, otherwise 0), ``seconds`` (its share where neurons
        went together), ``evaluations`` (n-grams once through the network; a backward pass counts one more). For
        ``"embedding"`` also ``cosine``: of the optimized vectors with their nearest words, the mean over places.

    Raises
    ------
    ValueError
        If there is no neuron, an unknown method, a length below 1, a pinned place or word that does not exist, no word
        left to write, no corpus where one is needed, no budget, or an activation that is not a number.

    References
    ----------
    Poerner et al. 2018, sections 2 and 3.

    Examples
    --------
    >>> from reading_neurons.models.detectors import Detector, DetectorPathway
    >>> from reading_neurons.neurons import unit
    >>> pathway = DetectorPathway(Vocabulary(["a", "dog", "runs"]), [Detector("dog", on=["dog"], hold=0.5)])
    >>> optimize(pathway, unit(0), length=1)[["neuron", "words", "activation"]].values.tolist()
    [['unit 0', 'dog', 1.0]]
    """
    neurons = [neurons] if isinstance(neurons, Neuron) else list(neurons)
    _require(neurons, method, length)
    allowed = allowed_words(pathway.vocabulary, corpus, min_count)
    places = pinned_numbers(pathway.vocabulary, pinned or {}, length)
    if len(places) == length:
        raise ValueError(f"all {length} places are pinned: leave one free")
    ways = {"seed": seed, "ascent": _ascent(method, ascent), "swaps": swaps or Swaps(), "budget": budget}
    reads = partial(Reader, pathway, frame=frame, precision=precision)
    words = torch.from_numpy(np.flatnonzero(allowed)).to(pathway.embedding.device)
    each = _bytes(ways["ascent"], length, len(words))

    def look(some: Sequence[Neuron]) -> pd.DataFrame:
        if method == "corpus":
            return _in_corpus(reads(some), corpus, allowed, length, lowest, places, client)
        objective = Objective(reads(some), words, length, lowest=lowest, pinned=places, found=found)
        return _search(objective, method, **ways, watch=watch)

    parts = []
    for rows in _by_place(neurons):
        own = [neurons[row] for row in rows]
        # The corpus is read once for all neurons of a place.
        together = [own] if method == "corpus" else _chunks(own, each, memory)
        parts.append(pd.concat([look(some) for some in together]).set_axis(rows))
    table = pd.concat(parts).sort_index()
    table.insert(0, "neuron", [neuron.name for neuron in neurons])
    table.insert(3, "method", method)
    return table


def allowed_words(
    vocabulary: Vocabulary, corpus: passes.Sentences | None = None, min_count: int = 1
) -> Bool[np.ndarray, "words"]:
    """Which words may be written: no special symbol, and none rarer in the corpus than ``min_count``.

    Raises
    ------
    ValueError
        If the count asks for a corpus and there is none, or no word is left.

    Examples
    --------
    >>> allowed_words(Vocabulary(["a", "dog"]), ["a dog", "a cat"], min_count=2).tolist()
    [False, False, False, False, True, False]
    """
    allowed = np.arange(len(vocabulary)) > vocabulary.unknown
    if min_count > 1:
        if corpus is None:
            raise ValueError(f"min_count={min_count} counts words of a corpus: give corpus=..")
        counts = Counter(word for words in passes.words_of(corpus, vocabulary.tokenizer) for word in words)
        allowed &= np.array([counts[word] >= min_count for word in vocabulary.words])
    if not allowed.any():
        raise ValueError(f"no word of {vocabulary} occurs {min_count} times: lower min_count")
    return allowed


def pinned_numbers(vocabulary: Vocabulary, pinned: Mapping[int, str], length: int) -> dict[int, int]:
    """Pinned words as word numbers by place; an unknown word or place is a ``ValueError``."""
    for place, word in pinned.items():
        if not 0 <= place < length:
            raise ValueError(f"cannot pin {word!r} at place {place}: the places are 0 to {length - 1}")
        if word not in vocabulary:
            raise ValueError(f"cannot pin {word!r}: the network does not know this word")
    return {place: vocabulary.number(word) for place, word in pinned.items()}


def _require(neurons: Sequence[Neuron], method: str, length: int) -> None:
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}: choose one of {', '.join(map(repr, METHODS))}")
    if not neurons:
        raise ValueError("expected at least one neuron, found none")
    if length < 1:
        raise ValueError(f"an n-gram has at least 1 word, found a length of {length}")


def _by_place(neurons: Sequence[Neuron]) -> list[list[int]]:
    """The numbers of the neurons that are found at the same place of a network, and so are read together."""
    rows: dict[str, list[int]] = {}
    for row, neuron in enumerate(neurons):
        rows.setdefault(neuron.place, []).append(row)
    return list(rows.values())


def _ascent(method: str, ascent: Ascent | str | None) -> Ascent:
    if ascent is None:
        return DEFAULT
    if isinstance(ascent, Ascent):
        return ascent
    if ascent != "published" or method not in PUBLISHED:
        raise ValueError(
            f"found the ascent {ascent!r} for {method!r}: give an Ascent, or 'published' for {', '.join(PUBLISHED)}"
        )
    return PUBLISHED[method]


def _bytes(ascent: Ascent, length: int, words: int) -> int:
    """What one neuron takes: free numbers, gradients, moments; weights of each sample and theirs. As was measured."""
    return 4 * ascent.restarts * length * words * (6 + 4 * ascent.samples)


def _chunks(neurons: Sequence[Neuron], each: int, memory: int) -> Iterator[Sequence[Neuron]]:
    if memory < 1:
        raise ValueError(f"expected some bytes of memory, found {memory}")
    size = max(memory // each, 1)
    for begin in range(0, len(neurons), size):
        yield neurons[begin : begin + size]


def _search(objective: Objective, method: str, *, seed, ascent, swaps, budget, watch) -> pd.DataFrame:
    """One row per neuron of an objective."""
    began, steps, extra = time.monotonic(), torch.zeros_like(objective.evaluations), {}
    if method in SEARCHES:
        if budget is None:
            raise ValueError(
                f"the search {method!r} goes on until its budget is spent: give budget=Budget(evaluations=..)"
            )
        discrete(objective, method, budget, seed)
    else:
        ascended = ascend(objective, method.removesuffix(" + swaps"), ascent, seed, watch)
        steps = ascended.steps
        if method.endswith("+ swaps"):
            swap(objective, *best_starts(ascended.ids, ascended.rows, ascended.values, swaps.starts), swaps)
        if isinstance(ascended.relaxation, EmbeddingRelaxation):
            nearest = ascended.relaxation.cosines().amax(dim=2).mean(dim=1)
            extra = {"cosine": nearest.view(-1, ascent.restarts).mean(dim=1).tolist()}
    if (objective.value == -torch.inf).any():
        raise ValueError(f"the budget {budget} is too small for one move of {method!r}: give more evaluations")
    return pd.DataFrame(
        {
            "words": texts(objective.reader.pathway.vocabulary, objective.best),
            "activation": objective.exact.read(objective.best, objective.neurons).double().tolist(),
            "steps": steps.tolist(),
            "seconds": (time.monotonic() - began) / len(steps),
            "evaluations": objective.evaluations.tolist(),
            **extra,
        }
    )


def texts(vocabulary: Vocabulary, ids: Int[Tensor, "ngrams length"] | Sequence[Sequence[int]]) -> list[str]:
    """N-grams of word numbers as text."""
    rows = ids.tolist() if isinstance(ids, Tensor) else ids
    return [" ".join(vocabulary.decode(row)) for row in rows]


def _in_corpus(
    reader: Reader, corpus, allowed, length: int, lowest: bool, pinned: Mapping[int, int], client: Client | None
) -> pd.DataFrame:
    if corpus is None:
        raise ValueError("the method 'corpus' looks for n-grams in a corpus: give corpus=..")
    began, vocabulary = time.monotonic(), reader.pathway.vocabulary
    blocks = corpus_search.distinct_ngrams(corpus, vocabulary, length, allowed)
    if pinned:
        places, words = list(pinned), list(pinned.values())
        whole = (block for block in blocks if block.shape[1] == length)
        blocks = [block[(block[:, places] == words).all(axis=1)] for block in whole]
        if not any(map(len, blocks)):
            raise ValueError("no n-gram of the corpus has the pinned words in their places: pin fewer words")
    found, values, read = corpus_search.search(reader, blocks, lowest=lowest, client=client)
    seconds = (time.monotonic() - began) / len(found)
    return pd.DataFrame(
        {"words": texts(vocabulary, found), "activation": values, "steps": 0, "seconds": seconds, "evaluations": read}
    )
