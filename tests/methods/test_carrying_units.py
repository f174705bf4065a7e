"""Units that carry: counts of runs against a loop and statsmodels, memories written by hand, and nulls."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from reading_neurons import ngrams, passes
from reading_neurons.annotation import token_table
from reading_neurons.corpora import scenes
from reading_neurons.experiments.carrying_truth import planted
from reading_neurons.methods import carrying_units, levels, runs
from reading_neurons.methods.carrying_units import Places, Survival, exchanged, kaplan_meier, persistence
from reading_neurons.methods.levels import Levels, ages
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.text import Vocabulary

CAPTIONS = scenes.generate(scenes=120).train
TOKENS = token_table(CAPTIONS, CAPTIONS.parses)
PATHWAY = planted(CAPTIONS, noise=12)
STATES = passes.states(PATHWAY, CAPTIONS)
LEVEL = Levels.of(STATES)


def loop(values, position, low, high):
    """Ages of one unit, word by word."""
    result, age = [], -1
    for value, place in zip(values, position, strict=True):
        if place == 0:
            age = -1
        if age >= 0 and value > low:
            age += 1
        else:
            age = 0 if value >= high and value > low else -1
        result.append(age)
    return result


# Levels and ages


def test_deciles_are_the_values_that_so_many_words_do_not_exceed():
    values = np.random.default_rng(0).permutation(np.arange(1.0, 1001.0))
    edges = Levels.of(np.stack([values, -values], axis=1)).edges
    assert edges[:, 0].tolist() == [1, *range(100, 1001, 100)]
    assert edges[0, 1] == -1000 and edges[10, 1] == -1
    for decile in range(11):
        assert (values <= edges[decile, 0]).sum() >= decile * 100


def test_deciles_in_one_pass_are_those_of_the_states():
    np.testing.assert_array_equal(levels.levels(PATHWAY, CAPTIONS).edges, LEVEL.edges)


def test_a_large_corpus_is_sampled_evenly():
    sampled = levels.levels(PATHWAY, CAPTIONS, sample=500)
    step = -(-len(STATES) // 500)
    np.testing.assert_array_equal(sampled.edges, Levels.of(STATES[::step]).edges)
    below = (STATES <= sampled.high).mean(axis=0)[6:]
    assert (np.abs(below - 0.9) < 0.05).all()


def test_ages_are_those_of_a_loop():
    found = ages(torch.from_numpy(STATES), TOKENS["position"].to_numpy(), LEVEL).numpy()
    for unit in range(STATES.shape[1]):
        assert found[:, unit].tolist() == loop(STATES[:, unit], TOKENS["position"], LEVEL.low[unit], LEVEL.high[unit])
    assert found.max() > 5


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 4), min_size=1, max_size=7), min_size=1, max_size=6), st.integers(1, 3))
def test_ages_of_any_sentences_with_ties_are_those_of_a_loop(sentences, cap):
    values = np.array([value for sentence in sentences for value in sentence], dtype=np.float32)
    position = np.concatenate([np.arange(len(sentence)) for sentence in sentences])
    level = Levels.of(values[:, None])
    expected = np.minimum(loop(values, position, level.low[0], level.high[0]), cap)
    assert ages(torch.from_numpy(values[:, None]), position, level, cap)[:, 0].tolist() == expected.tolist()


def test_a_constant_unit_is_never_on():
    table = persistence(PATHWAY, CAPTIONS, states=np.ones_like(STATES))
    assert (table["triggers"] == 0).all() and table["persistence"].isna().all() and table["carried"].isna().all()


# Survival


def test_shares_are_those_of_statsmodels():
    table = runs.runs(STATES, TOKENS, range(STATES.shape[1]), LEVEL)
    found = persistence(PATHWAY, CAPTIONS, states=STATES, level=LEVEL)
    for unit, rows in table.groupby("unit"):
        # A run that ends after k words is seen to end at word k + 1; the sentence's end leaves it unseen there.
        fitted = SurvfuncRight(rows["length"] + rows["ended"], rows["ended"])
        expected = [
            fitted.surv_prob[fitted.surv_times <= k][-1] if (fitted.surv_times <= k).any() else 1 for k in range(1, 6)
        ]
        np.testing.assert_allclose(found.loc[unit, ["s1", "s2", "s3", "s4", "s5"]].astype(float), expected, atol=1e-12)
        assert found.loc[unit, "triggers"] == len(rows)
    assert not table["ended"].all() and table["ended"].any()


def test_leaving_out_or_ending_unfinished_runs_would_be_another_figure():
    """The estimate that the test above holds is not the plain mean: the difference is what censoring does."""
    table = runs.runs(STATES, TOKENS, [6], LEVEL)
    plain = sum((table["length"] >= k).mean() for k in range(1, 6))
    assert persistence(PATHWAY, CAPTIONS, states=STATES, level=LEVEL)["persistence"][6] > plain + 0.02


def test_nobody_left_to_watch():
    assert kaplan_meier(np.array([0, 0]), np.array([2, 0])).tolist() == [0, 0]
    assert np.isnan(kaplan_meier(np.array([2, 0]), np.array([2, 0]))[1])


@pytest.mark.parametrize("sentences", [1, 7, 100_000])
def test_windows_and_held_states_do_not_matter_to_what_is_found(monkeypatch, sentences):
    monkeypatch.setattr(carrying_units, "SENTENCES", sentences)
    columns = ["unit", "triggers", "s1", "s2", "s3", "s4", "s5", "persistence"]
    expected = persistence(PATHWAY, CAPTIONS, level=LEVEL)[columns]
    for states in (None, STATES):
        pd.testing.assert_frame_equal(persistence(PATHWAY, CAPTIONS, level=LEVEL, states=states)[columns], expected)


def test_summaries_of_two_halves_merge():
    places = Places.of(CAPTIONS.tokens)
    whole, first, second = (Survival(LEVEL, places, 5) for _ in range(3))
    for i, window in enumerate(passes.windows(PATHWAY, CAPTIONS, sentences=50)):
        whole.update(window)
        (first if i < 2 else second).update(window)
    first.merge(second)
    np.testing.assert_array_equal(first.reached, whole.reached)
    np.testing.assert_array_equal(first.result(), whole.result())


# What chance gives


def test_an_exchange_keeps_the_code_and_moves_the_rest():
    code = ngrams.codes(TOKENS["word"], TOKENS["sentence"], 1)
    place = exchanged(code)
    assert sorted(place) == list(range(len(code))) and (code[place] == code).all()
    moved = place != np.arange(len(code))
    often = np.bincount(code)[code] > 20
    assert moved[often].mean() > 0.9
    assert not np.array_equal(place, exchanged(code, seed=1)) and np.array_equal(place, exchanged(code))


def test_a_unit_that_knows_only_its_word_carries_nothing():
    """Whatever the words, and however long it stays on: the two are equal, not only close."""
    words = sorted({word for sentence in CAPTIONS.tokens for word in sentence})
    rng = np.random.default_rng(0)
    units = [
        Detector(f"random words {i}", rng.choice(words, len(words) // 3, replace=False).tolist()) for i in range(20)
    ]
    table = persistence(DetectorPathway(Vocabulary(words), units), CAPTIONS)
    assert (table["persistence"] == table["by_word"]).all() and table["persistence"].max() > 0.3
    assert (table["carried"] <= 0).all()


def test_a_unit_that_counts_words_carries_nothing():
    position = TOKENS["position"].to_numpy(dtype=np.float32)[:, None]
    table = persistence(PATHWAY, CAPTIONS, states=np.repeat(position, STATES.shape[1], axis=1))
    assert table["persistence"][0] == 5 and table["by_word"][0] < 3
    assert (table["by_position"] == 5).all() and (table["carried"] == 0).all()


def test_noise_carries_nothing():
    rng = np.random.default_rng(0)
    table = persistence(PATHWAY, CAPTIONS, states=rng.normal(size=STATES.shape).astype(np.float32))
    assert table["carried"].abs().max() < 0.3


def test_memories_are_found_and_ranked():
    table = persistence(PATHWAY, CAPTIONS)
    assert table.sort_values("carried", ascending=False)["unit"].head(2).tolist() == [0, 1]
    assert table["carried"][2] > 1 > 0 >= table["carried"][3:6].max()


def test_the_null_may_know_more_words():
    by_bigram = persistence(PATHWAY, CAPTIONS, width=2)["by_word"]
    by_word = persistence(PATHWAY, CAPTIONS)["by_word"]
    assert by_bigram[2] > by_word[2] + 0.2  # a latch of two words is told by two words


# Traces


def test_a_trace_is_what_the_states_are():
    table = carrying_units.trace(PATHWAY, CAPTIONS.texts[:3], [1, 7], LEVEL)
    words = [word for sentence in CAPTIONS.tokens[:3] for word in sentence]
    assert table["word"].tolist() == words * 2
    np.testing.assert_allclose(table["activation"][table["unit"] == 7], STATES[: len(words), 7], atol=1e-6)
    top = table["activation"] >= table["high"]
    assert (table["decile"][(table["unit"] == 7) & top] == 10).all() and table["decile"].between(1, 10).all()
    shares = carrying_units.trace(PATHWAY, CAPTIONS.tokens, [8], LEVEL)["decile"].value_counts(normalize=True)
    assert shares.between(0.08, 0.12).all()


def test_a_run_in_a_trace_begins_at_its_word():
    on = carrying_units.trace(PATHWAY, ["a dog near a big cat sleeps"], [2], LEVEL)
    assert on["age"].tolist() == [-1, -1, 0, 1, 2, -1, -1]


def test_a_word_that_the_network_does_not_know_keeps_its_name():
    assert carrying_units.trace(PATHWAY, ["a xyzzy"], [0], LEVEL)["word"].tolist() == ["a", "xyzzy"]


# Bad input


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: persistence(PATHWAY, []), "at least one sentence"),
        (lambda: persistence(PATHWAY, ["a dog", ""]), "sentence 1 has no word"),
        (lambda: persistence(PATHWAY, CAPTIONS, horizon=0), "1 to 100 words, found a horizon of 0"),
        (lambda: persistence(PATHWAY, CAPTIONS, width=0), "at least 1 word, found a width of 0"),
        (lambda: persistence(PATHWAY, CAPTIONS, states=STATES[:-1]), "expected as many"),
        (lambda: levels.levels(PATHWAY, CAPTIONS, sample=0), "found a sample of 0"),
        (lambda: Levels.of(np.empty((0, 3))), "at least one word"),
        (lambda: carrying_units.trace(PATHWAY, ["a dog"], [18], LEVEL), "from 0 to 17, found \\[18\\]"),
        (lambda: carrying_units.trace(PATHWAY, ["a dog"], [], LEVEL), "at least one unit"),
        (lambda: carrying_units.trace(PATHWAY, ["a dog"], [0], LEVEL.take([0, 1])), "the levels are of 2"),
    ],
)
def test_bad_input_is_a_clear_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()
