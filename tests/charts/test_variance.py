"""The charts of variance: what they hold, and what they refuse."""

import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def shares():
    return pd.DataFrame(
        [
            (name, state, 0.3 if state == "trained" else 0.17, 0.16, 0.14 if state == "trained" else 0.01, low, high)
            for name in ("lstm", "recurrent")
            for state, low, high in (("trained", 0.12, 0.16), ("untrained", -0.01, 0.02), ("difference", 0.1, 0.2))
        ],
        columns=["pathway", "network", "share", "chance", "mean", "low", "high"],
    )


@pytest.fixture
def bands():
    return pd.DataFrame(
        [
            (name, state, band, kind, 2.0 if kind == "neutral" else 1.0 + state.startswith("t"), 0.9, 2.1, 70)
            for name in ("lstm", "recurrent")
            for state in ("trained", "untrained")
            for band in ("once", "2 to 4")
            for kind in ("bears sentiment", "neutral")
        ],
        columns=["pathway", "network", "band", "kind", "mean", "low", "high", "count"],
    )


def test_pages_can_show_them(shares, bands, check):
    check(charts.shares_on_words(shares))
    check(charts.variance_by_frequency(bands))


def test_shares_stand_beside_their_chance_and_differences_are_not_drawn(shares, rows, drawn):
    chart = charts.shares_on_words(shares)
    held = pd.DataFrame(rows(chart))
    assert held["pathway"].tolist() == ["lstm", "untrained lstm", "recurrent", "untrained recurrent"]
    first = held.iloc[0]
    assert (first["_from"], first["_to"]) == pytest.approx((0.28, 0.32))
    assert "trained lstm 30.0% where chance is 16.0%" in chart.description
    assert drawn(chart).count(">untrained<") == 2


def test_menus_pick_network_and_weights(bands, drawn):
    chart = charts.variance_by_frequency(bands)
    before, after = drawn(chart), drawn(chart, state_pick="untrained")
    assert before != after
    assert [len(param["bind"]["options"]) for param in chart.to_dict()["params"] if "bind" in param] == [2, 2]


def test_a_missing_column_is_an_error(shares, bands):
    with pytest.raises(ValueError, match="needs the column chance"):
        charts.shares_on_words(shares.drop(columns="chance"))
    with pytest.raises(ValueError, match="needs the column band"):
        charts.variance_by_frequency(bands.drop(columns="band"))
