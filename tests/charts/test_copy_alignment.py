"""Shares of steps and words that are aligned, beside chance."""

import re

import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "method": method, "pathway": pathway, "along": along, "measure": measure, "place": place, "mean": mean,
            "low": mean - 0.01, "high": mean + 0.01, "chance": 0.1, "count": 90,
        }
        for method, gain in (("derivative", 0.0), ("exchange", 0.3))
        for pathway, mean in (("autoencoder", 0.3 + gain), ("untrained autoencoder", 0.1))
        for along in ("step", "word")
        for measure in ("hit", "near", "rank")
        for place in (-1, 0, 1)
    )  # fmt: skip


def points(svg):
    return re.findall(r'aria-roledescription="point"[^>]*translate\(([\d.]+),([\d.]+)\)', svg)


def test_a_page_can_show_it(table, check):
    check(charts.copy_alignment(table))
    check(charts.copy_alignment(table.drop(columns="method").query("place == -1").iloc[:12]))


def test_every_network_has_a_mark_in_every_row(table, drawn):
    svg = drawn(charts.copy_alignment(table))
    where = [(float(left), float(top)) for left, top in points(svg)]
    assert len(where) == 8 and len({top for _, top in where}) == 8
    assert sorted(left for left, _ in where)[-1] > 1.5 * sorted(left for left, _ in where)[-4]
    texts = re.findall(r">([^<>]+)</(?:text|tspan)>", svg)
    assert texts.count("by exchange") == 2 and texts.count("by derivative") == 2 and texts.count("its step") == 2


def test_only_shares_over_all_places_are_drawn(table, rows):
    kept = rows(charts.copy_alignment(table))
    assert len(kept) == 16 and {row["place"] for row in kept} == {-1}
    assert {row["measure"] for row in kept} == {"hit", "near"}


def test_the_menu_picks_the_measure(table, drawn):
    changed = table.assign(mean=table["mean"].where(table["measure"] == "hit", 0.9))
    chart = charts.copy_alignment(changed)
    assert points(drawn(chart)) != points(drawn(chart, measure_pick="near"))


def test_the_description_says_what_each_row_shows(table):
    said = charts.copy_alignment(table).description
    assert "Each step, its word by derivative: autoencoder 0.30, untrained autoencoder 0.10, by chance 0.10." in said
    assert "Each word, its step by exchange: autoencoder 0.60" in said


def test_bad_tables_are_errors(table):
    with pytest.raises(ValueError, match="needs the column chance"):
        charts.copy_alignment(table.drop(columns="chance"))
    with pytest.raises(ValueError, match="found no share of all steps or words"):
        charts.copy_alignment(table[table["place"] == 0])
