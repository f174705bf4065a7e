"""Vectors of phrases, and of two sentences word by word, as heat: Li et al. 2016, Figures 1 and 3.

Easy to get wrong: boxes drawn where the eye finds a pattern. Dimensions stand here in the order of how many of all
pairs of the corpus turn (or strengthen) them, and the box is around those for which a test over these pairs says so.
"""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from reading_neurons.charts import style
from reading_neurons.charts.word_heat import AGAINST, FOR

_ROW, _APART = 19, 7  # height of a phrase, and what separates two pairs
_HEAD = 22  # above the heat: what the box is around
_NAMES = 128  # width of the names of phrases
_MIDDLE = "#f0f0f0"
_PANEL, _WORDS, _FOOT = 120, 62, 22  # heights of a sentence's heat, of its words above it, of the distances below


def phrase_vectors(
    table: pd.DataFrame,
    dimensions: pd.DataFrame | None = None,
    title: str = "What a modifier does to the vector of a phrase",
) -> alt.LayerChart:
    """The vectors of phrases, one below the other; menus pick the network and the group of phrases.

    Parameters
    ----------
    table : DataFrame
        One row per phrase and dimension: ``pathway``, ``group``, ``pair`` (phrases of one pair stand together),
        ``phrase``, ``dimension``, ``value``.
    dimensions : DataFrame, optional
        One row per dimension: ``pathway``, ``group``, ``dimension``, ``share``, ``null``, ``consistent``, as
        :func:`reading_neurons.methods.composition.consistent` gives it. Dimensions stand in this order, and the
        consistent ones are boxed.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(table, "pathway", "group", "pair", "phrase", "dimension", "value")
    if dimensions is not None:
        style.require(dimensions, "pathway", "group", "dimension", "share", "null", "consistent")
    pathways, groups = style.in_order(table["pathway"]), style.in_order(table["group"])
    phrases = table.drop_duplicates(["group", "phrase", "pair"])
    tops = {group: _tops(phrases.loc[phrases["group"] == group, "pair"]) for group in groups}
    texts = {group: phrases.loc[phrases["group"] == group, "phrase"].tolist() for group in groups}
    rows, boxes = _vector_rows(table, dimensions), _boxes(dimensions, pathways, groups, tops)
    return alt.LayerChart(
        data=rows,
        layer=[_vector_cells(_most(table["value"])), _phrase_names(phrases, tops), *_box_layers(boxes)],
        params=style.lifted(
            style.menu("group_pick", "Phrases", {name: name for name in groups}, groups[0]),
            style.menu("pathway_pick", "Network", {name: name for name in pathways}, _first(pathways)),
            alt.param(name="texts", value=texts),
            alt.param(name="tops", value=tops),
            alt.param(name="room", expr=f"width - {_NAMES}"),
        ),
        title=style.heading(title, _key(dimensions)),
        description=_vectors_said(texts, boxes),
        width="container",
        height=max(top[-1] for top in tops.values()) + _ROW,
    )


def _first(pathways: list[str]) -> str:
    return "lstm" if "lstm" in pathways else pathways[0]


def _key(dimensions: pd.DataFrame | None) -> str:
    said = "A column is a dimension, a colour its value."
    return said if dimensions is None else f"{said} Left: dimensions that change most often over all pairs."


def _tops(pair: pd.Series) -> list[int]:
    """Where each phrase's row begins; pairs stand apart."""
    number = pd.factorize(pair)[0]
    return [_HEAD + place * _ROW + int(one) * _APART for place, one in enumerate(number)]


def _most(values: pd.Series) -> float:
    return max(1.0, float(np.ceil(10 * values.abs().max()) / 10))


def _vector_rows(table: pd.DataFrame, dimensions: pd.DataFrame | None) -> pd.DataFrame:
    """One row per dimension with the values of all phrases in a list: keys are most of what a row weighs."""
    keys = ["pathway", "group", "dimension"]
    rows = table.groupby(keys, sort=False)["value"].agg(lambda values: [round(float(one), 3) for one in values])
    rows = rows.rename("_values").reset_index()
    if dimensions is not None:
        rows = rows.merge(dimensions[[*keys, "share", "null", "consistent"]], on=keys, how="left")
        order = rows.sort_values(["consistent", "share"], ascending=False, kind="stable").index
    else:
        order = rows.index
    place = rows.loc[order].groupby(["pathway", "group"], sort=False).cumcount()
    wide = rows.groupby(["pathway", "group"])["dimension"].transform("size")
    return style.drawable(rows.drop(columns="consistent", errors="ignore").assign(_place=place, _wide=wide))


_SHOWN = "datum.group == group_pick && datum.pathway == pathway_pick"


def _vector_cells(most: float) -> alt.Chart:
    cell = "(room / datum._wide)"
    scale = alt.Scale(domain=[-most, 0, most], range=[AGAINST, _MIDDLE, FOR], clamp=True)
    legend = alt.Legend(title="Value", orient="top", gradientLength=180, format="~g", values=[-most, 0, most])
    tooltip = style.titled(**{"phrase:N": "Phrase", "dimension:Q": "Dimension", "value:Q": "Value"})
    tooltip += style.titled(**{"share:Q": "Share of all pairs", "null:Q": "Share with a neutral word"})
    return alt.Chart(
        mark=alt.MarkDef("rect"),
        encoding=alt.Encoding(
            x=style.pixels(f"{_NAMES} + datum._place * {cell}"),
            x2=style.pixels(f"{_NAMES} + min((datum._place + 1) * {cell} + 0.4, room)"),
            y=style.pixels("tops[group_pick][datum._row]"),
            y2=style.pixels(f"tops[group_pick][datum._row] + {_ROW - 2}"),
            color=alt.Color("value:Q", scale=scale, legend=legend), tooltip=tooltip,
        ),
        transform=[
            alt.FilterTransform(_SHOWN),
            style.calculated("_rows", "sequence(length(datum._values))"),
            alt.FlattenTransform(flatten=["_values", "_rows"], **{"as": ["value", "_row"]}),
            style.calculated("phrase", "texts[group_pick][datum._row]"),
        ],
    )  # fmt: skip


def _phrase_names(phrases: pd.DataFrame, tops: dict[str, list[int]]) -> alt.Chart:
    rows = pd.concat(
        phrases.loc[phrases["group"] == group, ["group", "phrase"]].assign(_top=top) for group, top in tops.items()
    )
    name = alt.MarkDef("text", align="right", baseline="middle", limit=_NAMES - 8)
    place = {
        "x": alt.value(_NAMES - 7),
        "y": style.pixels(f"datum._top + {_ROW / 2 - 1}"),
        "text": alt.Text("phrase:N"),
    }
    shown = [alt.FilterTransform("datum.group == group_pick")]
    return alt.Chart(rows, mark=name, encoding=alt.Encoding(**place), transform=shown)


def _boxes(dimensions, pathways: list[str], groups: list[str], tops: dict[str, list[int]]) -> pd.DataFrame:
    if dimensions is None:
        return pd.DataFrame(columns=["pathway", "group", "_count", "_wide", "_bottom", "_said"])
    found = dimensions[dimensions["pathway"].isin(pathways) & dimensions["group"].isin(groups)]
    counts = found.groupby(["pathway", "group"], sort=False)["consistent"].agg(["sum", "size"]).reset_index()
    counts = counts.rename(columns={"sum": "_count", "size": "_wide"}).astype({"_count": int})
    bottom = counts["group"].map({group: top[-1] + _ROW for group, top in tops.items()})
    said = [f"{row._3} of {row._4} dimensions" for row in counts.itertuples()]
    return counts.assign(_bottom=bottom, _said=said)


def _box_layers(boxes: pd.DataFrame) -> list[alt.Chart]:
    if boxes.empty:
        return []
    box = alt.MarkDef("rect", fillOpacity=0, stroke=style.INK, strokeWidth=2)
    said = alt.MarkDef("text", align="left", baseline="bottom", fontSize=12)
    shown = [alt.FilterTransform(f"{_SHOWN} && datum._count > 0")]
    return [
        alt.Chart(boxes, mark=box, transform=shown, encoding=alt.Encoding(
            x=alt.value(_NAMES - 1), x2=style.pixels(f"{_NAMES} + datum._count * room / datum._wide"),
            y=alt.value(_HEAD - 3), y2=style.pixels("datum._bottom + 1"),
        )),
        alt.Chart(boxes, mark=said, transform=[alt.FilterTransform(_SHOWN)], encoding=alt.Encoding(
            x=alt.value(_NAMES), y=alt.value(_HEAD - 7), text=style.pixels("'boxed: ' + datum._said"),
        )),
    ]  # fmt: skip


def _vectors_said(texts: dict[str, list[str]], boxes: pd.DataFrame) -> str:
    said = [f"{group}: {', '.join(phrases[:6])}" for group, phrases in texts.items()]
    boxed = [
        f"{row.pathway}, {row.group}: {row._5}"
        for row in boxes[["pathway", "group", "_count", "_wide", "_said"]].itertuples()
    ]
    found = "; ".join(boxed) or "none"
    return f"Vectors of phrases as heat, a column for each dimension. {'. '.join(said)}. Boxed: {found}."


def word_states(table: pd.DataFrame, title: str = "Two opposite sentences, word by word") -> alt.LayerChart:
    """Two sentences after each word, and their absolute difference; menus pick the network and the reading.

    Parameters
    ----------
    table : DataFrame
        One row per word and dimension: ``pathway``, ``way`` (``states``, ``beginnings``), ``position``, ``first_word``,
        ``second_word``, ``dimension``, ``first``, ``second``, as
        :func:`reading_neurons.methods.state_differences.compared` gives it.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(table, "pathway", "way", "position", "first_word", "second_word", "dimension", "first", "second")
    pathways, ways = style.in_order(table["pathway"]), style.in_order(table["way"])
    rows = _state_rows(table)
    most, length = _most(table[["first", "second"]].stack()), int(rows["position"].max()) + 1
    block = _WORDS + _PANEL
    return alt.LayerChart(
        data=rows,
        layer=[
            *(_panel(number, most) for number in range(3)),
            *(_panel_words(number) for number in range(2)),
            *_distances(2 * block + _WORDS / 2 + _PANEL),
        ],
        transform=[alt.FilterTransform("datum.pathway == pathway_pick && datum.way == way_pick")],
        params=style.lifted(
            style.menu("way_pick", "Read", {way: _WAYS.get(way, way) for way in ways}, ways[0]),
            style.menu("pathway_pick", "Network", {name: name for name in pathways}, _first(pathways)),
            alt.param(name="column", expr=f"(width - 24) / {length}"),
        ),
        title=style.heading(title, "Above: each sentence. Below: the absolute difference, and the distance."),
        description=_states_said(rows),
        width="container",
        height=2 * block + _WORDS / 2 + _PANEL + _FOOT,
    )  # fmt: skip


_WAYS = {"states": "states inside the sentence", "beginnings": "each beginning as a sentence"}


def _state_rows(table: pd.DataFrame) -> pd.DataFrame:
    """One row per word: the values of all dimensions in lists, in order of the difference after the last word."""
    rows = []
    for (pathway, way), part in table.groupby(["pathway", "way"], sort=False):
        last = part[part["position"] == part["position"].max()].set_index("dimension")
        order = (last["first"] - last["second"]).sort_values(ascending=False).index
        for position, one in part.groupby("position"):
            one = one.set_index("dimension").loc[order]
            values = {f"_{side}": [round(float(value), 3) for value in one[side]] for side in ("first", "second")}
            distance = float(np.linalg.norm(one["first"] - one["second"]))
            words = {side: one[f"{side}_word"].iloc[0] for side in ("first", "second")}
            rows.append({"pathway": pathway, "way": way, "position": position, **words, **values, "distance": distance})
    return style.drawable(pd.DataFrame(rows))


def _panel(number: int, most: float) -> alt.Chart:
    """The heat of the first sentence, of the second, or of the difference."""
    top = number * (_WORDS + _PANEL) + (_WORDS if number < 2 else _WORDS / 2)
    row = f"({_PANEL} / length(datum._first))"
    value = ("datum.a", "datum.b", "abs(datum.a - datum.b)")[number]
    scale = alt.Scale(domain=[-most, 0, most], range=[AGAINST, _MIDDLE, FOR], clamp=True)
    legend = alt.Legend(
        title="Value, or difference", orient="top", gradientLength=180, format="~g", values=[-most, 0, most]
    )
    tooltip = style.titled(**{"first:N": "First", "second:N": "Second", "a:Q": "Value, first", "b:Q": "Value, second"})
    return alt.Chart(
        mark=alt.MarkDef("rect"),
        encoding=alt.Encoding(
            x=style.pixels("datum.position * column"), x2=style.pixels("(datum.position + 1) * column - 1.5"),
            y=style.pixels(f"{top} + datum._at * {row}"), y2=style.pixels(f"{top} + (datum._at + 1) * {row} + 0.3"),
            color=alt.Color("value:Q", scale=scale, legend=legend), tooltip=tooltip,
        ),
        transform=[
            style.calculated("_places", "sequence(length(datum._first))"),
            alt.FlattenTransform(flatten=["_first", "_second", "_places"], **{"as": ["a", "b", "_at"]}),
            # What is flattened is kept as it was, and its length is that of the lists.
            style.calculated("value", value),
        ],
    )  # fmt: skip


def _panel_words(number: int) -> alt.Chart:
    """The words of a sentence above its heat, on a slope, for columns are narrow."""
    top = number * (_WORDS + _PANEL) + _WORDS - 5
    word = alt.MarkDef("text", angle=320, align="left", baseline="bottom", fontSize=12)
    place = {"x": style.pixels("(datum.position + 0.35) * column"), "y": alt.value(top)}
    return alt.Chart(mark=word, encoding=alt.Encoding(**place, text=alt.Text(("first:N", "second:N")[number])))


def _distances(bottom: float) -> list[alt.Chart]:
    number = alt.MarkDef("text", align="center", baseline="top", fontSize=12)
    head = alt.MarkDef("text", align="left", baseline="bottom", fontSize=12, fontWeight="bold")
    middle = {"x": style.pixels("(datum.position + 0.5) * column"), "y": alt.value(bottom + 6)}
    first = alt.FilterTransform("datum.position == 0")
    return [
        alt.Chart(mark=number, encoding=alt.Encoding(**middle, text=alt.Text("distance:Q", format=".1f"))),
        alt.Chart(mark=head, transform=[first], encoding=alt.Encoding(
            x=alt.value(0), y=alt.value(bottom - _PANEL - 5), text=alt.value("Difference"),
        )),
    ]  # fmt: skip


def _states_said(rows: pd.DataFrame) -> str:
    first = rows[(rows["pathway"] == rows["pathway"].iloc[0]) & (rows["way"] == rows["way"].iloc[0])]
    told = ", ".join(f"{row.first}/{row.second} {row.distance:.2g}" for row in first.itertuples())
    network = rows["pathway"].iloc[0]
    return f"Two sentences as heat, a column for each word, and their difference. Distances of {network}: {told}."
