"""Box plots per label, from rows and from summaries."""

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def ratios(words):
    visual, textual = (words[words["pathway"] == pathway] for pathway in ("visual", "textual"))
    logs = np.log(visual["score"].to_numpy() + 0.01) - np.log(textual["score"].to_numpy() + 0.01)
    return pd.DataFrame({"tag": visual["tag"], "log_ratio": logs})


@pytest.fixture
def summary():
    return pd.DataFrame(
        {
            "label": ["NN", "DT", "RB"], "count": [1234, 900, 40], "median": [0.7, -3.7, 0.1], "low": [0.6, -3.8, -1],
            "high": [0.8, -3.6, 1], "q1": [0, -4, -1], "q3": [1, -3, 1], "p5": [-2, -6, -2], "p95": [2, -1, 2],
            "paper": [1, -1, None],
        }
    )  # fmt: skip


def test_pages_can_show_them(words, ratios, summary, check):
    check(charts.distributions(words))
    check(charts.log_ratios(ratios))
    check(charts.log_ratios(summary, by="label"))


def test_quantiles_are_those_of_the_rows(words, rows):
    held = pd.DataFrame(rows(charts.distributions(words))).set_index(["label", "pathway"])
    of_nouns = words[(words["tag"] == "NN") & (words["pathway"] == "textual")]["score"]
    row = held.loc[("NN", "textual")]
    assert row["count"] == 60
    assert row["median"] == pytest.approx(of_nouns.median(), rel=1e-3)
    assert row["p95"] == pytest.approx(of_nouns.quantile(0.95), rel=1e-3)


def test_labels_come_in_order_of_the_first_pathway(words, drawn):
    svg = drawn(charts.distributions(words))
    assert 0 < svg.index(">NN, n = 60<") < svg.index(">DT, n = 40<")


def test_rare_labels_are_left_out_and_counted(words, rows):
    chart = charts.distributions(words, min_count=10)
    assert {row["label"] for row in rows(chart)} == {"NN", "DT"}
    assert "Left out: 1 label seen fewer than 10 times." in " ".join(chart.to_dict()["title"]["subtitle"])


def test_no_label_frequent_enough_is_an_error(words):
    with pytest.raises(ValueError, match="no label is seen 500 times, the most frequent is 'NN' with 60"):
        charts.distributions(words, min_count=500)


def test_a_large_table_is_summarised(words):
    many = pd.concat([words] * 100)
    assert len(str(charts.distributions(many).to_dict())) < 20_000


def test_each_side_of_zero_says_what_it_means(ratios, drawn):
    svg = drawn(charts.log_ratios(ratios))
    assert svg.count(">depends more<") == 2
    other = charts.log_ratios(ratios, numerator="sum", denominator="language model")
    assert "sum" in drawn(other) and "visual" not in drawn(other)


def test_a_summary_is_taken_as_it_is(summary, rows):
    held = {row["label"]: row for row in rows(charts.log_ratios(summary, by="label"))}
    for row in summary.to_dict(orient="records"):
        assert all(held[row["label"]][name] == row[name] for name in ("count", "median", "low", "high", "q1", "p95"))


def test_a_summary_may_name_its_labels_by_kind(summary):
    by_tag = charts.log_ratios(summary.rename(columns={"label": "tag"}), by="tag")
    assert "part-of-speech tag" in by_tag.description


def test_the_side_of_the_paper_and_the_interval_are_explained(summary):
    subtitle = " ".join(charts.log_ratios(summary, by="label").to_dict()["title"]["subtitle"])
    assert "the paper's side" in subtitle and "95 % interval of the median" in subtitle
    plain = charts.log_ratios(summary.drop(columns=["paper", "low", "high"]), by="label").to_dict()["title"]["subtitle"]
    assert "paper" not in " ".join(plain) and "interval" not in " ".join(plain)


def test_a_missing_column_is_an_error(summary, words):
    with pytest.raises(ValueError, match="needs the columns? p95"):
        charts.log_ratios(summary.drop(columns="p95"), by="label")
    with pytest.raises(ValueError, match="needs the column deprel"):
        charts.distributions(words, by="deprel")
