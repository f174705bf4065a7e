"""Log ratios of medians: exact medians, planted differences, and corpora drawn again."""

import time

import numpy as np
import pandas as pd
import pytest

from reading_neurons import bins
from reading_neurons.annotation import token_table
from reading_neurons.corpora import scenes
from reading_neurons.methods import information_ratios as ratios
from reading_neurons.methods import mutual_information as mi
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.text import Vocabulary

CAPTIONS = scenes.generate(scenes=60).train
TABLE = token_table(CAPTIONS, CAPTIONS.parses)
VOCABULARY = Vocabulary.of(CAPTIONS.tokens)
NAMES = [f"{kind} {width}" for kind in mi.KINDS for width in mi.WIDTHS]


def table(rng, units=101, **scales):
    """Units of which each pathway knows so many times a random amount."""
    parts = [
        pd.DataFrame(
            {
                "pathway": pathway, "unit": np.repeat(np.arange(units), 6), "context": NAMES * units,
                "mi": np.exp(rng.normal(size=units * 6) / 3) * np.tile(scale, units),
            }
        )
        for pathway, scale in scales.items()
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True).assign(excess=lambda t: t["mi"] - 0.05)


@pytest.mark.parametrize("units", [1, 2, 7, 64, 65])
def test_medians_are_those_of_numpy(units):
    rng = np.random.default_rng(0)
    values = rng.choice([0.0, 0.1, 0.2, 0.2, 5.0], size=(units, 3)) + [[0, 1, 2]]
    found = ratios.median_draws(values, replicates=50, seed=7)
    drawn = np.random.default_rng(7).integers(units, size=(50, units), dtype=np.int32)
    np.testing.assert_array_equal(found, np.median(values[drawn], axis=1))


def test_five_thousand_replicates_take_less_than_a_second():
    values = np.random.default_rng(0).random((1024, 6))
    began = time.perf_counter()
    assert ratios.median_draws(values).shape == (5000, 6)
    assert time.perf_counter() - began < 3  # on a busy machine


def test_what_was_planted_is_found():
    rng = np.random.default_rng(0)
    planted = table(rng, visual=[1.0] * 6, textual=[1.0, 0.9, 0.8, 1.6, 1.4, 1.2])
    draws = ratios.log_ratio_draws(planted, replicates=500)
    assert draws.shape == (501, 6) and list(draws) == NAMES
    found = ratios.log_ratios(draws).set_index("context")
    expected = np.log([1.0, 0.9, 0.8, 1.6, 1.4, 1.2])
    for name, truth in zip(NAMES, expected, strict=True):
        row = found.loc[name]
        assert row["least"] <= row["low"] < truth < row["high"] <= row["most"], name
        assert row["low"] < row["log_ratio"] < row["high"]
    for place, width in enumerate(mi.WIDTHS):
        row = found.loc[f"deprel - word, {width}"]
        assert row["low"] < expected[3 + place] - expected[place] < row["high"]
        deprel, word = (draws[f"{kind} {width}"][1:] for kind in ("deprel", "word"))
        assert row["least"] == pytest.approx(deprel.min() - word.max())


def test_nothing_is_found_where_nothing_was_planted():
    covered = 0
    for seed in range(10):
        draws = ratios.log_ratio_draws(table(np.random.default_rng(seed), visual=[1.0] * 6, textual=[1.0] * 6), replicates=200)
        found = ratios.log_ratios(draws)
        differences = found[found["context"].str.startswith("deprel -")]
        covered += ((differences["low"] < 0) & (differences["high"] > 0)).sum()
        assert (differences["least"] < 0).all()
    assert covered >= 25  # of 30, where 28.5 are expected


def test_swapping_the_pathways_changes_the_sign():
    units = table(np.random.default_rng(0), visual=[1.0] * 6, textual=[2.0] * 6)
    one = ratios.log_ratio_draws(units, replicates=1).iloc[0]
    other = ratios.log_ratio_draws(units, "visual", "textual", replicates=1).iloc[0]
    np.testing.assert_allclose(one, -other)
    excess = ratios.log_ratio_draws(units, measure="excess", replicates=1).iloc[0]
    assert (excess > one).all()  # what is left above a null differs more


def test_a_median_of_nothing_has_no_logarithm():
    units = table(np.random.default_rng(0), visual=[1.0] * 6, textual=[1.0] * 6)
    units.loc[(units["pathway"] == "visual") & (units["context"] == "word unigram"), "mi"] = 0.0
    draws = ratios.log_ratio_draws(units, replicates=3)
    assert draws["word unigram"].isna().all() and draws["word bigram"].notna().all()


# Corpora drawn again


def binned(seed=0):
    nouns = sorted(TABLE.loc[TABLE["tag"] == "NN", "word"].unique())
    others = sorted(TABLE.loc[TABLE["tag"] == "IN", "word"].unique())
    on = {"visual": [Detector(noun, on=[noun]) for noun in nouns[:8]], "textual": [Detector("p", on=others, off=nouns, hold=1.0)] * 3}
    return {name: bins.of_pathway(DetectorPathway(VOCABULARY, found), CAPTIONS) for name, found in on.items()}


def test_the_first_replicate_is_the_corpus_itself_and_the_others_lie_around_it():
    parts = binned()
    contexts = mi.contexts(TABLE)
    found = ratios.over_sentences(parts, contexts, TABLE["image"], replicates=20, units=100)
    assert len(found) == 21 * 2 * 6
    first = found[found["replicate"] == 0].set_index(["pathway", "context"])["mi"]
    for name, part in parts.items():
        medians = mi.per_unit(part, contexts).groupby("context")["mi"].median()
        for context, median in medians.items():
            assert first[name, context] == pytest.approx(median)
    draws = ratios.sentence_draws(found)
    assert draws.shape == (21, 6)
    for name in NAMES:
        low, high = ratios.sentence_interval(draws[name][0], draws[name][1:])
        assert low < draws[name][0] < high and high - low < 2


def test_one_image_drawn_again_is_the_same_corpus():
    parts, contexts = binned(), mi.contexts(TABLE)
    found = ratios.over_sentences(parts, contexts, np.zeros(len(TABLE)), replicates=2)
    medians = found.pivot(index=["pathway", "context"], columns="replicate", values="mi")
    assert np.allclose(medians[0], medians[1]) and np.allclose(medians[0], medians[2])


def test_units_are_a_sample_that_the_seed_decides():
    parts, contexts = binned(), mi.contexts(TABLE, widths=["unigram"])
    found = [ratios.over_sentences(parts, contexts, TABLE["image"], replicates=1, units=2, seed=s) for s in (0, 0, 1)]
    pd.testing.assert_frame_equal(found[0], found[1])
    assert not found[0]["mi"].equals(found[2]["mi"])


# Bad input


def test_bad_tables_are_errors():
    units = table(np.random.default_rng(0), visual=[1.0] * 6)
    with pytest.raises(ValueError, match="no units of the pathway 'textual'; the table has"):
        ratios.log_ratio_draws(units)
    with pytest.raises(ValueError, match="no column 'corrected'"):
        ratios.log_ratio_draws(units, measure="corrected")
    for values, replicates in ((np.ones((0, 2)), 5), (np.ones((3, 2)), 0)):
        with pytest.raises(ValueError, match="needs units and replicates"):
            ratios.median_draws(values, replicates)


def test_lengths_that_differ_are_errors():
    parts, contexts = binned(), mi.contexts(TABLE)
    with pytest.raises(ValueError, match="images of 3"):
        ratios.over_sentences(parts, contexts, [0, 1, 2])
    with pytest.raises(ValueError, match="a bootstrap draws from at least one cluster"):
        ratios.over_sentences({"visual": parts["visual"][:0]}, {"word": []}, [])
