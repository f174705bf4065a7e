"""Does a classifier of labels find the units that know them? Planted units among random ones, and nulls.

In a generated caption every noun can have every function, so a word alone cannot tell whether it is subject, object,
oblique or conjunct; only what was read before it can. A network written by hand carries three units that do: one is on
inside prepositional phrases, one after *and*, one after a transitive verb.

The bounds on planted units and on the null were fixed before any run; those on trained networks, and the penalty, after
a look at the first world. The other four worlds were not seen before they were recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np

from reading_neurons import passes
from reading_neurons.annotation import token_table
from reading_neurons.corpora.scene_lexicon import FORMS, INTRANSITIVE, RELATIONS, TRANSITIVE
from reading_neurons.experiments.panel import Panel
from reading_neurons.experiments.truth import Check
from reading_neurons.methods import grammatical_units, probe_measures
from reading_neurons.methods.grammatical_units import WIDTH, Task
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.text import Vocabulary

PREPOSITIONS = frozenset(chain.from_iterable(RELATIONS.values())) | {"by"}
VERBS = frozenset(form for forms in FORMS.values() for form in forms[:3]) | frozenset(FORMS)
ACTIONS = frozenset(form for forms in TRANSITIVE.values() for form in forms[:2]) | frozenset(TRANSITIVE)
AUXILIARIES = frozenset("is are was were be been being has have had there that which to".split())
PLANTED = ("pobj", "conj", "dobj")  # labels of units 0, 1 and 2
RANDOM = 40  # units beside them
CONTROL_SHARE = 0.25  # of its weight that a planted unit may keep in the control task
GAIN = 0.1  # of states over the word, in accuracy on nouns: more where order is known, less where it is not


def planted_pathway(vocabulary: Vocabulary, random: int = RANDOM, seed: int = 0) -> DetectorPathway:
    """A network whose first three units tell objects of prepositions, conjuncts and direct objects, then random ones.

    Examples
    --------
    >>> pathway = planted_pathway(Vocabulary("a dog and cat in the box".split()), random=2)
    >>> passes.states(pathway, ["a dog and a cat in the box"])[:, :2].astype(int).tolist()
    [[0, 0], [0, 0], [0, 1], [0, 1], [0, 1], [1, 0], [1, 0], [1, 0]]
    """
    intransitive = frozenset(form for forms in INTRANSITIVE.values() for form in forms[:3])
    detectors = (
        Detector("inside a prepositional phrase", on=PREPOSITIONS, off=VERBS | AUXILIARIES | {"and"}, hold=1.0),
        Detector("after and", on={"and"}, off=PREPOSITIONS | VERBS | AUXILIARIES, hold=1.0),
        Detector(
            "after a transitive verb", on=ACTIONS, off=PREPOSITIONS | AUXILIARIES | intransitive | {"and"}, hold=1.0
        ),
    )
    return DetectorPathway(vocabulary, detectors, noise=random, seed=seed)


def checks(world: Panel) -> Iterator[Check]:
    """What must be so in one generated world."""
    captions = world.corpus.test
    words = token_table(captions, captions.parses)
    task = grammatical_units.task(words, min_count=20)
    pathway = planted_pathway(world.trained["visual"].vocabulary, seed=world.seed)
    yield from _planted_units(task, passes.states(pathway, captions))
    states = {name: passes.states(pathway, captions) for name, pathway in world.trained.items()}
    untrained = passes.states(world.untrained["textual"], captions)
    yield from _order(task, states, untrained)
    yield from _nulls(task, states["textual"])


def _planted_units(task: Task, states: np.ndarray) -> Iterator[Check]:
    probe, control = (one.fit(states, WIDTH, penalty=10.0) for one in (task, task.control()))
    ranks = probe.top_units(states.shape[1]).set_index(["label", "unit"])
    in_control = control.top_units(states.shape[1]).set_index(["label", "unit"])
    for unit, label in enumerate(PLANTED):
        rank = int(ranks.loc[(label, unit), "rank"])
        yield Check(f"the unit planted for {label} has the largest weight (its rank)", rank, rank, rank, rank == 0)
    kept = [
        abs(in_control.loc[(label, unit), "weight"] / ranks.loc[(label, unit), "weight"])
        for unit, label in enumerate(PLANTED)
        if (label, unit) in in_control.index
    ]
    share = float(max(kept, default=np.nan))
    text = f"where labels are random by word, planted units keep at most {CONTROL_SHARE} of their weight"
    yield Check(text, share, share, share, share <= CONTROL_SHARE)


def _order(task: Task, states: dict[str, np.ndarray], untrained: np.ndarray) -> Iterator[Check]:
    """Functions of nouns, which a word alone cannot tell."""
    nouns = task.tokens["tag"].isin(("NN", "NNS")).to_numpy()
    correct = {name: task.fit(of_one, penalty=10.0).correct(of_one) for name, of_one in states.items()}
    correct["untrained"] = task.fit(untrained, penalty=10.0).correct(untrained)
    correct["word"] = task.fit(width=1).correct()
    for first, second, bound in (
        ("textual", "word", GAIN),
        ("language model", "word", GAIN),
        ("textual", "untrained", 0.0),
        ("textual", "sum", 0.0),
        ("textual", "visual", 0.0),
    ):
        found, low, high = probe_measures.difference(task, correct[first], correct[second], nouns)
        text = (
            f"nouns: {first} states beat {'the word' if second == 'word' else f'{second} states'} by {bound:g} or more"
        )
        yield Check(text, found, low, high, low > bound)
    found, low, high = probe_measures.difference(task, correct["sum"], correct["word"], nouns)
    text = f"nouns: sum states, which know no order, beat the word by less than {GAIN:g}"
    yield Check(text, found, low, high, high < GAIN)


def _nulls(task: Task, states: np.ndarray) -> Iterator[Check]:
    """Labels shuffled inside each word type: nothing is left but the word."""
    null = task.shuffled()
    word, both = null.fit(width=1).correct(), null.fit(states, 1, penalty=10.0).correct(states)
    found, low, high = probe_measures.difference(null, both, word)
    text = "labels shuffled among words of one type: states add nothing to the word"
    yield Check(text, found, low, high, low <= 0)
