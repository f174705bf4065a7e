"""Words of a sentence from left to right, with heat behind each and its bar above; a line for each network or method.

Easy to get wrong: the scale. Derivatives of two networks cannot be compared, so each line has a scale of its own, full
at its strongest word; a menu puts all lines of a sentence on one scale, where the quantity has the same meaning in
each.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

FOR, AGAINST = "#d55e00", "#0072b2"
"""Colours of what is above and below zero."""

LETTER = 7.4  # width of a letter at 13 pixels
LONGEST = 13  # letters; of a longer word the chart shows the beginning
_MARGIN = 1.5  # letters of space around a word
_HEADING = 24  # above each line of words
_STRIP = 28  # height of a line of words that stand upright
_BARS, _BAR = 46, 14  # least height of the bars above a line of words, and their width
_SCALES = {"own": "each panel its own", "one": "one for all panels"}
MOST = "max(scale_pick == 'own' ? datum._own : datum._one, 1e-30)"
"""What is full colour, as an expression."""


def word_heat(
    table: pd.DataFrame,
    title: str = "Which words matter",
    *,
    value: str = "saliency",
    panel: str = "pathway",
    pick: str | None = None,
) -> alt.LayerChart:
    """A sentence's words from left to right with heat behind them and bars above, a line for each panel.

    Parameters
    ----------
    table : DataFrame
        One row per panel, sentence and word: the columns that ``panel`` and ``value`` name, ``sentence``, ``position``
        and ``word``; as :func:`reading_neurons.methods.saliency.saliency` gives it. Shown where it has them: ``known``
        (False for a word that the network does not know), ``note`` (more of a panel, behind its name, such as the
        class that it chose), ``text`` (the sentence as written).
    title : str
    value : str
        The column that is drawn. Where it goes below 0, bars go down and the colour is another.
    panel : str
        The column whose values are the lines: ``pathway``, ``method``.
    pick : str, optional
        A column whose values a menu picks from, one at a time: ``method``.

    Returns
    -------
    altair.LayerChart
        With menus of sentences, scales and what is picked, where there are several.

    Raises
    ------
    ValueError
        If a column is missing or the table is too long for a page.

    Examples
    --------
    >>> table = pd.DataFrame({"pathway": "lstm", "sentence": 0, "position": [0, 1], "word": ["we", "hate"],
    ...                       "saliency": [0.1, 0.9]})
    >>> word_heat(table).description
    "Heat of words, 1 sentence to pick from. 'we hate': lstm strongest at 'hate'."
    """
    style.require(table, panel, "sentence", "position", "word", value, *([pick] if pick else []))
    rows, texts = style.drawable(_line_rows(table, value, panel, pick)), texts_of(table)
    picked = {choice: choice for choice in style.in_order(rows["picked"])}
    panels, signed = style.in_order(rows["panel"]), bool((table[value] < 0).any())
    strip = rows["word"].str.len().groupby(rows["sentence"]).max().map(turned_height)
    return alt.LayerChart(
        data=rows,
        layer=[*_bars(value), *_lines(value, "known" in rows), *_line_names("note" in rows)],
        transform=[
            alt.FilterTransform("datum.sentence == sentence_pick && datum.picked == choice_pick"),
            style.calculated("_from", "turned ? datum.position : datum._left"),
            style.calculated("_to", "turned ? datum.position + 1 : datum._right"),
            style.calculated("_middle", "(datum._from + datum._to) / 2"),
            style.calculated("_level", f"datum['{value}'] / {MOST}"),
            style.calculated("_top", "datum._panel * block"),
        ],
        params=style.lifted(
            style.menu("sentence_pick", "Sentence", texts, next(iter(texts))),
            style.menu("choice_pick", (pick or "").capitalize(), picked, next(iter(picked))),
            scales(panels),
            *_line_measures(rows, strip, len(panels), value),
        ),
        title=style.heading(title, said_of_colour(signed, panels, "known" in rows and not rows["known"].all())),
        description=f"Heat of words, {counted(texts)}. {strongest(rows, panels, texts)}",
        width="container",
        height=len(panels) * (_HEADING + _BARS + strip.max()),
    )


def _line_rows(table: pd.DataFrame, value: str, panel: str, pick: str | None) -> pd.DataFrame:
    """What is drawn of each word; columns that start with an underscore say where."""
    shown = [column for column in ("known", "note") if column in table]
    order = {choice: place for place, choice in enumerate(style.in_order(table[pick]))} if pick else {"": 0}
    picked = table.rename(columns={panel: "panel"}).assign(picked=table[pick] if pick else "")
    ordered = picked.sort_values("position", kind="stable")
    ordered = ordered.sort_values("picked", key=lambda names: names.map(order), kind="stable")
    rows = ordered[["panel", "picked", "sentence", "position", "word", value, *shown]].reset_index(drop=True)
    letters = rows["word"].str.len().clip(upper=LONGEST) + _MARGIN
    right = letters.groupby([rows["sentence"], rows["panel"], rows["picked"]]).cumsum()
    return scaled(rows, rows[value].abs(), style.in_order(table[panel])).assign(_left=right - letters, _right=right)


def _line_measures(rows: pd.DataFrame, strip: pd.Series, panels: int, value: str) -> list[alt.Parameter]:
    """Lengths in pixels: words turn where they do not fit side by side; bars share the room where some go down."""
    sides = (rows[value] < 0).groupby(rows["picked"]).any() + 1
    room = rows.groupby("sentence")["_right"].max() * LETTER
    return [
        alt.param(name="room", value={str(sentence): round(pixels) for sentence, pixels in room.items()}),
        alt.param(name="turned_strip", value={str(sentence): round(pixels) for sentence, pixels in strip.items()}),
        alt.param(name="turned", expr="width < room[sentence_pick]"),
        alt.param(name="strip", expr=f"turned ? turned_strip[sentence_pick] : {_STRIP}"),
        alt.param(name="sides", value={choice: int(count) for choice, count in sides.items()}),
        alt.param(name="block", expr=f"height / {panels}"),
        alt.param(name="bars", expr=f"(block - {_HEADING} - strip - 6) / sides[choice_pick]"),
    ]


def _x(column: str) -> alt.X:
    axis = alt.Axis(labels=False, ticks=False, grid=False, domain=False)
    return alt.X(f"{column}:Q", title="Words, in reading order", axis=axis, scale=alt.Scale(zero=False, nice=False))


_SIDE = f"datum._level < 0 ? '{AGAINST}' : '{FOR}'"
_BELOW = f"datum._top + {_HEADING}"  # top of the bars


def _bars(value: str) -> list[alt.Chart]:
    """The height of each word, above the line or below it."""
    # A bar as wide as its word would make a long word look the heavier.
    bar = alt.MarkDef("rule", opacity=0.85, strokeWidth=_BAR)
    line = alt.MarkDef("rule", strokeOpacity=0.35)
    zero = f"{_BELOW} + bars"
    return [
        style.layer(bar, "true", {
            "x": _x("_middle"), "color": style.pixels(_SIDE), "tooltip": _line_tooltip(value),
            "y": style.pixels(f"{zero} - bars * max(datum._level, 0)"),
            "y2": style.pixels(f"{zero} - bars * min(datum._level, 0)"),
        }),
        style.layer(line, "datum._left == 0", {
            "x": alt.value(0), "x2": style.pixels("width"), "y": style.pixels(zero),
        }),
    ]  # fmt: skip


def _lines(value: str, known: bool) -> list[alt.Chart]:
    """Words with heat behind them."""
    strip_top = "datum._top + block - strip - 4"
    dash = alt.ExprRef(expr="datum._level < 0 ? [3, 2] : [1, 0]")
    cell = alt.MarkDef("rect", stroke=style.INK, strokeDash=dash, xOffset=1, x2Offset=-1)
    word = alt.MarkDef(
        "text", baseline="middle",
        limit=LONGEST * LETTER,
        fontSize=alt.ExprRef(expr="turned ? 12 : 13"),
        angle=alt.ExprRef(expr="turned ? 270 : 0"),
    )  # fmt: skip
    return [
        style.layer(cell, "true", {
            "x": _x("_from"), "x2": alt.X2("_to"), "y": style.pixels(strip_top),
            "y2": style.pixels(f"{strip_top} + strip"), "color": style.pixels(_SIDE),
            "fillOpacity": style.pixels(f"{style.HEAT} * abs(datum._level)"), "tooltip": _line_tooltip(value),
            "strokeOpacity": style.pixels("datum._level < 0 ? 0.6 : 0.15"),
        }),
        style.layer(word, "true", {
            "x": _x("_middle"), "y": style.pixels(f"{strip_top} + strip / 2"), "tooltip": _line_tooltip(value),
            "text": style.pixels("datum.known === false ? datum.word + ' ?' : datum.word" if known else "datum.word"),
        }),
    ]  # fmt: skip


def _line_names(noted: bool) -> list[alt.Chart]:
    name = alt.MarkDef("text", align="left", baseline="top", fontWeight="bold", limit=alt.ExprRef(expr="width"))
    said = "datum.panel + ' (' + datum.note + ')'" if noted else "datum.panel"
    place = {"x": alt.value(0), "y": style.pixels("datum._top + 4"), "text": style.pixels(said)}
    return [style.layer(name, "datum._left == 0", place)]


def _line_tooltip(value: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("word:N", title="Word"),
        alt.Tooltip(f"{value}:Q", title=value.capitalize(), format=".3g"),
        alt.Tooltip("panel:N", title="Line"),
    ]


def texts_of(table: pd.DataFrame) -> dict[int, str]:
    """What the menu shows of each sentence."""
    if "text" in table:
        return {int(number): text for number, text in table.groupby("sentence", sort=False)["text"].first().items()}
    words = table.drop_duplicates(["sentence", "position"]).sort_values("position")
    joined = words.groupby("sentence")["word"].agg(" ".join)
    return {int(number): joined[number] for number in style.in_order(table["sentence"])}


def scaled(rows: pd.DataFrame, most: pd.Series, panels: list[str]) -> pd.DataFrame:
    """With the place of each panel, and the strongest of its sentence in the panel and in all of them."""
    picked = rows["picked"] if "picked" in rows else rows["sentence"]
    return rows.assign(
        _panel=rows["panel"].map(panels.index),
        _most=most,
        _own=most.groupby([rows["panel"], rows["sentence"], picked]).transform("max"),
        _one=most.groupby([rows["sentence"], picked]).transform("max"),
    )


def scales(panels: list[str]) -> alt.Parameter:
    """The menu that says whether full colour is the strongest of a panel, or of all of them."""
    return style.menu("scale_pick", "Scale", _SCALES if len(panels) > 1 else {"own": ""}, "own")


def turned_height(letters: int) -> float:
    """Height of words that stand on their ends."""
    return min(int(letters), LONGEST) * LETTER + 10


def said_of_colour(signed: bool, panels: list[str], unknown: bool = False) -> str:
    """What the subtitle says of colours and marks."""
    said = "Full colour: the strongest of the sentence" + (", in each panel." if len(panels) > 1 else ".")
    said += " Blue: below 0." if signed else ""
    return said + (" A word with ? is unknown to the network." if unknown else "")


def counted(texts: dict[int, str]) -> str:
    """How many sentences the menu offers, in words."""
    return f"{len(texts)} sentence{'s' * (len(texts) > 1)} to pick from"


def strongest(rows: pd.DataFrame, panels: list[str], texts: dict[int, str]) -> str:
    """The strongest word of the first sentence in each panel, for the description."""
    number, text = next(iter(texts.items()))
    first = rows[rows["sentence"] == number]
    if "picked" in first:
        first = first[first["picked"] == first["picked"].iloc[0]]
    peaks = first.loc[first.groupby("panel", sort=False)["_most"].idxmax()].set_index("panel")["word"]
    return f"'{text}': " + ", ".join(f"{name} strongest at '{peaks[name]}'" for name in panels if name in peaks) + "."
