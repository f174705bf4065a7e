"""Units sorted by score: order, gain above the base rate, both networks, looks shared by groups."""

import numpy as np
import pandas as pd
import pytest

from reading_neurons.charts import sorted_relevance
from reading_neurons.charts.tree_units import KINDS


@pytest.fixture
def table(rng):
    parts = [
        pd.DataFrame({
            "group": group, "line": line, "network": network, "unit": np.arange(60), "majority": 0.6,
            "score": rng.uniform(0.6, 1.0, 60) if network == "trained" else 0.6,
        })
        for group in ("range", "impulse") for line in ("1", "2") for network in ("trained", "untrained")
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def test_it_can_be_shown_on_a_page(table, check, drawn):
    chart = sorted_relevance(table, "A title")
    check(chart)
    assert drawn(chart, group_pick="impulse", scale_pick="gain") != drawn(chart)


def test_units_come_best_first_and_the_best_are_all_there(table, rows):
    held = pd.DataFrame(rows(sorted_relevance(table)))
    one = held.query("group == 'range' and line == '2' and network == 'trained'").sort_values("rank")
    scores = table.query("group == 'range' and line == '2' and network == 'trained'")["score"]
    expected = np.sort(scores.to_numpy())[::-1]
    assert one["score"].is_monotonic_decreasing and one["rank"].tolist()[:16] == list(range(1, 17))
    np.testing.assert_allclose(one["score"], expected[one["rank"] - 1], atol=1e-3)
    assert one["rank"].iloc[-1] == 60


def test_the_gain_is_nothing_at_the_base_rate_and_one_without_an_error(table, rows):
    table.loc[0, "score"] = 1.0
    held = pd.DataFrame(rows(sorted_relevance(table)))
    assert held["gain"].max() == 1.0
    np.testing.assert_allclose(held["gain"], (held["score"] - 0.6) / 0.4, atol=1e-3)


def test_the_description_says_best_least_and_base_rate(table):
    description = sorted_relevance(table).to_dict()["description"]
    assert "range: 1 from 1.00 to 0.6" in description and "base rate of 0.60" in description


def test_kinds_of_nodes_have_the_colours_of_the_tree_above_a_string(table):
    named = table.assign(line=table["line"].map({"1": "digit", "2": "sum"}))
    scale = sorted_relevance(named).to_dict()["layer"][0]["encoding"]["color"]["scale"]
    assert scale["domain"] == ["digit", "sum"] and scale["range"][1] == KINDS["sum"] != scale["range"][0]


def test_too_many_lines_or_none_are_refused(table):
    many = pd.concat(table.assign(line=str(number)) for number in range(7))
    with pytest.raises(ValueError, match="found 7 lines, expected at most 6"):
        sorted_relevance(many)
    with pytest.raises(ValueError, match="majority"):
        sorted_relevance(table.drop(columns="majority"))
    with pytest.raises(ValueError, match="at least one row"):
        sorted_relevance(table.head(0))
