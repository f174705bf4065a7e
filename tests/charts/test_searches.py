"""The chart of searches: its lines, its menu, and what it refuses."""

import pandas as pd
import pytest

from reading_neurons import charts


def progress(methods=("published", "default"), cases=("visual outputs", "textual units")):
    return pd.DataFrame(
        [
            {"case": case, "method": method, "evaluations": 10**power, "activation": height + 0.1 * power}
            for height, case in enumerate(cases)
            for method in methods
            for power in range(2, 7 if method == "published" else 4)
        ]
    )


def test_a_line_for_each_search_on_a_logarithmic_axis():
    chart = charts.searches(progress(), title="Found").to_dict()
    line = chart["layer"][0]
    assert line["mark"]["interpolate"] == "step-after"
    assert line["encoding"]["x"]["scale"]["type"] == "log"
    assert line["encoding"]["color"]["scale"]["domain"] == ["default", "published"]
    assert len(line["encoding"]["strokeDash"]["scale"]["range"]) == 2
    assert "visual outputs: published 0.6 after 1,000,000, default 0.3 after 1,000" in chart["description"]


def test_a_menu_picks_the_case_and_one_case_needs_none():
    (menu,) = charts.searches(progress()).to_dict()["params"]
    assert menu["bind"]["options"] == ["visual outputs", "textual units"] and menu["value"] == "visual outputs"
    alone = progress(cases=("visual",)).rename(columns={"case": "pathway"})
    (value,) = charts.searches(alone).to_dict()["params"]
    assert "bind" not in value and value["value"] == "visual"


def test_a_point_ends_each_line():
    condition = charts.searches(progress()).to_dict()["layer"][1]["transform"][0]["filter"]
    assert condition.count("datum.method == ") == 4 and "datum.evaluations >= 999900" in condition


def test_what_cannot_be_drawn_is_an_error():
    with pytest.raises(ValueError, match="needs the column activation"):
        charts.searches(progress().drop(columns="activation"))
    with pytest.raises(ValueError, match="found 6 searches, expected at most 5: leave some out"):
        charts.searches(progress(methods=tuple("abcdef")))
