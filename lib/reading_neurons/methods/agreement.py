"""Do methods that say which words matter agree: with each other, and with what is known?

Six answers to one question, for every word of a sentence and the class that the network chose:

=========================  ==================================================  ========  =====================
method                     of a word                                           signed    reads
=========================  ==================================================  ========  =====================
``omission``               1 - cosine of the representation without it         no        embedding, cell
``score omission``         what the score of the class loses without it        yes       embedding, cell, readout
``derivative``             length of the derivative of the score               no        embedding, cell, readout
``gradient x input``       its embedding times that derivative                 yes       embedding, cell, readout
``integrated gradients``   the same, averaged from a sentence of empty words   yes       embedding, cell, readout
``variance``               squared distance from the sentence's mean word      no        embedding
=========================  ==================================================  ========  =====================

Their units differ, so ranks are compared, sentence by sentence: Spearman's rho and Kendall's tau-b over the words of
one sentence, then the mean over sentences.

Easy to get wrong: pooling. Ranks over the words of all sentences together would call it agreement that two methods give
more to short sentences. And a sign is not a rank: by default magnitudes are compared, for half of the methods have no
sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from scipy.stats import rankdata

from reading_neurons import asking
from reading_neurons.methods.gradients import PREDICTED, Outputs, chosen_outputs, encoded, output_scores, width
from reading_neurons.methods.omission import scores
from reading_neurons.methods.saliency import STEPS, saliency
from reading_neurons.methods.score_omission import score_omission
from reading_neurons.methods.variance import variance
from reading_neurons.passes import Sentences, words_of
from reading_neurons.pathway import Pathway, length_batches
from reading_neurons.statistics import mean_intervals
from reading_neurons.text import Batch

METHODS = ("omission", "score omission", "derivative", "gradient x input", "integrated gradients", "variance")
"""Names of the methods, in the order of the table above."""
SIGNED = ("score omission", "gradient x input", "integrated gradients")
"""Those that say for or against: above zero where a word speaks for the class."""
BATCH = 128
SHORTEST = 3  # words of a sentence whose ranks are compared


def attributions(
    pathway: Pathway,
    sentences: Sentences,
    outputs: Outputs = PREDICTED,
    methods: Sequence[str] = METHODS,
    *,
    steps: int = STEPS,
) -> pd.DataFrame:
    """What each method gives each word, side by side.

    Parameters
    ----------
    pathway : Pathway
    sentences : Captions, Trees, or iterable of sentences
    outputs : "predicted", int, str, or sequence of int
        Which output of each sentence; the same for all methods.
    methods : sequence of str
        Some of :data:`METHODS`.
    steps : int
        Points of the integral, for integrated gradients.

    Returns
    -------
    DataFrame
        One row per word in the order of the corpus: ``sentence``, ``position``, ``word`` (as given), ``output``,
        ``score`` (of the whole sentence), and a column for each method.

    Raises
    ------
    ValueError
        If a method is unknown, a sentence has no word that the network knows, or an output is out of range.
    TypeError
        If the pathway has no outputs.

    Examples
    --------
    >>> from reading_neurons.models import LSTM
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = LSTM(Vocabulary(["a", "film"]), embedding=3, units=4).eval().pathways["lstm"]
    >>> attributions(pathway, ["a film"], "positive", ["omission", "variance"]).columns.tolist()
    ['sentence', 'position', 'word', 'output', 'score', 'omission', 'variance']
    """
    if unknown := [method for method in methods if method not in METHODS]:
        raise ValueError(f"unknown method {unknown[0]!r}: choose of {', '.join(map(repr, METHODS))}")
    words = words_of(sentences, pathway.vocabulary.tokenizer)
    chosen, score = _decisions(pathway, words, outputs)
    lengths = [len(sentence) for sentence in words]
    table = pd.DataFrame(
        {
            "sentence": np.repeat(np.arange(len(words)), lengths),
            "position": np.concatenate([np.arange(length) for length in lengths]),
            "word": [word for sentence in words for word in sentence],
            "output": np.repeat(chosen, lengths),
            "score": np.repeat(score, lengths),
        }
    )
    return table.assign(**{name: method_values(pathway, words, chosen, name, steps=steps) for name in methods})


@torch.no_grad()
def _decisions(pathway: Pathway, words: Sequence[Sequence[str]], outputs: Outputs) -> tuple[list[int], np.ndarray]:
    """One output for each sentence, the same for all methods also where two tie, and its score."""
    ids, count = encoded(pathway, words), width(pathway)
    scores_of_all = np.empty((len(ids), count))
    for chosen in length_batches([len(sentence) for sentence in ids], BATCH):
        batch = Batch.of([ids[i] for i in chosen]).to(pathway.embedding.device)
        scores_of_all[chosen] = output_scores(pathway, asking.words(pathway, batch.ids), batch.lengths).cpu().numpy()
    wanted = chosen_outputs(pathway, outputs, len(ids))
    found = scores_of_all.argmax(axis=1) if wanted is None else wanted.numpy()
    return found.tolist(), scores_of_all[np.arange(len(ids)), found]


def method_values(
    pathway: Pathway, sentences: Sentences, outputs: Outputs, method: str, *, steps: int = STEPS
) -> np.ndarray:
    """What one method gives each word of all sentences, shape (words,); arguments as for :func:`attributions`."""
    if method == "score omission":
        return score_omission(pathway, sentences, outputs)["saliency"].to_numpy()
    if method == "omission":
        return scores(pathway, words_of(sentences, pathway.vocabulary.tokenizer))["score"].to_numpy()
    if method == "variance":
        return variance(pathway, sentences)["saliency"].to_numpy()
    return saliency(pathway, sentences, outputs, method=method, steps=steps)["saliency"].to_numpy()


def rank_agreement(
    table: pd.DataFrame,
    first: Sequence[str],
    second: Sequence[str] | None = None,
    *,
    magnitudes: bool = True,
    shuffled: int | None = None,
) -> pd.DataFrame:
    """Rank correlations over the words of each sentence, for pairs of columns.

    Parameters
    ----------
    table : DataFrame
        One row per word: ``sentence`` and the columns that are compared.
    first, second : sequence of str
        Columns: every one of ``first`` with every one of ``second``, or without ``second`` every pair of ``first``.
    magnitudes : bool
        Compare how much, not in which direction.
    shuffled : int, optional
        The seed of a null: the words of each sentence change places in the columns of ``second`` (of a pair: in its
        second column).

    Returns
    -------
    DataFrame
        One row per sentence and pair: ``sentence``, ``first``, ``second``, ``spearman``, ``kendall`` (tau-b).
        Sentences of fewer than three words are left out, and pairs of which one never varies in a sentence.

    Raises
    ------
    ValueError
        If a column is missing, there is no pair, or no sentence can be compared.

    Examples
    --------
    >>> table = pd.DataFrame({"sentence": [0, 0, 0], "a": [1.0, 2.0, 3.0], "b": [-1.0, -5.0, -9.0]})
    >>> rank_agreement(table, ["a", "b"]).round(3).values.tolist()
    [[0, 'a', 'b', 1.0, 1.0]]
    >>> rank_agreement(table, ["a", "b"], magnitudes=False)["kendall"].tolist()
    [-1.0]
    """
    pairs = list(combinations(first, 2)) if second is None else [(a, b) for a in first for b in second]
    names = list(dict.fromkeys([*first, *(second or ())]))
    if missing := [name for name in ("sentence", *names) if name not in table]:
        raise ValueError(f"the table has no column {', '.join(map(repr, missing))}; its columns are {list(table)}")
    if not pairs:
        raise ValueError(f"agreement needs at least two columns, found {names}")
    values = table[names].to_numpy(dtype=float)
    rng = None if shuffled is None else np.random.default_rng(shuffled)
    a, b = (np.array([names.index(pair[side]) for pair in pairs]) for side in (0, 1))
    parts = []
    for sentence, rows in _sentences(table["sentence"].to_numpy(), np.abs(values) if magnitudes else values):
        others = rows if rng is None else rows[rng.permutation(len(rows))]
        rho, tau = _spearman(rows, others), _kendall(rows, others)
        parts.append((sentence, rho[a, b], tau[a, b]))
    if not parts:
        raise ValueError(f"ranks are compared in sentences of {SHORTEST} words or more, found none")
    found = pd.DataFrame(
        {
            "sentence": np.repeat([sentence for sentence, _, _ in parts], len(pairs)),
            "first": np.tile([pair[0] for pair in pairs], len(parts)),
            "second": np.tile([pair[1] for pair in pairs], len(parts)),
            "spearman": np.concatenate([rho for _, rho, _ in parts]),
            "kendall": np.concatenate([tau for _, _, tau in parts]),
        }
    )
    return found.dropna(subset=["spearman"]).reset_index(drop=True)


def _sentences(number: np.ndarray, values: np.ndarray) -> Iterator[tuple[int, Float[np.ndarray, "words columns"]]]:
    """Each sentence that is long enough, with its rows."""
    order = np.argsort(number, kind="stable")
    for places in np.split(order, np.flatnonzero(np.diff(number[order])) + 1):
        if len(places) >= SHORTEST:
            yield int(number[places[0]]), values[places]


def _spearman(first: np.ndarray, second: np.ndarray) -> Float[np.ndarray, "columns columns"]:
    """Rank correlations of the columns of one with those of the other; NaN where one never varies."""
    a, b = (rankdata(part, axis=0) - (len(part) + 1) / 2 for part in (first, second))
    return _normalised(a.T @ b, (a * a).sum(axis=0), (b * b).sum(axis=0))


def _kendall(first: np.ndarray, second: np.ndarray) -> Float[np.ndarray, "columns columns"]:
    """Tau-b: pairs of words in the same order less pairs in the other, over all that are not tied."""
    i, j = np.triu_indices(len(first), 1)
    a, b = (np.sign(part[i] - part[j]) for part in (first, second))
    return _normalised(a.T @ b, np.abs(a).sum(axis=0), np.abs(b).sum(axis=0))


def _normalised(products: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.outer(a, b) > 0, products / np.sqrt(np.outer(a, b)), np.nan)


def mean_agreement(
    agreement: pd.DataFrame, by: Sequence[str] = ("first", "second"), *, value: str = "spearman", seed: int = 0
) -> pd.DataFrame:
    """The mean of rank correlations over sentences, with 95 % intervals.

    Parameters
    ----------
    agreement : DataFrame
        As :func:`rank_agreement` gives it, perhaps with more columns.
    by : sequence of str
        Columns whose values are kept apart.
    value : "spearman" or "kendall"
    seed : int

    Returns
    -------
    DataFrame
        One row per combination of ``by``: these columns, ``mean``, ``low``, ``high``, ``count`` (sentences).
    """
    return mean_intervals(agreement, value, list(by), cluster="sentence", seed=seed)
