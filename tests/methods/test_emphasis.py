"""Shares of saliency on marked words, and partial rank correlations: planted, nothing, and a library."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api
from scipy.stats import rankdata

from reading_neurons.methods.emphasis import partial_rank_correlation, shares


def words(sentences=400, length=8, seed=0):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"sentence": np.repeat(np.arange(sentences), length)})
    return table, rng.random(len(table)) < 0.3, rng


def test_shares_are_a_naive_loop():
    table, marked, rng = words()
    table["saliency"] = rng.random(len(table))
    found = shares(table, marked)
    expected = []
    for sentence, rows in table.groupby("sentence"):
        of_sentence = marked[rows.index]
        if 0 < of_sentence.sum() < len(rows):
            on = rows["saliency"][of_sentence].sum() / rows["saliency"].sum()
            expected.append([sentence, len(rows), of_sentence.sum(), on, of_sentence.mean()])
    np.testing.assert_allclose(found, expected)


def test_marked_words_that_stand_out_have_more_than_chance_and_others_have_chance():
    table, marked, rng = words()
    nothing = shares(table.assign(saliency=rng.random(len(table))), marked)
    planted = shares(table.assign(saliency=rng.random(len(table)) + marked), marked)
    assert abs((nothing["share"] - nothing["chance"]).mean()) < 0.01
    assert (planted["share"] - planted["chance"]).mean() > 0.2


def test_sentences_that_have_nothing_to_share_are_left_out():
    table = pd.DataFrame({"sentence": [0, 0, 1, 1, 2, 2], "saliency": [1.0, 1, 1, 1, 0, 0]})
    found = shares(table, np.array([True, True, True, False, True, False]))
    assert found["sentence"].tolist() == [1]


def test_signed_values_and_missing_marks_are_errors():
    table = pd.DataFrame({"sentence": [0, 0], "saliency": [1.0, -1]})
    with pytest.raises(ValueError, match="values of 0 or above, found -1"):
        shares(table, np.array([True, False]))
    with pytest.raises(ValueError, match="a mark for each of 2 words"):
        shares(table, np.array([True]))


def test_partial_correlations_are_those_of_residuals():
    rng = np.random.default_rng(1)
    z = rng.normal(size=500)
    x, y = np.exp(z) + rng.normal(size=500), z**3 + 0.3 * rng.normal(size=500)
    ranks = [rankdata(part) for part in (x, y, z)]
    left = [statsmodels.api.OLS(rank, statsmodels.api.add_constant(ranks[2])).fit().resid for rank in ranks[:2]]
    found = partial_rank_correlation(x, y, z, np.arange(500))
    assert found["correlation"] == pytest.approx(np.corrcoef(*left)[0, 1], abs=1e-9)
    assert found["low"] < found["correlation"] < found["high"] and found["count"] == 500


def test_what_goes_through_the_third_alone_vanishes_and_what_does_not_stays():
    rng = np.random.default_rng(2)
    z, own, noise = rng.normal(size=(3, 3000))
    through = partial_rank_correlation(z + own, z + noise, z, np.arange(3000))
    direct = partial_rank_correlation(z + own, z + own + noise, z, np.arange(3000))
    assert abs(through["correlation"]) < 0.06 and through["low"] < 0.02
    assert direct["low"] > 0.5


def test_rows_of_a_cluster_are_drawn_together():
    rng = np.random.default_rng(3)
    x, y, z = (np.repeat(rng.normal(size=60), 20) for _ in range(3))
    clusters = np.arange(1200), np.repeat(np.arange(60), 20)
    alone, together = (partial_rank_correlation(x, y, z, cluster) for cluster in clusters)
    assert together["high"] - together["low"] > 3 * (alone["high"] - alone["low"])


def test_what_never_varies_has_no_correlation():
    found = partial_rank_correlation(np.arange(9), np.arange(9) % 2, np.ones(9), np.arange(9))
    assert np.isnan(found["correlation"])
    with pytest.raises(ValueError, match="of one length"):
        partial_rank_correlation(np.arange(9), np.arange(8), np.ones(9), np.arange(9))
