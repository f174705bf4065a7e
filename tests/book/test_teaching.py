"""The teacher's plans against the book that there is."""

import re

import pytest

from reading_neurons.teaching.exercises import exercises
from reading_neurons.teaching.plans import read


@pytest.fixture(scope="module")
def plans(root):
    return read(root / "book" / "plans.toml", exercises(root / "book"))


def places(root, page):
    """What can be linked to on a page: its exercises, and its sections as Sphinx names them."""
    text = (root / "book" / f"{page}.md").read_text(encoding="utf-8")
    sections = re.findall(r"^##+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") for title in sections} | set(re.findall(r":label: (\S+)", text))


def test_every_step_and_misconception_leads_to_a_place_in_the_book(root, plans):
    for table in (plans.steps.query("page != ''"), plans.misconceptions):
        for page, place in zip(table["page"], table["place"], strict=True):
            assert place in places(root, page), f"{page} has no section or exercise {place!r}"


def test_half_of_a_plan_is_the_learners_and_nobody_waits_long(plans):
    for name, steps in plans.steps.groupby("plan"):
        doing = steps.loc[steps["kind"].isin(["exercise", "discussion", "questions"]), "minutes"].sum()
        assert doing >= steps["minutes"].sum() * 0.4, name
        assert steps["minutes"].max() <= 15, "nothing takes longer than a quarter of an hour"


def test_a_plan_starts_and_ends_with_the_questions(plans):
    for _, steps in plans.steps.groupby("plan"):
        assert steps["kind"].iloc[0] == steps["kind"].iloc[-1] == "questions"
    assert plans.steps.query("kind == 'exercise'")["minutes"].sum() > 0


def test_there_are_many_misconceptions_and_none_twice(plans):
    assert len(plans.misconceptions) >= 8
    assert plans.misconceptions["belief"].is_unique
