"""What excites a unit: its top contexts with heat behind each word, and their labels beside the corpus's.

The form of Kádár et al. 2017, table 1, for one unit of each pathway at a time.

Easy to get wrong: the scale of the heat. Each unit drawn on a scale of its own would look as sure as any other; here
full colour is 1, the most that a gated unit reaches, and only a pathway that goes beyond it is scaled to its own most.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_RANKS = 10  # contexts that are drawn of each unit
_LABELS = 4  # labels of each kind
_ROW, _BAR = 23, 17  # heights
_TOP = 42  # above the contexts: the pathway's name and its unit
_GAP = 30  # above each kind's bars
_LETTER = 7.4  # width of a letter at 13 pixels
_MARGIN = 1.4  # letters of space around a word
_LONGEST = 12  # letters; of a longer word the chart shows the beginning
_BETWEEN = 14  # pixels between two columns
_SMALLEST = 6.3  # width of a letter at 11 pixels, the smallest that is drawn
BELOW = "#b4568b"
"""The colour of activations below zero, in every pathway."""
_KINDS = {"tag": "Part-of-speech tag", "deprel": "Dependency label", "topic": "Object shown"}


def contexts(
    table: pd.DataFrame,
    labels: pd.DataFrame,
    units: pd.DataFrame | None = None,
    title: str = "What excites this unit most",
) -> alt.LayerChart:
    """The strongest contexts of a unit of each pathway, side by side, and the labels of their last words.

    Parameters
    ----------
    table : DataFrame
        One row per context and word: ``pathway``, ``unit``, ``rank`` (0 is the strongest), ``place`` (0 for the last
        word, -1 for the one before), ``word``, ``activation``. The first ten ranks are drawn.
    labels : DataFrame
        One row per unit, kind and label: ``pathway``, ``unit``, ``kind``, ``label``, ``count``, ``share``, ``corpus``;
        as :func:`reading_neurons.methods.homogeneity.label_shares` gives it. The first four of each kind are drawn.
    units : DataFrame, optional
        ``pathway``, ``unit``, ``note``: what the menu and the heading say of each unit, in the order of the menu.
    title : str

    Returns
    -------
    altair.LayerChart
        With a menu of units for each pathway that has several.

    Raises
    ------
    ValueError
        If a column is missing, there is no row, or more than two pathways.
    """
    style.require(table, "pathway", "unit", "rank", "place", "word", "activation")
    style.require(labels, "pathway", "unit", "kind", "label", "count", "share", "corpus")
    pathways = style.in_order(table["pathway"])
    if len(pathways) > 2:
        raise ValueError(f"the chart has room for 2 pathways side by side, found {len(pathways)}: choose two")
    units = _units(table, units)
    rows, bars = _rows(table, pathways), _bars(labels, pathways)
    kinds = style.in_order(bars["kind"])
    ranks = int(rows["rank"].max()) + 1
    below = _TOP + ranks * _ROW
    return alt.LayerChart(
        data=rows,
        layer=[*_cells(), *_headings(units, pathways), *_shares(bars, kinds, below)],
        params=style.lifted(*_menus(units, pathways), *_measures(rows, len(pathways))),
        title=style.heading(title, _subtitle(rows, bars)),
        description=_description(rows, pathways, units),
        width="container",
        height=below + len(kinds) * (_GAP + _LABELS * _BAR),
    )


def _units(table: pd.DataFrame, units: pd.DataFrame | None) -> pd.DataFrame:
    found = table[["pathway", "unit"]].drop_duplicates(ignore_index=True)
    if units is None:
        return found.assign(note="")
    style.require(units, "pathway", "unit", "note")
    return units[["pathway", "unit", "note"]].merge(found, on=["pathway", "unit"])


def _rows(table: pd.DataFrame, pathways: list[str]) -> pd.DataFrame:
    """What is drawn of each word; columns that start with an underscore say where and how."""
    rows = style.drawable(table[table["rank"] < _RANKS][["pathway", "unit", "rank", "place", "word", "activation"]])
    rows = rows.sort_values(["pathway", "unit", "rank", "place"], kind="stable", ignore_index=True)
    letters = rows["word"].str.len().clip(upper=_LONGEST) + _MARGIN
    groups = [rows["pathway"], rows["unit"], rows["rank"]]
    passed = letters.groupby(groups).cumsum()
    most = rows["activation"].abs().groupby(rows["pathway"]).transform("max").clip(lower=1)
    return rows.assign(
        _column=rows["pathway"].map(pathways.index),
        _right=(letters.groupby(groups).transform("sum") - passed).round(1),
        _wide=letters,
        _long=letters.groupby(groups).transform("sum").round(1),
        _heat=(rows["activation"].abs() / most).round(2),
        _context=rows.groupby(["pathway", "unit", "rank"])["word"].transform(" ".join),
    )


def _bars(labels: pd.DataFrame, pathways: list[str]) -> pd.DataFrame:
    columns = ["pathway", "unit", "kind", "label", "count", "share", "corpus"]
    first = labels[labels["pathway"].isin(pathways)].groupby(["pathway", "unit", "kind"], sort=False).head(_LABELS)
    bars = style.drawable(first[columns])
    row = bars.groupby(["pathway", "unit", "kind"], sort=False).cumcount()
    return bars.assign(_column=bars["pathway"].map(pathways.index), _row=row)


def _menus(units: pd.DataFrame, pathways: list[str]) -> list[alt.Parameter]:
    menus = []
    for column, pathway in enumerate(pathways):
        of_it = units[units["pathway"] == pathway]
        said = [f"{row.unit}: {row.note}" if row.note else str(row.unit) for row in of_it.itertuples()]
        options = dict(zip(of_it["unit"].tolist(), said, strict=True))
        menus.append(style.menu(f"unit_{column}", f"Unit, {pathway}", options, next(iter(options))))
    return menus


def _measures(rows: pd.DataFrame, columns: int) -> list[alt.Parameter]:
    """Lengths in pixels that depend on the width of the view."""
    most = rows["_long"].max() if len(rows) else 1
    return [
        alt.param(name="step", expr=f"(width + {_BETWEEN}) / {columns}"),
        alt.param(name="room", expr=f"step - {_BETWEEN}"),
        alt.param(name="letter", expr=f"clamp(room / {most:.1f}, {_SMALLEST}, {_LETTER})"),
        alt.param(name="names", expr="room > 240 ? 96 : 66"),  # for the names of labels
        alt.param(name="picked", expr=f"[{', '.join(f'unit_{column}' for column in range(columns))}]"),
    ]


_SHOWN = "datum.unit == picked[datum._column]"
_LEFT = "datum._column * step"
_RIGHT = f"{_LEFT} + room"
_FITTED = "min(letter, room / datum._long)"  # a context too long for its column has its words cut short


def _cells() -> list[alt.Chart]:
    """Words with heat behind them; the last words of all contexts end at the right."""
    heat = alt.Scale(type="sqrt", domain=[0, 1], range=[0, style.HEAT], clamp=True)
    dash = alt.ExprRef(expr="datum.activation < 0 ? [3, 2] : [1, 0]")
    cell = alt.MarkDef("rect", stroke=style.INK, strokeDash=dash)
    size, room = alt.ExprRef(expr="min(13, 1.75 * letter)"), alt.ExprRef(expr=f"(datum._wide - 0.4) * {_FITTED}")
    word = alt.MarkDef("text", limit=room, fontSize=size)
    top = f"{_TOP} + datum.rank * {_ROW}"
    return [
        style.layer(cell, _SHOWN, {
            "x": style.pixels(f"{_RIGHT} - (datum._right + datum._wide) * {_FITTED} + 1"),
            "x2": style.pixels(f"{_RIGHT} - datum._right * {_FITTED} - 1"),
            "y": style.pixels(f"{top} + 1"), "y2": style.pixels(f"{top} + {_ROW - 1}"),
            "color": _colour(), "fillOpacity": alt.FillOpacity("_heat:Q", scale=heat, legend=None),
            "strokeOpacity": style.pixels("datum.activation < 0 ? 0.6 : 0.15"), "tooltip": _word_tooltip(),
        }),
        style.layer(word, _SHOWN, {
            "x": style.pixels(f"{_RIGHT} - (datum._right + datum._wide / 2) * {_FITTED}"),
            "y": style.pixels(f"{top} + {_ROW / 2}"),
            "text": alt.Text("word:N"), "tooltip": _word_tooltip(),
        }),
    ]  # fmt: skip


def _colour() -> dict[str, alt.ExprRef]:
    known = {name: look.colour for name, look in style.LOOKS.items()}
    by_name = ", ".join(f"'{name}': '{colour}'" for name, colour in known.items())
    return style.pixels(f"datum.activation < 0 ? '{BELOW}' : ({{{by_name}}})[datum.pathway] || '#967000'")


def _word_tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("word:N", title="Word"),
        alt.Tooltip("activation:Q", title="Activation", format=".3f"),
        alt.Tooltip("_context:N", title="Context"),
        alt.Tooltip("unit:N", title="Unit"),
        alt.Tooltip("pathway:N", title="Pathway"),
    ]


def _headings(units: pd.DataFrame, pathways: list[str]) -> list[alt.Chart]:
    """The pathway and the unit above each column."""
    heads = [f"{row.pathway}, unit {row.unit}" for row in units.itertuples()]
    rows = units.assign(_column=units["pathway"].map(pathways.index), _head=heads)
    place = {"align": "left", "baseline": "top", "limit": alt.ExprRef(expr="room")}
    lines = (("_head:N", 0, {"fontWeight": "bold"}), ("note:N", 18, {"fontSize": 12}))
    return [
        _drawn(rows, alt.MarkDef("text", **place, **look), x=style.pixels(_LEFT), y=alt.value(y), text=alt.Text(text))
        for text, y, look in lines
    ]


def _drawn(rows: pd.DataFrame, mark: alt.MarkDef, **encoding) -> alt.Chart:
    """A layer of other rows than the chart's own, of the units that are picked."""
    return alt.Chart(rows, mark=mark, encoding=alt.Encoding(**encoding), transform=[alt.FilterTransform(_SHOWN)])


def _shares(bars: pd.DataFrame, kinds: list[str], below: int) -> list[alt.Chart]:
    """For each kind of label the shares of the contexts as bars, those of the corpus as ticks."""
    block = _GAP + _LABELS * _BAR
    top = bars["kind"].map(kinds.index) * block + below + _GAP + bars["_row"] * _BAR
    bars = bars.assign(_top=top)
    scaled = f"{_LEFT} + names + (room - names) *"
    tip = [
        alt.Tooltip("kind:N", title="Kind"),
        alt.Tooltip("label:N", title="Label"),
        alt.Tooltip("count:Q", title="Contexts"),
        alt.Tooltip("share:Q", title="Share of the contexts"),
        alt.Tooltip("corpus:Q", title="Share of the corpus"),
    ]
    name = alt.MarkDef("text", align="right", fontSize=12, limit=alt.ExprRef(expr="names - 8"))
    tick = alt.MarkDef("rule", strokeWidth=2, color=style.INK)
    head = alt.MarkDef("text", align="left", fontSize=12)
    heads = [{"kind": _KINDS.get(kind, kind), "_y": below + row * block + _GAP - 10} for row, kind in enumerate(kinds)]
    return [
        _drawn(
            bars, alt.MarkDef("rect", opacity=0.75), tooltip=tip, color=_bar_colour(),
            x=style.pixels(f"{scaled} 0"), x2=style.pixels(f"{scaled} datum.share"),
            y=style.pixels("datum._top + 2"), y2=style.pixels(f"datum._top + {_BAR - 3}"),
        ),
        _drawn(
            bars, tick, tooltip=tip, x=style.pixels(f"{scaled} datum.corpus"),
            y=style.pixels("datum._top"), y2=style.pixels(f"datum._top + {_BAR - 1}"),
        ),
        _drawn(
            bars, name, tooltip=tip, x=style.pixels(f"{_LEFT} + names - 6"),
            y=style.pixels(f"datum._top + {_BAR / 2}"), text=alt.Text("label:N"),
        ),
        alt.Chart(
            alt.InlineData(heads), mark=head,
            encoding=alt.Encoding(x=alt.value(0), y=style.pixels("datum._y"), text=alt.Text("kind:N")),
        ),
    ]  # fmt: skip


def _bar_colour() -> dict[str, alt.ExprRef]:
    by_name = ", ".join(f"'{name}': '{look.colour}'" for name, look in style.LOOKS.items())
    return style.pixels(f"({{{by_name}}})[datum.pathway] || '#967000'")


def _subtitle(rows: pd.DataFrame, bars: pd.DataFrame) -> str:
    beyond = rows["activation"].abs().max() > 1
    said = f"Colour: the activation at that word, full at {'the most of its pathway' if beyond else 1}."
    if (rows["activation"] < 0).any():
        said += " Dashed: below 0."
    total = round(float((bars["count"] / bars["share"]).max()))
    return f"{said} Bars: the last words of the top {total}. Tick: of the whole corpus."


def _description(rows: pd.DataFrame, pathways: list[str], units: pd.DataFrame) -> str:
    said = []
    for pathway in pathways:
        unit = units.loc[units["pathway"] == pathway, "unit"].iloc[0]
        first = rows[(rows["pathway"] == pathway) & (rows["unit"] == unit) & (rows["place"] == 0)].head(3)
        quoted = ", ".join(f"'{context}'" for context in first["_context"])
        said.append(f"{pathway} unit {unit}: {quoted}")
    count = units.groupby("pathway").size().max()
    return f"Strongest contexts of a unit, one of {count} to pick from each pathway. {'. '.join(said)}."
