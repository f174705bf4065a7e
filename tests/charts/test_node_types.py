"""Types of syntax from simple to complex, and the units that know them best."""

import re

import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def table(rng):
    return pd.DataFrame(
        {
            "network": network, "type": kind, "labels": labels, "rank": rank, "unit": 10 * place + rank,
            "knowledge": (0.9 if network == "character lstm" else 0.4) / (rank + 1),
        }
        for network in ("character lstm", "untrained character lstm")
        for place, kind in enumerate(("terminator", "conditional", "braces"))
        for labels in ("range", "impulse")
        for rank in range(4)
    )  # fmt: skip


def test_a_page_can_show_it(table, check):
    check(charts.node_types(table))
    check(charts.node_types(table.query("network == 'character lstm' and labels == 'range'")))


def test_types_stand_in_their_order_and_the_best_units_are_marks(table, drawn):
    svg = drawn(charts.node_types(table))
    order = [name for name in re.findall(r">(\w+)</text>", svg) if name in set(table["type"])]
    assert order == ["terminator", "conditional", "braces"]
    marks = re.findall(r'<g class="mark-symbol role-mark[^>]*>(.*?)</g>', svg, re.DOTALL)[-1]
    assert marks.count("<path") == 6


def test_a_menu_picks_ranges_or_impulses(table, drawn):
    chart = charts.node_types(table.assign(unit=table["unit"] + 1000 * (table["labels"] == "impulse")))
    assert [p["bind"]["options"] for p in chart.to_dict()["params"] if "bind" in p] == [["range", "impulse"]]
    assert "Unit: 1000" in drawn(chart, labels_pick="impulse") and "Unit: 1000" not in drawn(chart)


def test_the_description_names_the_best_units(table):
    assert (
        "braces: character lstm 0.90 (unit 20), untrained character lstm 0.40 (unit 20)."
        in charts.node_types(table).description
    )


def test_what_does_not_fit_is_named(table):
    with pytest.raises(ValueError, match="needs the column knowledge"):
        charts.node_types(table.drop(columns="knowledge"))
    third = table.assign(network="third")
    with pytest.raises(ValueError, match="found 3 networks, .*: the chart compares at most two"):
        charts.node_types(pd.concat([table, third]))
