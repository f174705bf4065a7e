"""Plans of a lesson: what is done in which minute, from one file that tables, charts and tests read.

A file (``book/plans.toml``) holds plans, each a list of steps that follow each other without a gap, the answers to
expect in their exercises, and misconceptions. What an exercise is called, how hard it is and how much it matters is not
repeated there: it stands in its chapter.

Easy to get wrong: a step on an exercise must leave the minutes that the exercise says it takes; one that does not is an
error here and not a surprise in class.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reading_neurons.teaching.exercises import IMPORTANCES

KINDS = ("questions", "picture", "exercise", "discussion", "break")


@dataclass(frozen=True)
class Plans:
    """What a teacher's file says.

    Attributes
    ----------
    steps : DataFrame
        One row per step: ``plan``, ``start``, ``end``, ``minutes``, ``kind``, ``what``, ``page`` and ``place`` (to link
        to; empty for a break), ``exercise`` (its label, or empty), ``difficulty``, ``importance``, ``learners`` (what
        they do), ``watch`` (what the teacher looks out for).
    goals : DataFrame
        One row per plan: ``plan``, ``goal``, ``minutes``.
    answers : DataFrame
        One row per exercise of the plans: ``page``, ``chapter``, ``exercise``, ``title``, ``expected``, ``wrong`` (a
        typical wrong answer), ``reveals`` (what it tells of the learner's idea).
    misconceptions : DataFrame
        ``belief``, ``truth``, ``page``, ``place``, ``look`` (which cell or chart there).
    """

    steps: pd.DataFrame
    goals: pd.DataFrame
    answers: pd.DataFrame
    misconceptions: pd.DataFrame


def read(path: Path | str, exercises: pd.DataFrame) -> Plans:
    """Read a file of plans against the exercises that there are.

    Parameters
    ----------
    path : path
        A TOML file.
    exercises : DataFrame
        As :func:`reading_neurons.teaching.exercises.exercises` gives it.

    Raises
    ------
    ValueError
        If minutes do not add up to what a plan promises, a step is of no known kind or importance, an exercise does not
        exist, gets fewer minutes than it needs, or has no answer.

    Examples
    --------
    >>> from reading_neurons.teaching.exercises import exercises
    >>> plans = read("book/plans.toml", exercises("book"))
    >>> plans.steps.groupby("plan", sort=False)["end"].max().to_dict()
    {'90 minutes': 90, 'half a day': 240}
    """
    said = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    known = exercises.set_index("label", drop=False)
    rows = [row for plan in said["plan"] for row in _steps(plan, known)]
    steps = pd.DataFrame(rows)
    return Plans(
        steps,
        pd.DataFrame([{"plan": one["name"], "goal": one["goal"], "minutes": one["minutes"]} for one in said["plan"]]),
        _answers(said.get("answers", {}), steps, known),
        pd.DataFrame(said.get("misconception", []), columns=["belief", "truth", "page", "place", "look"]),
    )


def captions(plans: Plans) -> dict[str, str]:
    """For each plan its goal, and what remains of its minutes where time is short.

    Examples
    --------
    >>> steps = pd.DataFrame({"plan": "a", "importance": ["core", "useful"], "minutes": [10, 5]})
    >>> goals = pd.DataFrame({"plan": ["a"], "goal": ["To see."], "minutes": [15]})
    >>> captions(Plans(steps, goals, steps, steps))
    {'a': 'To see. 15 minutes; 10 with the core alone.'}
    """
    core = plans.steps.query("importance == 'core'").groupby("plan")["minutes"].sum()
    return {
        row.plan: f"{row.goal} {row.minutes} minutes; {core[row.plan]} with the core alone."
        for row in plans.goals.itertuples()
    }


def timed(steps: pd.DataFrame) -> pd.DataFrame:
    """Steps with a column ``when``: from which minute to which, of what kind, and how much they matter.

    Examples
    --------
    >>> steps = pd.DataFrame({"start": [5], "end": [15], "kind": ["picture"], "importance": ["core"]})
    >>> timed(steps)["when"].item()
    '5 to 15: picture, core'
    """
    minutes = steps["start"].astype(str) + " to " + steps["end"].astype(str)
    return steps.assign(when=minutes + ": " + steps["kind"] + ", " + steps["importance"])


def notes_of(path: Path | str) -> dict[str, str]:
    """What a teacher's notebook says before the solution of an exercise, in Markdown, by the exercise's label.

    Examples
    --------
    >>> print(notes_of("book/plans.toml")["saliency-twice"].splitlines()[0])
    > **For the teacher**
    """
    said = tomllib.loads(Path(path).read_text(encoding="utf-8")).get("answers", {})
    text = "> **For the teacher**\n>\n> Expect: {expected}\n>\n> Be ready for: {wrong}\n>\n> {reveals}"
    return {label: text.format(**one) for label, one in said.items()}


def _steps(plan: dict[str, Any], known: pd.DataFrame) -> list[dict[str, Any]]:
    rows, now = [], 0
    for number, step in enumerate(plan["steps"], 1):
        where = f"plan {plan['name']!r}, step {number}"
        if step["kind"] not in KINDS:
            raise ValueError(f"{where}: found the kind {step['kind']!r}, expected one of {', '.join(KINDS)}")
        full = _of_exercise(step, known, where) if step["kind"] == "exercise" else _of_page(step, where)
        rows.append({"plan": plan["name"], "start": now, "end": now + step["minutes"], **full})
        now += step["minutes"]
    if now != plan["minutes"]:
        raise ValueError(f"plan {plan['name']!r}: its steps take {now} minutes, it promises {plan['minutes']}")
    return rows


def _of_exercise(step: dict[str, Any], known: pd.DataFrame, where: str) -> dict[str, Any]:
    if step.get("exercise") not in known.index:
        raise ValueError(f"{where}: no chapter has an exercise labelled {step.get('exercise')!r}")
    one = known.loc[step["exercise"]]
    if step["minutes"] < one["minutes"]:
        raise ValueError(
            f"{where}: {step['minutes']} minutes for {step['exercise']!r}, which takes {one['minutes']}; "
            "give it its minutes or choose a shorter one"
        )
    return {
        "minutes": step["minutes"], "kind": "exercise", "what": one["title"], "page": one["page"],
        "place": one["label"], "exercise": one["label"], "difficulty": one["difficulty"], "importance": one["importance"],
        "learners": step["learners"], "watch": step["watch"],
    }  # fmt: skip


def _of_page(step: dict[str, Any], where: str) -> dict[str, Any]:
    if step.get("importance") not in IMPORTANCES:
        found = step.get("importance")
        raise ValueError(f"{where}: found the importance {found!r}, expected {', '.join(IMPORTANCES)}")
    return {
        "minutes": step["minutes"], "kind": step["kind"], "what": step["what"], "page": step.get("page", ""),
        "place": step.get("place", ""), "exercise": "", "difficulty": "", "importance": step["importance"],
        "learners": step["learners"], "watch": step["watch"],
    }  # fmt: skip


def _answers(said: dict[str, dict[str, str]], steps: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    used = list(dict.fromkeys(label for label in steps["exercise"] if label))
    if missing := [label for label in used if label not in said]:
        raise ValueError(f"the plans use exercises without an expected answer: {', '.join(missing)}")
    if spare := [label for label in said if label not in used]:
        raise ValueError(f"there are answers to exercises of no plan: {', '.join(spare)}")
    order = [label for label in known.index if label in used]
    places = known.loc[order, ["page", "chapter", "title"]].to_dict(orient="records")
    rows = zip(order, places, strict=True)
    return pd.DataFrame([{"exercise": label, **place, **said[label]} for label, place in rows])
