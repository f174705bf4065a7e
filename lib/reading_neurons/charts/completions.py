"""Frames with a blank: the words that a neuron wants there most."""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_ROW, _WORDS = 24, 104  # the height of a word, and the width left for it


def completions(table: pd.DataFrame, title: str = "The words that a neuron wants in a blank") -> alt.LayerChart:
    """The best words for the blank of one frame and one neuron at a time, and what they score.

    Parameters
    ----------
    table : DataFrame
        ``frame``, ``neuron``, ``rank``, ``filling``, ``activation``, and optionally ``pathway``; as
        :func:`reading_neurons.methods.completions.completions` gives it.
    title : str

    Returns
    -------
    altair.LayerChart
        With a menu of frames and one of neurons.

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(table, "frame", "neuron", "rank", "filling", "activation")
    rows = table if "pathway" in table else table.assign(pathway="")
    neurons = style.in_order(zip(rows["pathway"], rows["neuron"], strict=True))
    frames = style.in_order(rows["frame"])
    rows = style.drawable(rows.assign(
        _neuron=[neurons.index(key) for key in zip(rows["pathway"], rows["neuron"], strict=True)],
        _frame=rows["frame"].map(frames.index),
    ))  # fmt: skip
    said = {number: f"{name} ({pathway})" if pathway else name for number, (pathway, name) in enumerate(neurons)}
    shown = "datum._frame == frame && datum._neuron == neuron"
    pathways = style.in_order(rows["pathway"])
    y = style.pixels(f"datum.rank * {_ROW} + {_ROW / 2 + 4}")
    tip = [
        alt.Tooltip("filling:N", title="In the blank"),
        alt.Tooltip("activation:Q", title="Activation", format=".2f"),
        alt.Tooltip("frame:N", title="Frame"),
        alt.Tooltip("neuron:N", title="Neuron"),
    ]
    x = alt.X(
        "activation:Q",
        title="Activation",
        axis=alt.Axis(tickCount=5, grid=True),
        scale=alt.Scale(zero=False, padding=16, range=[_WORDS, alt.ExprRef(expr="width - 8")]),
    )
    first = rows[(rows["_frame"] == 0) & (rows["_neuron"] == 0)].sort_values("rank")
    best = ", ".join(first["filling"].head(3))
    word = alt.MarkDef("text", align="right", fontSize=13, limit=_WORDS - 12)
    return alt.LayerChart(
        data=rows,
        layer=[
            style.layer(alt.MarkDef("rule", strokeWidth=1, opacity=0.6, strokeDash=[1, 4]), shown, {"x": x, "x2": alt.value(_WORDS), "y": y}),
            style.layer(alt.MarkDef("point", filled=True, size=90, opacity=1), shown, {"x": x, "y": y, "color": style.colour(pathways), "tooltip": tip}),
            style.layer(word, shown, {"x": alt.value(_WORDS - 10), "y": y, "text": alt.Text("filling:N"), "tooltip": tip}),
        ],
        params=style.lifted(style.menu("frame", "Frame", dict(enumerate(frames)), 0), style.menu("neuron", "Neuron", said, 0)),
        title=style.heading(title, "Every word was tried where there is one blank."),
        description=f"Best completions of a frame, one of {len(frames)}, for one of {len(neurons)} neurons. For '{frames[0]}' and {said[0]}: {best}.",
        width="container",
        height=_ROW * int(rows["rank"].max() + 1) + 8,
    )  # fmt: skip
