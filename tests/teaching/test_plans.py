"""Plans of a lesson, checked against the exercises that there are."""

import pandas as pd
import pytest

from reading_neurons.teaching.plans import captions, notes_of, read

PLANS = """
[[plan]]
name = "short"
goal = "To see."
minutes = 25
steps = [
  {minutes = 5, kind = "questions", what = "Ask", page = "teaching", place = "five", importance = "core", learners = "Write.", watch = "Hands."},
  {minutes = 10, kind = "exercise", exercise = "heat-twice", learners = "Run.", watch = "Sums."},
  {minutes = 10, kind = "break", what = "Break", importance = "useful", learners = "Rest.", watch = ""},
]

[answers.heat-twice]
expected = "Two."
wrong = "One."
reveals = "Not counted."

[[misconception]]
belief = "Hot is good."
truth = "It depends."
page = "heat"
place = "where-it-misleads"
look = "the chart"
"""


@pytest.fixture
def exercises():
    rows = [("heat", "Heat", "heat-twice", "Twice", "easy", 5, "core", "Do."), ("heat", "Heat", "heat-long", "Long", "hard", 15, "extra", "Do.")]
    columns = ["page", "chapter", "label", "title", "difficulty", "minutes", "importance", "task"]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture
def planned(tmp_path, exercises):
    def write(old="", new=""):
        assert old in PLANS
        (tmp_path / "plans.toml").write_text(PLANS.replace(old, new, 1) if old else PLANS, encoding="utf-8")
        return read(tmp_path / "plans.toml", exercises)

    return write


def test_steps_follow_each_other_and_take_from_the_exercise_what_it_says(planned):
    steps = planned().steps
    assert steps["start"].tolist() == [0, 5, 15] and steps["end"].tolist() == [5, 15, 25]
    exercise = steps.iloc[1]
    assert (exercise["what"], exercise["page"], exercise["place"]) == ("Twice", "heat", "heat-twice")
    assert (exercise["difficulty"], exercise["importance"], exercise["minutes"]) == ("easy", "core", 10)
    assert steps.iloc[2]["page"] == ""


def test_answers_and_misconceptions_are_read(planned):
    plans = planned()
    assert plans.answers.iloc[0].to_dict() == {
        "exercise": "heat-twice", "page": "heat", "chapter": "Heat", "title": "Twice", "expected": "Two.",
        "wrong": "One.", "reveals": "Not counted.",
    }  # fmt: skip
    assert plans.misconceptions["belief"].tolist() == ["Hot is good."]
    assert captions(plans) == {"short": "To see. 25 minutes; 15 with the core alone."}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("minutes = 25", "minutes = 30", "its steps take 25 minutes, it promises 30"),
        ('kind = "break"', 'kind = "nap"', "step 3: found the kind 'nap', expected one of questions"),
        ('importance = "useful"', 'importance = "high"', "step 3: found the importance 'high', expected core"),
        ('exercise = "heat-twice"', 'exercise = "heat-once"', "no chapter has an exercise labelled 'heat-once'"),
        ('exercise = "heat-twice"', 'exercise = "heat-long"', "10 minutes for 'heat-long', which takes 15"),
        ("[answers.heat-twice]", "[answers.heat-long]", "without an expected answer: heat-twice"),
        ("[[misconception]]", '[answers.heat-long]\nexpected = ""\n[[misconception]]', "exercises of no plan: heat-long"),
    ],
)
def test_a_plan_that_does_not_hold_together_is_refused(planned, old, new, message):
    with pytest.raises(ValueError, match=message):
        planned(old, new)


def test_a_teachers_note_is_one_quotation(tmp_path, planned):
    planned()
    (note,) = notes_of(tmp_path / "plans.toml").values()
    assert all(line.startswith(">") for line in note.splitlines())
    assert "Two." in note and "One." in note and "Not counted." in note
