"""Logistic regression: the same minimum as scikit-learn's, on dense, sparse and joined predictors."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from reading_neurons import logistic


def problem(rows=400, units=6, columns=30, labels=5, seed=0):
    """Labels that follow dense and sparse predictors, with noise."""
    rng = np.random.default_rng(seed)
    dense = rng.normal(size=(rows, units)) @ rng.normal(size=(units, units))  # correlated
    features = sparse.csr_matrix((rng.random((rows, columns)) < 0.1).astype(float))
    scores = dense @ rng.normal(size=(units, labels)) + features @ rng.normal(size=(columns, labels))
    return (scores + rng.gumbel(size=scores.shape)).argmax(axis=1), labels, dense, features


def reference(target, joined, penalty):
    """Coefficients of scikit-learn, at a tolerance far below its default."""
    return LogisticRegression(C=1 / penalty, tol=1e-10, max_iter=10_000).fit(joined, target)


@pytest.mark.parametrize("kinds", [("dense",), ("features",), ("dense", "features")], ids="+".join)
@pytest.mark.parametrize("penalty", [0.3, 10.0])
def test_weights_and_probabilities_are_those_of_sklearn(kinds, penalty):
    target, labels, dense, features = problem()
    given = {"dense": dense, "features": features}
    found = logistic.fit(target, labels, **{kind: given[kind] for kind in kinds}, penalty=penalty, tolerance=1e-9)
    joined = np.hstack([dense] * ("dense" in kinds) + [features.toarray()] * ("features" in kinds)).astype(float)
    expected = reference(target, joined, penalty)
    np.testing.assert_allclose(np.vstack([found.dense, found.sparse]), expected.coef_.T, atol=1e-5)
    scores = found.scores(*(given[kind] if kind in kinds else None for kind in ("dense", "features")))
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities, expected.predict_proba(joined), atol=1e-6)
    assert np.ptp(expected.coef_) > 0.3  # there is something to get wrong
    assert found.gradient <= 1e-9 and found.iterations > 3


def test_two_penalties_are_one_on_rescaled_predictors():
    target, labels, dense, features = problem()
    found = logistic.fit(target, labels, dense=dense, features=features, penalty=8.0, sparse_penalty=2.0, tolerance=1e-9)
    joined = np.hstack([dense / 2, features.toarray()]).astype(float)
    expected = reference(target, joined, 2.0).coef_.T
    np.testing.assert_allclose(found.dense, expected[:6] / 2, atol=1e-5)
    np.testing.assert_allclose(found.sparse, expected[6:], atol=1e-5)


def test_single_precision_finds_the_same_minimum_but_for_rounding():
    target, labels, dense, features = problem()
    double = logistic.fit(target, labels, dense=dense, features=features, tolerance=1e-9)
    single = logistic.fit(target, labels, dense=dense.astype(np.float32), features=features.astype(np.float32), tolerance=1e-5)
    assert single.dense.dtype == np.float32 and double.dense.dtype == float
    np.testing.assert_allclose(single.dense, double.dense, atol=5e-3)
    np.testing.assert_allclose(single.scores(dense, features), double.scores(dense, features), atol=2e-2)


def test_the_loss_is_the_objective_per_row():
    target, labels, dense, _ = problem()
    found = logistic.fit(target, labels, dense=dense, penalty=3.0)
    scores = found.scores(dense).astype(float)
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    value = -logs[np.arange(len(target)), target].sum() + 3 / 2 * np.square(found.dense).sum()
    assert found.loss == pytest.approx(value / len(target), rel=1e-5)


def test_a_label_without_rows_gets_no_vote():
    target, labels, dense, _ = problem(labels=4)
    found = logistic.fit(target, labels + 1, dense=dense)
    assert (found.predict(dense) < labels).all()


def test_predictors_of_all_sizes_and_copies_of_one_are_no_trouble():
    """The curvature then spans many orders of magnitude, and is flat in one direction but for the penalty."""
    target, labels, dense, _ = problem(rows=1000)
    joined = np.hstack([dense * [1e-2, 1e-1, 1, 10, 30, 100], dense])
    found = logistic.fit(target, labels, dense=joined, penalty=1.0, tolerance=1e-7)
    expected = LogisticRegression(C=1.0, solver="newton-cg", tol=1e-9, max_iter=1000).fit(joined, target)
    np.testing.assert_allclose(found.dense, expected.coef_.T, atol=1e-3)
    assert found.iterations < 300


def test_nothing_to_learn_is_learnt_from_noise():
    rng = np.random.default_rng(0)
    dense = rng.normal(size=(2000, 5)).astype(np.float32)
    target = rng.choice(3, p=[0.6, 0.3, 0.1], size=2000)
    found = logistic.fit(target, 3, dense=dense, penalty=100.0)
    assert np.abs(found.dense).max() < 0.2
    probabilities = np.exp(found.intercept - found.intercept.max())
    np.testing.assert_allclose(probabilities / probabilities.sum(), [0.6, 0.3, 0.1], atol=0.03)


def test_a_fit_that_is_stopped_short_is_an_error():
    target, labels, dense, _ = problem()
    with pytest.raises(RuntimeError, match="did not reach its minimum: after 3 steps.*raise the penalties"):
        logistic.fit(target, labels, dense=dense, max_iter=3)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"dense": None}, "found no predictor"),
        ({"target": np.array([0, 1])}, "found 2 labels for 400 rows"),
        ({"labels": 2}, "found labels from 0 to 4, expected 0 to 1"),
        ({"penalty": 0.0}, "penalties must be above 0"),
        ({"sparse_penalty": -1.0}, "penalties must be above 0"),
        ({"features": sparse.csr_matrix((3, 2))}, "found 400 rows of dense and 3 of sparse"),
        ({"dense": np.full((400, 2), np.nan, dtype=np.float32)}, "not a finite number"),
        ({"target": np.empty(0, int), "dense": np.empty((0, 2))}, "at least one row, found none"),
    ],
)
def test_bad_input_is_an_error_that_says_what_is_wrong(change, message):
    target, labels, dense, _ = problem()
    given = {"target": target, "labels": labels, "dense": dense} | change
    with pytest.raises(ValueError, match=message):
        logistic.fit(given.pop("target"), given.pop("labels"), **given)


def test_a_classifier_wants_the_predictors_it_was_fitted_on():
    target, labels, dense, features = problem()
    found = logistic.fit(target, labels, dense=dense, features=features)
    with pytest.raises(ValueError, match="fitted on 30 sparse predictors, found 0"):
        found.predict(dense)
    with pytest.raises(ValueError, match="fitted on 6 dense predictors, found 5"):
        found.predict(dense[:, :5], features)
