"""A unit's activations word by word through sentences, as heat (the form of Kádár et al. 2017, figure 7).

Easy to get wrong: what is strong. Activations of two units cannot be compared, so the colour says the decile among the
unit's own activations over a corpus; the activation itself is in the tooltip.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_CELL, _TALLEST = 26, 46  # height of the heat above a word: at least, and at most
_GAP = 20  # between two sentences
_LETTER = 7.4  # width of a letter at 13 pixels
_MARGIN = 1.5  # letters around a word
_LONGEST = 13  # letters; of a longer word the beginning is shown
_ALL = -1
_CURVE = 190  # height of the curve of a single sentence


def unit_traces(table: pd.DataFrame, title: str = "A unit switches on at one word and stays on") -> alt.LayerChart:
    """Sentences with a unit's activation above each word; menus pick the unit, and a sentence to see as a curve too.

    Parameters
    ----------
    table : DataFrame
        One row per word of each sentence and unit, as :func:`reading_neurons.methods.carrying_units.trace` gives it:
        ``unit``, ``sentence``, ``position``, ``word``, ``activation``, ``decile``, ``age``, ``high``, ``low``; and
        ``pathway``. Shown where it has it: ``known`` (False for a word that the network does not know). Each unit may
        have its own sentences.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing or the table is too long for a page.

    Examples
    --------
    >>> table = pd.DataFrame({"unit": 3, "sentence": 0, "position": [0, 1, 2], "word": ["two", "big", "dogs"],
    ...                       "activation": [0.9, 0.5, 0.0], "decile": [10, 7, 1], "age": [0, 1, -1], "high": 0.8,
    ...                       "low": 0.1, "pathway": "visual"})
    >>> unit_traces(table).description
    "Activations of 1 unit through 1 sentence. visual 3: 'two big dogs': on from 'two' to 'big'."
    """
    style.require(
        table, "pathway", "unit", "sentence", "position", "word", "activation", "decile", "age", "high", "low"
    )
    rows = _rows(table)
    units = style.in_order(rows["_unit"])
    shown = int(rows["_row"].max()) + 1
    return alt.LayerChart(
        data=rows.drop(columns=["unit", "sentence"]),
        layer=[*_cells(rows), *_runs(), *_curve(rows)],
        transform=[
            alt.FilterTransform("datum._unit == unit_pick && (row_pick < 0 || datum._row == row_pick)"),
            style.calculated("_from", "turned ? datum.position : datum._left"),
            style.calculated("_to", "turned ? datum.position + 1 : datum._right"),
            style.calculated("_middle", "(datum._from + datum._to) / 2"),
            style.calculated("_top", f"row_pick < 0 ? datum._row * height / {shown} : 0"),
        ],
        params=style.lifted(
            style.menu("unit_pick", "Unit", dict(zip(units, units, strict=True)), units[0]),
            style.menu("row_pick", "Sentence", _choices(shown), next(iter(_choices(shown)))),
            *_measures(rows, shown),
        ),
        title=style.heading(
            title,
            "Strongest colour: the unit's top decile. ▲: the word that switches it on; bar: it stays on.",
        ),
        description=_description(rows, units),
        width="container",
        height=_height(rows, shown),
    )


def _choices(shown: int) -> dict[int, str]:
    each = {row: f"no. {row + 1}, with its curve" for row in range(shown)}
    return {_ALL: "all", **each} if shown > 1 else each


def _height(rows: pd.DataFrame, shown: int) -> float:
    row = _CELL + _GAP + _turned(rows["word"].str.len().max())
    return max(shown * row, row + _TALLEST - _CELL + _CURVE)


def _rows(table: pd.DataFrame) -> pd.DataFrame:
    """What is drawn; columns that start with an underscore say where."""
    optional = [column for column in ("known",) if column in table]
    columns = ["pathway", "unit", "sentence", "position", "word", "activation", "decile", "age", "high", "low"]
    rows = style.drawable(table[[*columns, *optional]])
    rows["_unit"] = rows["pathway"] + " " + rows["unit"].astype(str)
    rows["_row"] = rows.groupby("_unit")["sentence"].transform(lambda numbers: pd.factorize(numbers)[0])
    letters = rows["word"].str.len().clip(upper=_LONGEST) + _MARGIN
    right = letters.groupby([rows["_unit"], rows["_row"]]).cumsum()
    # Places in the curve's height, from the lowest to the highest that is drawn of a unit.
    drawn = rows[["activation", "high", "low"]]
    low, high = (
        drawn.min(axis=1).groupby(rows["_unit"]).transform("min"),
        drawn.max(axis=1).groupby(rows["_unit"]).transform("max"),
    )
    scaled = drawn.sub(low, axis=0).div((high - low).where(high > low, 1), axis=0).round(4)
    return rows.assign(
        _left=right - letters, _right=right, _y=scaled["activation"], _y_high=scaled["high"], _y_low=scaled["low"]
    )


def _measures(rows: pd.DataFrame, shown: int) -> list[alt.Parameter]:
    """Lengths in pixels that depend on the width of the view: words turn where the longest sentence does not fit."""
    room = (rows.groupby("_unit")["_right"].max() * _LETTER).round()
    strip = rows.groupby("_unit")["word"].agg(lambda words: _turned(words.str.len().max())).round()
    return [
        alt.param(name="room", value=room.to_dict()),
        alt.param(name="turned_strip", value=strip.to_dict()),
        alt.param(name="turned", expr="width < room[unit_pick]"),
        alt.param(name="strip", expr="turned ? turned_strip[unit_pick] : 20"),
        alt.param(name="cell", expr=f"clamp(height / {shown} - strip - {_GAP}, {_CELL}, {_TALLEST})"),
    ]


def _turned(letters: int) -> float:
    """Height of words that stand on their ends."""
    return min(letters, _LONGEST) * _LETTER + 8


def _x(column: str) -> alt.X:
    axis = alt.Axis(labels=False, ticks=False, grid=False, domain=False)
    return alt.X(f"{column}:Q", title="Words, in reading order", axis=axis, scale=alt.Scale(zero=False, nice=False))


def _cells(rows: pd.DataFrame) -> list[alt.Chart]:
    pathways = style.in_order(rows["pathway"])
    scale = alt.Scale(domain=[1, 10], range=[0.02, 1], type="pow", exponent=2)
    tooltip = _tooltip()
    cell = alt.MarkDef("rect", stroke=style.INK, strokeOpacity=0.2, xOffset=1, x2Offset=-1)
    word = alt.MarkDef(
        "text",
        limit=_LONGEST * _LETTER,
        fontSize=alt.ExprRef(expr="turned ? 12 : 13"),
        angle=alt.ExprRef(expr="turned ? 270 : 0"),
        align=alt.ExprRef(expr="turned ? 'right' : 'center'"),
        baseline="middle",
    )
    unknown = "datum.known === false ? datum.word + ' ?' : datum.word" if "known" in rows else "datum.word"
    return [
        style.layer(cell, "true", {
            "x": _x("_from"), "x2": alt.X2("_to"),
            "y": style.pixels("datum._top"), "y2": style.pixels("datum._top + cell"), "tooltip": tooltip,
            "color": style.colour(pathways), "fillOpacity": alt.FillOpacity("decile:Q", scale=scale, legend=None),
        }),
        style.layer(word, "true", {
            "x": _x("_middle"), "y": style.pixels("datum._top + cell + (turned ? 14 : 18)"),
            "text": style.pixels(unknown), "tooltip": tooltip,
        }),
    ]  # fmt: skip


def _runs() -> list[alt.Chart]:
    """A bar under the heat of words at which the unit is on, and a mark at the word that switches it on."""
    below = style.pixels("datum._top + cell + 3")
    bar = alt.MarkDef("rule", strokeWidth=3, opacity=_where("datum.age >= 0"))
    mark = alt.MarkDef(
        "point", shape="triangle-up", filled=True, size=90, opacity=_where("datum.age == 0"), color=style.INK
    )
    return [
        style.layer(bar, "true", {"x": _x("_from"), "x2": alt.X2("_to"), "y": below}),
        style.layer(mark, "true", {"x": _x("_middle"), "y": style.pixels("datum._top + cell + 5")}),
    ]


def _where(condition: str, value: float = 1) -> alt.ExprRef:
    """A value where a condition is met, else 0: Vega complains of a layer from which a filter takes every row."""
    return alt.ExprRef(expr=f"{condition} ? {value} : 0")


def _curve(rows: pd.DataFrame) -> list[alt.Chart]:
    """The activations of a single sentence as a curve, between the levels that switch the unit on and off."""
    pathways = style.in_order(rows["pathway"])
    top = f"(cell + {_GAP} + strip + 24)"

    def y(column: str) -> dict[str, alt.ExprRef]:
        return style.pixels(f"height - 14 - datum.{column} * (height - 14 - {top})")

    one = "row_pick >= 0"
    line = alt.MarkDef("line", strokeWidth=2, opacity=_where(one))
    point = alt.MarkDef("point", filled=True, size=_where(one, 60), opacity=_where(one))
    place = {"x": _x("_middle"), "y": y("_y"), "color": style.colour(pathways)}
    layers = [
        style.layer(line, "true", {**place, "detail": alt.Detail("_row:Q")}),
        style.layer(point, "true", {**place, "shape": style.shape(pathways), "tooltip": _tooltip()}),
    ]
    for level, said, side in (("high", "'switched on from '", -7), ("low", "'off below '", 9)):
        first = "datum.position == 0"
        rule = alt.MarkDef("rule", strokeDash=[3, 3], opacity=_where(one, 0.6))
        text = alt.MarkDef("text", align="right", dy=side, fontSize=12)
        words = style.pixels(f"{one} ? {said} + format(datum.{level}, '.2f') : ''")
        layers.append(style.layer(rule, first, {"x": alt.value(0), "x2": style.pixels("width"), "y": y(f"_y_{level}")}))
        layers.append(style.layer(text, first, {"x": style.pixels("width"), "y": y(f"_y_{level}"), "text": words}))
    return layers


def _tooltip() -> list[alt.Tooltip]:
    titles = {
        "word": "Word",
        "activation": "Activation",
        "decile": "Decile of the unit",
        "age": "Words since it was switched on",
    }
    kinds = {"word": "nominal"}
    return [alt.Tooltip(name, type=kinds.get(name, "quantitative"), title=shown) for name, shown in titles.items()]


def _description(rows: pd.DataFrame, units: list[str]) -> str:
    first = rows[(rows["_unit"] == units[0]) & (rows["_row"] == 0)].sort_values("position")
    on = first[first["age"] >= 0]
    said = f"on from '{on['word'].iloc[0]}' to '{on['word'].iloc[-1]}'" if len(on) else "never on"
    sentences = int(rows["_row"].max()) + 1
    return (
        f"Activations of {len(units)} unit{'s' * (len(units) > 1)} through {sentences} sentence{'s' * (sentences > 1)}. "
        f"{units[0]}: '{' '.join(first['word'])}': {said}."
    )
