"""Units before their label: areas against sklearn, planted leads, intervals, and nulls."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from reading_neurons import passes
from reading_neurons.annotation import token_table
from reading_neurons.corpora import scenes
from reading_neurons.experiments.carrying_truth import labelled_after, planted, sentences_of, shuffled, unit_of
from reading_neurons.methods.label_leads import MEAN, before_label, label_units, lagged, leading_units, leads
from reading_neurons.statistics import halves

CAPTIONS = scenes.generate(scenes=120).train
TOKENS = token_table(CAPTIONS, CAPTIONS.parses)
PATHWAY = planted(CAPTIONS, noise=6)
STATES = passes.states(PATHWAY, CAPTIONS)


def pairs(offset):
    """Rows t and t + offset of one sentence, in a loop."""
    sentence = TOKENS["sentence"]
    return [
        (t, t + offset)
        for t in range(len(TOKENS))
        if 0 <= t + offset < len(TOKENS) and sentence[t] == sentence[t + offset]
    ]


def test_areas_are_those_of_sklearn():
    found = before_label(STATES, TOKENS, "pobj", range(12), replicates=2).set_index(["unit", "offset"])
    for offset in (-2, -1, 0, 1):
        t, read = map(list, zip(*pairs(offset), strict=True))
        expected = [roc_auc_score(TOKENS["deprel"].to_numpy()[t] == "pobj", STATES[read, unit]) for unit in range(12)]
        np.testing.assert_allclose(found.xs(offset, level="offset")["auc"].loc[0:11], expected, atol=1e-9)
        assert found.loc[(MEAN, offset), "auc"] == pytest.approx(np.mean(expected))
        assert found.loc[(4, offset), "ahead"] == pytest.approx(
            found.loc[(4, offset), "auc"] - found.loc[(4, 0), "auc"]
        )


def test_a_negative_sign_turns_the_area_round():
    both = [before_label(STATES, TOKENS, "pobj", [7], signs=[sign], replicates=2)["auc"] for sign in (1, -1)]
    np.testing.assert_allclose(both[0] + both[1], 1)


def test_words_can_be_compared_with_those_of_one_other_label():
    found = before_label(STATES, TOKENS, "pobj", [7], offsets=[0], against="prep", replicates=2)["auc"].iloc[0]
    rows = TOKENS["deprel"].isin(["pobj", "prep"])
    assert found == pytest.approx(roc_auc_score(TOKENS["deprel"][rows] == "pobj", STATES[rows, 7]))


def test_intervals_are_those_of_a_bootstrap_of_images():
    """To first order the areas of whole redrawn corpora."""
    found = before_label(STATES, TOKENS, "pobj", [7], offsets=[0], replicates=400).iloc[0]
    rng = np.random.default_rng(1)
    images = [rows.index.to_numpy() for _, rows in TOKENS.groupby("image")]
    drawn = []
    for _ in range(200):
        rows = np.concatenate([images[i] for i in rng.integers(len(images), size=len(images))])
        drawn.append(roc_auc_score(TOKENS["deprel"].to_numpy()[rows] == "pobj", STATES[rows, 7]))
    assert found["high"] - found["low"] == pytest.approx(np.subtract(*np.percentile(drawn, [97.5, 2.5])), rel=0.25)
    assert found["low"] < found["auc"] < found["high"]


def test_planted_leads_are_found():
    unit = unit_of(PATHWAY, "determiner")
    after = labelled_after(TOKENS, PATHWAY.detectors[unit].on)
    found = before_label(STATES, after, "planted", [unit], replicates=50)
    assert leads(found).query("unit == @unit")["lead"].tolist() == [-1]
    one = found.query("unit == @unit and offset == -1").iloc[0]
    assert one["auc"] > 0.7 and one["ahead_low"] > 0  # nouns after a determiner do not have the label
    assert one["excess"] == 0  # the lead is the determiner itself, nothing more


def test_carrying_is_what_the_word_does_not_tell():
    latch = unit_of(PATHWAY, "preposition to noun")
    after = labelled_after(TOKENS, PATHWAY.detectors[latch].on)
    at_it = before_label(STATES, after, "planted", [latch], replicates=50).query("offset == 0").iloc[0]
    assert at_it["auc"] > 0.9 and at_it["excess_low"] > 0.1  # rare words stay where they are and know too much


def test_words_in_random_order_lead_nothing():
    unit = unit_of(PATHWAY, "determiner")
    mixed = shuffled(labelled_after(TOKENS, PATHWAY.detectors[unit].on))
    assert sorted(mixed["word"]) == sorted(TOKENS["word"]) and (mixed["position"] == TOKENS["position"]).all()
    states = passes.states(PATHWAY, sentences_of(mixed))
    null = before_label(states, mixed, "planted", [unit], replicates=50).query("offset == -1")["auc"].iloc[0]
    assert null == pytest.approx(0.5, abs=0.05)


def test_units_of_noise_tell_no_label():
    noise = np.random.default_rng(0).normal(size=(len(TOKENS), 50))
    best = label_units(noise[::2], TOKENS[::2].reset_index(drop=True), ["pobj"], k=1)
    # The best of 50 is chosen on one half of the words, and says nothing on the other.
    unit, sign = int(best["unit"].iloc[0]), int(best["sign"].iloc[0])
    other = before_label(noise[1::2], TOKENS[1::2].reset_index(drop=True), "pobj", [unit], signs=[sign], replicates=200)
    assert (other["low"] < 0.52).all() and abs(best["auc"].iloc[0] - 0.5) > 0.01


def test_the_units_of_a_label_are_those_of_the_largest_areas():
    found = label_units(STATES, TOKENS, ["pobj", "prep"], k=3, sample=100_000)
    for label, rows in found.groupby("label"):
        areas = np.array([roc_auc_score(TOKENS["deprel"] == label, STATES[:, unit]) for unit in range(STATES.shape[1])])
        best = np.argsort(-np.abs(areas - 0.5), kind="stable")[:3]
        assert rows["unit"].tolist() == best.tolist()
        np.testing.assert_allclose(rows["auc"], areas[best])
        assert (rows["sign"] == np.where(areas[best] < 0.5, -1, 1)).all()
    assert found.query("label == 'prep'")["unit"].iloc[0] in (
        unit_of(PATHWAY, "preposition"),
        unit_of(PATHWAY, "preposition to noun"),
    )


def test_leading_units_are_chosen_and_measured_on_different_images():
    found = leading_units(STATES, TOKENS, ["pobj", "conj"], k=2, replicates=50)
    half = halves(TOKENS["image"], 0)
    for label, rows in label_units(STATES[half], TOKENS[half], ["pobj", "conj"], k=2).groupby("label", sort=False):
        units, signs = rows["unit"].tolist(), rows["sign"].tolist()
        expected = before_label(STATES[~half], TOKENS[~half], label, units, signs=signs, replicates=50)
        of_label = found[found["label"] == label].reset_index(drop=True)
        pd.testing.assert_frame_equal(of_label, expected)


def test_units_of_noise_that_were_chosen_on_one_half_say_nothing_on_the_other():
    noise = np.random.default_rng(3).normal(size=(len(TOKENS), 200))
    same = label_units(noise, TOKENS, ["pobj"])
    chosen_and_measured = (0.5 + (same["auc"] - 0.5).abs()).mean()
    found = leading_units(noise, TOKENS, ["pobj"], replicates=200).set_index(["unit", "offset"]).loc[(MEAN, 0)]
    assert found["low"] < 0.5 < found["high"] < chosen_and_measured + 0.02


def test_a_word_beside_the_one_before():
    table = lagged(STATES, TOKENS, 4)
    expected = [(t - 1, t) for t, _ in pairs(0) if TOKENS["position"][t] > 0]
    assert len(table) == len(expected)
    before, now = map(list, zip(*expected, strict=True))
    np.testing.assert_array_equal(table["before"], STATES[before, 4])
    np.testing.assert_array_equal(table["now"], STATES[now, 4])
    assert table["previous"].tolist() == TOKENS["word"].to_numpy()[before].tolist()
    assert table["next"].iloc[0] == TOKENS["deprel"][2]
    last = TOKENS.groupby("sentence")["position"].transform("max") == TOKENS["position"]
    assert (table["next"] == "").sum() == (last & (TOKENS["position"] > 0)).sum()


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: before_label(STATES, TOKENS, "nothing", [0]), "0 of .* words have the label 'nothing'"),
        (lambda: before_label(STATES, TOKENS, "pobj", [99]), "found \\[99\\]"),
        (lambda: before_label(STATES, TOKENS, "pobj", [0], against="nothing"), "label 'nothing'"),
        (lambda: before_label(STATES[1:], TOKENS, "pobj", [0]), "expected as many"),
        (lambda: before_label(STATES, TOKENS.drop(columns="deprel"), "pobj", [0]), "no column deprel"),
        (lambda: label_units(STATES, TOKENS, ["pobj"], k=0), "found k = 0"),
        (lambda: label_units(STATES, TOKENS, ["pobj"], k=99), "found k = 99"),
        (lambda: lagged(STATES, TOKENS, -1), "found \\[-1\\]"),
    ],
)
def test_bad_input_is_a_clear_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_mean_is_told_from_units():
    found = before_label(STATES, TOKENS, "pobj", [0], offsets=[0], replicates=2)
    assert found["unit"].tolist() == [0, MEAN] and found["auc"].nunique() == 1
