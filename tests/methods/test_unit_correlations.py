"""Correlations in one pass against numpy on the whole matrix: weights, any split, large offsets, still units."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reading_neurons.methods.unit_correlations import UnitCorrelations

RNG = np.random.default_rng(0)
VALUES = RNG.normal(size=(200, 5)) @ RNG.normal(size=(5, 5))
WEIGHTS = RNG.integers(1, 6, size=200)


def summed(values, weights, sizes):
    summary = UnitCorrelations()
    for part, counts in zip(np.split(values, sizes), np.split(weights, sizes), strict=True):
        summary.update(part, counts)
    return summary


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 200), max_size=5).map(sorted), st.integers(0, 5))
def test_any_split_and_merge_is_numpy_on_the_whole(cuts, at):
    earlier, later = cuts[:at], cuts[at:]
    middle = earlier[-1] if earlier else 0
    first = summed(VALUES[:middle], WEIGHTS[:middle], [cut for cut in earlier if cut < middle])
    first.merge(summed(VALUES[middle:], WEIGHTS[middle:], [cut - middle for cut in later]))
    repeated = VALUES.repeat(WEIGHTS, axis=0)
    np.testing.assert_allclose(first.result(), np.corrcoef(repeated.T), atol=1e-12)
    np.testing.assert_allclose(first.covariance(), np.cov(repeated.T, bias=True), rtol=1e-10, atol=1e-12)
    assert first.weight == WEIGHTS.sum()


def test_small_movements_about_a_large_value_are_seen():
    values = 1e6 + VALUES
    one_by_one = UnitCorrelations()
    for row in values:
        one_by_one.update(row[None])
    np.testing.assert_allclose(one_by_one.result(), np.corrcoef(VALUES.T), atol=1e-7)
    naive = values.T @ values / len(values) - np.outer(values.mean(axis=0), values.mean(axis=0))
    assert np.abs(naive - np.cov(VALUES.T, bias=True)).max() > 1e-5  # what sums of squares would have given


def test_single_precision_tensors_are_taken():
    summary = UnitCorrelations()
    summary.update(torch.from_numpy(VALUES).float().requires_grad_())
    np.testing.assert_allclose(summary.result(), np.corrcoef(VALUES.astype(np.float32).T), atol=1e-6)


def test_a_unit_that_stands_still_has_no_correlation():
    values = VALUES.copy()
    values[:, 1] = 0.7
    values[:, 3] = 0.7 + 1e-8 * RNG.normal(size=200)
    values[:, 4] = 0
    summary = UnitCorrelations()
    summary.update(values)
    assert summary.varies().tolist() == [True, False, True, False, False]
    found = summary.result()
    assert np.isnan(found[[1, 3, 4]]).all() and np.isnan(found[:, [1, 3, 4]]).all()
    np.testing.assert_allclose(found[np.ix_([0, 2], [0, 2])], np.corrcoef(values[:, [0, 2]].T))


def test_a_single_observation_varies_nowhere():
    summary = UnitCorrelations()
    summary.update(np.zeros((0, 2)))
    summary.update(np.array([[1.0, 2.0]]))
    assert np.isnan(summary.result()).all()


def test_what_cannot_be_taken_in():
    summary = UnitCorrelations()
    with pytest.raises(ValueError, match="no activation was given"):
        summary.result()
    with pytest.raises(ValueError, match="unit 1 is not a number"):
        summary.update(np.array([[0.0, np.nan]]))
    with pytest.raises(ValueError, match="weight of 0"):
        summary.update(np.ones((2, 2)), np.array([1, 0]))
    with pytest.raises(ValueError, match="a weight each"):
        summary.update(np.ones((2, 2)), np.array([1]))
    summary.update(np.ones((2, 2)))
    with pytest.raises(ValueError, match="of 2 and 3 units"):
        summary.update(np.ones((2, 3)))
