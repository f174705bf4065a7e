"""Variance explained by linear models, and coefficients of places, beside the paper's and the untrained network's."""

import re

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts

MODELS = ("WORD", "DEPREL", "POSITION", "FULL")
PLACES = ("first", "second", "third", "middle", "antepenult", "penult", "last")
PATHWAYS = ("visual", "textual", "untrained visual", "untrained textual")


@pytest.fixture
def variance():
    rows = []
    for number, pathway in enumerate(PATHWAYS):
        for step, model in enumerate(MODELS):
            value, paper = 0.3 + 0.1 * number + 0.02 * step, np.nan if number > 1 else 0.5 + 0.01 * step
            rows.append((pathway, model, value, value - 0.01, value + 0.01, 0.02 * step, 0.02 * step - 0.005, 0.02 * step + 0.005, paper))
    columns = ["pathway", "model", "r2", "low", "high", "increase", "increase_low", "increase_high", "paper"]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture
def places():
    return pd.DataFrame(
        {
            "pathway": pathway, "position": place, "coefficient": 0.01 * step * (number + 1), "low": 0.01 * step - 0.002,
            "high": 0.01 * step + 0.002, "paper": np.nan if number > 1 else 0.005 * step,
        }
        for number, pathway in enumerate(PATHWAYS)
        for step, place in enumerate(PLACES)
    )  # fmt: skip


def test_pages_can_show_them(variance, places, check):
    check(charts.explained_variance(variance))
    check(charts.explained_variance(variance.drop(columns="paper").query("pathway == 'visual'")))
    check(charts.position_coefficients(places))
    check(charts.position_coefficients(places.drop(columns="paper").query("pathway == 'visual'")))


def test_they_hold_what_the_tables_held(variance, places, rows):
    held = pd.DataFrame(rows(charts.explained_variance(variance)))
    assert len(held) == 2 * (len(MODELS) + len(MODELS) - 1)  # two trained pathways, whose WORD has no increase
    r2 = held[held["measure"] == "R2"].set_index(["pathway", "model"])
    trained = variance[~variance["pathway"].str.startswith("untrained")].set_index(["pathway", "model"])
    control = variance[variance["pathway"].str.startswith("untrained")]
    assert r2["value"].to_dict() == pytest.approx(trained["r2"].to_dict())
    assert r2["untrained"].tolist() == pytest.approx(control["r2"].tolist())
    increase = held[held["measure"] != "R2"].set_index(["pathway", "model"])
    gained = trained[trained.index.get_level_values("model") != "WORD"]["increase"]
    assert increase["value"].to_dict() == pytest.approx(gained.to_dict())
    assert increase.loc[("visual", "FULL"), "paper"] == pytest.approx(0.03)
    shown = pd.DataFrame([row for row in rows(charts.position_coefficients(places)) if "position" in row])
    assert len(shown) == 2 * len(PLACES) and shown["untrained"].notna().all()


def test_a_menu_changes_the_measure(variance, drawn):
    chart = charts.explained_variance(variance)
    menu = next(p for p in chart.to_dict()["params"] if p["name"] == "measure_pick")
    assert menu["value"] == "R2" and set(menu["bind"]["options"]) == {"R2", "Increase over WORD"}
    assert drawn(chart) != drawn(chart, measure_pick="Increase over WORD")
    assert drawn(chart) == drawn(charts.explained_variance(variance, measure="Increase over WORD"), measure_pick="R2")


def test_models_come_in_the_order_of_the_table(variance, drawn):
    axis = re.findall(rf">({'|'.join(MODELS)})</text>", drawn(charts.explained_variance(variance)))
    assert axis == [*MODELS, *MODELS]


def points(svg):
    """How many marks of untrained networks are drawn."""
    return len(re.findall(r'fill="#949494"', svg))


def test_a_menu_picks_one_pathway(places, drawn):
    chart = charts.position_coefficients(places)
    assert points(drawn(chart)) == 14 and points(drawn(chart, pathway_pick="textual")) == 7


def test_the_descriptions_read_the_figures(variance, places):
    assert "visual: WORD 0.300, DEPREL 0.320, POSITION 0.340, FULL 0.360." in charts.explained_variance(variance).description
    assert "untrained" not in charts.explained_variance(variance).description
    assert "last +0.060." in charts.position_coefficients(places).description


def test_bad_input_is_an_error(variance, places):
    with pytest.raises(ValueError, match="increase_low"):
        charts.explained_variance(variance.drop(columns="increase_low"))
    with pytest.raises(ValueError, match="found 'r2'"):
        charts.explained_variance(variance, measure="r2")
    with pytest.raises(ValueError, match="coefficient"):
        charts.position_coefficients(places.drop(columns="coefficient"))
