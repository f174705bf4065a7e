"""Lines from sums, against scikit-learn fold by fold."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from reading_neurons.methods import least_squares

SIZE, FOLDS = 200, 5
RNG = np.random.default_rng(0)
FOLD = np.sort(RNG.integers(FOLDS, size=SIZE))
UNITS = np.stack([RNG.normal(size=SIZE), 1000 + RNG.normal(size=SIZE), np.full(SIZE, 0.3), RNG.random(SIZE) < 0.1])
LABELS = np.stack([
    UNITS[0] + RNG.normal(size=SIZE), RNG.random(SIZE), 0.25 * UNITS[1] - 7, np.where(FOLD == 2, 0.5, UNITS[0])
])  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return least_squares.fit(UNITS, LABELS, FOLD)


@pytest.mark.parametrize("unit", range(len(UNITS)))
@pytest.mark.parametrize("feature", range(len(LABELS)))
def test_lines_and_r2_are_those_of_scikit_learn(found, unit, feature):
    x, y = UNITS[unit][:, None], LABELS[feature]
    for k in range(FOLDS + 1):
        line = LinearRegression().fit(x[FOLD != k], y[FOLD != k])
        if unit == 2:  # of a constant unit scikit-learn fits the rounding; the prediction is the mean all the same
            assert found.weight[unit, feature, k] == 0
        else:
            assert found.weight[unit, feature, k] == pytest.approx(float(line.coef_[0]), rel=1e-6, abs=1e-9)
            assert found.bias[unit, feature, k] == pytest.approx(float(line.intercept_), rel=1e-6, abs=1e-6)
        if k < FOLDS:
            expected = r2_score(y[FOLD == k], line.predict(x[FOLD == k]))
            assert found.r2[unit, feature, k] == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_blocks_change_nothing(found, monkeypatch):
    monkeypatch.setattr(least_squares, "AT_ONCE", 1)
    again = least_squares.fit(UNITS, LABELS, FOLD)
    assert np.allclose(again.r2, found.r2) and np.allclose(again.weight, found.weight)


def test_a_planted_line_is_found_and_noise_is_not(found):
    assert found.r2[1, 2].min() > 1 - 1e-6
    assert found.r2[0, 0].mean() > 0.3
    assert found.r2[0, 1].mean() < 0.02


def test_bad_input():
    with pytest.raises(ValueError, match="of the same characters"):
        least_squares.fit(UNITS, LABELS[:, 1:], FOLD)
    with pytest.raises(ValueError, match="fold has no character"):
        least_squares.fit(UNITS, LABELS, FOLD * 2)
