"""What one unit knows: its mutual information with each kind of context, and its bins in the contexts that tell most.

Easy to get wrong: what a row that tells nothing looks like. If a context told nothing, each of the twenty bins would
hold 5 % of its tokens, and the row would be evenly pale.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_ROW = 24  # pixels
_NAME = 118  # pixels for the name of a context
_FULL = 0.4  # share of a context's tokens in one bin that has the full colour
_KEY = (
    f"A row: one context; the stronger a bin's colour, the more of its tokens are there (full at {100 * _FULL:.0f} %)."
)


def telling_contexts(
    table: pd.DataFrame, title: str = "What a unit tells of the words and labels it reads"
) -> alt.LayerChart:
    """Units to pick from: for the contexts that tell most, where the unit's activations lie.

    Parameters
    ----------
    table : DataFrame
        One row per unit, context and bin: ``name`` (of the unit, in the menu), ``pathway``, ``row`` (from 0, from top
        to bottom), ``context``, ``kind`` (what the context is one of), ``tokens``, ``contribution``, ``bin``,
        ``share``; rows of a heading have a ``context`` and no ``bin``.
    title : str

    Returns
    -------
    altair.LayerChart
        With a menu where there are several units.

    Raises
    ------
    ValueError
        If a column is missing or the table is too long for a page.
    """
    style.require(table, "name", "pathway", "row", "context", "kind", "tokens", "contribution", "bin", "share")
    rows = _rows(table)
    pathways, names = style.in_order(rows["pathway"]), style.in_order(rows["name"])
    height = int(rows["row"].max() + 1) * _ROW
    bins = int(table["bin"].max()) + 1
    place = [alt.ExprRef(expr=str(_NAME)), alt.ExprRef(expr="width")]
    axis = alt.Axis(tickCount=5, labelFlush=False, grid=False, title="Bin of the activation, low to high")
    x = alt.X("_bin:Q", scale=alt.Scale(domain=[0, bins], range=place, nice=False), axis=axis)
    down = alt.Scale(domain=[0, height], range=[0, height], nice=False)
    cell = {"x": x, "x2": alt.X2("_right:Q"), "y": alt.Y("_top:Q", scale=down, axis=None), "y2": alt.Y2("_bottom:Q")}
    opacity = alt.Opacity("share:Q", scale=alt.Scale(domain=[0, _FULL], range=[0, 1], clamp=True), legend=None)
    heat = {**cell, "color": style.colour(pathways), "opacity": opacity, "tooltip": _tooltip()}
    text = {"x": alt.value(0), "y": alt.Y("_middle:Q", scale=down, axis=None), "text": alt.Text("context:N")}
    label = alt.MarkDef("text", align="left", baseline="middle", limit=_NAME - 6)
    heading = alt.MarkDef("text", align="left", baseline="middle", fontWeight="bold")
    frame = alt.MarkDef("rect", fillOpacity=0, strokeOpacity=0.25, stroke=style.INK, strokeWidth=0.5)
    return alt.LayerChart(
        data=rows,
        layer=[
            style.layer(alt.MarkDef("rect"), "isValid(datum.share)", heat),
            style.layer(frame, "isValid(datum.share)", cell),
            style.layer(label, "datum._bin === 0 && isValid(datum.share)", text),
            style.layer(heading, "!isValid(datum.share)", text),
        ],
        transform=[
            alt.FilterTransform("datum.name == unit_pick"),
            style.calculated("_bin", "sequence(length(datum.share))"),
            alt.FlattenTransform(flatten=["share", "_bin"]),
            style.calculated("_right", "datum._bin + 1"),
            style.calculated("_top", f"datum.row * {_ROW} + 2"),
            style.calculated("_bottom", f"datum.row * {_ROW} + {_ROW - 2}"),
            style.calculated("_middle", f"(datum.row + 0.5) * {_ROW}"),
        ],
        params=style.lifted(style.menu("unit_pick", "Unit", {name: name for name in names}, names[0])),
        title=style.heading(title, _KEY),
        description=_description(rows, names),
        width="container",
        height=height,
    )


def _rows(table: pd.DataFrame) -> pd.DataFrame:
    """One row per unit and context, its shares in a list: a twentieth of the weight on a page."""
    keys = ["name", "pathway", "row", "context", "kind", "tokens", "contribution"]
    shares = table["share"].where(table["bin"].notna()).round(3)
    parts = table.assign(share=shares).groupby(keys, sort=False)["share"]
    rows = parts.agg(lambda share: [None if pd.isna(value) else value for value in share]).reset_index()
    return style.drawable(rows)


def _tooltip() -> list[alt.Tooltip]:
    titles = {
        "context": "Context", "kind": "Kind", "_bin": "Bin", "share": "Share of its tokens", "tokens": "Tokens",
        "contribution": "Nats of the sum",
    }  # fmt: skip
    types = {"context": "N", "kind": "N"}
    return [alt.Tooltip(f"{column}:{types.get(column, 'Q')}", title=title) for column, title in titles.items()]


def _description(rows: pd.DataFrame, names: list[str]) -> str:
    first = rows[(rows["name"] == names[0]) & (rows["tokens"] > 0)].sort_values("row")
    said = "; ".join(f"{kind}: {', '.join(part['context'])}" for kind, part in first.groupby("kind", sort=False))
    units = f"{len(names)} unit{'s' * (len(names) > 1)}"
    return f"Bins of the activations of {units} in the contexts that tell most. {names[0]}: {said}."
