"""Two methods on the same neurons: against scipy and naive loops, planted, null, ties and bad input."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reading_neurons.methods.paired import paired, paired_by


@pytest.fixture
def planted():
    """Sixty neurons with levels of their own, on which the second method reaches half a unit more."""
    rng = np.random.default_rng(0)
    first = rng.normal(10, 4, size=60)
    return first, first + 0.5 + 0.4 * rng.normal(size=60)


def test_the_t_test_is_scipys(planted):
    found, (t, p) = paired(*planted), stats.ttest_rel(planted[1], planted[0])
    assert found["t"] == pytest.approx(t) and found["p"] == pytest.approx(p)
    assert found["d_z"] == pytest.approx(t / np.sqrt(60))


def test_ranks_are_scipys(planted):
    found, (statistic, p) = paired(*planted), stats.wilcoxon(planted[1], planted[0])
    assert (found["wilcoxon"], found["wilcoxon_p"]) == pytest.approx((statistic, p))


def test_the_effect_is_the_mean_in_its_own_deviations(planted):
    difference = planted[1] - planted[0]
    assert paired(*planted)["d_z"] == pytest.approx(difference.mean() / difference.std(ddof=1))


def test_intervals_are_those_of_a_naive_bootstrap(planted):
    rng, difference = np.random.default_rng(1), planted[1] - planted[0]
    means, ts = [], []
    for _ in range(4000):
        drawn = difference[rng.integers(60, size=60)]
        means.append(drawn.mean())
        ts.append(stats.ttest_1samp(drawn, 0).statistic)
    found = paired(*planted)
    assert (found["low"], found["high"]) == pytest.approx(tuple(np.percentile(means, [2.5, 97.5])), abs=0.01)
    assert (found["t_low"], found["t_high"]) == pytest.approx(tuple(np.percentile(ts, [2.5, 97.5])), rel=0.05)


def test_a_planted_gain_is_found_where_unpaired_values_hide_it(planted):
    found = paired(*planted)
    assert found["low"] > 0.3 and found["high"] < 0.7 and found["p"] < 1e-9 and found["won"] > 0.8
    assert stats.ttest_ind(planted[1], planted[0]).pvalue > 0.1


def test_no_gain_is_found_where_there_is_none():
    rng = np.random.default_rng(3)
    worlds = rng.normal(size=(400, 2, 25))
    tests = [paired(*world, replicates=200) for world in worlds]
    for p in ("p", "wilcoxon_p"):
        assert 0.02 < np.mean([found[p] < 0.05 for found in tests]) < 0.08
    missed = np.mean([found["low"] > 0 or found["high"] < 0 for found in tests])
    assert 0.02 < missed < 0.12  # a bootstrap of 25 is a little too sure


def test_exchanging_the_methods_changes_every_sign(planted):
    there, back = paired(*planted), paired(*planted[::-1])
    for name in ("gain", "t", "d_z"):
        assert there[name] == pytest.approx(-back[name])
    assert back["won"] == pytest.approx(1 - there["won"]) and back["high"] == pytest.approx(-there["low"])


def test_a_few_neurons_do_not_make_a_majority():
    first, second = np.zeros(20), np.r_[np.full(2, 50.0), np.full(18, -1.0)]
    found = paired(first, second)
    assert found["gain"] > 0 and found["won"] == 0.1 and found["won_high"] < 0.5


def test_what_rounding_tells_apart_is_tied():
    first = np.array([1.0, 100.0, 3.0, 0.0])
    found = paired(first, first + np.array([1e-7, -1e-4, 1.0, 0.0]))
    assert found["tied"] == 0.75 and found["won"] == 0.25 and found["gain"] == 0.25


def test_the_same_everywhere_is_no_difference():
    found = paired([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    assert (found["gain"], found["p"], found["wilcoxon_p"], found["tied"]) == (0, 1, 1, 1)
    assert np.isnan(found["t"]) and np.isnan(found["d_z"])


def test_a_gain_without_spread_has_no_t():
    found = paired([1.0, 2.0, 3.0], [2.0, 3.0, 4.0])
    assert np.isnan(found["t"]) and np.isnan(found["p"]) and found["gain"] == found["low"] == 1


def test_the_same_seed_gives_the_same_interval(planted):
    assert paired(*planted, seed=4) == paired(*planted, seed=4)
    assert paired(*planted, seed=4)["low"] != paired(*planted, seed=5)["low"]


def test_groups_of_a_table_are_compared_apart(planted):
    table = pd.DataFrame({"network": "one", "case": ["b"] * 30 + ["a"] * 30, "corpus": planted[0], "gumbel": planted[1]})
    found = paired_by(table, ["network", "case"], "corpus", "gumbel")
    assert found["case"].tolist() == ["b", "a"] and found["network"].tolist() == ["one", "one"]
    assert found.loc[1].drop(["network", "case"]).to_dict() == paired(planted[0][30:], planted[1][30:])


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ([1.0], [2.0], "at least 2 neurons, found 1"),
        ([], [], "at least 2 neurons, found 0"),
        ([1.0, 2.0], [1.0], "found shapes"),
        ([1.0, np.nan], [1.0, 2.0], "not a finite number"),
    ],
)
def test_bad_input_is_an_error(first, second, message):
    with pytest.raises(ValueError, match=message):
        paired(first, second)


def test_a_missing_column_is_an_error():
    with pytest.raises(ValueError, match="no column 'gumbel'; its columns are"):
        paired_by(pd.DataFrame({"case": ["a"], "corpus": [1.0]}), "case", "corpus", "gumbel")
