"""Curves against the number of units held or removed."""

import re

import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def shares():
    return pd.DataFrame(
        {
            "feature": feature, "held": held, "units": units, "k": k, "measure": "digit", "share": 0.1 * k * scale,
            "low": 0.1 * k * scale - 0.02, "high": 0.1 * k * scale + 0.02, "free": 0.3,
        }
        for feature in ("digit", "digit next")
        for held, scale in (("active", 0.5), ("+1", 0.2))
        for units in ("best units", "random units")
        for k in (1, 5, 10)
    )  # fmt: skip


@pytest.fixture
def losses():
    return pd.DataFrame(
        {
            "feature": feature, "way": way, "measure": measure, "units": units, "k": k, "value": 0.9 - 0.02 * k,
            "low": 0.88 - 0.02 * k, "high": 0.91 - 0.02 * k, "base": 0.4,
        }
        for feature in ("digit", "depth")
        for way in ("removed", "mean", "oracle")
        for measure in ("type", "surprise")
        for units in ("best units", "random units")
        for k in (0, 1, 5, 10)
    )  # fmt: skip


def test_a_page_can_show_them(shares, losses, check):
    check(charts.held_shares(shares))
    check(charts.ablations(losses))


def test_menus_pick_rows(shares, drawn):
    towards, published = (drawn(charts.held_shares(shares), held_pick=held) for held in ("active", "+1"))
    assert "50%" in towards and "50%" not in published
    menus = [parameter["bind"]["labels"] for parameter in charts.held_shares(shares).to_dict()["params"]]
    assert menus == [["digit", "digit next"], ["towards their sign", "at +1, as published"]]


def test_the_level_without_units_is_drawn(shares, drawn):
    assert "No unit held: 30.0%" in drawn(charts.held_shares(shares))


def test_the_axis_says_what_is_measured(losses, drawn):
    assert "Accuracy of the next character&#x27;s type" in drawn(charts.ablations(losses)).replace("'", "&#x27;")
    assert "Surprise at the next character (bits)" in drawn(charts.ablations(losses), measure_pick="surprise")


def test_it_is_said_what_the_share_is_of(shares, drawn):
    shares["measure"] = shares["feature"].map({"digit": "digit", "digit next": "terminator"})
    chart = charts.held_shares(shares)
    assert "Share of characters: digit" in drawn(chart)
    assert "Share of characters: terminator" in drawn(chart, feature_pick="digit next")


def test_each_kind_of_units_has_its_shape(losses, drawn):
    svg = drawn(charts.ablations(losses))
    points = re.findall(r'<path[^>]*aria-roledescription="point"[^>]*>', svg)
    assert len(points) == 8
    assert len({re.search(r' d="([^"]*)"', point).group(1) for point in points}) == 2


def test_descriptions_say_the_numbers(shares, losses):
    assert "30 % as it is" in charts.held_shares(shares).to_dict()["description"]
    said = charts.ablations(losses).to_dict()["description"]
    assert "best units 10: 0.700" in said and "Frequencies alone give 0.400" in said


def test_a_missing_column_is_said(shares, losses):
    with pytest.raises(ValueError, match="free"):
        charts.held_shares(shares.drop(columns="free"))
    with pytest.raises(ValueError, match="base"):
        charts.ablations(losses.drop(columns="base"))
