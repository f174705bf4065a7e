"""A plan and exercises over minutes."""

import pandas as pd
import pytest

from reading_neurons import charts
from reading_neurons.teaching.exercises import by_importance


@pytest.fixture
def steps():
    rows = [
        ("short", 0, 5, "questions", "Ask", "teaching", "core"), ("short", 5, 15, "exercise", "Twice", "heat-map", "useful"),
        ("short", 15, 20, "break", "Rest", "", "extra"), ("long", 0, 200, "picture", "Look", "heat-map", "core"),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["plan", "start", "end", "kind", "what", "page", "importance"])
    return table.assign(minutes=table["end"] - table["start"], learners="They look.")


@pytest.fixture
def exercises():
    rows = [("Early", "heat", "extra", 10), ("Late", "cold-water", "core", 20), ("Never", "cold-water", "useful", 500)]
    table = pd.DataFrame(rows, columns=["title", "page", "importance", "minutes"])
    return by_importance(table.assign(chapter="A chapter", difficulty="easy"))


def test_a_plan_shows_its_own_steps_and_an_exercise_names_its_page(steps, drawn):
    short, long = (drawn(charts.plan_timeline(steps), plan_pick=plan) for plan in ("short", "long"))
    for name in ("Ask (5 min)", "Heat map: Twice (10 min)", "Rest (5 min)"):
        assert name in short and name not in long
    assert "Look (200 min)" in long


def test_what_matters_less_can_be_left_out(steps, drawn):
    core = drawn(charts.plan_timeline(steps), keep_pick=0)
    assert "Ask (5 min)" in core and "Twice" not in core and "Rest (5 min)" not in core
    useful = drawn(charts.plan_timeline(steps), keep_pick=1)
    assert "Twice" in useful and "Rest (5 min)" not in useful


def test_the_description_tells_the_first_plan(steps):
    said = charts.plan_timeline(steps).to_dict()["description"]
    assert "minute 5: Twice (exercise, useful)" in said and "Look" not in said


def test_exercises_come_by_importance_and_are_filled_as_far_as_the_minutes_reach(exercises, drawn):
    chart = charts.chosen_exercises(exercises.assign(end=[20, 520, 30]), minutes=20)
    filled = [drawn(chart, minutes_pick=minutes).count('fill-opacity="1"') for minutes in (15, 20, 30)]
    assert filled[1] == filled[0] + 1 and filled[2] == filled[1] + 1
    said = chart.to_dict()["description"]
    assert "Cold water: Late" in said and "Early" not in said


def test_exercises_that_never_fit_are_not_carried(exercises, rows, drawn):
    everything = charts.chosen_exercises(exercises.assign(end=[20, 520, 30]), most=240)
    assert {row["title"] for row in rows(everything)} == {"Late", "Early"}
    assert "Heat: Early (10 min)" in drawn(everything, minutes_pick=240)


@pytest.mark.parametrize("chart", [charts.plan_timeline, charts.chosen_exercises])
def test_a_table_without_its_columns_is_refused(chart):
    with pytest.raises(ValueError, match="the chart needs the columns"):
        chart(pd.DataFrame({"what": ["Look"]}))
