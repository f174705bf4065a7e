"""Does intervening break what must break, and nothing else? Checks in generated worlds, and in hand-written networks.

The bounds were written after a look at one small network of each language, and before any of the five worlds.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import torch

from reading_neurons.corpora.strings import Strings
from reading_neurons.experiments.truth import Check
from reading_neurons.features.libraries import library_of
from reading_neurons.methods.ablation import TYPES, NextCharacters
from reading_neurons.methods.generation import generate
from reading_neurons.methods.intervene import intervene
from reading_neurons.methods.relevance import relevance, top
from reading_neurons.models.characters import CharacterLSTM
from reading_neurons.models.counting_writer import CountingWriter
from reading_neurons.pathway import Pathway

STRINGS, LONGEST = 50, 100
COUNTER, NOISE = 11, 31  # which unit counts, and how many random ones stand beside it
MOVED = 0.1  # by how much units of an untrained network may move a share


def planted(
    network: CharacterLSTM, untrained: Pathway, strings: Strings, tables: Mapping[str, pd.DataFrame]
) -> Iterator[Check]:
    """What must be so in every generated world."""
    differing = severed(network)
    yield _exactly("strings that differ while a unit that nothing reads is held at 1", differing, 0)
    rows = tables["written"].query("network == 'untrained' and about")
    free = rows[rows["choice"] == "none"].groupby("feature")["share"].mean()
    held = rows[rows["choice"] == "top"]
    moved = float((held["share"] - held["feature"].map(free)).abs().max())
    text = f"top units of the untrained network, held, move no share by {MOVED}"
    yield Check(text, moved, moved, moved, moved < MOVED)
    if strings.corpus == "parentheses":
        yield from counter(strings, untrained)


def severed(network: CharacterLSTM, unit: int = 0) -> int:
    """How many written strings change while a unit is held at 1 whose outgoing weights are cut."""
    cut = copy.deepcopy(network)
    with torch.no_grad():
        cut.readout.weight[:, unit] = 0
        cut.cell.lstm.weight_hh_l0[:, unit] = 0
    pathway = cut.pathways[network.name]
    free = generate(pathway, STRINGS, LONGEST)
    with intervene(pathway, unit, 1.0):
        held = generate(pathway, STRINGS, LONGEST)
    return sum(one != other for one, other in zip(free, held, strict=True))


def counter(strings: Strings, pathway: Pathway) -> Iterator[Check]:
    """The network whose counting unit was written by hand: what it knows is lost with that unit, and with no other."""
    writer = CountingWriter(pathway.vocabulary, noise=NOISE, unit=COUNTER)
    feature = library_of("parentheses")["brackets, open"]
    table = relevance(writer, strings, [feature])
    best = top(table, 1)["unit"][0]
    yield _exactly("the unit that counts by hand is the most relevant to open brackets", best, COUNTER)
    text = NextCharacters(strings, writer.vocabulary, TYPES["parentheses"])
    digits = text.places[:, 1].sum()
    free = text.scored(writer)
    yield _exactly("the network that counts by hand knows every digit", free[:, 1].sum() / digits, 1)
    without = text.scored(writer, _removed([COUNTER]))[:, 1].sum() / digits
    zeros = "".join(strings.texts).count("0") / digits
    yield Check("without its counter it knows the zeros and no other digit", without, zeros, zeros, without == zeros)
    others = [unit for unit in range(NOISE + 1) if unit != COUNTER]
    changed = int((text.scored(writer, _removed(others)) != free).sum())
    yield _exactly("strings it predicts otherwise without all its other units", changed, 0)


def _removed(units: list[int]):
    table = pd.DataFrame({"unit": units, "weight": 1.0})
    return lambda chosen: (table, np.zeros(len(units)))


def _exactly(text: str, value: float, expected: float) -> Check:
    return Check(text, float(value), float(expected), float(expected), bool(value == expected))
