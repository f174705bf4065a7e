"""Does the clause with more saliency make the decision? The counter-example of Li et al. 2016, section 5.1.

In "I hate the movie though the plot is interesting" the paper's recurrent network puts all saliency on the second
clause, which alone it calls positive, and still decides that the whole is negative. Here that is asked of any number of
such sentences: which clause gets more of a map, which one has the polarity of the decision, and which one, left out,
changes the score of the decision more.

Easy to get wrong: long clauses. A clause of more words gets more saliency in sum, so both the sum and the mean of a
word are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from reading_neurons.corpora.trees import Trees
from reading_neurons.methods.gradients import encoded, output_scores
from reading_neurons.methods.saliency import saliency
from reading_neurons.pathway import Pathway, length_batches
from reading_neurons.text import Batch

CONNECTIVES = ("though", "although", "but")
NEUTRAL = 2
SHORTEST = 3  # words of a clause; what is shorter is a phrase


class Clauses(NamedTuple):
    """A sentence of two clauses: words before and after a connective, and the polarity of each, -1, 0 or 1."""

    words: tuple[str, ...]
    first: slice
    second: slice
    first_polarity: int
    second_polarity: int


@torch.no_grad()
def scores(pathway: Pathway, sentences: Sequence[Sequence[str]], batch_size: int = 256) -> np.ndarray:
    """Every output for whole sentences, shape (sentences, outputs)."""
    ids = encoded(pathway, sentences)
    found: dict[int, np.ndarray] = {}
    for chosen in length_batches([len(sentence) for sentence in ids], batch_size):
        batch = Batch.of([ids[i] for i in chosen]).to(pathway.embedding.device)
        values = output_scores(pathway, pathway.embedding[batch.ids], batch.lengths).cpu().numpy()
        found |= dict(zip(chosen.tolist(), values, strict=True))
    return np.stack([found[number] for number in range(len(ids))])


def polarity(classes: np.ndarray, outputs: int) -> np.ndarray:
    """The sign of a class: -1 below the middle one, 1 above it, 0 where it is the middle.

    Examples
    --------
    >>> polarity(np.arange(5), 5).tolist(), polarity(np.arange(2), 2).tolist()
    ([-1, -1, 0, 1, 1], [-1, 1])
    """
    return np.sign(2 * np.asarray(classes) - (outputs - 1))


def split_clauses(trees: Trees) -> list[Clauses]:
    """Sentences of a treebank with one of the connectives between two clauses of opposite polarity.

    A clause is the largest constituent that ends right before the connective, or begins right after it; its label says
    its polarity. Sentences where one of them is neutral or shorter than three words, or both have the same polarity, are
    left out.

    Examples
    --------
    >>> from reading_neurons.corpora.trees import Tree
    >>> tree = Tree.parse("(1 (1 (2 I) (0 (0 hate) (2 it))) (2 (2 though) (3 (2 it) (3 (2 is) (4 fun)))))")
    >>> split_clauses(Trees("own", "own", (tree,)))[0].second_polarity
    1
    """
    found = []
    for tree, words in zip(trees.trees, trees.tokens, strict=True):
        for place, word in enumerate(words):
            if word not in CONNECTIVES:
                continue
            before = [part for part in tree.constituents if part.end == place or _comma(words, part.end, place)]
            after = [part for part in tree.constituents if part.start == place + 1]
            if not before or not after:
                continue
            first, second = (max(parts, key=lambda part: part.end - part.start) for parts in (before, after))
            signs = [int(np.sign(part.label - NEUTRAL)) for part in (first, second)]
            long = min(part.end - part.start for part in (first, second)) >= SHORTEST
            if long and signs[0] * signs[1] < 0:
                spans = slice(first.start, first.end), slice(second.start, second.end)
                found.append(Clauses(words, *spans, *signs))
                break
    return found


def _comma(words: Sequence[str], end: int, place: int) -> bool:
    return end == place - 1 and words[end] == ","


def of_pairs(pairs: pd.DataFrame) -> list[Clauses]:
    """The generated sentences of :func:`reading_neurons.corpora.polarity.clause_pairs` as clauses."""
    found = []
    for row in pairs.itertuples():
        words = tuple(row.whole.split())
        before, after = len(row.main.split()), len(row.concessive.split())
        signs = (1 if which == "positive" else -1 for which in (row.main_polarity, row.concessive_polarity))
        found.append(Clauses(words, slice(0, before), slice(len(words) - after, len(words)), *signs))
    return found


def clause_table(pathway: Pathway, clauses: Sequence[Clauses], *, method: str = "derivative") -> pd.DataFrame:
    """Which clause gets the saliency, and which one makes the decision.

    Parameters
    ----------
    pathway : Pathway
        Whose outputs are classes from negative to positive.
    clauses : sequence of Clauses
    method : str
        One of :data:`reading_neurons.methods.saliency.METHODS`; magnitudes are added.

    Returns
    -------
    DataFrame
        One row per sentence: ``sentence``; ``decision``, ``first decision`` and ``second decision`` (-1, 0, 1: the
        polarity of the class of the whole, of the first clause alone and of the second alone); ``first share`` and
        ``second share`` of the saliency of the whole; ``first mean`` and ``second mean`` of a word, by the mean over
        the sentence; ``first drop`` and ``second drop``, how much the score of the decision falls when that clause,
        with the connective, is left out; ``first polarity``, ``second polarity``.

    Raises
    ------
    ValueError
        If there is no sentence, or the method is unknown.
    """
    if not clauses:
        raise ValueError("found no sentence of two clauses, expected at least one")
    whole = [one.words for one in clauses]
    alone = [[one.words[getattr(one, which)] for one in clauses] for which in ("first", "second")]
    table = saliency(pathway, whole, method=method)
    size = [rows.to_numpy() for _, rows in table["saliency"].abs().groupby(table["sentence"])]
    all_scores, first, second = (scores(pathway, words) for words in (whole, *alone))
    outputs, decided = all_scores.shape[1], all_scores.argmax(axis=1)
    each = np.arange(len(clauses))
    columns = {"sentence": each, "decision": polarity(decided, outputs)}
    for which, own, other in (("first", first, second), ("second", second, first)):
        parts = [sizes[getattr(one, which)] for sizes, one in zip(size, clauses, strict=True)]
        columns |= {
            f"{which} polarity": [getattr(one, f"{which}_polarity") for one in clauses],
            f"{which} decision": polarity(own.argmax(axis=1), outputs),
            f"{which} share": [part.sum() / sizes.sum() for part, sizes in zip(parts, size, strict=True)],
            f"{which} mean": [part.mean() / sizes.mean() for part, sizes in zip(parts, size, strict=True)],
            f"{which} drop": (all_scores - other)[each, decided],
        }
    return pd.DataFrame(columns)


def disagreement(table: pd.DataFrame, by: str = "mean") -> pd.DataFrame:
    """Whether map and decision disagree, for every sentence whose decision is not neutral.

    Parameters
    ----------
    table : DataFrame
        As :func:`clause_table` gives it.
    by : "mean" or "share"
        What makes a clause the one with more saliency: that of a mean word, or the sum.

    Returns
    -------
    DataFrame
        ``sentence``; ``against`` (1 where the clause with more saliency has the polarity opposite to the decision),
        ``misled`` (1 where leaving out the clause with *less* saliency lowers the score of the decision more),
        ``second`` (1 where the second clause has more saliency).
    """
    decided = table[table["decision"] != 0]
    second = (decided[f"second {by}"] > decided[f"first {by}"]).to_numpy()
    salient = np.where(second, decided["second polarity"], decided["first polarity"])
    drop, other = decided[["first drop", "second drop"]].to_numpy().T
    drop, other = np.where(second, other, drop), np.where(second, drop, other)
    return pd.DataFrame(
        {
            "sentence": decided["sentence"].to_numpy(),
            "against": (salient != decided["decision"].to_numpy()).astype(float),
            "misled": (other > drop).astype(float),
            "second": second.astype(float),
        }
    )
