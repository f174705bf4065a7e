"""Fronts between activation and fluency of several pathways, beside what people wrote: what a picture of them needs.

One judge reads everything, so that the fronts of two pathways, the n-grams of a corpus and the fluency that is usual in
it stand on one axis. Beyond Poerner et al. 2018; see :mod:`reading_neurons.methods.fluent_inputs` for a single front.

Easy to get wrong: what is usual. N-grams of captions begin anywhere and are judged as if they began a sentence, which
makes them look less fluent than they are. The beginnings of captions are the fairer mark, and the higher one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from reading_neurons import passes
from reading_neurons.methods.fluent_inputs import corpus_front, drawn_ngrams, fluent_inputs
from reading_neurons.methods.fluent_search import Evolution
from reading_neurons.methods.judge import Judge
from reading_neurons.neurons import output
from reading_neurons.pathway import Pathway

POINTS = 10  # of a front, in a list that a reader can take in


@dataclass(frozen=True)
class Fronts:
    """Fronts of several neurons, and what people wrote.

    Attributes
    ----------
    points : DataFrame
        As :func:`~reading_neurons.methods.fluent_inputs.fluent_inputs` gives it, and ``pathway``.
    corpus : DataFrame
        For each neuron the n-gram of the corpus that excites it most, as
        :func:`~reading_neurons.methods.fluent_inputs.corpus_front` gives it, and ``pathway``.
    medians : dict of str to float
        Log probabilities per word of what people wrote: ``median n-gram`` and ``median opening``.
    """

    points: pd.DataFrame
    corpus: pd.DataFrame
    medians: dict[str, float]

    def some(self, count: int = POINTS) -> pd.DataFrame:
        """Some points of each front, among them the best that is as fluent as the median n-gram."""
        return thinned(self.points, self.medians["median n-gram"], count)


def fluent_fronts(
    pathways: Mapping[str, Pathway],
    outputs: Mapping[str, Sequence[str]],
    judge: Pathway,
    corpus: passes.Sentences,
    length: int = 5,
    *,
    seed: int = 0,
    evolution: Evolution | None = None,
) -> Fronts:
    """The fronts of some outputs of some pathways, the corpus's best n-grams, and the fluency usual in the corpus.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    outputs : mapping of str to sequence of str
        Names of outputs, by name of the pathway.
    judge : Pathway
        Scores the next word; see :class:`~reading_neurons.methods.judge.Judge`.
    corpus : Captions, or iterable of sentences
        What people wrote; best what no network was trained on.
    length : int
        Words of an n-gram.
    seed : int
    evolution : Evolution
        How the search goes, and what it may spend.

    Returns
    -------
    Fronts

    Raises
    ------
    ValueError
        If no output is named, or a pathway or an output does not exist.

    Examples
    --------
    >>> from reading_neurons.models import Imaginet, LanguageModel
    >>> from reading_neurons.text import Vocabulary
    >>> words = Vocabulary(["a", "dog", "runs"])
    >>> pathways = Imaginet(words, ["object:dog"], embedding=4, units=8).pathways
    >>> judge = LanguageModel(words, embedding=4, units=8).pathways["language model"]
    >>> found = fluent_fronts(pathways, {"visual": ["dog"], "textual": ["runs"]}, judge, ["a dog runs"], length=2)
    >>> found.corpus[["pathway", "neuron"]].values.tolist(), list(found.medians)
    ([['visual', 'object:dog'], ['textual', 'runs']], ['median n-gram', 'median opening'])
    """
    if not outputs:
        raise ValueError("expected outputs of at least one pathway, found none: give {'visual': ['dog']} or the like")
    unknown = [name for name in outputs if name not in pathways]
    if unknown:
        raise ValueError(f"no pathway is called {unknown[0]!r}: choose among {', '.join(map(repr, pathways))}")
    points, best = [], []
    for name, which in outputs.items():
        pathway, neurons = pathways[name], [output(pathways[name], one) for one in which]
        own = fluent_inputs(pathway, neurons, judge, length, seed=seed, evolution=evolution)
        points.append(own.assign(pathway=name))
        of_corpus = corpus_front(pathway, neurons, judge, corpus, length)
        best.append(of_corpus.groupby("neuron", sort=False).head(1).assign(pathway=name))
    medians = {
        "median n-gram": usual_fluency(judge, corpus, length, seed=seed),
        "median opening": usual_fluency(judge, corpus, length, openings=True, seed=seed),
    }
    return Fronts(pd.concat(points, ignore_index=True), pd.concat(best, ignore_index=True), medians)


def usual_fluency(
    judge: Pathway, corpus: passes.Sentences, length: int = 5, *, openings: bool = False, seed: int = 0
) -> float:
    """The median fluency of n-grams that people wrote, or with ``openings`` of the beginnings of their sentences.

    Raises
    ------
    ValueError
        As :func:`~reading_neurons.methods.fluent_inputs.drawn_ngrams`.

    Examples
    --------
    >>> from reading_neurons.models import LanguageModel
    >>> from reading_neurons.text import Vocabulary
    >>> judge = LanguageModel(Vocabulary(["a", "dog", "runs"]), embedding=4, units=8).pathways["language model"]
    >>> usual_fluency(judge, ["a dog runs"], length=2, openings=True) < 0
    True
    """
    written = drawn_ngrams(corpus, judge.vocabulary, length, openings=openings, seed=seed)
    return float(Judge(judge).read(torch.from_numpy(written)).median())


def thinned(points: pd.DataFrame, log_probability: float, count: int = POINTS) -> pd.DataFrame:
    """Some points of each front: both ends, the best of stated fluency, and others evenly spread in fluency."""
    parts = []
    for _, own in points.groupby(["pathway", "neuron"] if "pathway" in points else "neuron", sort=False):
        own = own.reset_index(drop=True)
        fluency = own["log_probability"].to_numpy()
        wanted = np.linspace(fluency[0], fluency[-1], count)
        kept = {int(np.abs(fluency - value).argmin()) for value in wanted} | {0, len(own) - 1}
        kept |= set(np.flatnonzero(fluency >= log_probability)[:1].tolist())
        parts.append(own.loc[sorted(kept)])
    return pd.concat(parts, ignore_index=True)
