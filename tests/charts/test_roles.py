"""One word in each of its roles, and effects of roles and places."""

import re

import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def roles():
    return pd.DataFrame(
        {
            "word": word, "deprel": label, "count": 10 * (number + 1), "median": 0.1 * number, "low": 0.1 * number - 0.01,
            "high": 0.1 * number + 0.01, "p5": 0.05 * number, "q1": 0.08 * number, "q3": 0.12 * number, "p95": 0.2 * number,
        }
        for word, labels in (("dog", ("pobj", "zzz", "nn", "nsubj")), ("clock", ("nn", "nsubj")))
        for number, label in enumerate(labels)
    )  # fmt: skip


@pytest.fixture
def estimates():
    levels = [("deprel", "nsubj", "pobj", 0.2), ("deprel", "conj", "pobj", -0.1), ("position", "first", "middle", 0.01), ("position", "last", "middle", 0.1)]  # fmt: skip
    return pd.DataFrame(
        {
            "term": term, "level": level, "reference": reference, "estimate": sign * value, "low": sign * value - 0.02,
            "high": sign * value + 0.02, "count": 100, "pathway": pathway, "fit": fit,
        }
        for pathway, sign in (("visual", 1), ("textual", -1))
        for fit in ("robust", "mixed")
        for term, level, reference, value in levels
    )  # fmt: skip


def test_pages_can_show_them(roles, estimates, check):
    check(charts.scores_by_role(roles))
    check(charts.scores_by_role(roles[roles["word"] == "clock"]))
    check(charts.effects(estimates))
    check(charts.effects(estimates.query("fit == 'robust' and pathway == 'visual'").drop(columns=["fit", "pathway"])))


def test_a_menu_picks_the_word_and_roles_keep_their_order(roles, drawn):
    chart = charts.scores_by_role(roles)
    menu = next(p for p in chart.to_dict()["params"] if p["name"] == "role_word")
    assert menu["bind"]["options"] == ["dog", "clock"] and menu["value"] == "dog"
    svg = drawn(chart)
    places = [svg.index(f">{label}<") for label in ("nsubj", "pobj", "nn", "zzz")]
    assert places == sorted(places)
    other = drawn(chart, role_word="clock")
    assert ">pobj<" not in other and "n = 20" in other and "n = 40" not in other


def test_they_hold_what_the_tables_held(roles, estimates, rows):
    held = pd.DataFrame(rows(charts.scores_by_role(roles)))
    assert held["median"].tolist() == pytest.approx(roles["median"].tolist())
    shown = pd.DataFrame([row for row in rows(charts.effects(estimates)) if "estimate" in row])
    assert shown["estimate"].tolist() == pytest.approx(estimates["estimate"].tolist())


def test_effects_show_one_pathway_at_a_time(estimates, drawn):
    chart = charts.effects(estimates)
    marks = [len(re.findall(colour, drawn(chart, effect_pathway=name))) for name in ("visual", "textual") for colour in ("#d55e00", "#0072b2")]
    assert marks[0] and marks[3] and not marks[1] and not marks[2]
    assert "mixed model" in drawn(chart) and "errors by image" in drawn(chart)
    only = charts.effects(estimates, pathways=["textual"])
    assert "bind" not in next(p for p in only.to_dict()["params"] if p["name"] == "effect_pathway")


def test_the_reference_is_said(estimates):
    chart = charts.effects(estimates)
    assert "as pobj and in place middle" in chart.description and "as nsubj +0.200" in chart.description
    assert "Medians of 'dog': pobj 0.00" not in chart.description


def test_roles_come_by_size_and_places_in_order(estimates, drawn):
    svg = drawn(charts.effects(estimates))
    places = [svg.index(f">{name}<") for name in ("as nsubj", "as conj", "in place first", "in place last")]
    assert places == sorted(places)


def test_a_missing_column_is_an_error(roles, estimates):
    with pytest.raises(ValueError, match="q1"):
        charts.scores_by_role(roles.drop(columns="q1"))
    with pytest.raises(ValueError, match="reference"):
        charts.effects(estimates.drop(columns="reference"))


def test_roles_of_every_word_have_room_from_the_start(roles):
    longest = max(roles["deprel"], key=len)
    spec = charts.scores_by_role(roles).to_dict()
    extents = [layer["encoding"]["y"]["axis"]["minExtent"] for layer in spec["layer"] if "y" in layer["encoding"]]
    assert extents and min(extents) > 7 * len(longest)
