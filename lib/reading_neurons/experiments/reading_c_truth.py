"""Does choosing a unit by what it knows find units that were planted in code, and nothing where there is nothing?

Easy to get wrong: a null that is too easy. Labels drawn anew for each character have no stretches, and units have; here
the labels of all functions are moved along by half of them, stretches and all.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reading_neurons import passes
from reading_neurons.corpora.strings import Strings
from reading_neurons.experiments import truth
from reading_neurons.experiments.panel import CHARACTERS, Panel
from reading_neurons.features import Library
from reading_neurons.features.c_code import MOST_BRACES, TYPES
from reading_neurons.features.libraries import library_of
from reading_neurons.methods.held_out_units import held_out, signed_knowledge
from reading_neurons.models.counting import CountingPathway
from reading_neurons.statistics import interval

NOISE = 63  # random units beside one that counts
NOTHING = 0.1  # what may be found, on average, where nothing is
REPLICATES = 100


def checks(world: Panel) -> Iterator[truth.Check]:
    """What must be so in a generated world; the bounds were fixed before the worlds were run."""
    library, seed = library_of("tiny_c"), world.seed
    choosing, measuring = world.corpus.validation, world.test
    trained, untrained = (pathways[CHARACTERS[0]] for pathways in (world.trained, world.untrained))
    for opens, closes, feature in (
        ("{", "}", "braces, range"),
        ("{", "}", "braces, depth"),
        ("(", ")", "parentheses, open"),
    ):
        yield _planted(trained, opens, closes, library[feature], choosing, measuring, seed)
    chosen, draws = held_out(trained, choosing, measuring, library, replicates=REPLICATES, seed=seed)
    before, draws_before = held_out(untrained, choosing, measuring, library, replicates=REPLICATES, seed=seed)
    chosen, before = (table.set_index("feature") for table in (chosen, before))
    yield _nothing(trained, choosing, measuring, library)
    lost = (chosen["chosen"] - chosen["knowledge"])[[f"{kind.name}, range" for kind in TYPES]]
    low, high = lost.min(), lost.max()
    yield truth.Check(
        f"what chosen units know of ranges is the same on other functions, to {NOTHING}", lost.mean(), low, high,
        abs(lost.mean()) < NOTHING,
    )  # fmt: skip
    for feature in ("braces, range", "loop, range", "function head, range"):
        added = chosen.loc[feature, "knowledge"] - before.loc[feature, "knowledge"]
        low, high = interval(draws[feature] - draws_before[feature])
        yield truth.Check(f"training adds to what is known of '{feature}'", added, low, high, low > 0)
    row = before.loc["terminator, range"]
    yield truth.Check(
        "an untrained unit knows semicolons, above .8", row["knowledge"], row["low"], row["high"], row["low"] > 0.8
    )


def _planted(
    pathway, opens: str, closes: str, feature, choosing: Strings, measuring: Strings, seed: int
) -> truth.Check:
    """A unit that counts, among random ones: is it chosen, and how far ahead of the others is it elsewhere?"""
    unit = int(np.random.default_rng(seed).integers(NOISE + 1))
    counting = CountingPathway(
        pathway.vocabulary, noise=NOISE, unit=unit, opens=opens, closes=closes, most=MOST_BRACES, seed=seed
    )
    only = Library([feature])
    found, draws = held_out(counting, choosing, measuring, only, replicates=REPLICATES, seed=seed)
    known = np.abs(signed_knowledge(passes.states(counting, measuring), only.labels(measuring.items), only))[0]
    others = float(np.delete(known, unit).max())
    value = float(found["knowledge"][0]) - others if found["unit"][0] == unit else -others
    low, high = interval(draws[feature.name])
    text = f"a unit that counts {opens} and {closes} is chosen for '{feature.name}', and is ahead of all others"
    return truth.Check(text, value, low - others, high - others, value > 0)


def _nothing(pathway, choosing: Strings, measuring: Strings, library: Library) -> truth.Check:
    """Labels of other places: what the best of all units seems to know of them, where it was not chosen."""
    labels = [
        np.roll(library.labels(part.items), sum(map(len, part.texts)) // 2, axis=1) for part in (choosing, measuring)
    ]
    first, second = (
        signed_knowledge(passes.states(pathway, part), moved, library)
        for part, moved in zip((choosing, measuring), labels, strict=True)
    )
    best = np.abs(first).argmax(axis=1)
    rows = np.arange(len(library))
    found = np.sign(first[rows, best]) * second[rows, best]
    low, high = interval(found)
    text = f"of labels moved to other places the chosen units know nothing, to {NOTHING}"
    return truth.Check(text, float(found.mean()), low, high, abs(float(found.mean())) < NOTHING)
