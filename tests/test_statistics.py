"""Medians and correlations with intervals over clusters: against numpy, scipy, pandas and naive loops."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr

from reading_neurons.statistics import (
    cluster_draws,
    halves,
    interval,
    mean_intervals,
    median_draws,
    quantiles,
    rank_correlation,
    rank_null,
    summarise,
)


def clustered(rng, clusters=50, size=12, spread=1.0):
    """Values that share most of what they are with their cluster; the truth is 0."""
    return (spread * rng.normal(size=clusters)[:, None] + 0.3 * rng.normal(size=(clusters, size))).ravel()


# Draws and quantiles


def test_draws_are_whole_clusters_with_replacement():
    draws = cluster_draws(20, 500, seed=1)
    assert draws.shape == (500, 20)
    assert (draws.sum(axis=1) == 20).all()
    assert draws.mean(axis=0) == pytest.approx(np.ones(20), abs=0.2)
    # A cluster is left out with probability (1 - 1/20)^20.
    assert (draws == 0).mean() == pytest.approx(0.95**20, abs=0.02)
    assert np.array_equal(draws, cluster_draws(20, 500, seed=1))
    assert not np.array_equal(draws, cluster_draws(20, 500, seed=2))


weighted = st.lists(st.tuples(st.integers(-20, 20), st.integers(0, 4)), min_size=1)


@given(
    weighted.filter(lambda rows: any(weight for _, weight in rows)),
    # Shares that a computer holds exactly, so that no rounding decides where a step is.
    st.lists(st.integers(1, 16).map(lambda part: part / 16), min_size=1, max_size=4),
)
def test_quantiles_are_those_of_the_repeated_values(rows, probabilities):
    values, weights = np.array(rows, dtype=float).T
    repeated = np.repeat(values, weights.astype(int))
    expected = np.quantile(repeated, probabilities, method="inverted_cdf")
    assert np.array_equal(quantiles(values, probabilities, weights), expected)
    assert np.array_equal(quantiles(repeated, probabilities), expected)


@pytest.mark.parametrize("count", [1, 2, 7, 20, 101])
def test_quantiles_used_in_tables_equal_numpys(count):
    values = np.random.default_rng(count).normal(size=count)
    shares = (0.05, 0.25, 0.5, 0.75, 0.95)
    assert np.array_equal(quantiles(values, shares), np.quantile(values, shares, method="inverted_cdf"))


def test_a_share_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="found 0 values of no weight"):
        quantiles([], [0.5])
    with pytest.raises(ValueError, match="found 2 values of no weight"):
        quantiles([1.0, 2.0], [0.5], np.zeros(2))
    with pytest.raises(ValueError, match="at least one cluster, found none"):
        cluster_draws(0, 10, seed=0)


def test_median_draws_equal_a_loop_over_repeated_rows():
    rng = np.random.default_rng(0)
    values, cluster = rng.integers(0, 9, size=40).astype(float), rng.integers(0, 8, size=40)
    draws = cluster_draws(8, 60, seed=0)
    expected = [np.quantile(np.repeat(values, drawn[cluster]), 0.5, method="inverted_cdf") for drawn in draws]
    assert np.array_equal(median_draws(values, cluster, draws), expected)


def test_a_replicate_without_a_row_has_no_median_and_no_vote():
    draws = np.array([[0, 2], [1, 1], [2, 0]])
    medians = median_draws(np.array([3.0]), np.array([0]), draws)
    assert np.isnan(medians[0]) and medians[1:].tolist() == [3, 3]
    assert interval(medians) == (3, 3)
    assert np.isnan(interval(np.full(4, np.nan))).all()


# Summaries


@pytest.fixture(scope="module")
def tokens():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 40, size=900)
    labels = {"tag": rng.choice(["NN", "DT", "VB"], size=900, p=[0.5, 0.4, 0.1]), "half": rng.integers(0, 2, size=900)}
    value = rng.normal(size=900) + (labels["tag"] == "NN") + image / 40
    return pd.DataFrame({**labels, "image": image, "value": value})


@pytest.mark.parametrize("by", ["tag", ["tag", "half"]])
def test_summaries_equal_those_of_groupby(tokens, by):
    found = summarise(tokens, "value", by, replicates=50).set_index(by)
    groups = tokens.groupby(by)["value"]
    assert found["count"].sort_index().equals(groups.size().rename("count"))
    for column, share in (("p5", 0.05), ("q1", 0.25), ("median", 0.5), ("q3", 0.75), ("p95", 0.95)):
        expected = groups.agg(lambda values, share=share: np.quantile(values, share, method="inverted_cdf"))
        assert found[column].sort_index().tolist() == expected.tolist()
    # Of an even number of values it is the lower of the two in the middle.
    assert found["median"].sort_index().tolist() == groups.quantile(0.5, interpolation="lower").tolist()
    assert found["median"].is_monotonic_decreasing
    assert (found["low"] <= found["median"]).all() and (found["median"] <= found["high"]).all()
    assert (found["low"] < found["high"]).all()


def test_labels_share_draws_and_seeds_decide_them(tokens):
    first, again, other = (summarise(tokens, "value", "tag", replicates=60, seed=seed) for seed in (0, 0, 1))
    assert first.equals(again)
    assert not first["low"].equals(other["low"]) and first["median"].equals(other["median"])
    draws = cluster_draws(tokens["image"].nunique(), 60, seed=0)
    nouns = tokens["tag"] == "NN"
    number = pd.factorize(tokens["image"])[0]
    expected = interval(median_draws(tokens["value"][nouns].to_numpy(), number[nouns], draws))
    assert tuple(first.set_index("tag").loc["NN", ["low", "high"]]) == expected


def test_rare_labels_are_left_out(tokens):
    assert set(summarise(tokens, "value", "tag", min_count=200, replicates=5)["tag"]) == {"NN", "DT"}


def test_what_cannot_be_summarised_is_an_error(tokens):
    with pytest.raises(ValueError, match="no label of 'tag' is seen 901 times in 900 rows: lower min_count"):
        summarise(tokens, "value", "tag", min_count=901)
    with pytest.raises(ValueError, match="no column 'scores', 'scene'; its columns are .*'value'"):
        summarise(tokens, "scores", "tag", cluster="scene")
    with pytest.raises(ValueError, match="is the table empty"):
        summarise(tokens[:0], "value", "tag")


def test_intervals_over_clusters_cover_where_intervals_over_tokens_do_not():
    rng = np.random.default_rng(0)
    covered = {"image": 0, "token": 0}
    for seed in range(100):
        values = clustered(rng)
        table = pd.DataFrame({"value": values, "all": "", "image": np.arange(600) // 12, "token": np.arange(600)})
        for cluster in covered:
            row = summarise(table, "value", "all", cluster=cluster, replicates=150, seed=seed).iloc[0]
            covered[cluster] += row["low"] <= 0 <= row["high"]
    assert 88 <= covered["image"] <= 100
    assert covered["token"] < 65


@pytest.mark.parametrize("by", ["tag", ["tag", "half"]])
def test_means_equal_those_of_groupby(tokens, by):
    found = mean_intervals(tokens, "value", by, replicates=50).set_index(by)
    expected = tokens.groupby(by)["value"].agg(["mean", "size"])
    assert found["mean"].tolist() == pytest.approx(expected["mean"].tolist())
    assert found["count"].tolist() == expected["size"].tolist()
    assert (found["low"] < found["mean"]).all() and (found["mean"] < found["high"]).all()


@pytest.mark.filterwarnings("error")
def test_intervals_of_means_equal_a_loop_over_repeated_rows():
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"label": rng.choice(["a", "b"], size=50), "value": rng.normal(size=50)})
    table["image"] = np.where(table["label"] == "a", 7, rng.integers(0, 6, size=50))  # "a" is in one cluster alone
    found = mean_intervals(table, "value", "label", replicates=40, seed=5).set_index("label")
    number, clusters = pd.factorize(table["image"])
    for label, part in table.groupby("label"):
        drawn = []
        for counts in cluster_draws(len(clusters), 40, seed=5):
            repeated = part["value"].repeat(counts[number[part.index]])
            drawn.extend([repeated.mean()] if len(repeated) else [])
        assert (found.loc[label, "low"], found.loc[label, "high"]) == pytest.approx(
            tuple(np.percentile(drawn, (2.5, 97.5)))
        )


def test_means_of_nothing_are_an_error(tokens):
    with pytest.raises(ValueError, match="no column 'scores'"):
        mean_intervals(tokens, "scores", "tag")
    with pytest.raises(ValueError, match="is the table empty"):
        mean_intervals(tokens[:0], "value", "tag")


# Rank correlations


def test_the_correlation_is_spearmans():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 15, size=200).astype(float)  # with ties
    y = x + rng.normal(scale=5, size=200)
    found = rank_correlation(x, y, np.arange(200) // 5)
    assert found["correlation"] == pytest.approx(spearmanr(x, y).statistic, abs=1e-12)
    assert found["low"] < found["correlation"] < found["high"]
    assert found["count"] == 200
    assert rank_correlation(x, -y, np.arange(200))["correlation"] == pytest.approx(-found["correlation"])
    assert rank_correlation(np.exp(x), y**3, np.arange(200))["correlation"] == pytest.approx(found["correlation"])


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-5, 5), st.integers(-5, 5)), min_size=2, max_size=40))
def test_the_correlation_within_groups_equals_a_naive_loop(rows):
    group, x, y = zip(*rows, strict=True)
    found = rank_correlation(np.array(x), np.array(y), np.arange(len(rows)), within=group, replicates=2)
    assert found["correlation"] == pytest.approx(naive_within(group, x, y), abs=1e-9, nan_ok=True)


def naive_within(group, x, y):
    a, b = [], []
    for label in set(group):
        places = [i for i, other in enumerate(group) if other == label]
        for values, into in ((x, a), (y, b)):
            ranks = rankdata([values[i] for i in places]) / len(places)
            into.extend(ranks - ranks.mean())
    a, b = np.array(a), np.array(b)
    if np.allclose(a, 0) or np.allclose(b, 0):
        return np.nan
    return np.sum(a * b) / np.sqrt(np.sum(a * a) * np.sum(b * b))


def test_differences_between_groups_count_for_nothing():
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(30), 20)
    x, y = 100 * group + rng.normal(size=600), 100 * group + rng.normal(size=600)
    assert rank_correlation(x, y, group)["correlation"] > 0.99
    inside = rank_correlation(x, y, np.arange(600), within=group)
    assert abs(inside["correlation"]) < 0.12
    assert inside["low"] < 0 < inside["high"]
    ordered = rank_correlation(x, np.exp(x - 100 * group) - 500 * group, np.arange(600), within=group)
    assert ordered["correlation"] == pytest.approx(1)


def test_the_interval_equals_a_loop_over_repeated_rows():
    rng = np.random.default_rng(3)
    x, cluster = rng.normal(size=60), rng.integers(0, 12, size=60)
    y = x + rng.normal(size=60)
    found = rank_correlation(x, y, cluster, replicates=40, seed=5)
    number, ranks = pd.factorize(cluster)[0], (rankdata(x), rankdata(y))
    drawn = []
    for counts in cluster_draws(12, 40, seed=5):
        rows = np.repeat(np.arange(60), counts[number])
        drawn.append(np.corrcoef(ranks[0][rows], ranks[1][rows])[0, 1])
    assert (found["low"], found["high"]) == pytest.approx(tuple(np.percentile(drawn, (2.5, 97.5))))


def test_correlations_of_clustered_rows_need_clusters():
    rng = np.random.default_rng(1)
    image, covered = np.arange(600) // 12, {"image": 0, "token": 0}
    for seed in range(100):
        x, y = clustered(rng), clustered(rng)
        for name, cluster in (("image", image), ("token", np.arange(600))):
            found = rank_correlation(x, y, cluster, replicates=150, seed=seed)
            covered[name] += found["low"] <= 0 <= found["high"]
    assert 86 <= covered["image"] <= 100
    assert covered["token"] < 65


@pytest.mark.parametrize("within", [None, [0, 0, 0, 1, 1, 1, 1]])
def test_the_null_is_that_of_all_permutations(within):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=7), rng.normal(size=7) + 10 * np.array([0, 0, 0, 1, 1, 1, 1])
    group = np.array(within or [0] * 7)
    everything = [
        naive_within(group, x, np.concatenate(parts))
        for parts in itertools.product(*(itertools.permutations(y[group == label]) for label in np.unique(group)))
    ]
    low, high = rank_null(x, y, within=within, permutations=3000)
    # The exact distribution has steps; the range found may end on the step before or after.
    for found, share in ((low, 0.025), (high, 0.975)):
        lower, upper = np.quantile(everything, (share - 0.012, share + 0.012))
        assert lower - 1e-9 <= found <= upper + 1e-9
    assert (low, high) == rank_null(x, y, within=within, permutations=3000)


def test_rows_in_any_order_have_the_same_correlation():
    rng = np.random.default_rng(0)
    x, y, group = rng.normal(size=90), rng.normal(size=90), rng.choice(list("abc"), size=90)
    order = rng.permutation(90)
    first = rank_correlation(x, y, np.arange(90), within=group)
    again = rank_correlation(x[order], y[order], np.arange(90), within=group[order])
    assert again["correlation"] == pytest.approx(first["correlation"])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("x", "within"),
    [
        (np.ones(12), None),
        (np.repeat([1.0, 5.0, 9.0], 4), np.repeat([0, 1, 2], 4)),  # varies, but never inside a group
        (np.arange(12.0), np.arange(12)),  # every group has one row
        (np.where(np.arange(12) == 3, np.nan, np.arange(12.0)), None),
    ],
    ids=["constant", "constant within", "groups of one", "a NaN"],
)
def test_no_correlation_is_nan_and_not_a_number_of_some_kind(x, within):
    y = np.random.default_rng(0).normal(size=12)
    for pair in ((x, y), (y, x)):
        found = rank_correlation(*pair, np.arange(12), within=within)
        assert np.isnan([found["correlation"], found["low"], found["high"]]).all()
        assert np.isnan(rank_null(*pair, within=within)).all()


def test_lengths_that_differ_are_an_error():
    x = np.arange(4.0)
    with pytest.raises(ValueError, match="x, y and groups of one length, found 4, 3 and 4"):
        rank_correlation(x, x[:3], np.arange(4))
    with pytest.raises(ValueError, match="found 4, 4 and 2"):
        rank_null(x, x, within=[0, 1])
    with pytest.raises(ValueError, match="a cluster for each of 4 rows, found 5"):
        rank_correlation(x, x, np.arange(5))
    with pytest.raises(ValueError, match="is the table empty"):
        rank_correlation(x[:0], x[:0], [])


# Halves


@given(st.lists(st.integers(0, 6), min_size=2).filter(lambda values: len(set(values)) > 1), st.integers(0, 3))
def test_halves_keep_clusters_together_and_are_halves(cluster, seed):
    half = halves(cluster, seed)
    sides = {c: {bool(h) for c2, h in zip(cluster, half, strict=True) if c2 == c} for c in set(cluster)}
    assert all(len(side) == 1 for side in sides.values())
    fitted = sum(side == {True} for side in sides.values())
    assert fitted == (len(sides) + 1) // 2
    assert (halves(cluster, seed) == half).all()


def test_halves_differ_from_seed_to_seed_and_need_two_clusters():
    cluster = np.arange(100)
    assert (halves(cluster, 0) != halves(cluster, 1)).any()
    with pytest.raises(ValueError, match="at least 2 clusters, found 1"):
        halves([3, 3])
