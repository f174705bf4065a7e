"""Bins of equal frequency, against a loop over ranks; ties; the original's edges; a corpus through a temporary file."""

import os
import tempfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from reading_neurons import bins, passes
from reading_neurons.corpora import scenes
from reading_neurons.models import Imaginet, SumPathway
from reading_neurons.text import Vocabulary

CORPUS = scenes.generate(scenes=50)
VOCABULARY = Vocabulary.of(CORPUS.train.tokens)


def naive(values, count):
    """floor(count * (middle rank + 1/2) / N), with exact fractions."""
    values = list(values)
    found = []
    for value in values:
        low = sum(other < value for other in values)
        high = low + values.count(value) - 1
        found.append(count * (low + high + 1) // (2 * len(values)))
    return found


values = arrays.arrays(
    np.float32, st.tuples(st.integers(5, 40), st.integers(1, 3)), elements=st.sampled_from([-1, -0.5, 0, 0, 0, 0.25, 1, 2, 3.5])
)


@settings(max_examples=150)
@given(values, st.integers(1, 5))
def test_bins_are_those_of_a_loop_over_ranks(states, count):
    found = bins.bins(states, count)
    assert found.dtype == np.uint8 and found.shape == states.shape
    for unit in range(states.shape[1]):
        assert found[:, unit].tolist() == naive(states[:, unit], count)


@pytest.mark.parametrize("words", [20, 333, 1000])
def test_without_ties_all_bins_are_equally_full(words):
    states = np.random.default_rng(0).normal(size=(words, 3))
    for unit in bins.bins(states).T:
        full = np.bincount(unit, minlength=20)
        assert len(full) == 20 and np.ptp(full) <= (words % 20 > 0)


def test_bins_rise_with_the_values_and_not_with_their_scale():
    states = np.random.default_rng(0).normal(size=(500, 2))
    found = bins.bins(states)
    order = np.argsort(states[:, 0])
    assert (np.diff(found[order, 0].astype(int)) >= 0).all()
    np.testing.assert_array_equal(found, bins.bins(np.exp(3 * states)))


def test_more_units_than_a_block_are_binned_each_by_itself():
    states = np.random.default_rng(0).normal(size=(60, 2 * bins.UNITS_AT_ONCE + 3)).astype(np.float32)
    found = bins.bins(states)
    alone = np.stack([bins.bins(states[:, [unit]])[:, 0] for unit in range(states.shape[1])], axis=1)
    np.testing.assert_array_equal(found, alone)


# Ties


def rectified():
    """States of the paper's own cell, many of whose values are exactly 0, and many exactly at the clip."""
    network = Imaginet(VOCABULARY, CORPUS.train.dimensions, embedding=16, units=24, cell="kadar").eval()
    network.embedding.weight.data.mul_(100)
    return passes.states(network.pathways["visual"], CORPUS.test)


def test_equal_values_of_the_rectified_cell_share_a_bin():
    states = rectified()
    zero = states == 0
    assert zero.mean() > 0.1 and (states == states.max()).mean() > 0.05  # the case is there
    found = bins.bins(states)
    for unit in np.flatnonzero(zero.any(axis=0)):
        of_zero = np.unique(found[zero[:, unit], unit])
        assert len(of_zero) == 1
        count = int(zero[:, unit].sum())
        assert of_zero[0] == 20 * count // (2 * len(states))  # nothing lies below 0
        assert (found[~zero[:, unit], unit] >= 20 * count // len(states)).all()


def test_half_the_values_at_zero_fill_one_bin_and_leave_the_bins_they_span_empty():
    values = np.concatenate([np.zeros(500), np.linspace(1, 2, 500)])
    found = bins.bins(np.random.default_rng(0).permutation(values)[:, None])
    assert np.bincount(found[:, 0]).tolist() == [0] * 5 + [500] + [0] * 4 + [50] * 10


def test_as_published_the_edges_are_percentiles_and_the_maximum_is_alone():
    states = np.random.default_rng(0).normal(size=(1000, 2)).astype(np.float32)
    found = bins.bins(states, as_published=True)
    for unit in range(2):
        edges = np.percentile(states[:, unit], np.linspace(0, 100, 20))
        np.testing.assert_array_equal(found[:, unit], np.digitize(states[:, unit], edges) - 1)
        full = np.bincount(found[:, unit])
        assert len(full) == 20 and full[19] == 1 and full[:19].min() > 45


def test_as_published_the_bins_of_the_rectified_cell_coincide():
    states = rectified()
    found = bins.bins(states, as_published=True)
    unit = int((states == 0).mean(axis=0).argmax())
    edges = np.percentile(states[:, unit], np.linspace(0, 100, 20))
    np.testing.assert_array_equal(found[:, unit], np.digitize(states[:, unit], edges) - 1)
    assert len(np.unique(found[:, unit])) <= len(np.unique(edges)) < 20


# A corpus


def test_a_corpus_is_binned_as_its_states_are(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pathway = SumPathway(VOCABULARY, CORPUS.train.dimensions, embedding=150).pathways["sum"]
    states = passes.states(pathway, CORPUS.test)
    for published in (False, True):
        found = bins.of_pathway(pathway, CORPUS.test, as_published=published)
        np.testing.assert_array_equal(found, bins.bins(states, as_published=published))
    assert os.listdir(tmp_path) == []


def test_the_temporary_file_is_removed_after_an_error_too(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pathway = SumPathway(VOCABULARY, CORPUS.train.dimensions, embedding=4).pathways["sum"]
    monkeypatch.setattr(bins, "bins", lambda *_, **__: (_ for _ in ()).throw(RuntimeError("stop")))
    with pytest.raises(RuntimeError, match="stop"):
        bins.of_pathway(pathway, CORPUS.test)
    assert os.listdir(tmp_path) == []
    with pytest.raises(ValueError, match="found 2 tokens for 20 bins"):
        bins.of_pathway(pathway, ["a dog"])
    assert os.listdir(tmp_path) == []


# Bad input


@pytest.mark.parametrize(
    "states, count, message",
    [
        (np.ones((19, 2)), 20, "found 19 tokens for 20 bins: give a longer corpus"),
        (np.ones((20, 2)), 0, "expected from 1 to 256 bins, found 0"),
        (np.ones((999, 2)), 257, "expected from 1 to 256 bins, found 257"),
        (np.ones((20, 0)), 20, "at least one unit"),
        (np.ones(20), 20, r"expected states of shape \(words, units\), found shape \(20,\)"),
    ],
)
def test_bad_states_are_errors(states, count, message):
    with pytest.raises(ValueError, match=message):
        bins.bins(states, count)


@pytest.mark.parametrize("published", [False, True])
def test_a_state_that_is_not_a_number_is_an_error(published):
    states = np.ones((30, 2))
    states[3, 1] = np.nan
    with pytest.raises(ValueError, match="not a number"):
        bins.bins(states, as_published=published)


def test_no_sentence_is_an_error():
    pathway = SumPathway(VOCABULARY, CORPUS.train.dimensions, embedding=4).pathways["sum"]
    with pytest.raises(ValueError, match="at least one sentence"):
        bins.of_pathway(pathway, [])
