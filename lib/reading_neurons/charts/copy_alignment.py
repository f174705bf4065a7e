"""Does an autoencoder look where it copies from? Shares of steps and of words, each beside chance (Li et al. 2016).

Easy to get wrong: which of two questions is asked. "Is the word that is copied the strongest of this step?" and "Is
this word at its strongest when it is copied?" have answers far apart; each has a row of its own.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

MEASURES = {"hit": "the strongest is its own", "near": "the strongest is its own or a neighbour"}
_ROWS = {"step": "each step:|its word", "word": "each word:|its step"}
_STATES = 22  # height of a mark's own line
_ROOM = 26  # around the lines of a row


def copy_alignment(table: pd.DataFrame, title: str = "Does it look where it copies from?") -> alt.LayerChart:
    """How often the aligned word of a step, and the aligned step of a word, is the strongest; a menu picks the measure.

    Parameters
    ----------
    table : DataFrame
        One row per network, question and measure: ``pathway`` (the network), ``along`` ("step" or "word"), ``measure``
        ("hit" or "near"; others are left out), ``place`` (only -1, over all, is drawn), ``mean``, ``low``, ``high``
        (95 %), ``chance``, ``count``; as :func:`reading_neurons.experiments.autoencoder.aligned` gives it. With a
        column ``method`` each way to ask has rows of its own.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing, or no row is to be drawn.

    Examples
    --------
    >>> table = pd.DataFrame({"pathway": "autoencoder", "along": ["step", "word"], "measure": "hit", "place": -1,
    ...                       "mean": [0.1, 0.5], "low": 0.1, "high": 0.5, "chance": 0.08, "count": 90})
    >>> copy_alignment(table).description
    'Shares of steps and words beside chance. Each step, its word: autoencoder 0.10, by chance 0.08. Each word, its
    step: autoencoder 0.50, by chance 0.08.'
    """
    style.require(table, "pathway", "along", "measure", "place", "mean", "low", "high", "chance", "count")
    kept = table[(table["place"] == -1) & table["measure"].isin(MEASURES) & table["along"].isin(_ROWS)]
    if kept.empty:
        raise ValueError("found no share of all steps or words (place -1, measure hit or near): give it those")
    label = kept["along"].map(_ROWS) + ("|by " + kept["method"] if "method" in kept else "")
    rows = style.drawable(kept.assign(row=label))
    pathways, labels = style.in_order(rows["pathway"]), style.in_order(rows["row"])
    measures = {name: MEASURES[name] for name in style.in_order(rows["measure"])}
    return (
        alt.layer(*_marks(pathways, labels))
        .properties(data=rows, width="container", height=len(labels) * (_ROOM + _STATES * len(pathways)))
        .transform_filter("datum.measure == measure_pick")
        .add_params(style.menu("measure_pick", "Counted if", measures, next(iter(measures))))
        .properties(
            title=style.heading(title, "Upright tick: by chance. Line: 95\N{NO-BREAK SPACE}% interval."),
            description=f"Shares of steps and words beside chance. {_said(rows, pathways, labels)}",
            padding={"left": 5, "right": 14, "top": 5, "bottom": 5},  # half of the last number
        )
    )


def _marks(pathways: list[str], labels: list[str]) -> list[alt.Chart]:
    axis = alt.Axis(title=None, domain=False, ticks=False, labelPadding=8, labelExpr="split(datum.label, '|')")
    base = alt.Chart().encode(
        y=alt.Y("row:N", sort=labels, axis=axis),
        yOffset=alt.YOffset("pathway:N", sort=pathways),
        tooltip=[
            alt.Tooltip("pathway:N", title="Network"),
            alt.Tooltip("mean:Q", title="Share", format=".3f"),
            alt.Tooltip("low:Q", title="Low", format=".3f"),
            alt.Tooltip("high:Q", title="High", format=".3f"),
            alt.Tooltip("chance:Q", title="By chance", format=".3f"),
            alt.Tooltip("count:Q", title="Steps or words"),
        ],
    )
    share = {
        "title": "Share", "scale": alt.Scale(domain=[0, 1]),
        "axis": alt.Axis(format="~g", tickCount=5, grid=False, labelFlush=False),
    }  # fmt: skip
    key = style.legend(columns=1)
    return [
        base.mark_tick(color=style.INK, thickness=2, size=16).encode(x=alt.X("chance:Q", **share)),
        base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", **share), x2="high:Q", color=style.colour(pathways, key)),
        base.mark_point(filled=True, size=80, opacity=1).encode(
            x=alt.X("mean:Q", **share), color=style.colour(pathways, key), shape=style.shape(pathways, key)
        ),
    ]


def _said(rows: pd.DataFrame, pathways: list[str], labels: list[str]) -> str:
    """The first measure of every row, for the description."""
    first = rows[rows["measure"] == rows["measure"].iloc[0]]
    said = []
    for label in labels:
        part = first[first["row"] == label].set_index("pathway")
        means = ", ".join(f"{name} {part['mean'][name]:.2f}" for name in pathways if name in part.index)
        name = label.replace(":|", ", ").replace("|", " ")
        said.append(f"{name[0].upper()}{name[1:]}: {means}, by chance {part['chance'].iloc[0]:.2f}.")
    return " ".join(said)
