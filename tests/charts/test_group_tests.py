"""How far single units and groups are driven, and what members held out gain."""

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts


def targets(count, corpus, default, pathway="visual"):
    rng = np.random.default_rng(count)
    return pd.DataFrame(
        {
            "pathway": pathway, "corpus words": "a dog", "default words": "dog dog",
            "corpus": corpus + 0.01 * rng.random(count), "default": default + 0.01 * rng.random(count),
        }
    )  # fmt: skip


def test_each_target_and_method_is_a_row(check, rows):
    single = pd.concat([targets(8, 0.9, 0.98), targets(8, 0.8, 0.97, "textual")])
    groups = pd.concat([targets(5, 0.5, 0.7), targets(5, 0.4, 0.6, "textual")])
    chart = charts.driven(single, groups)
    check(chart)
    held = pd.DataFrame(rows(chart))
    points, medians = held[held["median"].isna()], held[held["median"].notna()]
    assert points.groupby("target", sort=False).size().to_dict() == {
        "single units, corpus search": 16, "single units, default": 16,
        "groups, corpus search": 10, "groups, default": 10,
    }  # fmt: skip
    found = medians.set_index(["target", "pathway"])["median"]
    textual = groups.loc[groups["pathway"] == "textual", "default"]
    assert found["groups, default", "textual"] == pytest.approx(textual.median(), abs=1e-3)
    assert "groups, default: visual 0.7" in chart.to_dict()["description"]
    with pytest.raises(ValueError, match="needs the column corpus words"):
        charts.driven(single, groups.drop(columns="corpus words"))


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame({"pathway": pathway, "what": what, "group": range(6), "words": "a dog", "case": case,
                      "seen": 0.6 + 0.1 * rng.random(6), "held_out": gain + 0.1 * rng.random(6)})
        for case in ("trained", "untrained")
        for pathway in ("visual", "textual")
        for what, gain in (("groups", 0.4), ("random", 0.0))
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def test_random_groups_are_grey_and_a_menu_picks_the_case(table, check, drawn):
    chart = charts.held_out_members(table)
    check(chart)
    svg = drawn(chart)
    assert svg.count("#949494") >= 12 and svg.count("#d55e00") >= 6
    assert drawn(chart, shown="untrained") != svg
    assert chart.to_dict()["params"][0]["bind"]["options"] == ["trained", "untrained"]
    assert "visual groups 0.4" in chart.to_dict()["description"] and "random 0.0" in chart.to_dict()["description"]


def test_what_is_planted_has_the_colour_of_the_text(table):
    planted = table.assign(pathway=table["pathway"].replace("textual", "planted"))
    scale = charts.held_out_members(planted).to_dict()["layer"][-1]["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True))["planted"] == "currentColor"


def test_one_case_needs_no_menu(table):
    chart = charts.held_out_members(table[table["case"] == "trained"])
    assert "bind" not in chart.to_dict()["params"][0]
    with pytest.raises(ValueError, match="empty table"):
        charts.held_out_members(table[:0])
