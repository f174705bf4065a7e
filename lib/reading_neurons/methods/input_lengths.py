"""How long an input a neuron wants: the activation of the optimum against its length.

A neuron that adds up what it reads grows with every word; one that looks at the last words levels off. The span is the
fewest words with which the optimum reaches 95 % of what it reaches with the most.

Easy to get wrong: optimisation is no harder for one word than for ten, but the space is. Where a curve falls, longer
inputs were not found; a neuron can always ignore a word that is added in front only if its state forgets it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from reading_neurons import passes
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.methods.ngram_omission import word_effects
from reading_neurons.neurons import Neuron
from reading_neurons.pathway import Pathway

SHARE = 0.95


def by_length(
    pathway: Pathway,
    neurons: Sequence[Neuron],
    lengths: Sequence[int] = tuple(range(1, 11)),
    *,
    corpus: passes.Sentences | None = None,
    seed: int = 0,
    precision: str = "float32",
    **search: Any,
) -> pd.DataFrame:
    """The optimum of each length, and the corpus's best n-gram beside it.

    Parameters
    ----------
    pathway : Pathway
    neurons : sequence of Neuron
    lengths : sequence of int
    corpus : Captions, or iterable of sentences
        Optional: where corpus search looks.
    seed : int
    precision : "float32" or "bfloat16"
        Of the searches.
    **search
        How the optimum is searched for: ``ascent``, ``swaps``.

    Returns
    -------
    DataFrame
        One row per length, method and neuron: ``neuron``, ``length``, ``method`` (``"optimised"`` or ``"corpus"``),
        ``words``, ``activation``.

    Examples
    --------
    >>> from reading_neurons.models.detectors import Detector, DetectorPathway
    >>> from reading_neurons.neurons import unit
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = DetectorPathway(Vocabulary(["a", "dog"]), [Detector("dog", on=["dog"])])
    >>> by_length(pathway, [unit(0)], [1, 2])["activation"].tolist()
    [1.0, 1.0]
    """
    parts = []
    for length in lengths:
        found = {"optimised": optimize(pathway, neurons, length, seed=seed, precision=precision, **search)}
        if corpus is not None:
            found["corpus"] = optimize(pathway, neurons, length, "corpus", corpus=corpus, precision=precision)
        parts += [table.assign(method=method, length=length) for method, table in found.items()]
    return pd.concat(parts, ignore_index=True)[["neuron", "length", "method", "words", "activation"]]


def spans(table: pd.DataFrame, share: float = SHARE) -> pd.Series:
    """For each neuron the fewest words whose optimum reaches a share of the highest of all lengths.

    Activations count from that of the one best word, so that a bias of the neuron does not make its span short; where
    more words add nothing, the span is the least length.

    Parameters
    ----------
    table : DataFrame
        As :func:`by_length` gives it.
    share : float

    Returns
    -------
    Series
        By neuron.

    Examples
    --------
    >>> rows = [("a", length, "optimised", value) for length, value in ((1, 1.0), (2, 2.0), (3, 3.0), (4, 3.05))]
    >>> spans(pd.DataFrame(rows, columns=["neuron", "length", "method", "activation"])).tolist()
    [3]
    """
    wide = table[table["method"] == "optimised"].pivot(index="length", columns="neuron", values="activation")
    climb = wide - wide.iloc[0]
    reached = climb >= share * climb.clip(lower=0).max()
    names = list(dict.fromkeys(table["neuron"]))
    return reached.idxmax().reindex(names).rename("span")


def words_by_length(
    pathway: Pathway, neurons: Sequence[Neuron], lengths: Sequence[int] = (1, 3, 5), *, seed: int = 0
) -> pd.DataFrame:
    """The optimum of each length word by word, with what each word adds.

    Parameters
    ----------
    pathway, neurons, lengths, seed
        As for :func:`by_length`.

    Returns
    -------
    DataFrame
        One row per neuron, length and word, as :func:`reading_neurons.charts.written_inputs` takes it: ``neuron`` (with
        the pathway's name before it), ``method`` ("3 words"), ``activation``, ``place`` (from 0), ``word``, ``effect``
        (what is lost without the word; NaN of a lone one).

    Examples
    --------
    >>> from reading_neurons.models.detectors import Detector, DetectorPathway
    >>> from reading_neurons.neurons import unit
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = DetectorPathway(Vocabulary(["a", "dog"]), [Detector("dog", on=["dog"], hold=0.5)], name="toy")
    >>> words_by_length(pathway, [unit(0)], [1])[["neuron", "method", "word"]].values.tolist()
    [['toy, unit 0', '1 word', 'dog']]
    """
    found, parts = by_length(pathway, neurons, lengths, seed=seed), []
    for length in lengths:
        words = found.loc[found["length"] == length, "words"].tolist()
        effects = word_effects(pathway, neurons, words)
        parts.append(effects.assign(method=f"{length} word{'s' * (length > 1)}"))
    table = pd.concat(parts, ignore_index=True)
    table["neuron"] = f"{pathway.name}, " + table["neuron"]
    return table[["neuron", "method", "activation", "place", "word", "effect"]]
