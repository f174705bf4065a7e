"""Runs of all units of a corpus: ours beside the pass that they need, and beside one unit at a time."""

from __future__ import annotations

from collections.abc import Callable

import measure
import numpy as np
import torch
from measure import Row
from omission_speed import untrained

from reading_neurons import passes
from reading_neurons.corpora import CaptionCorpus
from reading_neurons.methods import carrying_units
from reading_neurons.methods.carrying_units import Places, Survival
from reading_neurons.methods.levels import Levels

FORWARD, LOOP = "the forward pass alone", "one unit and run at a time"
LOOPED = 4  # units that the loop is measured on; it takes as long for each


@torch.inference_mode()
def rows(corpus: CaptionCorpus, units: int = 1024, captions: int = 4000, repeats: int = 3) -> list[Row]:
    """Our seconds for all units, forward pass not included, beside the other roads'."""
    pathway = untrained(corpus, units)
    words = corpus.test.tokens[:captions]
    states = passes.states(pathway, words)
    level = Levels.of(states[:: -(-len(states) // 20_000)])
    found = carrying_units.persistence(pathway, words, level=level, states=states)
    if not np.allclose(found["s1"][:LOOPED], loop(states[:, :LOOPED], words, level), equal_nan=True):
        raise RuntimeError("the loop finds other shares than we do")
    timed: dict[str, Callable[[], object]] = {
        "ours": lambda: counted(states, words, level),
        FORWARD: lambda: sum(len(window.states) for window in passes.windows(pathway, words)),
        LOOP: lambda: loop(states[:, :LOOPED], words, level),
    }
    seconds = measure.interleaved(timed, repeats)
    ours = seconds.pop("ours")
    seconds[LOOP] *= units / LOOPED
    note = f"{len(states):,} words of {corpus.name}, {units} units"
    return [Row(f"carrying-{units}", road, ours, other, None, note) for road, other in seconds.items()]


def counted(states: np.ndarray, words: list, level: Levels) -> np.ndarray:
    """The survival of all units' runs from states that are held."""
    summary = Survival(level, Places.of(words), 5)
    for window in carrying_units._cut(states, words):
        summary.update(window)
    return summary.result()


def loop(states: np.ndarray, words: list, level: Levels) -> list[float]:
    """The share of runs still on after one word, as one would count it first."""
    shares = []
    for unit in range(states.shape[1]):
        watched = stayed = row = 0
        for sentence in words:
            on = False
            for place in range(len(sentence)):
                value = states[row + place, unit]
                begun = not on and value > level.low[unit] and value >= level.high[unit]
                on = begun or (on and value > level.low[unit])
                if begun and place + 1 < len(sentence):
                    watched += 1
                    stayed += states[row + place + 1, unit] > level.low[unit]
            row += len(sentence)
        shares.append(stayed / watched if watched else np.nan)
    return shares
