"""Heat of words by dimension, as Li et al. 2016 draw their figures 5 to 9: a row for each word, panels side by side.

Easy to get wrong: a panel that looks sharp because another is loud. Each has a scale of its own, full at its strongest
cell, unless the menu asks for one scale for all.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style
from reading_neurons.charts.word_heat import (
    AGAINST,
    FOR,
    LETTER,
    LONGEST,
    MOST,
    counted,
    said_of_colour,
    scaled,
    scales,
    strongest,
    texts_of,
    turned_height,
)

_ROW = 20  # height of a word's row
_HEAD = 20  # above the cells of each panel: its name
_FOOT = 20  # below them: the numbers of the first and the last dimension
_BETWEEN = 12  # pixels between two panels
_ALL = "all side by side"


def dimension_heat(
    table: pd.DataFrame,
    title: str = "Which words and dimensions matter",
    *,
    value: str = "saliency",
    panel: str = "pathway",
    columns: str = "Dimension",
    beside: bool = True,
) -> alt.LayerChart:
    """A sentence's words from top to bottom, a cell for each dimension of each, and panels side by side.

    Parameters
    ----------
    table : DataFrame
        One row per panel, sentence, word and dimension: the columns that ``panel`` and ``value`` name, ``sentence``,
        ``position``, ``word`` and ``dimension`` (numbers from 0, none left out); as
        :func:`reading_neurons.methods.saliency.maps` gives it. With a column ``label`` every column of cells has its
        name above it, as when the columns are words that are written. With ``text`` the menu says that. Of a value
        that is missing (NaN) no cell is drawn.
    title : str
    value : str
        The column that is drawn. Where it goes below 0 the colours diverge at 0.
    panel : str
        The column whose values are the panels: ``pathway``, ``method``.
    columns : str
        What a column of cells is.
    beside : bool
        Whether panels are first shown side by side; otherwise a menu shows one at a time.

    Returns
    -------
    altair.LayerChart
        With menus of sentences, panels and scales, where there are several.

    Raises
    ------
    ValueError
        If a column is missing, a word has not as many dimensions as the others of its sentence, or the table is too
        long for a page.

    Examples
    --------
    >>> table = pd.DataFrame({"pathway": "lstm", "sentence": 0, "position": [0, 0, 1, 1], "word": ["we", "we", "hate",
    ...                       "hate"], "dimension": [0, 1, 0, 1], "saliency": [0.1, 0.2, 0.5, 0.9]})
    >>> dimension_heat(table).description
    "Heat of words by dimension, 1 sentence to pick from. 'we hate': lstm strongest at 'hate'."
    """
    style.require(table, panel, "sentence", "position", "word", "dimension", value)
    rows, texts = style.drawable(_cell_rows(table, value, panel)), texts_of(table)
    panels, signed, named = style.in_order(rows["panel"]), bool((table[value] < 0).any()), "label" in table
    head = _HEAD + (turned_height(table["label"].str.len().max()) if named else 0)
    tall = int((rows["position"] - rows["_first"]).max()) + 1
    return alt.LayerChart(
        data=rows,
        layer=[
            _cells(value, columns, signed, named), _word_names(), _panel_names(),
            *(_column_names(head) if named else _column_numbers(head, columns)),
        ],
        transform=[
            alt.FilterTransform("datum.sentence == sentence_pick && (all || datum.panel == panel_pick)"),
            style.calculated("_left", f"gutter + (all ? datum._panel : 0) * (room + {_BETWEEN})"),
            style.calculated("_top", f"{head:.0f} + (datum.position - datum._first) * {_ROW}"),
        ],
        params=style.lifted(*_pickers(texts, panels, beside), *_heat_measures(rows, panels)),
        title=style.heading(title, said_of_colour(signed, panels)),
        description=f"Heat of words by {columns.lower()}, {counted(texts)}. {strongest(rows, panels, texts)}",
        width="container",
        height=head + tall * _ROW + _FOOT,
    )  # fmt: skip


def _cell_rows(table: pd.DataFrame, value: str, panel: str) -> pd.DataFrame:
    """One row per word of a panel with its dimensions in a list, which weighs a third of a row for each cell."""
    ordered = table.sort_values(["position", "dimension"], kind="stable").rename(columns={panel: "panel"})
    groups = ordered.groupby(["panel", "sentence", "position", "word"], sort=False)
    rows = groups[value].agg(_cell_values).rename("_values").reset_index()
    if "label" in table:
        rows["_names"] = groups["label"].agg(list).to_numpy()
    wide = rows["_values"].map(len)
    if (wide != wide.groupby(rows["sentence"]).transform("first")).any():
        raise ValueError(
            f"words of one sentence have from {wide.min()} to {wide.max()} dimensions, expected as many of each: "
            "draw networks whose embeddings are as wide, or one at a time"
        )
    most = rows["_values"].map(lambda cells: max((abs(cell) for cell in cells if cell is not None), default=0))
    places = rows.groupby("sentence")["position"]
    return scaled(rows, most, style.in_order(table[panel])).assign(
        _wide=wide, _first=places.transform("min"), _tall=places.transform("max") - places.transform("min") + 1
    )


def _cell_values(cells: pd.Series) -> list[float | None]:
    """Numbers as a page carries them; where there is none, nothing is drawn."""
    return [None if pd.isna(cell) else float(f"{cell:.3g}") for cell in cells]


def _pickers(texts: dict[int, str], panels: list[str], beside: bool) -> list[alt.Parameter]:
    shown = ([_ALL] if len(panels) > 1 and beside else []) + panels
    return [
        style.menu("sentence_pick", "Sentence", texts, next(iter(texts))),
        scales(panels if beside else panels[:1]),
        style.menu("panel_pick", "Show", {name: name for name in shown}, shown[0]),
    ]


def _heat_measures(rows: pd.DataFrame, panels: list[str]) -> list[alt.Parameter]:
    """Lengths in pixels that depend on the width of the view."""
    letters = int(rows["word"].str.len().clip(upper=LONGEST).max())
    return [
        alt.param(name="all", expr=f"panel_pick == '{_ALL}'"),
        alt.param(name="gutter", value=round(letters * LETTER) + 8),
        alt.param(name="room", expr=f"(width - gutter + {_BETWEEN}) / (all ? {len(panels)} : 1) - {_BETWEEN}"),
    ]


def _cells(value: str, columns: str, signed: bool, named: bool) -> alt.Chart:
    cell = "(room / datum._wide)"
    two_sided = {"domain": [-1, 0, 1], "range": [AGAINST, "#f0f0f0", FOR]}
    scale = alt.Scale(**two_sided if signed else {"domain": [0, 1], "scheme": "viridis"})
    legend = alt.Legend(
        title="Share of the strongest", orient="top", format="~g", gradientLength=180,
        values=[-1, 0, 1] if signed else [0, 0.5, 1],
    )  # fmt: skip
    tooltip = [
        alt.Tooltip("word:N", title="Word"),
        alt.Tooltip("label:N" if named else "dimension:Q", title=columns),
        alt.Tooltip(f"{value}:Q", title=value.capitalize(), format=".3g"),
        alt.Tooltip("panel:N", title="Panel"),
    ]
    flat = {value: "_values", "dimension": "_places", **({"label": "_names"} if named else {})}
    return alt.Chart(
        mark=alt.MarkDef("rect"),
        encoding=alt.Encoding(
            x=style.pixels(f"datum._left + datum.dimension * {cell}"),
            # A little over the next cell, or the ground shows between two.
            x2=style.pixels(f"datum._left + min((datum.dimension + 1) * {cell} + 0.6, room)"),
            y=style.pixels("datum._top"), y2=style.pixels(f"datum._top + {_ROW - 1}"),
            color=alt.Color("_level:Q", scale=scale, legend=legend), tooltip=tooltip,
        ),
        transform=[
            style.calculated("_places", "sequence(datum._wide)"),
            alt.FlattenTransform(flatten=list(flat.values()), **{"as": list(flat)}),
            alt.FilterTransform(f"isValid(datum['{value}'])"),
            style.calculated("_level", f"datum['{value}'] / {MOST}"),
        ],
    )  # fmt: skip


def _word_names() -> alt.Chart:
    """The words at the left, once for all panels."""
    name = alt.MarkDef("text", align="right", baseline="middle", limit=alt.ExprRef(expr="gutter - 4"))
    return style.layer(name, "!all || datum._panel == 0", {
        "x": style.pixels("gutter - 6"), "y": style.pixels(f"datum._top + {_ROW / 2}"), "text": alt.Text("word:N"),
    })  # fmt: skip


def _panel_names() -> alt.Chart:
    name = alt.MarkDef("text", align="left", baseline="top", fontWeight="bold", limit=alt.ExprRef(expr="room"))
    place = {"x": style.pixels("datum._left"), "y": alt.value(2), "text": alt.Text("panel:N")}
    return style.layer(name, "datum.position == datum._first", place)


def _column_names(head: float) -> list[alt.Chart]:
    """The name of every column above its cells."""
    name = alt.MarkDef("text", angle=270, align="left", baseline="middle", fontSize=12, limit=LONGEST * LETTER)
    return [
        alt.Chart(
            mark=name,
            encoding=alt.Encoding(
                x=style.pixels("datum._left + (datum._place + 0.5) * room / datum._wide"),
                y=alt.value(round(head) - 4), text=alt.Text("label:N"),
            ),
            transform=[
                alt.FilterTransform("datum.position == datum._first"),
                style.calculated("_places", "sequence(datum._wide)"),
                alt.FlattenTransform(flatten=["_names", "_places"], **{"as": ["label", "_place"]}),
            ],
        )
    ]  # fmt: skip


def _column_numbers(head: float, columns: str) -> list[alt.Chart]:
    """The numbers of the first and the last column below their cells."""
    below = style.pixels(f"{head:.0f} + datum._tall * {_ROW} + 3")
    ends = (
        ("left", "datum._left", f"(room > 170 ? '{columns} ' : '') + '0'"),
        ("right", "datum._left + room", "datum._wide - 1"),
    )
    return [
        style.layer(
            alt.MarkDef("text", align=align, baseline="top", fontSize=12),
            "datum.position == datum._first", {"x": style.pixels(x), "y": below, "text": style.pixels(text)},
        )
        for align, x, text in ends
    ]  # fmt: skip
