"""Does an optimal input say what was planted, and nothing where nothing was?

Asked of a network written by hand, of an optimum that can be enumerated, and of the trained and untrained networks of
five generated worlds. A scene's dimension is planted on the forms of one word (:mod:`reading_neurons.corpora.scenes`),
and of a next word it is known which words came before it in the captions.

Easy to get wrong: the null. That an untrained network's optimum is far above its corpus says how far a search gets,
not what a network has learnt; so it is a check here that this is so.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import torch

from reading_neurons.corpora.captions import Captions
from reading_neurons.corpora.scene_lexicon import ATTRIBUTES, NOUNS, NUMBERS, RELATIONS
from reading_neurons.experiments import truth
from reading_neurons.experiments.panel import Panel
from reading_neurons.methods import corpus_search
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.neurons import Neuron, group, output, unit
from reading_neurons.pathway import Pathway
from reading_neurons.reader import Reader
from reading_neurons.statistics import interval
from reading_neurons.text import Vocabulary

NEXT_WORDS, UNITS = 40, 40  # drawn at random, of each world
FREQUENT = 20  # a next word occurs so often in the captions
SHUFFLES = 10_000
REPLICATES = 1000


def checks(world: Panel) -> Iterator[truth.Check]:
    """What must be so in a generated world; bounds were fixed after a look at the first, before any other was run."""
    yield _written_by_hand(world.trained["visual"].vocabulary)
    visual, textual = world.trained["visual"], world.trained["textual"]
    blank = world.untrained
    dimensions = outputs(visual, world.corpus.train.dimensions)
    yield _enumerated(visual, dimensions, world.seed)
    words = next_words(textual, world.corpus.train.tokens, world.seed)
    units = _units(visual, world.seed)
    search = {"corpus": world.corpus.train, "seed": world.seed}
    found, in_corpus = _both(visual, dimensions, **search)
    yield _share(
        "the words planted for a dimension are in its optimal input", says(dimensions, found["words"]), 0.95, world.seed
    )
    yield _share("and in the best 5-gram of the corpus", says(dimensions, in_corpus["words"]), 0.9, world.seed)
    yield _higher("scene dimensions", found, in_corpus, 0.95, world.seed)
    follows = Followers(world.corpus.train.tokens)
    said, said_corpus = _both(textual, words, **search)
    text = "the last word of a next word's optimal input stands before that word in the captions"
    yield _share(text, follows.share(said["words"], words), 0.9, world.seed)
    yield _higher("next words", said, said_corpus, 0.85, world.seed)
    for name, pathway, bound in (("visual", visual, 0.95), ("textual", textual, 0.85)):
        yield _higher(f"{name} units", *_both(pathway, units, **search), bound, world.seed)
    empty, empty_corpus = _both(blank["visual"], dimensions, **search)
    yield _by_chance("planted words", planted_pairs(dimensions, empty["words"]), world.seed)
    mute = optimize(blank["textual"], words, seed=world.seed)
    yield _by_chance("words that stand before the next word", follows.pairs(mute["words"], words), world.seed)
    beaten = (empty["activation"] > empty_corpus["activation"]).to_numpy()
    yield _share("without training, too, the default writes more than the corpus has", beaten, 0.9, world.seed)


# A network written by hand


def by_hand(vocabulary: Vocabulary) -> tuple[DetectorPathway, list[Neuron]]:
    """Detectors of which the highest activation is known to be 1, alone and in groups that need several words."""
    nouns = {form for both in NOUNS.items() for form in both}
    relations = {word for words in RELATIONS.values() for word in words}
    pathway = DetectorPathway(
        vocabulary,
        [
            Detector("noun", on=("dog", "dogs")),
            Detector("from preposition to noun", on=relations, off=nouns, hold=1.0),
            Detector("after a number", on=("two", "three", "four", "five"), hold=0.8),
            Detector("a dog was named", on=("dog", "dogs"), hold=1.0),
            Detector("a red thing was named", on=ATTRIBUTES["red"], hold=1.0),
        ],
    )
    # Held: a dog before the number that comes last; a dog and a red thing before it.
    return pathway, [*map(unit, range(5)), group([2, 3]), group([2, 3, 4])]


def _written_by_hand(vocabulary: Vocabulary) -> truth.Check:
    pathway, neurons = by_hand(vocabulary)
    reached = (optimize(pathway, neurons)["activation"] > 1 - 1e-6).to_numpy()
    share = float(reached.mean())
    text = "of detectors written by hand, alone and in groups, the words that switch all of them on are found, and held"
    return truth.Check(text, share, share, share, share == 1)


# An optimum that can be enumerated


def enumerated(pathway: Pathway, neurons: Sequence[Neuron], length: int) -> np.ndarray:
    """The highest activation of each neuron over all n-grams."""
    words = range(pathway.vocabulary.unknown + 1, len(pathway.vocabulary))
    every = np.array(list(itertools.product(words, repeat=length)))
    best = [values.amax(dim=0) for _, values in Reader(pathway, neurons).all_neurons(every)]
    return torch.stack(best).amax(dim=0).numpy()


def _enumerated(pathway: Pathway, neurons: Sequence[Neuron], seed: int) -> truth.Check:
    found = optimize(pathway, neurons, length=2, seed=seed)["activation"].to_numpy()
    reached = found >= enumerated(pathway, neurons, 2) - 1e-4
    return _share("the optimal pair of words is the best of all pairs, which were enumerated", reached, 0.95, seed)


# Neurons, and what is planted on them


def outputs(pathway: Pathway, names: Sequence[str]) -> list[Neuron]:
    """The outputs of these names."""
    return [output(pathway, name) for name in names]


def next_words(
    pathway: Pathway, sentences: Sequence[Sequence[str]], seed: int = 0, count: int = NEXT_WORDS
) -> list[Neuron]:
    """Outputs for next words that are frequent in some sentences, drawn at random."""
    counts: dict[str, int] = {}
    for word in itertools.chain.from_iterable(sentences):
        counts[word] = counts.get(word, 0) + 1
    known = [word for word in pathway.vocabulary.words if counts.get(word, 0) >= FREQUENT]
    drawn = np.random.default_rng(seed).permutation(len(known))[:count]
    return outputs(pathway, [known[number] for number in sorted(drawn)])


def _units(pathway: Pathway, seed: int) -> list[Neuron]:
    count = pathway.initial(1).shape[1]
    return [unit(number) for number in sorted(np.random.default_rng(seed).permutation(count)[:UNITS])]


def planted_words(dimension: str) -> tuple[str, ...]:
    """The words that put a scene into a dimension.

    Examples
    --------
    >>> planted_words("object:wolf"), planted_words("number:many")
    (('wolf', 'wolves'), ('many', 'several', 'numerous'))
    """
    kind, _, value = dimension.partition(":")
    if kind == "object":
        return value, NOUNS[value]
    return {"number": NUMBERS, "attribute": ATTRIBUTES}[kind][value]


def planted_pairs(neurons: Sequence[Neuron], ngrams: Sequence[str]) -> np.ndarray:
    """Whether n-gram j has a word that is planted for neuron i."""
    return np.array([[bool(set(planted_words(n.name)) & set(words.split())) for words in ngrams] for n in neurons])


def says(neurons: Sequence[Neuron], ngrams: Sequence[str]) -> np.ndarray:
    """Whether each neuron's n-gram has a word that is planted for it."""
    return planted_pairs(neurons, ngrams).diagonal()


def noun_weights(captions: Captions) -> pd.DataFrame:
    """What every noun of some generated captions weighs in its scene, by what stands after it.

    Returns
    -------
    DataFrame
        One row per noun: ``noun``, ``weight`` (planted), ``next`` (``and``, ``preposition``, ``noun``, ``end of the
        caption`` or ``another word``).

    Raises
    ------
    ValueError
        If the captions have no planted weights.
    """
    if captions.weights is None:
        raise ValueError("found captions without planted weights: give those of a generated corpus")
    nouns = {form for both in NOUNS.items() for form in both}
    kinds = dict.fromkeys(nouns, "noun") | {word: "preposition" for words in RELATIONS.values() for word in words}
    kinds |= {"and": "and", "": "end of the caption"}
    rows = [
        (word, float(weight), kinds.get(after, "another word"))
        for words, weights in zip(captions.tokens, captions.weights, strict=True)
        for word, weight, after in zip(words, weights, [*words[1:], ""], strict=True)
        if word in nouns
    ]
    return pd.DataFrame(rows, columns=["noun", "weight", "next"])


class Followers:
    """Which word stands before which in some sentences."""

    def __init__(self, sentences: Sequence[Sequence[str]]):
        self._pairs = {pair for words in sentences for pair in itertools.pairwise(words)}

    def pairs(self, ngrams: Sequence[str], neurons: Sequence[Neuron]) -> np.ndarray:
        """Whether the last word of n-gram j stands somewhere before the word of neuron i."""
        return np.array([[(words.split()[-1], n.name) in self._pairs for words in ngrams] for n in neurons])

    def share(self, ngrams: Sequence[str], neurons: Sequence[Neuron]) -> np.ndarray:
        """Whether each neuron's own n-gram does."""
        return self.pairs(ngrams, neurons).diagonal()


def heights(pathway: Pathway, neurons: Sequence[Neuron], corpus, every: int = 5, seed: int = 0) -> pd.DataFrame:
    """How far above what a neuron does in a corpus its optimal input is: a scale on which networks can be compared.

    Parameters
    ----------
    pathway : Pathway
    neurons : sequence of Neuron
        All read at one place.
    corpus : Captions, or iterable of sentences
    every : int
        Of the distinct 5-grams of the corpus, one in so many is read.
    seed : int

    Returns
    -------
    DataFrame
        One row per neuron: ``neuron``, ``optimal`` (activation of the optimal input), ``mean`` and ``deviation`` (of
        5-grams of the corpus), ``height`` (the first less the second, divided by the third).
    """
    *_, grams = corpus_search.distinct_ngrams(corpus, pathway.vocabulary, 5)
    parts = [found for _, found in corpus_search.activations(Reader(pathway, neurons), [grams[::every]])]
    values = torch.cat(parts).double()
    found = optimize(pathway, neurons, seed=seed)
    table = pd.DataFrame(
        {
            "neuron": found["neuron"], "optimal": found["activation"],
            "mean": values.mean(dim=0).cpu().numpy(), "deviation": values.std(dim=0).cpu().numpy(),
        }
    )  # fmt: skip
    return table.assign(height=(table["optimal"] - table["mean"]) / table["deviation"])


def _both(pathway: Pathway, neurons: Sequence[Neuron], *, corpus, seed: int):
    """The table of the default, and that of corpus search."""
    return optimize(pathway, neurons, seed=seed), optimize(pathway, neurons, method="corpus", corpus=corpus)


# From findings to checks


def _share(text: str, found: np.ndarray, bound: float, seed: int) -> truth.Check:
    """A share that must be at least a bound."""
    found = np.asarray(found, dtype=float)
    drawn = np.random.default_rng(seed).choice(found, (REPLICATES, len(found))).mean(axis=1)
    share = float(found.mean())
    return truth.Check(f"{text} (at least {bound:.0%})", share, *interval(drawn), share >= bound)


def _higher(what: str, found, in_corpus, bound: float, seed: int) -> truth.Check:
    at_least = (found["activation"] >= in_corpus["activation"] - 1e-6).to_numpy()
    return _share(f"for {what} the default is at least as high as corpus search", at_least, bound, seed)


def _by_chance(what: str, pairs: np.ndarray, seed: int) -> truth.Check:
    """Without training, own n-grams hold what is planted no more often than those of another neuron, drawn at random."""
    rng = np.random.default_rng(seed)
    own, rows = int(pairs.diagonal().sum()), np.arange(len(pairs))
    drawn = np.array([pairs[rows, rng.permutation(len(pairs))].sum() for _ in range(SHUFFLES)])
    p = float((1 + (drawn >= own).sum()) / (1 + SHUFFLES))
    text = f"without training an optimal input has {what} no more often than by chance (p above .01)"
    return truth.Check(text, p, p, p, p > 0.01)
