"""Correlations beside chance, and scores against planted weights."""

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def found():
    return pd.DataFrame(
        {
            "test": test, "pathway": pathway, "correlation": value, "low": value - 0.05, "high": value + 0.05,
            "null_low": -0.1, "null_high": 0.1, "count": 1234,
        }
        for test in ("all words", "nouns only", "one word type across roles")
        for pathway, value in (("visual", 0.7), ("sum", 0.4), ("untrained visual", 0.02))
    )  # fmt: skip


@pytest.fixture
def means():
    return pd.DataFrame(
        {
            "word": word, "pathway": pathway, "weight": weight, "mean": slope * weight, "low": slope * weight - 0.01,
            "high": slope * weight + 0.01, "count": 50,
        }
        for word, factor in (("all nouns", 1), ("dog", 2))
        for pathway, slope in (("visual", 0.3 * factor), ("sum", 0.01))
        for weight in (0.15, 0.3, 0.45, 0.7, 1.0)
    )  # fmt: skip


def test_pages_can_show_them(found, means, check):
    check(charts.recovery(found))
    check(charts.by_role(means))
    check(charts.by_role(means[means["word"] == "dog"].drop(columns="word")))


def test_it_says_test_count_and_what_chance_is(found, drawn):
    svg = drawn(charts.recovery(found))
    for text in ("nouns only", "one word type", "n = 1,234", "chance", "untrained visual"):
        assert text in svg


def test_the_correlations_are_in_the_description(found):
    assert "nouns only: visual 0.70, sum 0.40, untrained visual 0.02." in charts.recovery(found).description


def test_a_correlation_that_does_not_exist_is_no_error(found, check):
    found.loc[found["pathway"] == "sum", ["correlation", "low", "high"]] = np.nan
    check(charts.recovery(found))
    assert "sum undefined" in charts.recovery(found).description


def test_it_holds_what_the_table_held(found, means, rows):
    held = pd.DataFrame(rows(charts.recovery(found)))
    held = held[held["correlation"].notna()]
    assert held["correlation"].tolist() == found["correlation"].tolist()
    assert len([row for row in rows(charts.by_role(means)) if "mean" in row]) == len(means)


def test_a_menu_picks_the_word(means, drawn):
    chart = charts.by_role(means)
    menu = next(p for p in chart.to_dict()["params"] if p["name"] == "word_pick")
    assert menu["bind"]["options"] == ["all nouns", "dog"] and menu["value"] == "all nouns"
    assert drawn(chart) != drawn(chart, word_pick="dog")


def test_roles_keep_the_order_of_the_table(means, drawn):
    names = {0.15: "compound", 0.3: "conjunct", 0.45: "oblique", 0.7: "object", 1.0: "subject"}
    roles = means[means["word"] == "dog"].assign(role=lambda d: d["weight"].map(names)).drop(columns=["weight", "word"])
    svg = drawn(charts.by_role(roles))
    places = [svg.index(f">{name}<") for name in names.values()]
    assert places == sorted(places)


def test_counts_are_drawn(means, drawn):
    assert drawn(charts.by_role(means)).count(">n = 50<") == 5


def test_a_missing_column_is_an_error(found, means):
    with pytest.raises(ValueError, match="null_high"):
        charts.recovery(found.drop(columns="null_high"))
    with pytest.raises(ValueError, match="needs the column role"):
        charts.by_role(means.drop(columns="weight"))
