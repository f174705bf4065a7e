"""Measures of focus: by hand, where it was planted, and where there is none."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import entropy, linregress

from reading_neurons.methods.focus import by_distance, focus, mean_interval, relative, shuffled_share


def words(values, bearing, sentence=0):
    return pd.DataFrame(
        {"sentence": sentence, "position": range(len(values)), "saliency": np.array(values, float), "bearing": bearing}
    )


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    lengths = enumerate(rng.integers(1, 20, 60))
    parts = [words(rng.normal(size=n), rng.random(n) < 0.3, sentence) for sentence, n in lengths]
    return pd.concat(parts, ignore_index=True)


def test_measures_are_those_of_a_loop(table):
    found = focus(table).set_index("sentence")
    for sentence, rows in table.groupby("sentence"):
        size, marked = rows["saliency"].abs().to_numpy(), rows["bearing"].to_numpy()
        one = found.loc[sentence]
        assert one["words"] == len(rows) and one["base"] == pytest.approx(marked.mean())
        if marked.any():
            assert one["share"] == pytest.approx(sum(size[marked]) / sum(size))
            assert one["top"] == marked[size.argmax()]
        else:
            assert np.isnan(one["share"]) and np.isnan(one["top"])
        if len(rows) > 1:
            assert one["entropy"] == pytest.approx(entropy(size) / np.log(len(size)))
        if len(rows) > 2:
            distance = np.arange(len(rows))[::-1]
            assert one["decay"] == pytest.approx(linregress(distance, np.log(size)).slope)


def test_the_ends_of_the_scales():
    even = focus(words([2, 2, 2, 2], [True] + 3 * [False]))
    sharp = focus(words([0, 0, 9, 0], [False, False, True, False]))
    ends = even[["share", "entropy", "decay", "top"]].iloc[0].astype(float).tolist()
    assert ends == pytest.approx([0.25, 1, 0, 1])  # the last digit depends on where in memory a sum begins
    assert sharp[["share", "top"]].values.tolist() == [[1, 1]] and sharp["entropy"][0] == pytest.approx(0)


def test_a_planted_decay_is_found():
    assert focus(words(np.exp(-0.3 * np.arange(10)[::-1]), 10 * [True]))["decay"][0] == pytest.approx(-0.3)


def test_nothing_is_measured_where_there_is_nothing():
    zero = focus(words([0, 0], [True, False]))
    assert zero[["share", "entropy", "decay", "top"]].isna().all(axis=None)
    assert np.isnan(focus(words([1.0], [True]))["entropy"][0])


def test_signs_do_not_count(table):
    pd.testing.assert_frame_equal(focus(table), focus(table.assign(saliency=table["saliency"].abs())))


def test_relative_saliencies_average_to_one(table):
    assert relative(table).groupby(table["sentence"]).mean().to_numpy() == pytest.approx(np.ones(60))


def test_distances_are_counted_from_the_end(table):
    found = by_distance(table, furthest=5).set_index("distance")
    last = table["position"] == table.groupby("sentence")["position"].transform("max")
    assert found.loc[0, "mean"] == pytest.approx(relative(table)[last].mean()) and found.loc[0, "count"] == 60
    assert found.index.max() == 5
    assert (found["low"] <= found["mean"]).all() and (found["mean"] <= found["high"]).all()


def test_shuffled_saliencies_reach_the_share_of_words(table):
    low, high = shuffled_share(table, permutations=100)
    found = focus(table)
    base = found["base"][found["base"] > 0].mean()
    assert low < base < high
    focused = table.assign(saliency=np.where(table["bearing"], 1.0, 0.1))
    assert focus(focused)["share"].mean() > shuffled_share(focused, permutations=50)[1]


def test_an_interval_covers_the_mean_and_leaves_out_what_is_missing():
    rng = np.random.default_rng(0)
    values = np.append(rng.normal(0.5, 1, 400), np.nan)
    mean, low, high = mean_interval(values)
    assert mean == pytest.approx(np.nanmean(values)) and low < mean < high and 0.15 < high - low < 0.25


def test_bad_tables_are_errors(table):
    with pytest.raises(ValueError, match="need the column bearing; found sentence"):
        focus(table.drop(columns="bearing"))
    with pytest.raises(ValueError, match="empty table"):
        focus(table[:0])
    with pytest.raises(ValueError, match="no sentence with a value"):
        mean_interval(np.array([np.nan]))
