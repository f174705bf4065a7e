"""The exact support vector machine with one input: the minimum that libsvm looks for, whatever the unit is like."""

import numpy as np
import pytest
from sklearn.svm import SVC

from reading_neurons.methods import linear_svm

SIZE, FOLDS = 240, 4
RNG = np.random.default_rng(0)
LATENT = RNG.normal(size=SIZE)
FOLD = np.arange(SIZE) % FOLDS
UNITS = {
    "plain": LATENT,
    "of the other sign": -0.7 * LATENT,
    "saturated": np.tanh(6 * LATENT).astype(np.float32),
    "two values": np.sign(LATENT),
    "ties": np.round(LATENT, 1),
    "rectified": np.maximum(LATENT, 0),
    "nearly constant": 0.3 + 1e-2 * LATENT,
    "constant": np.full(SIZE, 0.3),
    "one outlier": np.where(np.arange(SIZE) == 7, 30, 0.1 * LATENT),
}
FEATURES = {
    "noisy": LATENT + 0.5 * RNG.normal(size=SIZE) > 0.1,
    "separable": LATENT > 0.2,
    "separable from above": LATENT < -0.4,
    "rare": LATENT + 0.3 * RNG.normal(size=SIZE) > 1.6,
    "rare, and unrelated": RNG.random(SIZE) < 0.03,
    "unrelated": RNG.random(SIZE) < 0.4,
    "frequent": LATENT + RNG.normal(size=SIZE) > -1.5,
    "not monotone": np.abs(LATENT) < 0.5,
}


@pytest.fixture(scope="module")
def fits():
    return linear_svm.fit(np.stack(list(UNITS.values())), np.stack(list(FEATURES.values())), FOLD)


def objective(x, y, weight, bias, penalty=1.0):
    return weight**2 / 2 + penalty * np.maximum(0, 1 - np.where(y, 1, -1) * (weight * x + bias)).sum()


def training(k):
    return FOLD != k


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("unit", UNITS)
def test_no_step_in_any_direction_goes_lower(fits, unit, feature):
    u, f = list(UNITS).index(unit), list(FEATURES).index(feature)
    x, y = np.asarray(UNITS[unit], float), FEATURES[feature]
    # The objective is convex: a point that nothing near it is below of is the minimum.
    for k in range(FOLDS + 1):
        w, b = fits.weight[u, f, k], fits.bias[u, f, k]
        here = objective(x[training(k)], y[training(k)], w, b)
        size = max(abs(w), 1e-2)
        for step in (1e-3, 1e-1):
            for angle in np.linspace(0, 2 * np.pi, 16, endpoint=False):
                there = objective(
                    x[training(k)], y[training(k)], w + step * size * np.cos(angle), b + step * size * np.sin(angle)
                )
                assert there >= here - 1e-9


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("unit", UNITS)
def test_weights_and_accuracies_are_those_of_scikit_learn(fits, unit, feature):
    u, f = list(UNITS).index(unit), list(FEATURES).index(feature)
    x, y = np.asarray(UNITS[unit], float), FEATURES[feature]
    gaps = []
    for k in range(FOLDS):
        there, w, b = training(k), fits.weight[u, f, k], fits.bias[u, f, k]
        other = SVC(kernel="linear", tol=1e-6, max_iter=100_000).fit(x[there, None], y[there])
        w2, b2 = float(other.coef_[0, 0]), float(other.intercept_[0])
        assert objective(x[there], y[there], w, b) <= objective(x[there], y[there], w2, b2) + 1e-9
        assert w == pytest.approx(w2, rel=1e-3, abs=2e-4)
        assert b == pytest.approx(b2, rel=1e-3, abs=2e-3)
        # A value on the boundary gets 1 here, and what rounding leaves there.
        clear = np.abs(w2 * x[~there] + b2) > 1e-5
        right = (w * x[~there] + b >= 0) == y[~there]
        assert fits.accuracy[u, f, k] == pytest.approx(right.mean())
        gaps.append((right == (other.predict(x[~there, None]) == y[~there]))[clear])
    assert np.concatenate(gaps).all()


def test_mean_accuracy_with_scikit_learn_as_it_comes_is_within_a_thousandth():
    rng = np.random.default_rng(1)
    x = np.tanh(rng.normal(size=(3, 3000)) * 2)
    y = np.stack((x[0] + rng.normal(size=3000) > 0.3, x[1] + 0.2 * rng.normal(size=3000) < -0.8))
    folds = np.arange(3000) % 5
    ours = linear_svm.fit(x, y, folds).accuracy.mean(axis=2)
    for u in range(3):
        for f in range(2):
            theirs = [
                SVC(kernel="linear").fit(x[u, folds != k, None], y[f, folds != k]).score(
                    x[u, folds == k, None], y[f, folds == k]
                )
                for k in range(5)
            ]  # fmt: skip
            assert ours[u, f] == pytest.approx(np.mean(theirs), abs=1e-3)


def test_by_hand():
    # Separable, one value a class: the margins lie on the values.
    found = linear_svm.fit(np.array([[-2.0, -2, 3, 3]]), np.array([[0, 0, 1, 1]]), np.array([0, 1, 0, 1]))
    assert found.weight[0, 0, -1] == pytest.approx(2 / 5)
    assert found.bias[0, 0, -1] == pytest.approx(-1 / 5)
    # Too close to be told apart by a unit weight: all are active, and w is the difference of their sums.
    found = linear_svm.fit(np.array([[0.0, 0, 0.1, 0.1]]), np.array([[0, 0, 1, 1]]), np.array([0, 1, 0, 1]))
    assert found.weight[0, 0, -1] == pytest.approx(0.2)


def test_classes_exchanged_turn_the_sign(fits):
    values, labels = np.stack(list(UNITS.values())), np.stack(list(FEATURES.values()))
    turned = linear_svm.fit(values, ~labels, FOLD)
    assert np.allclose(turned.weight, -fits.weight)
    # Where all biases of a range are minima (of a constant unit, two equals) the middle is taken in both.
    assert np.allclose(turned.bias, -fits.bias, atol=1e-6)


def test_penalty_is_that_of_scikit_learn():
    y = FEATURES["noisy"]
    for penalty in (0.001, 0.05, 20):
        ours = linear_svm.fit(LATENT[None], y[None], FOLD, penalty=penalty)
        theirs = SVC(kernel="linear", C=penalty, tol=1e-8).fit(LATENT[:, None], y)
        assert ours.weight[0, 0, -1] == pytest.approx(float(theirs.coef_[0, 0]), rel=1e-3)


@pytest.mark.parametrize("at_once", [1, 500, 5000])
def test_blocks_change_nothing(fits, monkeypatch, at_once):
    monkeypatch.setattr(linear_svm, "AT_ONCE", at_once)
    again = linear_svm.fit(np.stack(list(UNITS.values())), np.stack(list(FEATURES.values())), FOLD)
    # Running sums begin elsewhere, so the last digits may differ.
    assert np.allclose(again.weight, fits.weight, atol=1e-9)
    assert np.array_equal(again.found, fits.found)


def test_the_majority_is_that_outside_of_the_fold():
    labels = np.array([[1, 1, 1, 0, 0, 0, 0, 1]])
    folds = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    fits = linear_svm.fit(np.zeros((1, 8)), labels, folds)
    assert fits.majority.tolist() == [[0.25, 0.25]]  # without fold 0 there are three 0 and one 1
    assert fits.accuracy[0].tolist() == fits.majority.tolist()


def test_one_label_outside_of_a_fold_is_predicted():
    labels = np.array([[1, 1, 0, 0, 0, 0]])
    fits = linear_svm.fit(np.arange(6.0)[None], labels, np.array([0, 0, 0, 1, 1, 2]))
    assert fits.weight[0, 0, 0] == 0 and fits.bias[0, 0, 0] == -1
    assert fits.accuracy[0, 0, 0] == pytest.approx(1 / 3)


def test_balanced_accuracy_counts_both_labels_alike(fits):
    f = list(FEATURES).index("rare, and unrelated")
    assert fits.accuracy[0, f].mean() > 0.9
    assert fits.balanced[0, f] == pytest.approx(0.5)
    separable = list(FEATURES).index("separable")
    assert fits.balanced[0, separable] > 0.95


def test_bad_input():
    values, labels, folds = np.zeros((2, 4)), np.array([[0, 1, 0, 1]]), np.array([0, 0, 1, 1])
    with pytest.raises(ValueError, match="labels of shape"):
        linear_svm.fit(values, labels[0], folds)
    with pytest.raises(ValueError, match="values of 4 characters, labels of 3 and folds of 4"):
        linear_svm.fit(values, labels[:, :3], folds)
    with pytest.raises(ValueError, match="labels of 0 or 1"):
        linear_svm.fit(values, labels * 0.5, folds)
    with pytest.raises(ValueError, match="penalty C must be above 0, found 0"):
        linear_svm.fit(values, labels, folds, penalty=0)
    with pytest.raises(ValueError, match="fold 1 of 3 has no character"):
        linear_svm.fit(values, labels, np.array([0, 0, 2, 2]))
    with pytest.raises(ValueError, match="not a finite number"):
        linear_svm.fit(np.array([[0, np.nan, 0, 1]]), labels, folds)
