"""Runs one by one: against a loop, censored ones, intervals over images, and what begins them."""

import numpy as np
import pandas as pd
import pytest

from reading_neurons import passes
from reading_neurons.annotation import token_table
from reading_neurons.corpora import scenes
from reading_neurons.experiments.carrying_truth import planted
from reading_neurons.methods import carrying_units, runs
from reading_neurons.methods.levels import Levels

CAPTIONS = scenes.generate(scenes=120).train
TOKENS = token_table(CAPTIONS, CAPTIONS.parses)
PATHWAY = planted(CAPTIONS, noise=4)
STATES = passes.states(PATHWAY, CAPTIONS)
LEVEL = Levels.of(STATES)
TABLE = runs.runs(STATES, TOKENS, range(10), LEVEL)


def loop(unit):
    """Runs of a unit, sentence by sentence."""
    found = []
    for sentence, rows in TOKENS.groupby("sentence"):
        values, start = STATES[rows.index, unit], None
        for position, value in enumerate(values):
            if start is not None and not value > LEVEL.low[unit]:
                found.append((sentence, start, position - 1 - start, True))
                start = None
            if start is None and value >= LEVEL.high[unit] and value > LEVEL.low[unit]:
                start = position
        if start is not None:
            found.append((sentence, start, len(values) - 1 - start, False))
    return found


def test_runs_are_those_of_a_loop():
    for unit in range(10):
        rows = TABLE[TABLE["unit"] == unit]
        assert list(rows[["sentence", "start", "length", "ended"]].itertuples(index=False, name=None)) == loop(unit)
        assert (TOKENS["position"].to_numpy()[rows["row"]] == rows["start"]).all()


def test_a_hold_lasts_from_its_word_to_the_word_that_ends_it():
    rows = TABLE[TABLE["unit"] == 2]
    detector = PATHWAY.detectors[2]
    assert set(TOKENS["word"].to_numpy()[rows["row"]]) <= set(detector.on)
    ended = rows[rows["ended"]]
    assert len(ended) > 100 and set(TOKENS["word"].to_numpy()[ended["row"] + ended["length"] + 1]) <= set(detector.off)


def test_curves_are_those_of_all_units_at_once():
    found = carrying_units.persistence(PATHWAY, CAPTIONS, level=LEVEL, states=STATES)
    curves = runs.survival(TABLE, CAPTIONS.image, replicates=50).set_index(["unit", "words"])
    for unit in range(10):
        expected = found.loc[unit, ["s1", "s2", "s3", "s4", "s5"]].astype(float)
        np.testing.assert_allclose(curves.loc[unit]["share"].loc[1:5], expected)
        assert curves.loc[(unit, -1), "share"] == pytest.approx(found.loc[unit, "persistence"])
    assert (curves["low"] <= curves["share"] + 1e-9).all() and (curves["share"] <= curves["high"] + 1e-9).all()


def test_intervals_are_over_images():
    """The same runs under one cluster each are known better than under few."""
    width = [
        (lambda rows: (rows["high"] - rows["low"]).sum())(
            runs.survival(TABLE[TABLE["unit"] == 7], image, replicates=200)
        )
        for image in (CAPTIONS.image // 10, np.arange(len(CAPTIONS)))
    ]
    assert width[0] > 0 and width[1] > 0 and width[0] != width[1]
    one = runs.survival(TABLE[TABLE["unit"] == 7], np.zeros(len(CAPTIONS), int), replicates=20)
    assert (one["low"] == one["high"]).all()  # one image is all there is


def test_the_longest_runs_one_a_sentence():
    found = runs.longest(TABLE, 0, 8)
    assert found["sentence"].is_unique and found["length"].is_monotonic_decreasing and len(found) == 8
    assert found["length"].iloc[0] == TABLE[TABLE["unit"] == 0]["length"].max()


def test_triggers_are_the_words_planted():
    found = runs.triggers(TABLE, TOKENS, width=1, k=3)
    assert set(found[found["unit"] == 1]["trigger"]) <= set(PATHWAY.detectors[1].on)
    first = found[found["unit"] == 1].iloc[0]
    places = TABLE[(TABLE["unit"] == 1) & (TOKENS["word"].to_numpy()[TABLE["row"]] == first["trigger"])]
    assert (first["count"], first["length"]) == (len(places), places["length"].mean())
    assert runs.triggers(TABLE, TOKENS, width=3, k=9)["trigger"].str.split().str.len().max() == 3


def test_the_words_that_switch_units_on():
    found = runs.trigger_words(STATES, TOKENS, LEVEL, k=2)
    for unit in range(10):
        at = TOKENS["word"].to_numpy()[TABLE[TABLE["unit"] == unit]["row"]]
        values, counts = np.unique(at, return_counts=True)
        assert found.loc[unit, "triggers"] == len(at)
        assert found.loc[unit, "share"] == pytest.approx(np.sort(counts)[-2:].sum() / len(at))
        assert set(found.loc[unit, "words"].split(", ")) <= set(values)


def test_curves_come_with_what_word_and_position_give():
    found = runs.curves(STATES, TOKENS, [2, 4, 7], LEVEL, replicates=20)
    plain = runs.survival(TABLE[TABLE["unit"].isin([2, 4, 7])], CAPTIONS.image, replicates=20)
    np.testing.assert_allclose(found["share"], plain["share"])
    of_word = found[found["unit"] == 4]
    assert (of_word["by_word"] == of_word["share"]).all()  # it knows its word, and that is kept
    latch = found[(found["unit"] == 2) & (found["words"] == -1)].iloc[0]
    assert latch["share"] > latch["by_word"] + 0.5 and latch["share"] > latch["by_position"] + 0.5


def test_selective_units_are_found_from_a_pathway():
    found = runs.find_selective(PATHWAY, CAPTIONS, k=2)
    words = runs.trigger_words(STATES, TOKENS, LEVEL)
    table = carrying_units.persistence(PATHWAY, CAPTIONS, level=LEVEL, states=STATES)
    pd.testing.assert_frame_equal(found, runs.selective(table, words, k=2))


def test_selective_units_carry_and_few_words_switch_them_on():
    persistence = carrying_units.persistence(PATHWAY, CAPTIONS, level=LEVEL, states=STATES)
    words = runs.trigger_words(STATES, TOKENS, LEVEL, k=4)
    found = runs.selective(persistence, words)
    assert found["unit"].tolist()[:2] == [0, 1]  # the four numbers begin all of their runs
    assert (found["share"].iloc[:2] == 1).all() and (found["carried"] > 0).all()
    assert (found["share"] * found["carried"]).is_monotonic_decreasing
    assert runs.selective(persistence, words, fewest=10_000).empty


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: runs.runs(STATES, TOKENS, [10], LEVEL), "from 0 to 9, found"),
        (lambda: runs.runs(STATES, TOKENS, [], LEVEL), "at least one unit"),
        (lambda: runs.runs(STATES[1:], TOKENS, [0], LEVEL), "expected as many"),
        (lambda: runs.longest(TABLE, 0, 0), "k of at least 1"),
        (lambda: runs.longest(TABLE, 99), "0 runs of unit 99"),
        (lambda: runs.survival(TABLE, CAPTIONS.image, horizon=3), "over 5 words"),
        (lambda: runs.triggers(TABLE, TOKENS, width=4), "1 to 3 words"),
        (lambda: runs.trigger_words(STATES, TOKENS, LEVEL, k=0), "k of at least 1"),
    ],
)
def test_bad_input_is_a_clear_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_unit_without_runs_has_no_rows():
    assert runs.runs(np.ones_like(STATES), TOKENS, [0], Levels.of(np.ones_like(STATES))).empty
