"""Measures that predict nothing, against numpy and scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import mutual_info_score

from reading_neurons.bins import bins
from reading_neurons.features import Feature, Library
from reading_neurons.methods import relevance_measures
from reading_neurons.methods.relevance_measures import MEASURES, measured

RNG = np.random.default_rng(0)
LATENT = RNG.normal(size=2000)
UNITS = np.stack([LATENT, -LATENT + RNG.normal(size=2000), np.full(2000, 0.3), RNG.normal(size=2000), np.abs(LATENT)])
LABELS = np.stack([LATENT > 0.5, LATENT < -2, np.abs(LATENT) > 1, RNG.random(2000) < 0.2]).astype(np.float32)
BINARY = Library([Feature(f"f{number}", "", lambda item: item) for number in range(4)])
DEPTH = Feature("depth", "", lambda item: item, continuous=True)


def test_correlation_is_numpys():
    score, signed = measured("correlation", UNITS, LABELS, BINARY)
    for f in range(4):
        for u in (0, 1, 3, 4):
            assert signed[f, u] == pytest.approx(np.corrcoef(LABELS[f], UNITS[u])[0, 1], abs=1e-9)
    assert (signed[:, 2] == 0).all() and np.array_equal(score, np.abs(signed))


def test_difference_of_means_by_hand():
    _, signed = measured("difference of means", UNITS, LABELS, BINARY)
    for f in range(4):
        for u in (0, 1, 3, 4):
            one = LABELS[f] == 1
            expected = (UNITS[u, one].mean() - UNITS[u, ~one].mean()) / UNITS[u].std()
            assert signed[f, u] == pytest.approx(expected, abs=1e-9)


def test_mutual_information_is_that_of_bins_and_labels():
    score, signed = measured("mutual information", UNITS, LABELS, BINARY)
    for f in range(4):
        for u in range(5):
            expected = mutual_info_score(LABELS[f], bins(UNITS[[u]].T)[:, 0])
            assert score[f, u] == pytest.approx(expected, abs=1e-9)
    assert np.isnan(signed).all()
    # What a boundary cannot see: high at both ends.
    assert score[2, 0] > 0.3 > 5 * abs(measured("correlation", UNITS, LABELS, BINARY)[1][2, 0])


def test_a_continuous_feature_has_information_in_bins_and_no_classes():
    labels = np.stack([LATENT, np.round(LATENT)])
    depths = Library([DEPTH, DEPTH.named("rounded")])
    score, _ = measured("mutual information", UNITS, labels, depths)
    assert score[0, 0] == pytest.approx(np.log(20), abs=1e-6)
    assert score[1, 3] < 0.1 < score[1, 0]
    with pytest.raises(ValueError, match="'depth' is continuous and has no two classes"):
        measured("difference of means", UNITS, labels, depths)


@pytest.mark.parametrize("measure", MEASURES)
def test_blocks_change_nothing_and_noise_scores_little(measure, monkeypatch):
    score, _ = measured(measure, UNITS, LABELS, BINARY)
    monkeypatch.setattr(relevance_measures, "AT_ONCE", 1)
    assert np.allclose(measured(measure, UNITS, LABELS, BINARY)[0], score)
    assert score[3].max() < 0.5 * score[0, 0]


def test_an_unknown_measure():
    with pytest.raises(ValueError, match="unknown measure 'probe': choose one of 'svm', 'correlation'"):
        measured("probe", UNITS, LABELS, BINARY)
