"""Fluent inputs: what excites a neuron, if it must be something that a person might write.

The n-gram that excites a neuron most is often a heap of words. Here a second thing is wanted of it: that a network
which guesses the next word finds it likely. There is no single best n-gram then, but a Pareto front,

    {w : no other n-gram has both a higher activation and a higher mean log probability per word},

from the heap of words to the most usual beginning of a caption. Beyond Poerner et al. 2018; the idea is that of fluent
dreaming (Thompson et al. 2024), on networks that read.

Easy to get wrong: the evidence of a single point. How much activation fluency costs is read off the front at a stated
fluency, that of text which people wrote, see :func:`at_fluency`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from jaxtyping import Int

from reading_neurons import passes
from reading_neurons.methods import corpus_search
from reading_neurons.methods.fluent_search import Evolution, Fluent, search
from reading_neurons.methods.input_optimization import allowed_words, optimize, pinned_numbers, texts
from reading_neurons.methods.judge import Judge
from reading_neurons.methods.relaxations import generator
from reading_neurons.neurons import Neuron
from reading_neurons.pathway import Pathway
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

STARTS = 8  # random n-grams that the peers begin with


def fluent_inputs(
    pathway: Pathway,
    neurons: Sequence[Neuron] | Neuron,
    judge: Pathway,
    length: int = 5,
    *,
    seed: int = 0,
    evolution: Evolution | None = None,
    optimum: pd.DataFrame | None = None,
    corpus: passes.Sentences | None = None,
    min_count: int = 1,
    pinned: dict[int, str] | None = None,
    lowest: bool = False,
    precision: str = "float32",
) -> pd.DataFrame:
    """The n-grams that nothing beats in both activation and fluency.

    Parameters
    ----------
    pathway : Pathway
    neurons : Neuron, or sequence of them
    judge : Pathway
        Scores the next word: a textual pathway or, more independent, a language model trained on its own. It must know
        the same words.
    length : int
        Words of an n-gram.
    seed : int
    evolution : Evolution
        How the search goes, and what it may spend beyond the optimum.
    optimum : DataFrame
        What :func:`~reading_neurons.methods.input_optimization.optimize` gave for the same neurons, in order; found
        anew where it is not given. ``"epo"`` and ``"weighted"`` begin at random and need none.
    corpus : Captions, or iterable of sentences
        Its best n-gram for each neuron is a start too; and where words are counted for ``min_count``.
    min_count : int
        Only words that occur so often in the corpus may be written.
    pinned : mapping of int to str
        Words that are given, by place from 0.
    lowest : bool
        Fluent n-grams that silence the neuron.
    precision : "float32" or "bfloat16"
        Of the search; what is given is computed anew in single precision.

    Returns
    -------
    DataFrame
        One row per neuron and point of its front, the most exciting first (with ``lowest`` the most silencing):
        ``neuron`` (its name), ``words``, ``activation``, ``log_probability`` (mean per word, nats, of the words given
        those before and ``<s>``), ``evaluations`` (what the neuron took in all: an n-gram read by network and judge is
        one, a backward pass of both one more).

    Raises
    ------
    ValueError
        As :func:`~reading_neurons.methods.input_optimization.optimize`, and if the judge does not score words, or not
        the same ones.

    References
    ----------
    Beyond Poerner et al. 2018. Thompson, Straznickas and Sklar 2024 for the idea and for ``"epo"``.

    Examples
    --------
    >>> from reading_neurons.models import Imaginet, LanguageModel
    >>> from reading_neurons.neurons import output
    >>> words = Vocabulary(["a", "dog", "runs"])
    >>> visual = Imaginet(words, ["object:dog"], embedding=4, units=8).pathways["visual"]
    >>> judge = LanguageModel(words, embedding=4, units=8).pathways["language model"]
    >>> list(fluent_inputs(visual, output(visual, "dog"), judge, length=2))
    ['neuron', 'words', 'activation', 'log_probability', 'evaluations']
    """
    neurons = [neurons] if isinstance(neurons, Neuron) else list(neurons)
    evolution = evolution or Evolution()
    settings = {"pinned": pinned, "lowest": lowest, "corpus": corpus, "min_count": min_count, "precision": precision}
    if optimum is None and evolution.way == "fronts":
        optimum = optimize(pathway, neurons, length, seed=seed, **settings)
    best = [None] * len(neurons) if corpus is None else list(_best_of(corpus, pathway, neurons, length, settings))
    scorer = Judge(judge, precision=precision)
    exactly = scorer if precision == "float32" else Judge(judge)
    allowed = allowed_words(pathway.vocabulary, corpus, min_count)
    words = torch.from_numpy(np.flatnonzero(allowed)).to(pathway.embedding.device)
    asked = {"pinned": pinned_numbers(pathway.vocabulary, pinned or {}, length), "lowest": lowest}
    parts = []
    for place in dict.fromkeys(neuron.place for neuron in neurons):
        chosen = [i for i, neuron in enumerate(neurons) if neuron.place == place]
        reader = Reader(pathway, [neurons[i] for i in chosen], precision=precision)
        problem = Fluent(reader, scorer, words, length, **asked)
        given = [[optimum["words"].iloc[i], best[i]] if evolution.way == "fronts" else [best[i]] for i in chosen]
        search(problem, _starts(problem, given, evolution, seed), evolution, seed)
        exact = Fluent(Reader(pathway, reader.neurons), exactly, words, length, **asked)
        spent = optimum["evaluations"].to_numpy()[chosen] if optimum is not None else np.zeros(len(chosen), dtype=int)
        parts += _tables(problem, exact, chosen, problem.evaluations + spent)
    order = np.argsort([row for row, _ in parts], kind="stable")
    return pd.concat([parts[i][1] for i in order], ignore_index=True)


def _starts(
    problem: Fluent, given: Sequence[Sequence[str | None]], evolution: Evolution, seed: int
) -> list[np.ndarray]:
    """N-grams to begin with: those given, and for the peers random ones."""
    starts = []
    for neuron, ngrams in zip(problem.reader.neurons, given, strict=True):
        known = [
            [problem.reader.pathway.vocabulary.number(word) for word in ngram.split()] for ngram in ngrams if ngram
        ]
        ids = np.array(known, dtype=np.int64).reshape(-1, problem.length)
        if evolution.way != "fronts":
            ids = np.concatenate((ids, problem.random(generator(seed, neuron, 0), STARTS)))
        starts.append(np.unique(ids, axis=0))
    return starts


def _best_of(corpus, pathway, neurons, length, settings) -> list[str | None]:
    """The corpus's best n-gram of each neuron where it has the full length."""
    found = optimize(pathway, neurons, length, "corpus", **{**settings, "corpus": corpus})
    return [words if len(words.split()) == length else None for words in found["words"]]


def _tables(problem: Fluent, exact: Fluent, chosen, evaluations) -> list[tuple[int, pd.DataFrame]]:
    """The front of each neuron with exact values, with the neuron's number."""
    rows = np.repeat(np.arange(len(chosen)), list(map(len, problem.ids)))
    exact.take(np.concatenate(problem.ids), rows)
    vocabulary = problem.reader.pathway.vocabulary
    return [
        (
            number,
            pd.DataFrame(
                {
                    "neuron": problem.reader.neurons[row].name,
                    "words": texts(vocabulary, exact.ids[row]),
                    "activation": exact.sign * exact.values[row][:, 0],
                    "log_probability": exact.values[row][:, 1],
                    "evaluations": int(evaluations[row]),
                }
            ),
        )
        for row, number in enumerate(chosen)
    ]


def at_fluency(points: pd.DataFrame, log_probability: float, lowest: bool = False) -> pd.DataFrame:
    """Of each neuron the most exciting point of its front that is at least so fluent.

    Parameters
    ----------
    points : DataFrame
        As :func:`fluent_inputs` gives it.
    log_probability : float
        Mean per word.
    lowest : bool
        Fronts of n-grams that silence.

    Returns
    -------
    DataFrame
        Rows of ``points``, one per neuron, in order; neurons without so fluent a point are left out.

    Examples
    --------
    >>> points = pd.DataFrame({"neuron": "a", "words": ["x", "y"], "activation": [3.0, 2.0], "log_probability": [-9.0, -4.0]})
    >>> at_fluency(points, -5.0)["words"].tolist()
    ['y']
    """
    fluent = points[points["log_probability"] >= log_probability]
    best = fluent.groupby("neuron", sort=False)["activation"].agg("idxmin" if lowest else "idxmax")
    return points.loc[best].reset_index(drop=True)


def drawn_ngrams(
    corpus: passes.Sentences,
    vocabulary: Vocabulary,
    length: int = 5,
    count: int = 10_000,
    *,
    openings: bool = False,
    seed: int = 0,
) -> Int[np.ndarray, "ngrams length"]:
    """N-grams that people wrote, drawn at random from a corpus without replacement, as word numbers.

    Parameters
    ----------
    corpus : Captions, or iterable of sentences
    vocabulary : Vocabulary
    length : int
    count : int
        At most how many; an n-gram that is written often is drawn often.
    openings : bool
        Only the beginnings of sentences.
    seed : int

    Raises
    ------
    ValueError
        If the corpus has no n-gram of this length whose words are all known.

    Examples
    --------
    >>> drawn_ngrams(["a dog runs"], Vocabulary(["a", "dog", "runs"]), 2, openings=True).tolist()
    [[4, 5]]
    """
    found = []
    for sentence in passes.words_of(corpus):
        numbers = [vocabulary.number(word) for word in sentence]
        last = min(1, len(numbers) - length + 1) if openings else len(numbers) - length + 1
        found += [numbers[at : at + length] for at in range(last)]
    ids = np.array(found, dtype=np.int64).reshape(-1, length)
    ids = ids[(ids > Vocabulary.unknown).all(axis=1)]
    if not len(ids):
        raise ValueError(f"the corpus has no {length}-gram of known words: give more text, or a shorter length")
    return ids[np.random.default_rng(seed).permutation(len(ids))[:count]]


def corpus_front(
    pathway: Pathway,
    neurons: Sequence[Neuron],
    judge: Pathway,
    corpus: passes.Sentences,
    length: int = 5,
    top: int = 200,
    *,
    precision: str = "float32",
) -> pd.DataFrame:
    """The front among the n-grams of a corpus: what corpus search offers somebody who wants fluency as well.

    Parameters
    ----------
    pathway, neurons, judge, corpus, length, precision
        As for :func:`fluent_inputs`.
    top : int
        How many n-grams of highest activation are judged for each neuron; the front is exact down to the last of them.

    Returns
    -------
    DataFrame
        One row per neuron and point, the most exciting first: ``neuron``, ``words``, ``activation``,
        ``log_probability``, and ``mean``: the neuron's over all different n-grams of the corpus.
    """
    ngrams = corpus_search.distinct_ngrams(corpus, pathway.vocabulary, length)[-1]
    if ngrams.shape[1] != length:
        raise ValueError(f"the corpus has no {length}-gram of words that the network knows: give more text")
    scorer, parts = Judge(judge), {}
    for place in dict.fromkeys(neuron.place for neuron in neurons):
        of_place = [neuron for neuron in neurons if neuron.place == place]
        reader = Reader(pathway, of_place, precision=precision)
        values = np.concatenate([found.cpu().numpy() for _, found in reader.all_neurons(ngrams)])
        best = np.argpartition(-values, min(top, len(values)) - 1, axis=0)[:top]
        exact = Fluent(Reader(pathway, of_place), scorer, torch.zeros(0, dtype=torch.long), length)
        exact.take(ngrams[best.T.reshape(-1)], np.arange(len(of_place)).repeat(len(best)))
        for row, neuron in enumerate(of_place):
            parts[neuron] = pd.DataFrame(
                {
                    "neuron": neuron.name,
                    "words": texts(pathway.vocabulary, exact.ids[row].tolist()),
                    "activation": exact.values[row][:, 0],
                    "log_probability": exact.values[row][:, 1],
                    "mean": float(values[:, row].mean()),
                }
            )
    return pd.concat([parts[neuron] for neuron in neurons], ignore_index=True)
