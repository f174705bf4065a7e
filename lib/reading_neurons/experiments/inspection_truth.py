"""Does relevance find the unit that was made to count, and nothing where labels mean nothing?

In each of five generated worlds: a network with one hand-made counting unit among random ones
(:mod:`reading_neurons.models.counting`), and a trained network asked about labels that were drawn at random.

Easy to get wrong: a unit that knows and does not score. The counter knows everything about "exactly one open", but that
is a band in the middle of its values, and one boundary cannot cut it out; the paper's score is low there, and must be.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reading_neurons.corpora.strings import Strings
from reading_neurons.experiments.panel import CHARACTERS, Panel
from reading_neurons.experiments.record import Record
from reading_neurons.experiments.truth import Check, over_seeds
from reading_neurons.features import Feature, Library
from reading_neurons.features.tree import open_is, open_of
from reading_neurons.methods.relevance import relevance, top
from reading_neurons.methods.relevance_null import discoveries
from reading_neurons.models.counting import CountingPathway
from reading_neurons.statistics import cluster_draws, interval

CORPORA = ("parentheses", "arithmetic")
CHARACTERS_READ = 20_000
NOISE = 31  # random units beside the counter
RANDOM = 8  # features that mean nothing
RUN = 6  # characters that share a random label
PERMUTATIONS = 100
LITTLE = 0.005  # what the best of all units may exceed the majority by where nothing is to be known
NEAR_CHANCE = (0.01, 0.1)  # the share of p below 5 % among labels that mean nothing
REPLICATES = 1000


def run(corpus: str = "parentheses", *, quick: bool = False, seed: int = 0) -> Record:
    """Five worlds of a generated language with brackets.

    Parameters
    ----------
    corpus : "parentheses" or "arithmetic"
    quick : bool
        Two tiny worlds.
    seed : int
        The first of the seeds.
    """
    if corpus not in CORPORA:
        raise ValueError(f"the truth is known of generated brackets: choose one of {', '.join(CORPORA)}")
    return over_seeds("inspection-truth", checks, seed=seed, quick=quick, corpus=corpus, networks=CHARACTERS)


def checks(world: Panel) -> Iterator[Check]:
    """What must be so in every world; the bounds were fixed before any was run."""
    strings = _first(world.test)
    deepest = max(_depth(text) for text in strings.texts)
    rng = np.random.default_rng(world.seed)
    counter = CountingPathway(
        world.networks[CHARACTERS[0]].vocabulary, noise=NOISE, unit=int(rng.integers(NOISE + 1)), most=deepest,
        seed=world.seed,
    )  # fmt: skip
    yield from _planted(counter, strings, deepest)
    trained, untrained = (made[CHARACTERS[0]] for made in (world.trained, world.untrained))
    yield from _nothing(trained, strings, world.seed)
    yield _learnt(trained, untrained, strings, deepest)


def _first(strings: Strings) -> Strings:
    ends = np.cumsum([len(text) for text in strings.texts])
    return strings.take(range(int(np.searchsorted(ends, CHARACTERS_READ, side="right"))))


def _depth(text: str) -> int:
    return int(np.cumsum([(c == "(") - (c == ")") for c in text]).max())


def _planted(counter: CountingPathway, strings: Strings, deepest: int) -> Iterator[Check]:
    """The counting unit, and no other, knows how many brackets are open."""
    none, one, number = open_is("brackets", 0), open_is("brackets", 1), open_of("brackets", deepest)
    table = relevance(counter, strings, [none, one, number])
    scores = table.pivot(index="unit", columns="feature", values="score")
    for feature, said in ((number, "how many brackets are open"), (none, "whether none is open")):
        found, others = scores.loc[counter.unit, feature.name], scores.drop(index=counter.unit)[feature.name].max()
        first = top(table[table["feature"] == feature.name], k=1)["unit"].item() == counter.unit
        yield Check(f"the counting unit is the most relevant to {said}", found, others, found, bool(first))
        yield Check(f"it is right about {said} everywhere", found, found, found, bool(found > 1 - 1e-6))
        yield Check(f"no random unit comes near it in {said}", others, others, others, bool(others < found - 0.05))
    information = relevance(counter, strings, one, measure="mutual information").set_index("unit")["score"]
    share = Library([one]).labels(strings.items).mean()
    entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
    accuracy = scores.loc[counter.unit, one.name]
    knows = information[counter.unit] > 0.999 * entropy
    text = "one boundary does not cut out exactly one open bracket, which the counter knows"
    yield Check(text, accuracy, accuracy, accuracy, bool(knows and accuracy < 0.99))


def _nothing(pathway, strings: Strings, seed: int) -> Iterator[Check]:
    """Labels drawn at random are not predicted, and not discovered."""
    features = [random_runs(number, seed) for number in range(RANDOM)]
    table = relevance(pathway, strings, features)
    above = (table["accuracy"] - table["majority"]).groupby(table["feature"]).max().to_numpy()
    low, high = interval(cluster_draws(len(above), REPLICATES, seed) @ above / len(above))
    text = f"no unit exceeds the majority by {LITTLE} where labels are random, mean over features"
    yield Check(text, float(above.mean()), low, high, bool(above.mean() < LITTLE))
    tested = discoveries(pathway, strings, features, permutations=PERMUTATIONS, seed=seed)
    shares = (tested["p"] < 0.05).groupby(tested["feature"]).mean().to_numpy()
    low, high = interval(cluster_draws(len(shares), REPLICATES, seed) @ shares / len(shares))
    share = float(shares.mean())
    text = "of random runs of labels about one in twenty has p below .05"
    yield Check(text, share, low, high, NEAR_CHANCE[0] <= share <= NEAR_CHANCE[1])
    found = float(tested["found"].mean())
    yield Check("hardly any of them is a discovery", found, found, found, found < 0.05)


def random_runs(number: int, seed: int) -> Feature:
    """Labels in runs that have nothing to do with the string: the same for the same string, a third of them 1."""

    def values(item) -> np.ndarray:
        rng = np.random.default_rng([seed, number, *map(ord, item.text)])
        shift = int(rng.integers(RUN))
        return np.repeat(rng.random(len(item) // RUN + 2) < 1 / 3, RUN)[shift : shift + len(item)]

    return Feature(f"random runs {number}", "nothing: runs of labels drawn at random", values)


def _learnt(trained, untrained, strings: Strings, deepest: int) -> Check:
    """Training makes some unit follow the nesting."""
    number = open_of("brackets", deepest)
    best = [relevance(pathway, strings, number)["r2"].max() for pathway in (trained, untrained)]
    text = "the best unit of the trained network follows the open brackets better than that of the untrained one"
    return Check(text, best[0] - best[1], best[1], best[0], bool(best[0] > best[1]))
