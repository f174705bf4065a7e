"""Groups of hidden units that rise and fall together (Poerner et al. 2018, section 3.2.2 of the longer version).

With r the correlation of two units over n-grams of a corpus, each read on its own, their distance is 1 - r, and groups
are merged by complete linkage:

    d(A, B) = max over a in A, b in B of  1 - r[a, b],

so that cut at height h no two members of a group correlate below 1 - h. A group's activation is the mean of its
members, see :func:`reading_neurons.neurons.group`.

Easy to get wrong: the sign. Units at r = -1 tell the same, and are as far apart as this distance allows: what one adds
to a mean the other takes away. And a unit that never varies has no correlation, hence no group.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Int
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from reading_neurons import asking, passes, shards
from reading_neurons.methods.corpus_search import cut
from reading_neurons.methods.unit_correlations import UnitCorrelations
from reading_neurons.neurons import unit
from reading_neurons.pathway import Pathway
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

if TYPE_CHECKING:
    from distributed import Client

GROUPS = 81
SAMPLE = 100_000
NO_GROUP = -1
LINKAGES = ("complete", "average", "single")

Drawn = list[tuple[Int[np.ndarray, "ngrams width"], Int[np.ndarray, "ngrams"]]]


def unit_groups(
    pathway: Pathway,
    corpus: passes.Sentences,
    groups: int = GROUPS,
    *,
    length: int = 5,
    sample: int = SAMPLE,
    seed: int = 0,
    linkage: str = "complete",
    precision: str = "float32",
    frame: bool = True,
    client: Client | None = None,
) -> pd.DataFrame:
    """Sort the units of a pathway into groups by how they correlate over n-grams of a corpus.

    Parameters
    ----------
    pathway : Pathway
    corpus : Captions, or iterable of sentences
    groups : int
        How many; 81 in the paper's code.
    length : int
        Words of an n-gram; a shorter sentence is one n-gram.
    sample : int
        N-grams drawn with replacement from all places of the corpus.
    seed : int
        Of the draw.
    linkage : "complete", "average" or "single"
        How far apart two groups are: as their members that are farthest, on average, or as those that are nearest.
    precision : "float32" or "bfloat16"
        Of the network; see :func:`reading_neurons.passes.windows`.
    frame : bool
        Read ``<s> w1 .. wn``; False reads the bare words, as the paper did.
    client : dask.distributed.Client, optional
        Of a cluster that reads the n-grams; see :func:`reading_neurons.passes.run`.

    Returns
    -------
    DataFrame
        One row per unit, in order: ``unit``; ``group``, from 0 in order of falling size, equals in order of their first
        unit, and -1 for a unit that never varies; ``correlation`` of the unit with the mean of the other members, not a
        number where it is alone.

    Raises
    ------
    ValueError
        If there is no n-gram, fewer than 2 are drawn, ``groups`` is below 1 or above the number of units that vary, the
        linkage is unknown, or an activation is not a number.

    References
    ----------
    Poerner et al. 2018, section 3.2.2 of the longer version.

    Examples
    --------
    >>> from reading_neurons.models.detectors import Detector, DetectorPathway
    >>> kinds = [Detector("dog", on=["dog"]), Detector("runs", on=["runs"]), Detector("dog", on=["dog"], hold=0.5)]
    >>> pathway = DetectorPathway(Vocabulary(["a", "dog", "runs"]), kinds)
    >>> table = unit_groups(pathway, ["a dog runs", "a dog a a"], groups=2, length=2, sample=100)
    >>> table[["unit", "group"]].values.tolist()
    [[0, 0], [1, 1], [2, 0]]
    """
    drawn = drawn_ngrams(corpus, pathway.vocabulary, length, sample, seed)
    return grouped(correlated(pathway, drawn, frame=frame, precision=precision, client=client), groups, linkage)


def grouped(summary: UnitCorrelations, groups: int = GROUPS, linkage: str = "complete") -> pd.DataFrame:
    """The groups that a summary of correlations gives, as :func:`unit_groups` returns them."""
    group = clustered(summary.result(), groups, linkage)
    return pd.DataFrame(
        {"unit": np.arange(len(group)), "group": group, "correlation": with_others(summary.covariance(), group)}
    )


def drawn_ngrams(
    corpus: passes.Sentences, vocabulary: Vocabulary, length: int = 5, sample: int = SAMPLE, seed: int = 0
) -> Drawn:
    """N-grams drawn with replacement from all places of a corpus, each different one once, with its count.

    Parameters
    ----------
    corpus : Captions, or iterable of sentences
    vocabulary : Vocabulary
        An n-gram with a word that is not in it takes no part.
    length : int
        A sentence shorter than this is one n-gram, of its own width.
    sample : int
        How many are drawn.
    seed : int

    Returns
    -------
    list of (int array of shape (n-grams, width), int array of shape (n-grams,))
        For each width that was drawn the n-grams as word numbers, sorted, and how often each was drawn.

    Raises
    ------
    ValueError
        If the length is below 1, the sample below 2, or there is no n-gram of known words.

    Examples
    --------
    >>> vocabulary = Vocabulary(["a", "dog", "runs"])
    >>> drawn = drawn_ngrams(["a dog runs", "dog"], vocabulary, 2, sample=1000)
    >>> [(ngrams.tolist(), int(counts.sum() > 200)) for ngrams, counts in drawn]
    [([[5]], 1), ([[4, 5], [5, 6]], 1)]
    """
    if length < 1:
        raise ValueError(f"an n-gram has at least 1 word, found a length of {length}")
    if sample < 2:
        raise ValueError(f"a correlation needs at least 2 n-grams, found a sample of {sample}")
    words = passes.words_of(corpus, vocabulary.tokenizer)
    lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    flat = np.fromiter((vocabulary.number(word) for one in words for word in one), dtype=np.int64, count=lengths.sum())
    place = np.arange(len(flat)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    width = np.minimum(np.repeat(lengths, lengths), length)  # of an n-gram that begins here
    unknown = np.r_[0, np.cumsum(flat <= vocabulary.unknown)]
    starts = np.flatnonzero(place + width <= np.repeat(lengths, lengths))
    starts = starts[unknown[starts + width[starts]] == unknown[starts]]
    if not len(starts):
        raise ValueError(f"no {length}-gram of the {len(words)} sentences is made of known words: give more text")
    chosen = starts[np.random.default_rng(seed).integers(len(starts), size=sample)]
    drawn = []
    for wide in np.unique(width[chosen]):
        ngrams = flat[chosen[width[chosen] == wide][:, None] + np.arange(wide)]
        drawn.append(np.unique(ngrams, axis=0, return_counts=True))
    return drawn


def split_ngrams(drawn: Drawn, parts: int, seed: int = 0) -> list[Drawn]:
    """Drawn n-grams in random parts, of which no two hold the same n-gram.

    Parameters
    ----------
    drawn : list of (n-grams, counts)
        As :func:`drawn_ngrams` gives them.
    parts : int
    seed : int

    Returns
    -------
    list of such lists
        Summaries of all parts, merged, are the summary of the whole.

    Raises
    ------
    ValueError
        If there are fewer different n-grams than parts, or no part.
    """
    sizes = [len(counts) for _, counts in drawn]
    if not 1 <= parts <= sum(sizes):
        raise ValueError(f"expected between 1 and {sum(sizes)} parts, as there are so many n-grams, found {parts}")
    part = np.random.default_rng(seed).permutation(sum(sizes)) % parts
    split: list[Drawn] = [[] for _ in range(parts)]
    for (ngrams, counts), numbers in zip(drawn, np.split(part, np.cumsum(sizes)[:-1]), strict=True):
        for number in np.unique(numbers):
            split[number].append((ngrams[numbers == number], counts[numbers == number]))
    return split


def correlated(
    pathway: Pathway,
    drawn: Drawn,
    *,
    frame: bool = True,
    precision: str = "float32",
    client: Client | None = None,
) -> UnitCorrelations:
    """The correlations of a pathway's units at the last word of n-grams, each read on its own.

    Parameters
    ----------
    pathway : Pathway
    drawn : list of (n-grams, counts)
        As :func:`drawn_ngrams` gives them.
    frame : bool
    precision : "float32" or "bfloat16"
    client : dask.distributed.Client, optional
        Of a cluster that reads the n-grams.

    Returns
    -------
    UnitCorrelations
        The summary after its pass.
    """
    with torch.no_grad():
        states = asking.states(pathway, pathway.embedding[Vocabulary.start].view(1, 1, -1))
    reader = Reader(pathway, [unit(i) for i in range(states.shape[-1])], frame=frame, precision=precision)
    blocks = cut([ngrams for ngrams, _ in drawn], [counts for _, counts in drawn])
    return shards.collect(UnitCorrelations(), _read, reader, blocks, client)


def _read(reader: Reader, shard: shards.Shard, summary: UnitCorrelations) -> None:
    ngrams, counts = shard.content
    for begin, activations in reader.all_neurons(ngrams):
        summary.update(activations, counts[begin : begin + len(activations)])


def clustered(
    correlation: Float[np.ndarray, "units units"], groups: int = GROUPS, linkage: str = "complete"
) -> Int[np.ndarray, "units"]:
    """Cut the tree that hierarchical clustering makes of correlations into exactly so many groups.

    Parameters
    ----------
    correlation : float array, shape (units, units)
        Not a number in the row and column of a unit that never varies.
    groups : int
    linkage : "complete", "average" or "single"

    Returns
    -------
    int array, shape (units,)
        As in :func:`unit_groups`. Of pairs equally far apart one is merged first, always the same.

    Raises
    ------
    ValueError
        If the matrix is not square, ``groups`` is below 1 or above the number of units that vary, or the linkage is
        unknown.

    Examples
    --------
    >>> clustered(np.array([[1, 0.2, 0.9], [0.2, 1, 0.1], [0.9, 0.1, 1]]), 2)
    array([0, 1, 0])
    """
    tree, varies = _tree(correlation, linkage)
    if groups < 1:
        raise ValueError(f"expected at least 1 group, found {groups}")
    if groups > varies.sum():
        aside = f", as {len(varies) - varies.sum()} of {len(varies)} never vary" if not varies.all() else ""
        raise ValueError(f"{groups} groups need as many units, found {varies.sum()}{aside}: ask for fewer groups")
    found = np.full(len(varies), NO_GROUP)
    found[varies] = hierarchy.cut_tree(tree, n_clusters=groups)[:, 0] if varies.sum() > 1 else 0
    return _by_size(found)


def _tree(correlation: np.ndarray, linkage: str) -> tuple[np.ndarray | None, np.ndarray]:
    """The tree of the units that vary, and which those are."""
    correlation = np.asarray(correlation, dtype=np.float64)
    if linkage not in LINKAGES:
        raise ValueError(f"unknown linkage {linkage!r}: choose one of {', '.join(map(repr, LINKAGES))}")
    if correlation.ndim != 2 or correlation.shape[0] != correlation.shape[1]:
        raise ValueError(f"expected correlations of units with units, found a shape of {correlation.shape}")
    varies = ~np.isnan(np.diag(correlation))
    if varies.sum() < 2:
        return None, varies
    distance = np.clip(1 - correlation[np.ix_(varies, varies)], 0, 2)
    np.fill_diagonal(distance, 0)
    return hierarchy.linkage(squareform((distance + distance.T) / 2), method=linkage), varies


def _by_size(labels: Int[np.ndarray, "units"]) -> Int[np.ndarray, "units"]:
    """Groups numbered by falling size, equals by their first unit."""
    known, first, counts = np.unique(labels[labels != NO_GROUP], return_index=True, return_counts=True)
    rank = {int(known[i]): number for number, i in enumerate(np.lexsort((first, -counts)))}
    return np.array([rank.get(int(label), NO_GROUP) for label in labels], dtype=np.int64)


def with_others(
    covariance: Float[np.ndarray, "units units"], group: Sequence[int] | Int[np.ndarray, "units"]
) -> Float[np.ndarray, "units"]:
    """The correlation of each unit with the mean of the other members of its group.

    Returns
    -------
    float array, shape (units,)
        Not a number for a unit that is alone, in no group, or whose fellows' mean never moves.

    Examples
    --------
    >>> with_others(np.array([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]]), [0, 0, 1]).round(2).tolist()
    [0.5, 0.5, nan]
    """
    covariance, group = np.asarray(covariance, dtype=np.float64), np.asarray(group)
    found = np.full(len(group), np.nan)
    for number in np.unique(group[group != NO_GROUP]):
        members = np.flatnonzero(group == number)
        if len(members) == 1:
            continue
        inside = covariance[np.ix_(members, members)]
        own, row = np.diag(inside), inside.sum(axis=1)
        others = inside.sum() - 2 * row + own  # the variance of the sum of all others
        still = others <= 1e-12 * own.sum()
        found[members] = np.where(still, np.nan, (row - own) / np.sqrt(own * np.where(still, 1, others)))
    return found
