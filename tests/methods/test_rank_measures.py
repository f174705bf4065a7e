"""Ranks and areas against scipy and scikit-learn, ties and all."""

import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.metrics import roc_auc_score

from reading_neurons.methods.rank_measures import auc, middle_ranks


@pytest.mark.parametrize("digits", [0, 1, 8])
def test_ranks_and_areas_are_those_of_the_libraries(digits):
    rng = np.random.default_rng(digits)
    values = np.round(rng.normal(size=(3, 300)), digits).astype(np.float32)
    labels = rng.random((2, 300)) < [[0.5], [0.05]]
    for row in values:
        assert middle_ranks(row).tolist() == rankdata(row).tolist()
    expected = [[roc_auc_score(feature, unit) for feature in labels] for unit in values]
    assert auc(values, labels) == pytest.approx(np.array(expected))


def test_which_side_of_one_half_says_the_sign():
    values = np.arange(10.0)[None]
    labels = values > 6
    assert auc(values, labels) == 1 and auc(-values, labels) == 0 and auc(values * 0, labels) == 0.5


def test_a_missing_label_has_no_area():
    assert np.isnan(auc(np.arange(4.0)[None], np.zeros((1, 4), bool))).all()
