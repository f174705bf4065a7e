"""Charts of carrying units: runs and persistence."""

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts

PATHWAYS = ("visual", "textual")


@pytest.fixture
def curves():
    """Units 3 and 4 of two pathways; the share falls by .08 a word, and by half where only the word is known."""
    words = np.arange(-1, 11)
    return pd.concat(
        pd.DataFrame(
            {
                "pathway": pathway, "unit": unit, "words": words, "share": 1 - 0.08 * words, "low": 0.9 - 0.08 * words,
                "high": np.minimum(1, 1.1 - 0.08 * words), "watched": 100 - words, "by_word": 0.5**words,
            }
        )
        for pathway in PATHWAYS for unit in (3, 4)
    )  # fmt: skip


@pytest.fixture
def units(rng):
    """Trained units stay on for 4 to 5 words, untrained ones for 1 to 2."""
    return pd.concat(
        pd.DataFrame({"pathway": pathway, "network": network, "persistence": start + rng.random(50)})
        for pathway in PATHWAYS for network, start in (("trained", 4.0), ("untrained", 1.0))
    )  # fmt: skip


def test_pages_can_show_them(curves, units, check):
    check(charts.run_survival(curves))
    check(charts.persistence(units))


def test_the_menu_of_runs_offers_every_unit(curves, drawn):
    chart = charts.run_survival(curves)
    menu = next(p for p in chart.to_dict()["params"] if p["name"] == "unit_pick")["bind"]
    assert menu["labels"] == ["visual 3", "visual 4", "textual 3", "textual 4"]
    assert drawn(chart, unit_pick="textual 3") != drawn(chart)
    assert "visual 3: 0.60 after 5 words, 0.03 by the word alone" in chart.description


def test_persistence_over_five_words_is_no_point_of_a_curve(curves, rows):
    assert min(row["words"] for row in rows(charts.run_survival(curves))) == 0


def test_bins_hold_every_unit_once(units, rows):
    held = pd.DataFrame(rows(charts.persistence(units)))
    assert held.groupby(["pathway", "network"])["units"].sum().eq(50).all()
    for row in held.itertuples():
        part = units[(units["pathway"] == row.pathway) & (units["network"] == row.network)]["persistence"]
        assert ((part > row.left) & (part <= row.right)).sum() == row.units


def test_a_unit_on_the_edge_of_the_last_bin_is_in_it(rows):
    table = pd.DataFrame({"pathway": "visual", "network": "trained", "persistence": [0.0, 5.0]})
    held = pd.DataFrame(rows(charts.persistence(table)))
    assert held["left"].tolist() == [0, 4.75] and held["right"].tolist() == [0.25, 5]


def test_carried_may_be_negative(rows):
    table = pd.DataFrame({"pathway": "visual", "network": "trained", "carried": [-0.6, -0.5, 0.1, np.nan]})
    held = pd.DataFrame(rows(charts.persistence(table, "carried")))
    assert held["units"].sum() == 3 and held["left"].min() == -0.75


@pytest.mark.parametrize("chart", [charts.run_survival, charts.persistence, charts.unit_traces])
def test_a_missing_column_is_named(chart):
    with pytest.raises(ValueError, match="needs the columns? .*unit|network"):
        chart(pd.DataFrame({"pathway": ["visual"]}))
