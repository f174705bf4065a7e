"""Folds of whole groups, and what is refused before any fit."""

import numpy as np
import pandas as pd
import pytest

from reading_neurons.methods.labelled import divide, require_rows


def test_folds_are_whole_groups_of_about_equal_size():
    rng = np.random.default_rng(0)
    lengths, groups = rng.integers(5, 80, size=300), rng.integers(100, size=300)
    folds = divide(groups, lengths, 20, seed=1)
    assert pd.Series(folds).groupby(groups).nunique().eq(1).all()
    sizes = np.bincount(folds, lengths)
    assert len(sizes) == 20 and sizes.max() < 1.1 * sizes.min()
    assert not np.array_equal(folds, divide(groups, lengths, 20, seed=2))


def test_too_few_groups_and_other_rows():
    with pytest.raises(ValueError, match="found 2 strings .* for 3 folds"):
        divide(["a", "b", "b"], np.array([1, 2, 3]), 3)
    with pytest.raises(ValueError, match="found 3 states for 4 labels"):
        require_rows(3, 4)
