"""Mutual information: how much does the activation of one unit tell of the word being read, or of its grammar?

Kádár et al. 2017, section 6.5. With A the activation of a unit in twenty bins of equal frequency and C the context at a
token (a word or dependency label, or the n-gram of them that ends there),

    I(A; C) = sum over a, c of p(a, c) log(p(a, c) / p(a) p(c))   in nats,

with p the shares of tokens in a corpus. From counts n it is
``(sum n_ac log n_ac - sum n_a log n_a - sum n_c log n_c) / N + log N``.

Easy to get wrong: this estimate is never too low on average, and with many rare contexts far too high. Shuffle the
contexts over the tokens and nothing is left to be known, yet trigrams of words still give most of a nat. What is above
that null is called the excess here; :func:`per_unit` also offers the correction of Miller and Madow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from jaxtyping import UInt8

from reading_neurons import ngrams, passes
from reading_neurons.annotation import Parse, token_table
from reading_neurons.bins import COUNT, MOST, bins, of_pathway as bins_of_pathway
from reading_neurons.contingency import Contingency, n_log_n
from reading_neurons.corpora.captions import Captions
from reading_neurons.pathway import Pathway

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["bins", "contexts", "excess", "null", "of_pathway", "per_unit"]

KINDS = ("word", "deprel")
WIDTHS = ("unigram", "bigram", "trigram")
ESTIMATORS = ("plug-in", "miller-madow")
PERMUTATIONS = 3
"""Shuffles of a null; over 200,000 tokens one differs from the next by a few thousandths of a nat."""


def contexts(
    table: pd.DataFrame, kinds: Sequence[str] = KINDS, widths: Sequence[str] = WIDTHS
) -> dict[str, np.ndarray]:
    """The contexts of each token: the n-grams of words and of dependency labels that end at it.

    Parameters
    ----------
    table : DataFrame
        One row a token in corpus order: ``sentence`` and the columns of the kinds, as
        :func:`reading_neurons.annotation.token_table` gives it.
    kinds : sequence of str
        Columns.
    widths : sequence of str
        Of ``"unigram"``, ``"bigram"``, ``"trigram"``. An n-gram never reaches into the sentence before.

    Returns
    -------
    dict of str to int array, shape (words,)
        ``"word unigram"``, .., ``"deprel trigram"``: the number of the context at each token.

    Raises
    ------
    ValueError
        If the table is empty, lacks a column or has gaps in it, or a width is unknown.

    Examples
    --------
    >>> table = pd.DataFrame({"sentence": [0, 0, 1], "word": ["a", "dog", "dog"], "deprel": ["det", "nsubj", "nsubj"]})
    >>> contexts(table, widths=["unigram", "bigram"])["word bigram"]
    array([0, 1, 2])
    """
    if unknown := [width for width in widths if width not in WIDTHS]:
        raise ValueError(f"unknown width {unknown[0]!r}: choose of {', '.join(WIDTHS)}")
    if table.empty:
        raise ValueError("contexts need at least one token, found an empty table")
    for column in ("sentence", *kinds):
        if column not in table or table[column].isna().any():
            found = "gaps in" if column in table else f"only {', '.join(map(str, table))} and not"
            raise ValueError(
                f"the tokens have {found} the column {column!r}: make the table with "
                "annotation.token_table(captions, annotation.annotate(captions))"
            )
    sentence = table["sentence"].to_numpy()
    return {
        f"{kind} {width}": ngrams.codes(table[kind], sentence, WIDTHS.index(width) + 1)
        for kind in kinds
        for width in widths
    }


def per_unit(
    binned: UInt8[np.ndarray, "words units"],
    contexts: Mapping[str, Sequence | np.ndarray],
    *,
    estimator: str = "plug-in",
) -> pd.DataFrame:
    """The mutual information of each unit with each kind of context.

    Parameters
    ----------
    binned : uint8 array, shape (words, units)
        As :func:`bins` gives it.
    contexts : mapping of str to array, shape (words,)
        As :func:`contexts` gives it.
    estimator : "plug-in" or "miller-madow"
        The second takes off ``(cells - bins - contexts + 1) / 2N``, the number of each that occur: the bias of the
        first to the order 1/N, which is right where most cells are seen several times.

    Returns
    -------
    DataFrame
        One row per unit and context, contexts of a unit in the order given: ``unit``, ``context``, ``mi`` (nats).

    Raises
    ------
    ValueError
        If there is no token, unit or context, lengths differ, bins are not bytes, or the estimator is unknown.

    References
    ----------
    Kádár et al. 2017, section 6.5; Miller, 1955, "Note on the bias of information estimates".

    Examples
    --------
    >>> on = np.array([[0, 0, 1, 1]], dtype=np.uint8).T
    >>> per_unit(on, {"word": ["a", "the", "dog", "cat"]})["mi"].round(4).tolist()  # one bit
    [0.6931]
    """
    if estimator not in ESTIMATORS:
        raise ValueError(f"unknown estimator {estimator!r}: choose one of {', '.join(map(repr, ESTIMATORS))}")
    rows = _checked(binned, contexts)
    laid = Contingency(contexts, int(rows.max()) + 1)
    found = _information(laid, rows)
    if estimator == "miller-madow":
        found -= _bias(contexts, rows)
    return _tidy(laid.names, mi=found)


def null(
    binned: UInt8[np.ndarray, "words units"],
    contexts: Mapping[str, Sequence | np.ndarray],
    *,
    permutations: int = PERMUTATIONS,
    seed: int | Sequence[int] = 0,
) -> pd.DataFrame:
    """The mutual information that is left when contexts are shuffled over tokens: nothing but bias.

    Parameters
    ----------
    binned, contexts
        As for :func:`per_unit`.
    permutations : int
        How many shuffles; all units see the same.
    seed : int or sequence of int

    Returns
    -------
    DataFrame
        One row per unit and context: ``unit``, ``context``, ``null`` (mean over shuffles, nats), ``spread`` (largest
        less smallest).

    Raises
    ------
    ValueError
        As :func:`per_unit`, or if there is no permutation.
    """
    rows = _checked(binned, contexts)
    laid = Contingency(contexts, int(rows.max()) + 1)
    drawn = _shuffled(laid, rows, permutations, seed)
    return _tidy(laid.names, null=drawn.mean(axis=0), spread=np.ptp(drawn, axis=0))


def excess(
    binned: UInt8[np.ndarray, "words units"],
    contexts: Mapping[str, Sequence | np.ndarray],
    *,
    permutations: int = PERMUTATIONS,
    seed: int | Sequence[int] = 0,
) -> pd.DataFrame:
    """The mutual information of each unit with each context, and what is left of it above the null.

    Parameters
    ----------
    binned, contexts, permutations, seed
        As for :func:`null`.

    Returns
    -------
    DataFrame
        One row per unit and context: ``unit``, ``context``, ``mi``, ``null``, ``excess`` (``mi - null``), in nats.

    Raises
    ------
    ValueError
        As :func:`null`.
    """
    rows = _checked(binned, contexts)
    laid = Contingency(contexts, int(rows.max()) + 1)
    found = _information(laid, rows)
    by_chance = _shuffled(laid, rows, permutations, seed).mean(axis=0)
    return _tidy(laid.names, mi=found, null=by_chance, excess=found - by_chance)


def of_pathway(
    pathway: Pathway,
    captions: Captions | passes.Sentences,
    parses: Sequence[Parse] | None = None,
    *,
    count: int = COUNT,
    as_published: bool = False,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    client: Client | None = None,
) -> pd.DataFrame:
    """The mutual information of a pathway's units with the words and labels of a corpus, from one pass over it.

    What is held of the corpus is one byte a word and unit; see :func:`reading_neurons.bins.of_pathway`.

    Parameters
    ----------
    pathway : Pathway
    captions : Captions, or without parses any sentences
    parses : sequence of Parse, optional
        One a caption; see :func:`reading_neurons.annotation.annotate`. Without them there are contexts of words alone.
    count, as_published
        Bins; see :func:`reading_neurons.bins.bins`.
    permutations, seed
        Of the null.
    client : dask.distributed.Client, optional
        Of a cluster that reads the corpus. What is counted is counted here: sums over the cells of contingency tables
        cannot be added up from parts of a corpus.

    Returns
    -------
    DataFrame
        As :func:`excess`, and ``pathway``.

    Raises
    ------
    ValueError
        If the corpus is empty, the parses are not its own, or there are fewer tokens than bins.
    """
    of_tokens = _word_contexts(pathway, captions) if parses is None else contexts(token_table(captions, parses))
    binned = bins_of_pathway(pathway, captions, count, as_published=as_published, client=client)
    return excess(binned, of_tokens, permutations=permutations, seed=seed).assign(pathway=pathway.name)


def _word_contexts(pathway: Pathway, sentences: passes.Sentences) -> dict[str, np.ndarray]:
    """The contexts of words, as the pathway splits them, of sentences that nobody parsed."""
    words = passes.words_of(sentences, pathway.vocabulary.tokenizer)
    lengths = [len(sentence) for sentence in words]
    table = {"sentence": np.repeat(np.arange(len(words)), lengths), "word": [word for one in words for word in one]}
    return contexts(pd.DataFrame(table), kinds=["word"])


def _checked(binned: np.ndarray, contexts: Mapping[str, Sequence | np.ndarray]) -> np.ndarray:
    """Bins with the tokens of a unit side by side, after a look at everything that can be wrong."""
    binned = np.asarray(binned)
    if binned.dtype != np.uint8 or binned.ndim != 2 or not binned.size:
        raise ValueError(
            f"expected bins as a uint8 array of shape (words, units) with a word and a unit, found {binned.dtype} of "
            f"shape {binned.shape}: make them with mutual_information.bins(states)"
        )
    if not contexts:
        raise ValueError("expected at least one kind of context, found none")
    for name, values in contexts.items():
        if len(values) != len(binned):
            raise ValueError(f"found {len(values)} contexts {name!r} for {len(binned)} tokens, expected one a token")
    return np.ascontiguousarray(binned.T)


def _information(laid: Contingency, rows: np.ndarray, order: np.ndarray | None = None) -> np.ndarray:
    """Mutual information, shape (units, contexts); ``order`` shuffles bins against contexts."""
    cell = n_log_n(laid.size)
    of_contexts = np.array([cell[laid.frequencies[name]].sum() for name in laid.names])
    found = np.empty((len(rows), len(laid.names)))
    for unit, row in enumerate(rows):
        of_bins = cell[np.bincount(row)].sum()
        found[unit] = (laid.sums(row, order) - of_contexts - of_bins) / laid.size
    # Rounding can leave a hair below zero where there is nothing to know.
    return np.maximum(found + np.log(laid.size), 0)


def _shuffled(laid: Contingency, rows: np.ndarray, permutations: int, seed: int | Sequence[int]) -> np.ndarray:
    if permutations < 1:
        raise ValueError(f"a null needs at least 1 permutation, found {permutations}")
    rng = np.random.default_rng(seed)
    return np.stack([_information(laid, rows, rng.permutation(laid.size)) for _ in range(permutations)])


def _bias(contexts: Mapping[str, Sequence | np.ndarray], rows: np.ndarray) -> np.ndarray:
    """Miller and Madow's estimate of the bias, shape (units, contexts)."""
    laid = Contingency(contexts, MOST, lambda size: (np.arange(size + 1) > 0).astype(float))
    kinds = np.array([len(laid.frequencies[name]) for name in laid.names])
    cells = np.array([laid.sums(row) for row in rows])
    occupied = np.array([[np.count_nonzero(np.bincount(row))] for row in rows])
    return (cells - occupied - kinds + 1) / (2 * laid.size)


def _tidy(names: Sequence[str], **columns: np.ndarray) -> pd.DataFrame:
    units = len(next(iter(columns.values())))
    keys = {"unit": np.repeat(np.arange(units), len(names)), "context": list(names) * units}
    return pd.DataFrame({**keys, **{name: values.ravel() for name, values in columns.items()}})
