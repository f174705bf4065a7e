"""Summaries of a pass: any cut into windows and shards gives the same, to the last bit where windows are the same."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reading_neurons.methods.carrying_units import Places, Survival
from reading_neurons.methods.contexts import TopContexts
from reading_neurons.methods.levels import Levels
from reading_neurons.methods.unit_correlations import UnitCorrelations
from reading_neurons.passes import Window
from reading_neurons.summaries import EveryNth, Gathered, Means, States, Together

SENTENCES, LENGTH, UNITS = 12, 4, 5
WORDS = SENTENCES * LENGTH
RNG = np.random.default_rng(0)
STATES = np.round(RNG.normal(size=(WORDS, UNITS)), 1).astype(np.float32)
CODES = RNG.integers(9, size=WORDS)
PLACES = Places(np.repeat(np.arange(SENTENCES), LENGTH), np.tile(np.arange(LENGTH), SENTENCES), CODES)
AT, OF = RNG.integers(WORDS, size=30), RNG.integers(UNITS, size=30)


class Correlations(UnitCorrelations):
    """Of the states of windows in place of n-grams."""

    def update(self, window):
        super().update(window.states)

    def empty(self, first, count):
        return Correlations()


KINDS = {
    "states": lambda: States(WORDS),
    "states of two units": lambda: States(WORDS, units=[3, 0], dtype=np.float64),
    "every third": lambda: EveryNth(3),
    "means": Means,
    "gathered": lambda: Gathered(AT, OF),
    "top contexts": lambda: TopContexts(3),
    "different top contexts": lambda: TopContexts(3, codes=CODES, units=[4, 1], absolute=True),
    "survival": lambda: Survival(Levels.of(STATES), PLACES, 3),
    "survival, exchanged": lambda: Survival(Levels.of(STATES), PLACES, 3, CODES, seed=7),
    "correlations": Correlations,
    "together": lambda: Together([Means(), EveryNth(2)]),
}
INEXACT = {"means", "correlations", "together"}  # sums, which depend on their order
BY_WINDOW = {"survival, exchanged"}  # what they do depends on which words come together
cuts = st.lists(st.integers(1, SENTENCES - 1), unique=True, max_size=5).map(sorted)


def cut_up(cuts):
    """Windows between sentences."""
    ends = [0, *(LENGTH * cut for cut in cuts), WORDS]
    return [Window(first, torch.from_numpy(STATES[first:last])) for first, last in zip(ends[:-1], ends[1:], strict=True)]


def given_in_turn(summary, windows):
    for window in windows:
        summary.update(window)
    return summary


def merged(summary, windows):
    """As a cluster does it: an empty one for each window, which comes back and is merged."""
    for window in windows:
        part = summary.empty(window.first, len(window.states))
        part.update(window)
        summary.merge(part)
    return summary


def assert_same(found, expected, close=False):
    if isinstance(expected, list):
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other, close)
    elif isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected)
    elif close:
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    else:
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25)
@given(cuts=cuts)
def test_windows_merged_are_windows_given_in_turn_to_the_last_bit(kind, cuts):
    windows = cut_up(cuts)
    assert_same(merged(KINDS[kind](), windows).result(), given_in_turn(KINDS[kind](), windows).result())


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - BY_WINDOW))
@settings(max_examples=25)
@given(cuts=cuts)
def test_any_cut_gives_the_same(kind, cuts):
    whole = given_in_turn(KINDS[kind](), cut_up([])).result()
    assert_same(merged(KINDS[kind](), cut_up(cuts)).result(), whole, close=kind in INEXACT)


@pytest.mark.parametrize("kind", KINDS)
@given(cuts=cuts, at=st.integers(0, 5))
@settings(max_examples=25)
def test_parts_of_a_corpus_may_be_merged_before_they_meet(kind, cuts, at):
    """Two halves, each merged from its own windows."""
    windows = cut_up(cuts)
    first, second = windows[:at], windows[at:]
    begin = second[0].first if second else WORDS
    early = merged(KINDS[kind](), first)
    early.merge(merged(KINDS[kind]().empty(begin, WORDS - begin), second))
    assert_same(early.result(), given_in_turn(KINDS[kind](), windows).result(), close=kind in INEXACT)


def test_known_values():
    window = Window(0, torch.from_numpy(STATES))
    np.testing.assert_array_equal(given_in_turn(States(WORDS), [window]).result(), STATES)
    np.testing.assert_array_equal(given_in_turn(EveryNth(5), [window]).result(), STATES[::5])
    np.testing.assert_allclose(given_in_turn(Means(), [window]).result(), STATES.mean(axis=0, dtype=float), rtol=1e-6)
    np.testing.assert_array_equal(given_in_turn(Gathered(AT, OF), [window]).result(), STATES[AT, OF])


def test_a_part_holds_nothing_of_the_rest():
    for kind, inside in (("different top contexts", "_codes"), ("survival, exchanged", "_code"), ("gathered", "_places")):
        part = KINDS[kind]().empty(8, 4)
        assert len(getattr(part, inside)) <= 4, kind
    assert len(KINDS["survival"]().empty(8, 4)._places.word) == 4
    assert States(WORDS).empty(8, 4)._words == 4


def test_a_sample_does_not_keep_its_window_alive():
    summary = EveryNth(10)
    summary.update(Window(0, torch.from_numpy(STATES)))
    assert summary._blocks[0].base is None


def test_states_may_lie_elsewhere_but_those_of_a_part_do_not():
    made = []

    def allocate(shape, dtype):
        made.append((shape, dtype))
        return np.empty(shape, dtype)

    summary = States(WORDS, allocate=allocate)
    merged(summary, cut_up([3, 6]))
    assert made == [((WORDS, UNITS), np.dtype("float32"))]


def test_errors():
    with pytest.raises(ValueError, match="there is no unit 5: the pathway has 5 units"):
        given_in_turn(Gathered(np.array([0]), np.array([5])), cut_up([]))
    for empty in (States(3), EveryNth(2), Means()):
        with pytest.raises(ValueError, match="no window was given to this summary"):
            empty.result()
