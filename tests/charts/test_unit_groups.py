"""Groups of units as dots, one picked with its members; correlations as a heat map."""

import re

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts


def texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


@pytest.fixture
def groups():
    return pd.DataFrame(
        [
            ("visual", 0, 13, 0.2, 0.7, 0.5, "boat boat horse boat boatman", "a boat and a horse"),
            ("visual", 1, 1, np.nan, 0.99, 0.98, "two mice", "mice"),
            ("textual", 0, 5, 0.6, 0.9, 0.8, "and and a tiny king", "and a king"),
        ],
        columns=["pathway", "group", "size", "within", "default", "corpus", "default words", "corpus words"],
    )


@pytest.fixture
def members():
    rows = [("visual", u, 0, 0.9 - 0.05 * u, f"word{u}; other") for u in range(13)]
    rows += [("visual", 13, 1, np.nan, "mice"), ("visual", 14, -1, np.nan, "still")]
    rows += [("textual", u, 0, 0.5, f"last{u}") for u in range(5)]
    return pd.DataFrame(rows, columns=["pathway", "unit", "group", "correlation", "contexts"])


def test_a_page_can_show_it(groups, members, check):
    check(charts.unit_groups(groups, members))
    check(charts.unit_groups(groups[:1], members, menu=False, picked="visual 0"))


def test_the_tightest_group_is_shown_first(groups, members, drawn):
    shown = texts(drawn(charts.unit_groups(groups, members)))
    assert "textual group 0, 5 units" in shown and "and and a tiny king" in shown and "a boat and a horse" not in shown
    assert "It wants, at 0.90:" in shown and "Best of the corpus, at 0.80:" in shown
    assert sum(text.startswith("last") for text in shown) == 5


def test_a_menu_picks_another_group(groups, members, drawn):
    chart = charts.unit_groups(groups, members)
    shown = texts(drawn(chart, picked="visual 0"))
    assert "visual group 0, 13 units" in shown and "a boat and a horse" in shown
    assert [text for text in shown if text.startswith("word")] == [f"word{unit}; other" for unit in range(10)]
    shown = texts(drawn(chart, picked="visual 1"))
    assert "visual group 1, 1 unit" in shown and "mice" in shown and "still" not in shown
    bind = chart.to_dict()["params"][0]["bind"]
    assert bind["options"] == ["visual 0", "visual 1", "textual 0"]
    assert bind["labels"][0] == "visual 0: boat boat horse boat .. (13)"


def test_a_group_alone_has_no_correlation_and_no_dot(groups, members, rows):
    held = [row for row in rows(charts.unit_groups(groups, members)) if row.get("_key") == "visual 1"]
    assert all(row.get("within") is None and row.get("correlation") is None for row in held)


def test_bad_tables_are_errors(groups, members):
    with pytest.raises(ValueError, match="needs the column default words"):
        charts.unit_groups(groups.drop(columns="default words"), members)
    with pytest.raises(ValueError, match="empty table"):
        charts.unit_groups(groups[:0], members)
    with pytest.raises(ValueError, match="no group 'visual 9'"):
        charts.unit_groups(groups, members, picked="visual 9")


@pytest.fixture
def correlation():
    rng = np.random.default_rng(0)
    return np.corrcoef(rng.normal(size=(3, 50))[[0, 1, 2, 0, 1, 2]] + rng.normal(size=(6, 50)))


def test_the_heat_map_has_a_cell_of_each_pair(correlation, rows, check):
    chart = charts.unit_correlations(correlation, [0, 1, 2, 0, 1, 2], [5, 0, 3, 2])
    check(chart)
    cells = pd.DataFrame(rows(chart))
    assert len(cells) == 16
    for row in cells.itertuples():
        assert row.r == pytest.approx(correlation[row.unit, row[2]], abs=0.006)
    own = cells[cells["unit"] == cells["with"]].set_index("unit")
    # By group 0 (units 0, 3), then 2 (units 2, 5); by number 0, 2, 3, 5.
    assert own["_a"].to_dict() == own["_b"].to_dict() == {0: 0, 3: 1, 2: 2, 5: 3}
    assert own["_c"].to_dict() == own["_d"].to_dict() == {0: 0, 2: 1, 3: 2, 5: 3}
    within = (correlation[0, 3] + correlation[2, 5]) / 2
    assert f"{within:.2f} on average within a group" in chart.to_dict()["description"]


def test_another_order_moves_the_cells(correlation, drawn):
    chart = charts.unit_correlations(correlation, [0, 1, 2, 0, 1, 2], range(6))
    assert drawn(chart) != drawn(chart, order="number")


def test_too_few_or_too_many_units(correlation):
    with pytest.raises(ValueError, match="room for 2 to 60 units, found 1"):
        charts.unit_correlations(correlation, [0] * 6, [1])
