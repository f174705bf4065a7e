"""Omission scores of single sentences, word by word (the form of Kádár et al. 2017, figure 1).

Easy to get wrong: a word that occurs twice. Words are placed by their position and only labelled with the word.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_HEADING = 22  # pixels above each row of words
_STRIP = 28  # height of a row of words that stand upright
_LETTER = 7.4  # width of a letter at 13 pixels, a little more than the average
_MARGIN = 1.5  # letters of space around a word
_LONGEST = 13  # letters; of a longer word the chart shows the beginning
_GAP = 18
_CURVES = 210  # height of the curves where all words are turned


def omission(
    table: pd.DataFrame, title: str = "How far each pathway moves when a word is left out", pickers: bool = True
) -> alt.LayerChart:
    """Sentences to pick from: each pathway's words with heat behind them, and the scores as curves below.

    Parameters
    ----------
    table : DataFrame
        One row per word and pathway: ``sentence``, ``position`` (0-based), ``word``, ``pathway``, ``score``; shown
        where it has them: ``tag``, ``deprel``, ``weight`` (planted), ``known`` (False for a word that the network
        does not know), ``text`` (the sentence as written).
    title : str
        What the reader is to find.
    pickers : bool
        Whether the chart brings checkboxes of its own; beside a widget's they would be one too many.

    Returns
    -------
    altair.LayerChart
        With a menu where there are several sentences, and checkboxes where there are several pathways.

    Raises
    ------
    ValueError
        If a column is missing or the table is too long for a page.

    Examples
    --------
    >>> table = pd.DataFrame({"sentence": 0, "position": [0, 1], "word": ["a", "dog"], "pathway": "visual",
    ...                       "score": [0.01, 0.4]})
    >>> omission(table).description
    "Omission scores of the words of 1 sentence for the pathway visual. 'a dog': visual highest at 'dog' (0.4)."
    """
    style.require(table, "sentence", "position", "word", "pathway", "score")
    pathways = style.in_order(table["pathway"])
    texts = _texts(table)
    first = next(iter(texts))
    rows = _rows(table, pathways)
    return alt.LayerChart(
        data=rows,
        layer=[
            *_cells(rows, pathways),
            *_names(pathways),
            _hairlines(),
            *(_planted(rows) if "weight" in rows else []),
            *_curves(rows, pathways),
        ],
        transform=[
            alt.FilterTransform("datum.sentence == sentence_pick"),
            style.calculated("_from", "turned ? datum.position : datum._left"),
            style.calculated("_to", "turned ? datum.position + 1 : datum._right"),
            style.calculated("_middle", "(datum._from + datum._to) / 2"),
            style.calculated("_shown", f"[{', '.join(_shown(pathways))}][datum._row]"),
            style.calculated("_top", f"{_rows_above(pathways)} * ({_HEADING} + strip) + {_HEADING}"),
        ],
        params=style.lifted(
            style.menu("sentence_pick", "Sentence", texts, first),
            *_switches(pathways, bound=pickers),
            *_measures(rows, pathways),
        ),
        title=style.heading(title, _subtitle(rows)),
        description=_description(rows, texts, pathways),
        width="container",
        height=_CURVES + _GAP + len(pathways) * (_HEADING + _turned(rows["word"].str.len().max())),
    )


def _texts(table: pd.DataFrame) -> dict[int, str]:
    """What the menu shows of each sentence."""
    if "text" in table:
        return {int(number): text for number, text in table.groupby("sentence", sort=False)["text"].first().items()}
    words = table.drop_duplicates(["sentence", "position"]).sort_values("position")
    joined = words.groupby("sentence")["word"].agg(" ".join)
    return {int(number): joined[number] for number in style.in_order(table["sentence"])}


def _rows(table: pd.DataFrame, pathways: list[str]) -> pd.DataFrame:
    """What is drawn; columns that start with an underscore say where, and are left out of the table on the page."""
    optional = [column for column in ("tag", "deprel", "weight", "known") if column in table]
    rows = style.drawable(table[["sentence", "position", "word", "pathway", "score", *optional]])
    rows = rows.sort_values(["sentence", "position"], kind="stable", ignore_index=True)
    letters = rows["word"].str.len().clip(upper=_LONGEST) + _MARGIN
    right = letters.groupby([rows["sentence"], rows["pathway"]]).cumsum()
    return rows.assign(_row=rows["pathway"].map(pathways.index), _left=right - letters, _right=right)


def _measures(rows: pd.DataFrame, pathways: list[str]) -> list[alt.Parameter]:
    """Lengths in pixels that depend on the width of the view and the sentence: words turn where they do not fit."""
    room = rows.groupby("sentence")["_right"].max() * _LETTER
    strip = rows["word"].str.len().groupby(rows["sentence"]).max().map(_turned)
    return [
        alt.param(name="room", value={str(sentence): round(pixels) for sentence, pixels in room.items()}),
        alt.param(name="turned_strip", value={str(sentence): round(pixels) for sentence, pixels in strip.items()}),
        alt.param(name="turned", expr="width < room[sentence_pick]"),
        alt.param(name="strip", expr=f"turned ? turned_strip[sentence_pick] : {_STRIP}"),
        alt.param(name="top", expr=f"({' + '.join(_shown(pathways))}) * ({_HEADING} + strip) + {_GAP}"),
    ]


def _turned(letters: int) -> float:
    """Height of a row of words that stand on their ends."""
    return min(letters, _LONGEST) * _LETTER + 8


def _shown(pathways: list[str]) -> list[str]:
    return [f"show_{row}" for row in range(len(pathways))]


def _rows_above(pathways: list[str]) -> str:
    """How many rows of words are shown above that of a datum, as an expression."""
    sums = [" + ".join(["0", *_shown(pathways)[:row]]) for row in range(len(pathways))]
    return f"[{', '.join(sums)}][datum._row]"


def _switches(pathways: list[str], bound: bool) -> list[alt.Parameter]:
    """For each pathway whether it is shown."""
    return [
        style.checkbox(show, name) if bound and len(pathways) > 1 else alt.param(name=show, value=True)
        for show, name in zip(_shown(pathways), pathways, strict=True)
    ]


def _x(column: str) -> alt.X:
    axis = alt.Axis(labels=False, ticks=False, grid=False)
    return alt.X(f"{column}:Q", title="Words, in reading order", axis=axis, scale=alt.Scale(zero=False, nice=False))


def _tooltip(rows: pd.DataFrame) -> list[alt.Tooltip]:
    titles = {
        "word": "Word", "known": "Known to the network", "pathway": "Pathway", "score": "Omission score",
        "weight": "Planted weight", "tag": "Tag", "deprel": "Dependency label",
    }  # fmt: skip
    return [
        alt.Tooltip(column, type="quantitative" if column in ("score", "weight") else "nominal", title=title)
        for column, title in titles.items()
        if column in rows
    ]


def _cells(rows: pd.DataFrame, pathways: list[str]) -> list[alt.Chart]:
    """Words with heat behind them."""
    heat = alt.Scale(type="sqrt", domain=[0, 1], range=[0, style.HEAT], clamp=True)
    dash = alt.ExprRef(expr="datum.known === false ? [3, 2] : [1, 0]")
    cell = alt.MarkDef("rect", stroke=style.INK, strokeDash=dash, xOffset=1, x2Offset=-1)
    word = alt.MarkDef(
        "text",
        limit=_LONGEST * _LETTER,
        fontSize=alt.ExprRef(expr="turned ? 12 : 13"),
        angle=alt.ExprRef(expr="turned ? 270 : 0"),
        fontStyle=alt.ExprRef(expr="datum.known === false ? 'italic' : 'normal'"),
    )
    return [
        style.layer(cell, "datum._shown", {
            "x": _x("_from"), "x2": alt.X2("_to"),
            "y": style.pixels("datum._top"), "y2": style.pixels("datum._top + strip"),
            "color": style.colour(pathways), "fillOpacity": alt.FillOpacity("score:Q", scale=heat, legend=None),
            "strokeOpacity": style.pixels("datum.known === false ? 0.9 : 0.15"), "tooltip": _tooltip(rows),
        }),
        style.layer(word, "datum._shown", {
            "x": _x("_middle"), "y": style.pixels("datum._top + strip / 2"), "tooltip": _tooltip(rows),
            "text": style.pixels("datum.known === false ? datum.word + ' ?' : datum.word"),
        }),
    ]  # fmt: skip


def _names(pathways: list[str]) -> list[alt.Chart]:
    """The name of each row of words, with the symbol of its curve: the chart's legend."""
    middle = style.pixels("datum._top - 9")
    once = "datum._shown && datum.position == 0"
    symbol = alt.MarkDef("point", filled=True, size=70, opacity=1)
    name = alt.MarkDef("text", align="left", fontWeight="bold")
    looks = {"color": style.colour(pathways), "shape": style.shape(pathways)}
    return [
        style.layer(symbol, once, {"x": alt.value(6), "y": middle, **looks}),
        style.layer(name, once, {"x": alt.value(16), "y": middle, "text": alt.Text("pathway:N")}),
    ]


def _hairlines() -> alt.Chart:
    """Faint lines from each word down to its scores."""
    place = {"x": _x("_middle"), "y": style.pixels("top"), "y2": style.pixels("height")}
    return style.layer(alt.MarkDef("rule", opacity=0.12), "datum._row == 0", place)


def _planted(rows: pd.DataFrame) -> list[alt.Chart]:
    steps = alt.MarkDef("rule", strokeWidth=3, xOffset=2, x2Offset=-2)
    name = alt.MarkDef("text", align="right", fontWeight="bold")
    label = {"x": style.pixels("width"), "y": style.pixels("top - 9"), "text": alt.value("▬ planted weight")}
    weights = {"x": _x("_from"), "x2": alt.X2("_to"), "y": alt.Y("weight:Q"), "tooltip": _tooltip(rows)}
    return [
        style.layer(steps, "datum._row == 0", weights),
        style.layer(name, "datum._row == 0 && datum.position == 0", label),
    ]


def _curves(rows: pd.DataFrame, pathways: list[str]) -> list[alt.Chart]:
    below = [alt.ExprRef(expr="height"), alt.ExprRef(expr="top")]
    scale = alt.Scale(domain=[0, max(1.0, rows["score"].max())], range=below)
    y = alt.Y("score:Q", title="Omission score (0: no change)", scale=scale, axis=alt.Axis(tickCount=5))
    place = {"x": _x("_middle"), "y": y, "color": style.colour(pathways), "tooltip": _tooltip(rows)}
    line, point = alt.MarkDef("line", strokeWidth=2), alt.MarkDef("point", filled=True, size=60, opacity=1)
    return [
        style.layer(line, "datum._shown", {**place, "strokeDash": style.dash(pathways)}),
        style.layer(point, "datum._shown", {**place, "shape": style.shape(pathways)}),
    ]


def _subtitle(rows: pd.DataFrame) -> str:
    said = "The stronger the colour, the higher the score; full colour at 1."
    if "known" in rows and not rows["known"].all():
        said += " A dashed word with ? is unknown to the network."
    return said


def _description(rows: pd.DataFrame, texts: dict[int, str], pathways: list[str]) -> str:
    number, text = next(iter(texts.items()))
    first = rows[rows["sentence"] == number]
    highest = first.loc[first.groupby("pathway", sort=False)["score"].idxmax()]
    peaks = ", ".join(f"{row.pathway} highest at '{row.word}' ({row.score:.2g})" for row in highest.itertuples())
    return (
        f"Omission scores of the words of {len(texts)} sentence{'s' * (len(texts) > 1)} for the "
        f"pathway{'s' * (len(pathways) > 1)} {', '.join(pathways)}. '{text}': {peaks}."
    )
