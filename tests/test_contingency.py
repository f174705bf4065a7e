"""Sums over the cells of tables, against the tables themselves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reading_neurons import contingency
from reading_neurons.contingency import Contingency, chains, n_log_n


def naive(unit, codes, cell):
    """The sum over the cells of the whole table."""
    codes = np.unique(codes, return_inverse=True)[1]
    table = np.zeros((codes.max() + 1, 256), dtype=int)
    np.add.at(table, (codes, unit), 1)
    return cell[table].sum()


def random(rng, words, kinds):
    return rng.integers(kinds, size=words)


CELLS = {"n log n": n_log_n, "occupied": lambda size: (np.arange(size + 1) > 0) * 1.0, "squares": lambda size: np.arange(size + 1.0) ** 2}


@settings(max_examples=150)
@given(
    st.integers(1, 200), st.integers(1, 60), st.integers(1, 20), st.sampled_from(list(CELLS)), st.integers(0, 10**6)
)
def test_sums_are_those_of_the_tables(words, kinds, count, cell, seed):
    rng = np.random.default_rng(seed)
    coarse, other = random(rng, words, kinds), random(rng, words, 2 * kinds)
    fine = coarse * 5 + random(rng, words, 5)
    contexts = {"fine": fine, "other": other, "coarse": coarse, "finest": fine * 3 + random(rng, words, 3)}
    unit = random(rng, words, count).astype(np.uint8)
    laid = Contingency(contexts, count, CELLS[cell])
    expected = [naive(unit, codes, CELLS[cell](words)) for codes in contexts.values()]
    np.testing.assert_allclose(laid.sums(unit), expected, atol=1e-8, rtol=1e-12)
    order = rng.permutation(words)
    shuffled = [naive(unit[order], codes, CELLS[cell](words)) for codes in contexts.values()]
    np.testing.assert_allclose(laid.sums(unit, order), shuffled, atol=1e-8, rtol=1e-12)


@pytest.mark.parametrize("size", range(1, contingency.SMALL + 2))
def test_every_way_to_fill_a_small_context_is_told_apart(size):
    """All patterns of so many tokens in so many bins, each in a context of its own size."""
    patterns = np.stack(np.meshgrid(*[np.arange(size)] * size), axis=-1).reshape(-1, size).astype(np.uint8)
    codes = np.zeros(size, dtype=int)
    laid = Contingency({"one": codes}, size)
    for unit in patterns[:: max(1, len(patterns) // 300)]:
        assert laid.sums(unit)[0] == pytest.approx(naive(unit, codes, n_log_n(size)))


def test_equal_pairs_determine_the_cells_up_to_five_tokens_and_no_further():
    for size in range(2, contingency.SMALL + 1):
        pairs = [sum(n * (n - 1) // 2 for n in parts) for parts in contingency._partitions(size)]
        assert len(set(pairs)) == len(pairs)
    pairs = [sum(n * (n - 1) // 2 for n in parts) for parts in contingency._partitions(contingency.SMALL + 1)]
    assert len(set(pairs)) < len(pairs)


def test_contexts_may_be_words():
    unit = np.array([0, 0, 1, 1, 1, 0, 0], dtype=np.uint8)
    words = ["a", "a", "a", "dog", "dog", "a", "a"]
    numbers = [0, 0, 0, 1, 1, 0, 0]
    assert Contingency({"word": words}, 2).sums(unit) == Contingency({"word": numbers}, 2).sums(unit)


def test_chains_hold_refinements_only():
    rng = np.random.default_rng(0)
    word = random(rng, 500, 6)
    fine = word * 4 + random(rng, 500, 4)
    dense = {"fine": np.unique(fine, return_inverse=True)[1], "word": word, "other": random(rng, 500, 9)}
    assert chains(dense) == [["word", "fine"], ["other"]]
    spoilt = dense["fine"].copy()
    spoilt[0] = spoilt[np.flatnonzero(word != word[0])[0]]
    spoilt = np.unique(spoilt, return_inverse=True)[1]
    assert sorted(map(len, chains({"word": word, "fine": spoilt}))) == [1, 1]
