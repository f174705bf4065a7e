"""Lists of classes without a fold, against sorting what is left."""

import numpy as np
import pytest

from reading_neurons.methods.sorted_classes import SortedUnit, class_lists

FOLDS = 3


@pytest.fixture(scope="module")
def made():
    rng = np.random.default_rng(0)
    values = np.round(rng.normal(size=(2, 40)), 1)
    labels = rng.random((3, 40)) < [[0.5], [0.1], [0.9]]
    folds = rng.integers(FOLDS, size=40).astype(np.uint16)
    return values, labels, folds, class_lists([SortedUnit(row, folds) for row in values], labels, FOLDS)


def test_every_value_outside_of_every_fold_and_the_sum_before_it(made):
    values, labels, folds, lists = made
    for unit in range(2):
        for feature in range(3):
            for kind in (0, 1):
                for fold in range(FOLDS + 1):
                    chosen = (labels[feature] == kind) & (folds != fold)
                    left = np.sort(values[unit, chosen])
                    i = np.arange(len(left) + 1)
                    at = [np.full(len(i), number) for number in (unit * 3 + feature, kind, fold)]
                    value, total = lists.pick(*at, i)
                    assert value[:-1].tolist() == left.tolist() and np.isnan(value[-1])
                    assert total == pytest.approx(np.concatenate(([0], np.cumsum(left))))


@pytest.mark.parametrize("equal", [False, True])
def test_how_many_of_a_fold_are_below_a_bound(made, equal):
    values, labels, folds, lists = made
    for bound in (-9.0, values[0, 3], 0.05, 9.0):
        for kind in (0, 1):
            for fold in range(FOLDS):
                part = values[0, (labels[0] == kind) & (folds == fold)]
                expected = (part <= bound).sum() if equal else (part < bound).sum()
                at = np.array([0]), kind, np.array([fold]), np.array([bound]), np.array([equal])
                assert lists.below(*at).tolist() == [expected]


def test_a_state_that_is_no_number_has_no_order():
    with pytest.raises(ValueError, match="not a finite number"):
        SortedUnit(np.array([1.0, np.inf]), np.array([0, 1]))
