"""A lesson as a line of minutes, and the exercises that fit into any number of them.

Easy to get wrong: importance by colour alone. A bar of what matters most is filled and the others are pale; a
menu leaves out what matters less; the table under the chart says it in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from reading_neurons.charts import style
from reading_neurons.teaching.exercises import IMPORTANCES
from reading_neurons.teaching.plans import KINDS

_KINDS = dict(zip(KINDS, ("#8a6bb8", "#0072b2", "#d55e00", "#009e73", "#949494"), strict=True))
_IMPORTANCES = dict(zip(IMPORTANCES, ("#d55e00", "#0072b2", "#949494"), strict=True))
_WEIGHTS = {"core": 1.0, "useful": 0.55, "extra": 0.25}
_ROW = 27  # pixels of a step: its name above its bar
_LETTER = 6.6  # pixels of a letter of a name


def plan_timeline(steps: pd.DataFrame, title: str = "A lesson, minute by minute") -> alt.LayerChart:
    """Each step of a plan to pick as a bar over the minutes it takes.

    Parameters
    ----------
    steps : DataFrame
        ``plan``, ``start``, ``end``, ``minutes``, ``kind``, ``what``, ``page``, ``importance``, ``learners``; as
        :class:`reading_neurons.teaching.plans.Plans` holds them.
    title : str

    Returns
    -------
    altair.LayerChart
        With a menu of plans and one of what to keep where time runs out.

    Raises
    ------
    ValueError
        If a column is missing, or there is no step.
    """
    style.require(steps, "plan", "start", "end", "minutes", "kind", "what", "page", "importance", "learners")
    columns = ["plan", "start", "end", "minutes", "kind", "what", "importance", "learners"]
    names = steps["what"].mask(steps["kind"] == "exercise", _with_page(steps["page"], steps["what"]))
    rows = _named(steps[columns], names).assign(keep=steps["importance"].map(IMPORTANCES.index))
    plans = style.in_order(rows["plan"])
    kept = {2: "everything", 1: "core and useful", 0: "core alone"}
    seen = {"what": "Step", "kind": "Kind", "minutes": "Minutes", "start": "From minute", "importance": "Importance",
            "learners": "Learners"}  # fmt: skip
    base = alt.Chart(rows).transform_filter("datum.plan == plan_pick && datum.keep <= keep_pick").encode(
        y=alt.Y("order:O", axis=None, scale=alt.Scale(paddingInner=0)), tooltip=style.tooltip(rows, seen)
    )
    return alt.layer(*_bars(base, KINDS, _KINDS, "kind", f"{_WEIGHTS}[datum.importance]")).add_params(
        style.menu("plan_pick", "Plan", dict(zip(plans, plans, strict=True)), plans[0]),
        style.menu("keep_pick", "Keep", kept, 2),
    ).properties(
        title=style.heading(title, "Filled: core. Paler: useful. Palest: extra. Point at a bar for what learners do."),
        description=_said_plan(rows[rows["plan"] == plans[0]]),
        width="container",
        height=rows["plan"].value_counts().max() * _ROW,
    )  # fmt: skip


def chosen_exercises(
    table: pd.DataFrame, title: str = "The exercises for your minutes", minutes: int = 60, most: int = 240
) -> alt.LayerChart:
    """The exercises that fit into minutes to pick, the most important first.

    Parameters
    ----------
    table : DataFrame
        ``title``, ``page``, ``chapter``, ``difficulty``, ``importance``, ``minutes``, ``start``, ``end``; as
        :func:`reading_neurons.teaching.exercises.by_importance` gives it.
    title : str
    minutes : int
        With which the slider begins.
    most : int
        Where it ends.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing, or no exercise fits into the most minutes.
    """
    style.require(table, "title", "page", "chapter", "difficulty", "importance", "minutes", "start", "end")
    columns = ["title", "page", "chapter", "difficulty", "importance", "minutes", "start", "end"]
    rows = table.loc[table["end"] <= most, columns]
    style.require(rows)
    rows = _named(rows, _with_page(rows["page"], rows["title"]))
    slider = alt.param(name="minutes_pick", value=minutes,
                       bind=alt.binding_range(min=15, max=most, step=5, name="Minutes "))  # fmt: skip
    seen = {"title": "Exercise", "chapter": "Chapter", "difficulty": "Difficulty", "minutes": "Minutes",
            "importance": "Importance"}  # fmt: skip
    base = alt.Chart(rows).encode(
        y=alt.Y("order:O", axis=None, scale=alt.Scale(paddingInner=0)), tooltip=style.tooltip(rows, seen)
    )
    until = alt.Chart(rows.head(1)).mark_rule(strokeDash=[4, 3]).encode(
        x=style.pixels("scale('x', minutes_pick)"), color=alt.value(style.INK)
    )  # fmt: skip
    there = [name for name in IMPORTANCES if name in set(rows["importance"])]
    bars = _bars(base, there, _IMPORTANCES, "importance", "datum.end <= minutes_pick ? 1 : 0")
    fit = rows[rows["end"] <= minutes]
    return alt.layer(*bars, until).add_params(slider).properties(
        title=style.heading(title, "Filled: what fits. Core ones first, then useful ones, in the book's order."),
        description=f"Exercises for {minutes} minutes; a slider picks others. " + "; ".join(fit["name"]) + ".",
        width="container",
        height=len(rows) * _ROW,
    )  # fmt: skip


def _bars(
    base: alt.Chart, kinds: Sequence[str], colours: Mapping[str, str], column: str, filled: str
) -> list[alt.Chart]:
    """Bars over minutes, each below its name, filled as strongly as an expression says."""
    x = alt.X("start:Q", title="Minutes from the start", scale=alt.Scale(nice=False))
    scale = alt.Scale(domain=list(kinds), range=[colours[kind] for kind in kinds])
    bar = base.mark_bar(height=10, yOffset=8, cornerRadius=2).encode(
        x=x,
        x2="end:Q",
        color=alt.Color(f"{column}:N", scale=scale, legend=style.legend()),
        fillOpacity=style.pixels(filled),
    )
    frame = base.mark_bar(height=10, yOffset=8, cornerRadius=2, filled=False, strokeWidth=1.5).encode(
        x=x, x2="end:Q", stroke=style.pixels(f"{dict(colours)}[datum.{column}]")
    )
    # A name begins where its bar does, or as much before as it needs to end on the chart.
    fits = f"width - {_LETTER} * length(datum.name)"
    name = base.mark_text(align="left", dy=-7, fontSize=12, baseline="middle", limit=alt.ExprRef(expr="width")).encode(
        x=style.pixels(f"max(0, min(scale('x', datum.start), {fits}))"), text="name:N", color=alt.value(style.INK)
    )
    return [bar, frame, name]


def _named(rows: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Rows with what is written above each bar."""
    return rows.assign(name=names + " (" + rows["minutes"].astype(str) + " min)", order=range(len(rows)))


def _with_page(pages: pd.Series, titles: pd.Series) -> pd.Series:
    # An exercise's title says little away from its chapter, and chapters' titles are long.
    return pages.str.replace("-", " ").str.capitalize() + ": " + titles


def _said_plan(rows: pd.DataFrame) -> str:
    steps = "; ".join(f"minute {row.start}: {row.what} ({row.kind}, {row.importance})" for row in rows.itertuples())
    return f"Steps of the plan {rows['plan'].iloc[0]} over its minutes; a menu picks another plan. {steps}."
