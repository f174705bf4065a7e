"""Fluent inputs where the truth is known: a grammar that says which n-grams are grammatical, and words that are planted.

The grammar of the generated world never looks at which noun or verb it puts in a place, so an n-gram is grammatical if
the sequence of its word classes is one that the grammar writes. Those sequences are collected from the world's training
captions; how many of the test captions' n-grams they cover says how far this can be believed.

Easy to get wrong: classes that are too coarse call "a owl" grammatical. They tell apart number, transitivity and what
*a* and *an* look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import product

import numpy as np
import pandas as pd
import torch

from reading_neurons.annotation import token_table
from reading_neurons.corpora.captions import Captions
from reading_neurons.corpora.scene_lexicon import INTRANSITIVE, INTRODUCERS, NOUNS, NUMBERS, TRANSITIVE
from reading_neurons.experiments import truth
from reading_neurons.experiments.panel import Panel
from reading_neurons.methods.completions import completions
from reading_neurons.methods.fluent_inputs import at_fluency, drawn_ngrams, fluent_inputs
from reading_neurons.methods.fluent_search import Evolution
from reading_neurons.methods.input_optimization import optimize, texts
from reading_neurons.methods.judge import Judge
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.neurons import Neuron, output, unit
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import interval
from reading_neurons.text import SPECIALS, Vocabulary

NETWORKS = ("imaginet", "language model")
LENGTH = 5
OUTPUTS = 16  # of each pathway
DRAWN = 2000  # n-grams of captions, and of random words
# Fixed before any world was read. That n-grams are held against openings as well was added after a look at one world.
COVERED, RANDOM, REMAIN, CHANCE, NO_JUDGE = 0.8, 0.05, 0.9, 0.1, 0.1
EVALUATIONS = 4000
REPLICATES = 1000


def checks(world: Panel) -> Iterator[truth.Check]:
    """What must be so in a generated world."""
    trained, untrained = world.trained, world.untrained
    judge, vocabulary = trained["language model"], trained["visual"].vocabulary
    grammar = Grammar(world.corpus.train)
    levels = {
        "n-gram": drawn_ngrams(world.corpus.test, vocabulary, LENGTH, DRAWN, seed=world.seed),
        "opening": drawn_ngrams(world.corpus.test, vocabulary, LENGTH, DRAWN, openings=True, seed=world.seed),
    }
    yield from _grammar(grammar, levels["n-gram"], vocabulary, world.seed)
    evaluations = 300 if world.quick else EVALUATIONS
    objects = _drawn(trained["visual"], world.seed, lambda name: name.startswith("object:"))
    words = _drawn(trained["textual"], world.seed, lambda name: name not in SPECIALS)
    fluent = {}
    for name, neurons in {"visual": objects, "textual": words}.items():
        optima = optimize(trained[name], neurons, LENGTH, seed=world.seed)
        heaps = _allowed(grammar, optima["words"])
        points = _points(trained[name], neurons, judge, optima, evaluations, world.seed)
        for level, ngrams in levels.items():
            fluent[name, level] = _fluent(points, neurons, judge, ngrams)
            text = (
                f"inputs of {name} outputs as fluent as the median {level} are grammatical more often than the optima"
            )
            yield _above(text, _allowed(grammar, fluent[name, level]) - heaps, world.seed)
        nobody = untrained["language model"]
        points = _points(trained[name], neurons, nobody, optima, evaluations, world.seed)
        gain = _allowed(grammar, _fluent(points, neurons, nobody, levels["opening"])) - heaps
        text = (
            f"with an untrained judge inputs of {name} outputs are grammatical at most 10 % more often than the optima"
        )
        yield truth.Check(text, float(gain.mean()), *_interval(gain, world.seed), bool(gain.mean() <= NO_JUDGE))
    for level in levels:
        text = f"the word planted for an object is in at least 90 % of its inputs as fluent as the median {level}"
        yield _planted(text, objects, fluent["visual", level], REMAIN, 1.0)
    optima = optimize(untrained["visual"], objects, LENGTH, seed=world.seed)
    points = _points(untrained["visual"], objects, judge, optima, evaluations, world.seed)
    random = _fluent(points, objects, judge, levels["n-gram"])
    yield _planted("of an untrained network it is in at most 10 % of them", objects, random, 0.0, CHANCE)
    yield from _silencing(vocabulary)


def _drawn(pathway: Pathway, seed: int, wanted) -> list[Neuron]:
    names = [name for name in pathway.output_names if wanted(name)]
    return [
        output(pathway, pathway.output_names.index(names[i]))
        for i in np.random.default_rng(seed).permutation(len(names))[:OUTPUTS]
    ]


def _points(pathway, neurons, judge, optima, evaluations, seed) -> pd.DataFrame:
    evolution = Evolution(evaluations=evaluations)
    return fluent_inputs(pathway, neurons, judge, LENGTH, seed=seed, evolution=evolution, optimum=optima)


def _fluent(points: pd.DataFrame, neurons: Sequence[Neuron], judge: Pathway, written: np.ndarray) -> list[str]:
    """For each neuron the most exciting n-gram as fluent as the median of those written; where none is, the most fluent."""
    median = float(Judge(judge).read(torch.from_numpy(written)).median())
    best = at_fluency(points, median).set_index("neuron")["words"]
    last = points.groupby("neuron", sort=False)["words"].last()
    return [best.get(neuron.name, last[neuron.name]) for neuron in neurons]


def _allowed(grammar: Grammar, ngrams: Iterable[str]) -> np.ndarray:
    return np.array([grammar.allows(words) for words in ngrams], dtype=float)


def _grammar(grammar: Grammar, written: np.ndarray, vocabulary: Vocabulary, seed: int) -> Iterator[truth.Check]:
    """The grammar's own judgement, before anything is judged by it."""
    share = _allowed(grammar, texts(vocabulary, written.tolist()))
    text = "at least 80 % of the n-grams of unseen captions are found grammatical"
    yield truth.Check(text, float(share.mean()), *_interval(share, seed), bool(share.mean() >= COVERED))
    heap = np.random.default_rng(seed).integers(len(SPECIALS), len(vocabulary), size=(DRAWN, LENGTH))
    share = _allowed(grammar, texts(vocabulary, heap.tolist()))
    text = "at most 5 % of random words are found grammatical"
    yield truth.Check(text, float(share.mean()), *_interval(share, seed), bool(share.mean() <= RANDOM))


def _planted(text: str, objects: Sequence[Neuron], ngrams: Sequence[str], least: float, most: float) -> truth.Check:
    found = []
    for neuron, words in zip(objects, ngrams, strict=True):
        noun = neuron.name.partition(":")[2]
        found.append(bool({noun, NOUNS[noun]} & set(words.split())))
    share = np.array(found, dtype=float)
    return truth.Check(text, float(share.mean()), *_interval(share, 0), bool(least <= share.mean() <= most))


def _silencing(vocabulary: Vocabulary) -> Iterator[truth.Check]:
    """A detector that two words switch off, and one that nothing does, both on at the pinned word."""
    off = ("sleeping", "waits")
    pathway = DetectorPathway(
        vocabulary, [Detector("off", on=["dog"], off=off, hold=0.9), Detector("held", on=["dog"], hold=0.9)]
    )
    found = completions(pathway, [unit(0), unit(1)], "dog _ _", lowest=True)
    share = float(bool(set(found["filling"][0].split()) & set(off)) and found["activation"][0] == 0)
    yield truth.Check("a word that switches a detector off is in its silencer", share, share, share, share == 1)
    value = float(found["activation"][1])
    text = "a detector that no word switches off keeps what two words leave of it (.81)"
    yield truth.Check(text, value, value, value, bool(abs(value - 0.81) < 1e-5))


def _above(text: str, values: np.ndarray, seed: int) -> truth.Check:
    low, high = _interval(values, seed)
    return truth.Check(text, float(values.mean()), low, high, bool(low > 0))


def _interval(values: np.ndarray, seed: int) -> tuple[float, float]:
    drawn = np.random.default_rng(seed).integers(len(values), size=(REPLICATES, len(values)))
    return interval(values[drawn].mean(axis=1))


class Grammar:
    """Which n-grams a generated world's grammar writes, by the classes of their words.

    Parameters
    ----------
    captions : Captions
        With gold parses.

    Examples
    --------
    >>> from reading_neurons.corpora import scenes
    >>> grammar = Grammar(scenes.generate(scenes=400).train, length=3)
    >>> grammar.allows("two owls are"), grammar.allows("two owl are")
    (True, False)
    """

    def __init__(self, captions: Captions, length: int = LENGTH):
        tokens = token_table(captions, captions.parses)
        tokens["class"] = [word_class(word, tag) for word, tag in zip(tokens["word"], tokens["tag"], strict=True)]
        self._classes = tokens.groupby("word")["class"].agg(lambda found: tuple(sorted(set(found)))).to_dict()
        self._known = set()
        for _, found in tokens.groupby("sentence", sort=False)["class"]:
            line = tuple(found)
            self._known |= {line[at : at + length] for at in range(len(line) - length + 1)}

    def allows(self, words: str) -> bool:
        """Whether the classes of an n-gram stand in this order in a caption."""
        options = [self._classes.get(word, ("unknown",)) for word in words.split()]
        return any(line in self._known for line in product(*options))


@cache
def word_class(word: str, tag: str) -> str:
    """The class of a word, as finely as the grammar looks at it.

    Examples
    --------
    >>> word_class("owl", "NN"), word_class("owls", "NNS"), word_class("chasing", "VBG"), word_class("a", "DT")
    ('NN vowel', 'NNS', 'VBG transitive', 'a')
    """
    sound = " vowel" if word[0] in "aeiou" else ""
    if word in ("is", "was"):
        return "is"
    if word in ("are", "were"):
        return "are"
    if word in ("a", "an", "by", "be", "been", "being", "has", "have", "going", "trying"):
        return word
    if tag in ("DT", "PRP$"):
        number = {"this": "singular", "that": "singular", "another": "singular"}
        return number.get(word, "plural" if word in ("some", "these", "those") else "the")
    if word in (*INTRODUCERS, *INTRODUCERS.values()):
        return f"{tag} introducing"
    if word in NUMBERS["many"]:
        return "many"
    if tag in ("NN", "JJ"):
        return tag + sound
    if tag.startswith("VB"):
        return f"{tag} {_valency().get(word, 'other')}"
    return tag


@cache
def _valency() -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for kind, table in (("transitive", TRANSITIVE), ("intransitive", INTRANSITIVE)):
        for lemma, forms in table.items():
            for form in (lemma, *forms[:3]):
                found.setdefault(form, set()).add(kind)
    return {form: " or ".join(sorted(kinds)) for form, kinds in found.items()}
