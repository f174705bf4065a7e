"""What the two pathways of Imaginet learnt: the scene that a sentence calls up, the words expected next."""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style
from reading_neurons.text import END, PAD, START, UNKNOWN

_STRONGEST = 10
_SPECIAL = {START: "(start)", END: "(end)", UNKNOWN: "(unknown)", PAD: "(padding)"}
_GUESS_KEY = "The stronger the colour, the likelier. Framed: the word that does follow, as the next line shows."
_PICKED = "datum.sentence == sentence_pick"
_BAR, _LINE = 30, 26  # pixels of a dimension, name and bar, and of a line of guesses
_BETWEEN = 110  # pixels between the two parts of a reading, for the title and the head of the second


def scene_predictions(table: pd.DataFrame, title: str = "The scene that a sentence calls up") -> alt.LayerChart:
    """The scene that the visual pathway predicts for a sentence, beside the true one; a menu picks the sentence.

    Parameters
    ----------
    table : DataFrame
        One row per sentence and dimension: ``text`` (or ``sentence``, if that holds the text), ``dimension``,
        ``predicted``, ``true``; as :func:`reading_neurons.models.evaluation.scene_table` gives it. Without a column
        ``true`` (a typed sentence has no scene) the predictions are drawn alone.
    title : str

    Returns
    -------
    altair.LayerChart
        Of each sentence the ten dimensions that are strongest, predicted or true, so that a miss shows as well.

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "sentence", "dimension", "predicted")
    rows = style.drawable(_strongest(table))
    texts = _menu_of(rows)
    return alt.LayerChart(
        data=rows.drop(columns="text"),
        layer=_scene(rows),
        params=style.lifted(_sentence_menu(texts)),
        title=style.heading(title, _scene_key(rows)),
        description=_scene_said(rows, texts),
        width="container",
        height=_BAR * _STRONGEST,
    )


def _strongest(table: pd.DataFrame) -> pd.DataFrame:
    values = [column for column in ("predicted", "true") if column in table]
    texts = table["text"] if "text" in table else table["sentence"]
    rows = table.assign(text=texts, sentence=pd.factorize(table["sentence"])[0], _strength=table[values].max(axis=1))
    rows = rows.sort_values(["sentence", "_strength"], ascending=[True, False]).groupby("sentence").head(_STRONGEST)
    rows = rows.sort_values(["sentence", "predicted"], ascending=[True, False])
    return rows.assign(
        _place=rows.groupby("sentence").cumcount(), dimension=[_dimension(name) for name in rows["dimension"]]
    )[["sentence", "text", "dimension", *values, "_place"]]


def _dimension(name: str) -> str:
    kind, colon, value = name.partition(":")
    return f"{value} ({kind})" if colon else name


def _scene(rows: pd.DataFrame) -> list[alt.Chart]:
    """Bars with their names above, in the uppermost pixels of a view."""
    titles = {"dimension": "Dimension", "predicted": "Predicted", "true": "True"}
    axis = alt.Axis(tickCount=6, grid=False, orient="top")
    x = alt.X("predicted:Q", title="Standard deviations above the mean", axis=axis)
    place = {
        "y": alt.Y("_place:O", axis=None, scale=alt.Scale(range=[0, _BAR * _STRONGEST])),
        "tooltip": [
            alt.Tooltip(column, type="nominal" if column == "dimension" else "quantitative", title=name)
            for column, name in titles.items()
            if column in rows
        ],
    }
    bar = alt.MarkDef("bar", color=style.LOOKS["visual"].colour, yOffset=_BAR // 4, height=_BAR // 3)
    name = alt.MarkDef("text", align="left", dy=-_BAR // 5, fontSize=12)
    truth = alt.MarkDef("tick", color=style.INK, thickness=3, opacity=1, yOffset=_BAR // 4, size=_BAR // 2)
    layers = [
        style.layer(bar, _PICKED, {"x": x, **place}),
        style.layer(name, _PICKED, {"x": alt.XDatum(0), "text": alt.Text("dimension:N"), **place}),
    ]
    if "true" in rows:
        layers.append(style.layer(truth, _PICKED, {"x": alt.X("true:Q"), **place}))
    return layers


def _scene_key(rows: pd.DataFrame) -> str:
    return "Bar: predicted." + " Upright line: true." * ("true" in rows)


def _scene_said(rows: pd.DataFrame, texts: dict[int, str]) -> str:
    number, text = next(iter(texts.items()))
    first = rows[rows["sentence"] == number]
    said = ", ".join(f"{row.dimension} {row.predicted:.2g}" for row in first.head(3).itertuples())
    many = f" A menu picks one of {len(texts)} sentences." if len(texts) > 1 else ""
    return f"The strongest dimensions of the predicted scene of '{text}': {said}.{many}"


def next_words(table: pd.DataFrame, title: str = "What is expected after each word") -> alt.LayerChart:
    """The likeliest next words after each word of a sentence; a menu picks the sentence.

    Parameters
    ----------
    table : DataFrame
        One row per sentence, position and guess: ``sentence``, ``position`` (0: before the first word), ``word`` (the
        last one read), ``next`` (the one that follows), ``candidate``, ``probability``, ``rank`` (from 1), and
        ``text`` where the menu is to show more than the words; as
        :func:`reading_neurons.models.evaluation.next_word_table` gives it.
    title : str

    Returns
    -------
    altair.LayerChart
        Reading goes down the page; the guess that is right has a frame.

    Raises
    ------
    ValueError
        If a column is missing or the table is too long for a page.
    """
    style.require(table, "sentence", "position", "word", "next", "candidate", "probability", "rank")
    rows = style.drawable(_guesses(table))
    texts = _menu_of(rows)
    return alt.LayerChart(
        data=_in_columns(rows),
        layer=_expected(rows, top=0),
        params=style.lifted(_sentence_menu(texts)),
        title=style.heading(title, _GUESS_KEY),
        description=_expected_said(rows, texts),
        width="container",
        height=_LINE * (int(rows["position"].max()) + 1),
    )


def _guesses(table: pd.DataFrame) -> pd.DataFrame:
    rows = table.assign(sentence=pd.factorize(table["sentence"])[0])
    if "text" not in rows:
        words = rows[(rows["rank"] == 1) & (rows["position"] > 0)].sort_values("position")
        rows = rows.assign(text=rows["sentence"].map(words.groupby("sentence")["word"].agg(" ".join)))
    columns = ["sentence", "text", "position", "word", "next", "candidate", "probability", "rank"]
    return rows[columns].replace({column: _SPECIAL for column in ("word", "next", "candidate")})


def _expected(rows: pd.DataFrame, top: int) -> list[alt.Chart]:
    """A line for each word read, with the guesses beside it, below the pixel ``top`` of a view."""
    columns = ["read", *map(str, sorted(rows["rank"].unique()))]
    head = alt.Axis(orient="top", offset=-top, labelAngle=0, domain=False, ticks=False)
    across = {"title": "guesses, likeliest first", "axis": head, "scale": alt.Scale(domain=columns, paddingInner=0.04)}
    down = alt.Scale(paddingInner=0.1, range=[top, alt.ExprRef(expr="height")])
    place = {
        "x": alt.X("_column:N", sort=None, **across),
        "y": alt.Y("position:O", axis=None, scale=down),
        "tooltip": _guess_tooltip(),
    }
    heat = alt.Scale(type="sqrt", domain=[0, 1], range=[0, style.HEAT])
    right = alt.condition("datum.candidate == datum.next", alt.value(2.5), alt.value(0))
    guess = "width < 520 ? datum.candidate : datum.candidate + '  ' + format(datum.probability, '.0%')"
    small = {"fontSize": 12, "limit": alt.ExprRef(expr=f"width / {len(columns)} - 6")}
    cell = alt.MarkDef("rect", color=style.LOOKS["textual"].colour, stroke=style.INK)
    shades = {"fillOpacity": alt.FillOpacity("probability:Q", scale=heat, legend=None), "strokeWidth": right}
    read = {"x": alt.XDatum("read"), "text": alt.Text("word:N")}
    return [
        style.layer(cell, _PICKED, {**place, **shades}),
        style.layer(alt.MarkDef("text", **small), _PICKED, {**place, "text": style.pixels(guess)}),
        style.layer(alt.MarkDef("text", fontWeight="bold", **small), f"{_PICKED} && datum.rank == 1", place | read),
    ]


def _guess_tooltip() -> list[alt.Tooltip]:
    words = {"word": "After", "candidate": "Guess", "next": "What follows"}
    return [
        *(alt.Tooltip(column, type="nominal", title=name) for column, name in words.items()),
        alt.Tooltip("probability", type="quantitative", title="Probability", format=".1%"),
        alt.Tooltip("rank", type="quantitative", title="Rank"),
    ]


def _expected_said(rows: pd.DataFrame, texts: dict[int, str]) -> str:
    number, text = next(iter(texts.items()))
    first = rows[(rows["sentence"] == number) & (rows["rank"] == 1)]
    right = int((first["candidate"] == first["next"]).sum())
    many = f" A menu picks one of {len(texts)} sentences." if len(texts) > 1 else ""
    return (
        f"The likeliest next words after each word of '{text}': "
        f"the first guess is right at {right} of {len(first)} places.{many}"
    )


def reading(
    scenes: pd.DataFrame,
    words: pd.DataFrame,
    title: str = "The scene that a sentence calls up, and the words expected next",
) -> alt.LayerChart:
    """:func:`scene_predictions` above :func:`next_words` for the same sentences, with one menu.

    Parameters
    ----------
    scenes, words : DataFrame
        As for the two charts, the sentences in the same order.
    title : str

    Returns
    -------
    altair.LayerChart
        One view, so that it follows the width of the page.

    Raises
    ------
    ValueError
        If a column is missing, or the tables hold different numbers of sentences.
    """
    style.require(scenes, "sentence", "dimension", "predicted")
    style.require(words, "sentence", "position", "word", "next", "candidate", "probability", "rank")
    strongest, guesses = style.drawable(_strongest(scenes)), style.drawable(_guesses(words))
    texts = _menu_of(strongest)
    if len(texts) != guesses["sentence"].nunique():
        raise ValueError(
            f"both tables must hold the same sentences, found {len(texts)} with scenes "
            f"and {guesses['sentence'].nunique()} with next words"
        )
    top = _BAR * _STRONGEST + _BETWEEN
    second = alt.MarkDef("text", align="left", baseline="top", fontWeight="bold", fontSize=15)
    place = {"x": alt.value(0), "y": alt.value(top - 80), "text": alt.value("What is expected after each word")}
    return alt.LayerChart(
        layer=[
            alt.LayerChart(data=strongest.drop(columns="text"), layer=_scene(strongest)),
            alt.LayerChart(data=_in_columns(guesses), layer=_expected(guesses, top)),
            alt.Chart(alt.InlineData([{}]), mark=second, encoding=alt.Encoding(**place)),
        ],
        resolve=alt.Resolve(scale=alt.ScaleResolveMap(x="independent", y="independent")),
        params=style.lifted(_sentence_menu(texts)),
        title=style.heading(title, f"{_scene_key(strongest)} {_GUESS_KEY}"),
        description=f"{_scene_said(strongest, texts)} {_expected_said(guesses, texts)}",
        width="container",
        height=top + _LINE * (int(guesses["position"].max()) + 1),
    )


def _in_columns(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a page, each guess with the column that it stands in."""
    return rows.drop(columns="text").assign(_column=rows["rank"].astype(str))


def _menu_of(rows: pd.DataFrame) -> dict[int, str]:
    """Number and text of each sentence, in order."""
    return dict(rows.drop_duplicates("sentence")[["sentence", "text"]].itertuples(index=False))


def _sentence_menu(texts: dict[int, str]) -> alt.Parameter:
    return style.menu("sentence_pick", "Sentence", texts, next(iter(texts)))
