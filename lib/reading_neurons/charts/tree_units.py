"""A string with its parse tree above it and, below, what a feature says and how units go along with it.

Easy to get wrong: what is high for a unit. Activations of two units cannot be compared, and the value that separates
yes from no is hardly ever 0, so the colour says on which side of that value a unit is; its activation is in the
tooltip.
"""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from reading_neurons.charts import style
from reading_neurons.charts.word_heat import AGAINST, FOR

LABEL = "label"
"""The ``line`` of a feature's own labels."""

KINDS = {
    "brackets": "#949494",
    "sum": "#009e73",
    "difference": "#b4568b",
    "product": "#967000",
    "quotient": "#6f73c9",
}
"""Colours of the kinds of nodes, here and along sorted units; none that a unit's yes or no has. No digits."""

_NODE, _NAME, _STRIP, _GAP = 9, 17, 22, 5  # heights: a level of the tree, a line's name, its characters, below it
_LABELLED = 0.34  # opacity behind a character where the feature says 1
_LEAST = 0.12  # and where a unit is close to saying the opposite


def tree_units(
    readings: pd.DataFrame, nodes: pd.DataFrame, title: str = "Units that follow the tree"
) -> alt.LayerChart:
    """Characters from left to right: the tree as bars, the labels of a feature, and units as heat.

    Parameters
    ----------
    readings : DataFrame
        One row per feature, string, line and character: ``feature``, ``string`` (its number), ``text``, ``line``
        (:data:`LABEL`, or the name of a unit), ``note`` (behind the name), ``position``, ``value``, and ``level``: from
        -1, as far on the side of no as the unit goes, to 1; of a label, 0 to 1. As
        :func:`reading_neurons.widgets.tree_units.tree_readings` gives it.
    nodes : DataFrame
        One row per node of the trees: ``string``, ``kind``, ``start``, ``end``, ``depth`` (0 at the top).
    title : str

    Returns
    -------
    altair.LayerChart
        With menus of features and strings, where there are several.

    Raises
    ------
    ValueError
        If a column is missing.

    Examples
    --------
    >>> readings = pd.DataFrame({"feature": "open", "string": 0, "text": "(1)", "line": ["label"] * 3 + ["unit 4"] * 3,
    ...                          "note": "", "position": [0, 1, 2] * 2, "value": [1, 1, 0, 0.5, 0.7, -0.2],
    ...                          "level": [1, 1, 0, 0.7, 1, -1]})
    >>> nodes = pd.DataFrame({"string": [0], "kind": ["brackets"], "start": [0], "end": [3], "depth": [0]})
    >>> tree_units(readings, nodes).description
    "1 string with its parse tree and heat of units. '(1)', open: '(1' is so; unit 4 says so of '(1'."
    """
    style.require(readings, "feature", "string", "text", "line", "note", "position", "value", "level")
    if len(nodes):
        style.require(nodes, "string", "kind", "start", "end", "depth")
    texts = readings.groupby("string", sort=False)["text"].first().to_dict()
    features = style.in_order(readings["feature"])
    levels = nodes.groupby("string")["depth"].max().add(1).to_dict() if len(nodes) else {}
    lines = readings.groupby(["feature", "string"])["line"].nunique().max()
    return alt.LayerChart(
        data=alt.InlineData(values=[*_bars(nodes), *_lines(readings)]),
        layer=[_tree(nodes), *_cells(), _names()],
        params=style.lifted(
            style.menu("feature_pick", "Feature", dict(zip(features, features, strict=True)), features[0]),
            style.menu("string_pick", "String", texts, next(iter(texts))),
            alt.param(name="levels", value={str(number): int(levels.get(number, 0)) for number in texts}),
            alt.param(name="tree", expr=f"levels[string_pick] * {_NODE} + 4"),
        ),
        transform=[
            alt.FilterTransform("datum.string == string_pick && (datum.node || datum.feature == feature_pick)"),
            style.calculated("_top", f"tree + datum.row * {_NAME + _STRIP + _GAP}"),
        ],
        title=style.heading(
            title, "Bars: the parse tree. Grey: where the feature is so. Orange: where a unit says that it is so; "
            "blue, dashed: that it is not.",
        ),
        description=_description(readings, texts),
        width="container",
        height=int(max(levels.values(), default=0) * _NODE + 4 + lines * (_NAME + _STRIP + _GAP)),
    )  # fmt: skip


def _bars(nodes: pd.DataFrame) -> list[dict[str, Any]]:
    drawn = nodes[nodes["kind"] != "digit"] if len(nodes) else nodes
    return [{**row, "node": True, "row": 0} for row in drawn.to_dict(orient="records")]


def _lines(readings: pd.DataFrame) -> list[dict[str, Any]]:
    """One record per line, its characters in lists, so that a page carries names once; the chart takes them apart."""
    found = []
    for (feature, string), part in readings.groupby(["feature", "string"], sort=False):
        for row, (line, cells) in enumerate(part.groupby("line", sort=False)):
            cells = cells.sort_values("position")
            found.append(
                {
                    "feature": feature, "string": string, "line": line, "note": cells["note"].iloc[0], "row": row,
                    "node": False, "label": line == LABEL,
                    **{name: [float(f"{value:.3g}") for value in cells[name]] for name in ("value", "level")},
                    "character": list(cells["text"].iloc[0]), "place": list(range(len(cells))),
                }
            )  # fmt: skip
    return found


def _x(column: str) -> alt.X:
    axis = alt.Axis(labels=False, ticks=False, grid=False, domain=False)
    scale = alt.Scale(zero=False, nice=False)
    return alt.X(f"{column}:Q", title="Characters, in reading order", axis=axis, scale=scale)


def _tree(nodes: pd.DataFrame) -> alt.Chart:
    kinds = [kind for kind in KINDS if len(nodes) and (nodes["kind"] == kind).any()]
    others = [kind for kind in style.in_order(nodes["kind"]) if kind not in (*KINDS, "digit")] if len(nodes) else []
    key = style.legend(symbolType="square") if len(kinds + others) > 1 else None
    scale = alt.Scale(domain=kinds + others, range=[*(KINDS[kind] for kind in kinds), *["#967000"] * len(others)])
    return style.layer(
        alt.MarkDef("rect", height=_NODE - 3, xOffset=1, x2Offset=-1), "datum.node",
        {
            "x": _x("start"), "x2": alt.X2("end"), "y": style.pixels(f"datum.depth * {_NODE}"),
            "y2": style.pixels(f"datum.depth * {_NODE} + {_NODE - 3}"),
            "color": alt.Color("kind:N", scale=scale, legend=key), "tooltip": [alt.Tooltip("kind:N", title="Node")],
        },
    )  # fmt: skip


def _cells() -> list[alt.Chart]:
    """A strip of characters for each line, with heat behind."""
    transform = [
        alt.FilterTransform("!datum.node"),
        alt.FlattenTransform(["value", "level", "character", "place"]),
        style.calculated("_end", "datum.place + 1"),
        style.calculated("_middle", "datum.place + 0.5"),
    ]
    top = f"datum._top + {_NAME}"
    tooltip = [
        alt.Tooltip("character:N", title="Character"), alt.Tooltip("line:N", title="Line"),
        alt.Tooltip("value:Q", title="Value", format=".3f"),
    ]  # fmt: skip
    said = f"datum.level == 0 ? 0 : {_LEAST} + {style.HEAT - _LEAST:.2f} * abs(datum.level)"
    heat = f"datum.label ? {_LABELLED} * datum.level : {said}"
    cell = alt.MarkDef("rect", stroke=style.INK, xOffset=0.5, x2Offset=-0.5, strokeDash=alt.ExprRef(
        expr="datum.level < 0 ? [2, 2] : [1, 0]"
    ))  # fmt: skip
    letter = alt.MarkDef("text", baseline="middle", font="monospace", fontSize=12)
    return [
        alt.Chart(mark=cell, transform=transform, encoding=alt.Encoding(
            x=_x("place"), x2=alt.X2("_end"), y=style.pixels(top), y2=style.pixels(f"{top} + {_STRIP}"),
            fill=style.pixels(f"datum.label ? '#808080' : datum.level < 0 ? '{AGAINST}' : '{FOR}'"),
            fillOpacity=style.pixels(heat), strokeOpacity=style.pixels("datum.level < 0 ? 0.5 : 0.12"),
            tooltip=tooltip,
        )),
        alt.Chart(mark=letter, transform=transform, encoding=alt.Encoding(
            x=_x("_middle"), y=style.pixels(f"{top} + {_STRIP / 2}"), text=alt.Text("character:N"), tooltip=tooltip,
        )),
    ]  # fmt: skip


def _names() -> alt.Chart:
    name = alt.MarkDef("text", align="left", baseline="middle", fontWeight="bold", limit=alt.ExprRef(expr="width"))
    said = "datum.label ? datum.feature + datum.note : datum.line + datum.note"
    place = {"x": alt.value(0), "y": style.pixels(f"datum._top + {_NAME / 2}"), "text": style.pixels(said)}
    return style.layer(name, "!datum.node", place)


def _description(readings: pd.DataFrame, texts: dict[int, str]) -> str:
    number, text = next(iter(texts.items()))
    feature = readings["feature"].iloc[0]
    first = readings[(readings["string"] == number) & (readings["feature"] == feature)].sort_values("position")
    labelled = first[(first["line"] == LABEL) & (first["value"] > 0)]["position"]
    said = [f"'{''.join(text[place] for place in labelled)}' is so" if len(labelled) else "nothing is so"]
    for line, cells in first[first["line"] != LABEL].groupby("line", sort=False):
        said.append(f"{line} says so of '{''.join(text[place] for place in cells[cells['level'] > 0]['position'])}'")
    counted = "1 string with its parse tree" if len(texts) == 1 else f"{len(texts)} strings with their parse trees"
    return f"{counted} and heat of units. '{text}', {feature}: {'; '.join(said)}."
