"""A string under its tree: what is drawn of nodes, labels and units."""

import pandas as pd
import pytest

from reading_neurons.charts import tree_units


def readings(strings=("(1+2)", "3*4"), features=("sum", "open")):
    rows = []
    for feature in features:
        for number, text in enumerate(strings):
            for line in ("label", "unit 7", "unit 9"):
                for place in range(len(text)):
                    value = float(place % 2) if line == "label" else 0.3 - 0.2 * place
                    level = value if line == "label" else max(-1, 1 - place)
                    rows.append((feature, number, text, line, " (0.9)", place, value, level))
    return pd.DataFrame(
        rows, columns=["feature", "string", "text", "line", "note", "position", "value", "level"]
    )


@pytest.fixture
def nodes():
    rows = [(0, "brackets", 0, 5, 0), (0, "sum", 1, 4, 1), (0, "digit", 1, 2, 2), (1, "product", 0, 3, 0)]
    return pd.DataFrame(rows, columns=["string", "kind", "start", "end", "depth"])


def test_it_can_be_shown_on_a_page(nodes, check, drawn):
    chart = tree_units(readings(), nodes, "A title")
    check(chart)
    assert drawn(chart, string_pick=1) != drawn(chart) != drawn(chart, feature_pick="open")


def test_characters_are_carried_once_per_line_and_come_in_order(nodes, rows):
    shuffled = readings().sample(frac=1, random_state=0)
    values = rows(tree_units(shuffled, nodes))
    lines = [row for row in values if not row["node"]]
    assert len(lines) == 2 * 2 * 3
    assert all("".join(row["character"]) in ("(1+2)", "3*4") for row in lines)
    first = next(row for row in lines if row["line"] == "unit 7" and row["string"] == 0)
    assert first["value"] == pytest.approx([0.3, 0.1, -0.1, -0.3, -0.5]) and first["place"] == [0, 1, 2, 3, 4]


def test_digits_are_no_bars(nodes, rows):
    values = rows(tree_units(readings(), nodes))
    assert [row["kind"] for row in values if row["node"]] == ["brackets", "sum", "product"]


def test_colours_have_a_legend_where_there_are_several_kinds(nodes, drawn):
    assert "quotient" not in drawn(tree_units(readings(), nodes)) and "product" in drawn(tree_units(readings(), nodes))
    alone = tree_units(readings(("(1)",)), nodes.head(1))
    assert alone.to_dict()["layer"][0]["encoding"]["color"]["legend"] is None


def test_a_string_without_nodes_is_drawn_too(nodes, drawn):
    assert "unit 7" in drawn(tree_units(readings(("1",)), nodes.head(0)))


def test_the_description_says_where_feature_and_units_say_so(nodes):
    description = tree_units(readings(), nodes).to_dict()["description"]
    assert "2 strings with their parse trees" in description
    assert "'(1+2)', sum: '12' is so; unit 7 says so of '('" in description


def test_a_missing_column_is_named(nodes):
    with pytest.raises(ValueError, match="level"):
        tree_units(readings().drop(columns="level"), nodes)
    with pytest.raises(ValueError, match="depth"):
        tree_units(readings(), nodes.drop(columns="depth"))
