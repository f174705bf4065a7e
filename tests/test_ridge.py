"""Ridge regression on one-hot codes: statsmodels, a dense closed form, and how the work is divided."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from reading_neurons import ridge
from reading_neurons.ridge import NormalEquations, OneHot, collect

TERMS = [("word",), ("deprel",), ("word", "deprel")]


def tokens(size, words=6, labels=3, seed=0):
    rng = np.random.default_rng(seed)
    # Frequencies as uneven as those of words.
    word = np.minimum(rng.geometric(0.4, size), words)
    return pd.DataFrame(
        {"word": [f"w{i}" for i in word], "deprel": [f"d{i}" for i in rng.integers(labels, size=size)]}
    )


def targets(size, columns=2, seed=1):
    return np.random.default_rng(seed).normal(3, 2, (size, columns))


def dense(design, values, penalty):
    """Ridge by its closed form on centred columns."""
    X = design.toarray()
    centred = X - X.mean(axis=0)
    coefficients = np.linalg.solve(
        centred.T @ centred + penalty * np.eye(X.shape[1]), centred.T @ (values - values.mean(axis=0))
    )
    return values.mean(axis=0) - X.mean(axis=0) @ coefficients, coefficients


@pytest.mark.parametrize("penalty", [2.0**-2, 1.0, 2.0**5])
def test_it_equals_statsmodels(penalty):
    table, values = tokens(400), targets(400)
    design = OneHot.of(table, TERMS)
    found = collect(design, table, values).fit(penalty)
    X = np.column_stack([np.ones(len(table)), design.matrix(table).toarray()])
    alpha = np.full(X.shape[1], penalty / len(table))
    alpha[0] = 0
    for column in range(values.shape[1]):
        expected = sm.OLS(values[:, column], X).fit_regularized(L1_wt=0, alpha=alpha).params
        ours = np.append(found.intercept[column], found.coefficients[:, column])
        np.testing.assert_allclose(ours, expected, atol=1e-6, rtol=0)
        assert np.ptp(expected[1:]) > 0.05  # there is something to get wrong


@settings(max_examples=40)
@given(
    st.integers(2, 60), st.integers(1, 8), st.integers(1, 4), st.floats(0.25, 32), st.integers(0, 10_000), st.integers(1, 70)
)
def test_it_equals_a_dense_closed_form_on_random_designs(size, words, labels, penalty, seed, chunk):
    table, values = tokens(size, words, labels, seed), targets(size, seed=seed)
    design = OneHot.of(table, TERMS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ridge, "CHUNK", chunk)
        found = collect(design, table, values).fit(penalty)
    intercept, coefficients = dense(design.matrix(table), values, penalty)
    np.testing.assert_allclose(found.intercept, intercept, atol=1e-9)
    np.testing.assert_allclose(found.coefficients, coefficients, atol=1e-9)
    # Unseen levels too.
    other = tokens(30, words + 3, labels + 1, seed + 1)
    expected = intercept + design.matrix(other).toarray() @ coefficients
    np.testing.assert_allclose(found.predict(design.matrix(other)), expected, atol=1e-9)


def test_sums_of_two_parts_can_be_merged():
    table, values = tokens(100), targets(100)
    design = OneHot.of(table, TERMS)
    whole = collect(design, table, values)
    first, second = collect(design, table[:37], values[:37]), collect(design, table[37:], values[37:])
    first.merge(second)
    assert first.result() is first and first.tokens == 100
    np.testing.assert_allclose(first.fit(1).coefficients, whole.fit(1).coefficients, atol=1e-12)
    with pytest.raises(ValueError, match="one design"):
        first.merge(NormalEquations(3, 2))


def test_the_intercept_is_not_penalised():
    table, values = tokens(200), targets(200)
    design = OneHot.of(table, TERMS)
    sums = collect(design, table, values)
    far = collect(design, table, values + 1000)
    np.testing.assert_allclose(far.fit(32).coefficients, sums.fit(32).coefficients, atol=1e-8)
    np.testing.assert_allclose(far.fit(32).intercept, sums.fit(32).intercept + 1000, atol=1e-8)
    np.testing.assert_allclose(sums.fit(1e9).intercept, values.mean(axis=0), atol=1e-4)


def test_every_level_has_a_column_and_only_those_that_were_seen():
    table = pd.DataFrame({"word": ["b", "a", "b"], "deprel": ["x", "x", "y"]})
    design = OneHot.of(table, TERMS)
    names = ["word=a", "word=b", "deprel=x", "deprel=y", "word=a:deprel=x", "word=b:deprel=x", "word=b:deprel=y"]
    assert design.names == names and len(design) == len(names)
    assert design.matrix(table).toarray().tolist() == [[0, 1, 1, 0, 0, 1, 0], [1, 0, 1, 0, 1, 0, 0], [0, 1, 0, 1, 0, 0, 1]]
    # The values are known, their combination is not; or a value is not.
    other = pd.DataFrame({"word": ["a", "c", "b"], "deprel": ["y", "y", "z"]})
    assert design.matrix(other).toarray().tolist() == [[1, 0, 0, 1, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0], [0, 1, 0, 0, 0, 0, 0]]


def test_names_say_which_column_is_which():
    table = tokens(300)
    design = OneHot.of(table, TERMS)
    matrix = design.matrix(table).toarray()
    for column, name in enumerate(design.names):
        parts = dict(part.split("=") for part in name.split(":"))
        expected = np.logical_and.reduce([table[factor] == value for factor, value in parts.items()])
        assert (matrix[:, column] == expected).all() and expected.any()


def test_bad_input_is_an_error():
    table = tokens(5)
    with pytest.raises(ValueError, match="columns place"):
        OneHot.of(table, [("place",)])
    with pytest.raises(ValueError, match="at least one row"):
        OneHot.of(table[:0], TERMS)
    with pytest.raises(ValueError, match="one term"):
        OneHot.of(table, [])
    sums = NormalEquations(2, 1)
    with pytest.raises(ValueError, match="no tokens"):
        sums.fit(1)
    with pytest.raises(ValueError, match="found a design of shape"):
        sums.update(sparse.csr_array((3, 4)), np.zeros((3, 1)))
    with pytest.raises(ValueError, match="NaN"):
        sums.update(sparse.csr_array((1, 2)), np.array([[np.nan]]))
    sums.update(sparse.csr_array([[1.0, 0]]), np.array([[1.0]]))
    with pytest.raises(ValueError, match="penalty above 0"):
        sums.fit(0)
