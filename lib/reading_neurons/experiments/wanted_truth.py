"""Are the words, the function words and the concepts of optimal inputs those that were planted?

Concepts are planted in a network written by hand (:mod:`reading_neurons.models.topics`), whose outputs answer to one
topic, to two, or to a random direction; and in trained ones, where the mean of two outputs answers to both. In the
captions of :mod:`reading_neurons.corpora.scenes` every word but nouns, numbers and attributes weighs nothing, and a
grammar says what may stand before a noun.

Easy to get wrong: planting where nothing can be found. A topic whose words are no more alike than chance makes words is
no topic to a method that groups words by likeness.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from reading_neurons.annotation import token_table
from reading_neurons.corpora.scene_lexicon import NOUNS
from reading_neurons.experiments import truth
from reading_neurons.experiments.panel import Panel
from reading_neurons.methods import function_words as words_of_function
from reading_neurons.methods.concepts import Peeling, concepts
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.methods.ngram_omission import word_effects
from reading_neurons.models.topics import TopicOutput, TopicPathway
from reading_neurons.neurons import Neuron, output
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import interval
from reading_neurons.text import Vocabulary

PLANTED = 10  # outputs of each kind in the network written by hand
TOPIC = 6  # words of a topic
SPARE = 240  # words of no topic
CLOSENESS = 0.6  # of the words of a topic, a mean cosine of .36
NEURONS = 30  # outputs of each pathway that are looked at
PAIRS = 12
REPLICATES = 2000


def checks(world: Panel) -> Iterator[truth.Check]:
    """What must be so in a generated world; bounds were fixed after a look at the first, before any other was run."""
    yield from _by_hand(world.seed, 2 if world.quick else PLANTED)
    yield from _in_network(world)
    yield from _function(world)
    yield from _grammar(world)


def topic_network(
    seed: int = 0, planted: int = PLANTED, closeness: float = CLOSENESS, width: int = 256
) -> TopicPathway:
    """A network with outputs of one topic, of two (their sum, or either), and of a random direction."""
    topics = {f"topic {k}": [f"word{k}{letter}" for letter in "abcdef"[:TOPIC]] for k in range(2 * planted)}
    spare = [f"spare{number}" for number in range(SPARE)]
    names = list(topics)
    written = [
        TopicOutput(f"{kind} {k}", of, either=kind == "either")
        for k in range(planted)
        for kind, of in (
            ("one", (names[k],)),
            ("two", (names[2 * k], names[2 * k + 1])),
            ("either", (names[2 * k], names[2 * k + 1])),
            ("none", (None,)),
        )
    ]
    vocabulary = Vocabulary([word for words in topics.values() for word in words] + spare)
    return TopicPathway(vocabulary, topics, written, closeness=closeness, width=width, seed=seed)


def counted(pathway: TopicPathway, peeling: Peeling | None = None, seed: int = 0) -> pd.DataFrame:
    """How many concepts are found of each output of a network written by hand.

    Returns
    -------
    DataFrame
        One row per output: ``neuron``, ``kind`` ("one", "two", "either" or "none"), ``concepts``, ``right`` (whether
        each concept found holds words of one planted topic alone, and every planted topic is found).
    """
    found = concepts(pathway, [output(pathway, name) for name in pathway.output_names], seed=seed, peeling=peeling)
    rows = []
    for written, row in zip(pathway.written, found.best.itertuples(), strict=True):
        groups = found.concepts[found.concepts["neuron"] == written.name]["group"].str.split()
        of = [{f"topic {word[4:-1]}" if word.startswith("word") else None for word in group} for group in groups]
        right = all(len(one) == 1 for one in of) and sorted(t for one in of for t in one if t) == sorted(
            t for t in written.topics if t
        )
        rows.append((written.name, written.name.split()[0], row.concepts, right))
    return pd.DataFrame(rows, columns=["neuron", "kind", "concepts", "right"])


def _by_hand(seed: int, planted: int) -> Iterator[truth.Check]:
    found = counted(topic_network(seed, planted), seed=seed)
    for kind, text in (
        ("one", "of an output of one topic one concept is found, with that topic's words"),
        ("two", "of an output that adds two topics both are found"),
        ("either", "of an output that answers to either of two topics both are found"),
    ):
        yield _share(text, found[found["kind"] == kind]["right"], 0.7, seed)
    yield _share(
        "of an output of a random direction no more than one is found",
        found[found["kind"] == "none"]["concepts"] < 2,
        0.9,
        seed,
    )


def _share(text: str, hits: Sequence[bool], bound: float, seed: int) -> truth.Check:
    values = np.asarray(hits, dtype=float)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(values), np.full(len(values), 1 / len(values)), REPLICATES) @ values / len(values)
    return truth.Check(
        f"{text}: at least {bound:.0%}", float(values.mean()), *interval(drawn), bool(values.mean() >= bound)
    )


def _objects(pathway: Pathway, count: int, seed: int) -> list[str]:
    names = [name for name in pathway.output_names if name.startswith("object:")]
    return [str(name) for name in np.random.default_rng(seed).permutation(names)[:count]]


def _in_network(world: Panel) -> Iterator[truth.Check]:
    """Concepts of trained outputs: of one object, and of the mean of two."""
    pathway = world.trained["visual"]
    ignore = _function_words(world)
    names = _objects(pathway, 4 if world.quick else 2 * PAIRS, world.seed)
    pairs = list(zip(names[::2], names[1::2], strict=True))
    neurons = [
        Neuron("output", tuple(output(pathway, name).members[0] for name in pair), " + ".join(pair), "end")
        for pair in pairs
    ]
    both, repeated = (
        _both(
            concepts(pathway, neurons, ignore=ignore, seed=world.seed, peeling=Peeling(forbid=forbid)).concepts,
            neurons,
            pairs,
        )
        for forbid in (True, False)
    )
    yield _share(
        "of the mean of two objects' outputs each object's word is in a concept of its own", both, 0.5, world.seed
    )
    yield _above("forbidding what was found finds both more often than searching from other seeds", repeated, both)
    alone = concepts(pathway, [output(pathway, name) for name in names[::2]], ignore=ignore, seed=world.seed)
    yield _share(
        "of one object's output no more than one concept is found", alone.best["concepts"] < 2, 0.8, world.seed
    )


def _both(found: pd.DataFrame, neurons: Sequence[Neuron], pairs: Sequence[tuple[str, str]]) -> list[bool]:
    groups = {name: part["group"].str.split() for name, part in found.groupby("neuron")}
    return [
        _apart([_forms(name) for name in pair], groups.get(neuron.name, []))
        for neuron, pair in zip(neurons, pairs, strict=True)
    ]


def _forms(name: str) -> set[str]:
    noun = name.partition(":")[2]
    return {noun, NOUNS[noun]}


def _apart(wanted: Sequence[set[str]], groups: Sequence[Sequence[str]]) -> bool:
    """Whether each set has a word in a group that has none of the others."""
    return all(
        any(
            words & set(group) and not any(other & set(group) for other in wanted if other is not words)
            for group in groups
        )
        for words in wanted
    )


def _tokens(world: Panel) -> pd.DataFrame:
    return token_table(world.corpus.train, world.corpus.train.parses)


def _function_words(world: Panel) -> set[str]:
    return words_of_function.function_words(words_of_function.word_classes(_tokens(world)))


def _function(world: Panel) -> Iterator[truth.Check]:
    """Words that weigh nothing: the visual network wants fewer of them than the textual one, and they cost it less."""
    pathway, textual, corpus = world.trained["visual"], world.trained["textual"], world.corpus.train.tokens
    function = _function_words(world)
    neurons = [output(pathway, name) for name in _objects(pathway, 6 if world.quick else NEURONS, world.seed)]
    nouns = [output(textual, neuron.name.partition(":")[2]) for neuron in neurons]
    shares = [
        words_of_function.by_place(optimize(of, some, seed=world.seed)["words"].tolist(), function, 5).mean(axis=1)
        for of, some in ((pathway, neurons), (textual, nouns))
    ]
    yield _above(
        "optimal visual inputs hold fewer words without weight than those of next words for the same nouns", *shares
    )
    best = optimize(pathway, neurons, 5, "corpus", corpus=corpus)["words"].tolist()
    effects = word_effects(pathway, neurons, best)
    costs = effects.assign(cost=effects["effect"] / effects["activation"], function=effects["word"].isin(function))
    of_kind = costs.groupby(["number", "function"])["cost"].mean().unstack().dropna()
    yield _above(
        "a word without weight costs the best 5-gram of the captions less than another word",
        of_kind[True],
        of_kind[False],
    )


def _above(text: str, first, second) -> truth.Check:
    found = words_of_function.difference(first, second, replicates=REPLICATES)
    return truth.Check(text, found["difference"], found["low"], found["high"], bool(found["low"] > 0))


def _grammar(world: Panel) -> Iterator[truth.Check]:
    """What may stand before a noun, with and without training."""
    tags, corpus = words_of_function.usual_tags(_tokens(world)), world.corpus.train.tokens
    known = words_of_function.bigrams(corpus)
    before = {tags[one] for one, word in known if tags[word] in ("NN", "NNS")}
    nouns = [form for pair in NOUNS.items() for form in pair if form in tags]
    nouns = np.random.default_rng(world.seed).permutation(nouns)[: 6 if world.quick else NEURONS].tolist()
    for network, pathways in (("trained", world.trained), ("untrained", world.untrained)):
        pathway = pathways["textual"]
        ngrams = optimize(pathway, [output(pathway, noun) for noun in nouns], 5, seed=world.seed)["words"]
        last = [ngram.split()[-1] for ngram in ngrams]
        pairs = words_of_function.continued(last, nouns, known)
        found = words_of_function.difference(pairs["others"], pairs["known"], replicates=REPLICATES)
        numbers = (found["difference"], found["low"], found["high"])
        if network == "trained":
            yield _share(
                "before a noun stands a word of a tag that may stand there",
                [tags.get(word) in before for word in last],
                0.9,
                world.seed,
            )
            yield truth.Check(
                "the last word and the noun it predicts are neighbours in the captions, above chance",
                *numbers,
                found["low"] > 0,
            )
        else:
            yield truth.Check("without training they are not", *numbers, bool(found["low"] <= 0))
