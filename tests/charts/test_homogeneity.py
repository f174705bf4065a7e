"""Boxes of the homogeneity of all units."""

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def scores():
    rng = np.random.default_rng(0)
    return pd.concat(
        pd.DataFrame({"pathway": pathway, "kind": kind, "score": mean + 0.05 * rng.normal(size=40)})
        for kind in ("tag", "tag, other words", "topic")
        for pathway, mean in (("visual", 0.7), ("untrained visual", 0.1))
    )


def test_a_page_can_show_the_scores_of_all_units(scores, check):
    null = pd.DataFrame({"kind": ["tag", "topic", "unknown"], "low": -0.1, "high": 0.2})
    check(charts.homogeneity(scores, null))
    check(charts.homogeneity(scores))


def test_boxes_summarise_the_units(scores, rows):
    held = pd.DataFrame([row for row in rows(charts.homogeneity(scores)) if "median" in row])
    for _, row in held.iterrows():
        part = scores[(scores["pathway"] == row["pathway"]) & (scores["kind"] == row["kind"])]["score"]
        assert row["median"] == pytest.approx(part.median(), rel=1e-3) and row["mean"] == pytest.approx(part.mean(), rel=1e-3)
        assert row["count"] == 40 and row["p5"] < row["q1"] < row["q3"] < row["p95"]


def test_units_without_a_score_are_left_out(scores, rows):
    scores = scores.reset_index(drop=True)
    scores.loc[:4, "score"] = np.nan
    held = [row for row in rows(charts.homogeneity(scores)) if "median" in row]
    assert held[0]["count"] == 35


def test_untrained_networks_are_one_entry_of_the_legend(scores, drawn):
    both = pd.concat([scores, scores.replace({"visual": "textual", "untrained visual": "untrained textual"})])
    assert drawn(charts.homogeneity(both)).count(">untrained, below each</text>") == 1


def test_the_description_says_the_means(scores):
    assert "tag: visual 0.7" in charts.homogeneity(scores).to_dict()["description"]
