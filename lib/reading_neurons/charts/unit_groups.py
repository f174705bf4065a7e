"""Groups of units: all of them as dots, one picked with its members, and the correlations that made them.

Easy to get wrong: what a dot says. How much the members of a group correlate is a fact about sentences somebody wrote;
how active its optimal input makes them is one about five words that nobody may ever have written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from reading_neurons.charts import style

_DOTS, _TOP = 230, 34  # where the dots end, and begin
_PANEL = _DOTS + 34
_LINE, _ROW = 18, 20
_LINES = 5  # above the members
_MEMBERS = 10  # that are listed of a group, the closest first
_NUMBER, _BAR = 38, 70  # widths
_ORDERS = {"group": "group", "number": "number"}
_OPPOSITE = "#b4568b"
_SHOWN = "datum._key === picked"
_WORDS = 26  # characters of an n-gram in a menu


def unit_groups(
    groups: pd.DataFrame,
    members: pd.DataFrame,
    title: str = "Groups of units, and what each wants",
    picked: str | None = None,
    menu: bool = True,
) -> alt.LayerChart:
    """All groups as dots, and one of them with its optimal inputs and its members.

    Parameters
    ----------
    groups : DataFrame
        One row per group: ``pathway``, ``group``, ``size``, ``within`` (mean correlation of two members), ``default``
        and ``corpus`` (activations of the group for its optimal input, and for the best n-gram of a corpus), and their
        words, ``default words`` and ``corpus words``.
    members : DataFrame
        One row per unit: ``pathway``, ``unit``, ``group``, ``correlation`` (with the mean of the others), ``contexts``
        (what it is most active at, as text). Of each group the ten closest are listed.
    title : str
    picked : str, optional
        The pathway and the number of the group that is shown first, as ``"visual 3"``; by default the one of at least
        four units whose members correlate most.
    menu : bool
        Whether there is a menu of groups.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing, there is no row, or no group of that name.
    """
    style.require(groups, "pathway", "group", "size", "within", "default", "corpus", "default words", "corpus words")
    style.require(members, "pathway", "unit", "group", "correlation", "contexts")
    rows, listed = _rows(groups), _listed(members)
    pathways = style.in_order(rows["pathway"])
    options = {row["_key"]: _option(row) for row in rows.to_dict("records")}
    picked = _tightest(rows) if picked is None else picked
    if picked not in options:
        raise ValueError(f"there is no group {picked!r}: the groups are {', '.join(list(options)[:3])} ..")
    chosen = style.menu("picked", "Group", options, picked) if menu else alt.param(name="picked", value=picked)
    return alt.LayerChart(
        data=rows,
        layer=[*_dots(pathways), *_panel(), *_members(listed)],
        params=style.lifted(chosen),
        title=style.heading(title, "A dot is a group, larger the more units; in the ring the one that is picked."),
        description=_description(rows),
        width="container",
        height=_PANEL + _LINES * _LINE + 34 + _MEMBERS * _ROW,
    )


def _rows(groups: pd.DataFrame) -> pd.DataFrame:
    columns = ["pathway", "group", "size", "within", "default", "corpus"]
    rows = style.drawable(groups[columns].astype({"within": float}))
    return rows.assign(
        _written=groups["default words"].to_numpy(),
        _found=groups["corpus words"].to_numpy(),
        _key=rows["pathway"] + " " + rows["group"].astype(str),
        within=rows["within"].where(rows["within"].notna(), None),
    )


def _tightest(rows: pd.DataFrame) -> str:
    large = rows[(rows["size"] >= 4) & rows["within"].notna()]
    return rows["_key"].iloc[0] if large.empty else large.loc[large["within"].astype(float).idxmax(), "_key"]


def _option(row: Mapping[str, Any]) -> str:
    words = row["_written"]
    if len(words) > _WORDS:
        words = words[:_WORDS].rpartition(" ")[0] + " .."
    return f"{row['pathway']} {row['group']}: {words} ({row['size']})"


def _listed(members: pd.DataFrame) -> pd.DataFrame:
    """The closest members of each group; columns that start with an underscore say where they stand."""
    by = ["pathway", "group", "correlation"]
    order = members.sort_values(by, ascending=[True, True, False], kind="stable", ignore_index=True)
    rank = order.groupby(["pathway", "group"]).cumcount()
    kept = order[(rank < _MEMBERS) & (order["group"] >= 0)]
    rows = kept[["unit", "correlation", "contexts"]].astype({"correlation": float}).round({"correlation": 2})
    rows = style.drawable(rows)
    return rows.assign(
        correlation=rows["correlation"].where(rows["correlation"].notna(), None),
        _key=(kept["pathway"] + " " + kept["group"].astype(str)).to_numpy(),
        _pathway=kept["pathway"].to_numpy(),
        _rank=rank[kept.index].to_numpy(),
    )


_TIPS = {
    "pathway:N": "Pathway", "group:N": "Group", "size:Q": "Units", "within:Q": "Mean correlation of two members",
    "default:Q": "Activation for what it wants", "_written:N": "What it wants",
    "corpus:Q": "Activation for the best of the corpus", "_found:N": "Best of the corpus",
}  # fmt: skip


def _dots(pathways: Sequence[str]) -> list[alt.Chart]:
    axis = {"labelFlush": False, "tickCount": 5}
    size = alt.Scale(type="linear", domainMin=0, range=[15, 260])
    encoding = {
        "x": alt.X("within:Q", axis=alt.Axis(orient="top", title="Mean correlation of two members", **axis)),
        "y": alt.Y(
            "default:Q",
            scale=alt.Scale(range=[_DOTS, _TOP], zero=False, nice=True),
            axis=alt.Axis(title="Activation", titleY=(_DOTS + _TOP) / 2, **axis),
        ),
        "size": alt.Size("size:Q", scale=size, legend=None),
        "tooltip": [alt.Tooltip(column, title=said) for column, said in _TIPS.items()],
    }
    looks = style.looks(pathways)
    colour = alt.Scale(domain=list(looks), range=[look.colour for look in looks.values()])
    shape = alt.Scale(domain=list(looks), range=[look.shape for look in looks.values()])
    legend = style.legend() if len(pathways) > 1 else None
    return [
        alt.Chart(mark=alt.MarkDef("point", filled=True, opacity=0.6), encoding=alt.Encoding(
            color=alt.Color("pathway:N", scale=colour, legend=legend),
            shape=alt.Shape("pathway:N", scale=shape, legend=legend), **encoding,
        )),
        alt.Chart(
            mark=alt.MarkDef("point", filled=False, strokeWidth=2, color=style.INK, shape="circle"),
            encoding=alt.Encoding(x=encoding["x"], y=encoding["y"], size=alt.value(420), tooltip=encoding["tooltip"]),
            transform=[alt.FilterTransform(_SHOWN)],
        ),
    ]  # fmt: skip


def _panel() -> list[alt.Chart]:
    """What is said of the group that is picked, line by line."""
    one = "(datum.size === 1 ? ' unit' : ' units')"
    lines = [
        f"datum.pathway + ' group ' + datum.group + ', ' + datum.size + {one}",
        "'It wants, at ' + format(datum.default, '.2f') + ':'", "datum._written",
        "'Best of the corpus, at ' + format(datum.corpus, '.2f') + ':'", "datum._found",
    ]  # fmt: skip
    bold = (0, 2, 4)
    return [
        style.layer(
            alt.MarkDef("text", align="left", baseline="top", fontWeight="bold" if row in bold else "normal",
                        fontSize=13 if row in bold else 12, limit=alt.ExprRef(expr="width")),
            _SHOWN,
            {"x": alt.value(0), "y": alt.value(_PANEL + row * _LINE), "text": style.pixels(line)},
        )
        for row, line in enumerate(lines)
    ]  # fmt: skip


def _members(listed: pd.DataFrame) -> list[alt.Chart]:
    """Units of the group that is picked: how they correlate with the others, and where they are most active."""
    top = _PANEL + _LINES * _LINE + 34
    at = f"{top} + datum._rank * {_ROW}"
    left = _NUMBER + _BAR + 12
    tip = [
        alt.Tooltip("unit:N", title="Unit"),
        alt.Tooltip("correlation:Q", title="Correlation with the others"),
        alt.Tooltip("contexts:N", title="Most active at"),
    ]
    looks = {name: look.colour for name, look in style.LOOKS.items()}
    known = ", ".join(f"'{name}': '{colour}'" for name, colour in looks.items())
    marks = [
        (alt.MarkDef("rect", opacity=0.75), {
            "x": alt.value(_NUMBER), "x2": style.pixels(f"{_NUMBER} + {_BAR} * max(datum.correlation, 0)"),
            "y": style.pixels(f"{at} + 3"), "y2": style.pixels(f"{at} + {_ROW - 3}"),
            "color": style.pixels(f"({{{known}}})[datum._pathway] || '#967000'"),
        }),
        (alt.MarkDef("text", align="right", fontSize=12), {
            "x": alt.value(_NUMBER - 6), "y": style.pixels(f"{at} + {_ROW / 2}"), "text": alt.Text("unit:N"),
        }),
        (alt.MarkDef("text", align="left", fontSize=12, limit=alt.ExprRef(expr=f"width - {left}")), {
            "x": alt.value(left), "y": style.pixels(f"{at} + {_ROW / 2}"), "text": alt.Text("contexts:N"),
        }),
    ]  # fmt: skip
    places = {"Unit": 0, "With others": _NUMBER, "Most active at": left}
    heads = [{"_said": said, "_x": x} for said, x in places.items()]
    shown = [alt.FilterTransform(_SHOWN)]
    head = alt.MarkDef("text", align="left", baseline="bottom", fontSize=12, fontStyle="italic")
    return [
        *(
            alt.Chart(listed, mark=mark, encoding=alt.Encoding(tooltip=tip, **encoding), transform=shown)
            for mark, encoding in marks
        ),
        alt.Chart(
            alt.InlineData(heads), mark=head,
            encoding=alt.Encoding(x=style.pixels("datum._x"), y=alt.value(top - 4), text=alt.Text("_said:N")),
        ),
    ]  # fmt: skip


def _description(rows: pd.DataFrame) -> str:
    said = []
    for pathway, part in rows.groupby("pathway", sort=False):
        best = part.loc[part["default"].idxmax()]
        within = part["within"].astype(float).median()
        said.append(
            f"{pathway}: {len(part)} groups of {part['size'].min()} to {part['size'].max()} units, median correlation "
            f"of members {within:.2f}; group {best['group']} wants '{best['_written']}' most, {best['default']:.2f}"
        )
    return f"Groups of units by how their members correlate and how active they can be made. {'. '.join(said)}."


def unit_correlations(
    correlation: np.ndarray,
    labels: Sequence[int] | np.ndarray,
    units: Sequence[int],
    title: str = "Sorted by group, units that rise together stand together",
) -> alt.LayerChart:
    """The correlations of some units as a heat map, in the order of their groups or of their numbers.

    Parameters
    ----------
    correlation : float array, shape (units, units)
    labels : sequence of int, shape (units,)
        The group of each unit.
    units : sequence of int
        Which are drawn, 60 at most.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If there are fewer than two units, or too many.
    """
    units, labels = np.asarray(units), np.asarray(labels)
    if not 2 <= len(units) <= 60:
        raise ValueError(f"the chart has room for 2 to 60 units, found {len(units)}: choose some")
    number = np.argsort(np.argsort(units))
    place = np.empty(len(units), dtype=int)
    place[np.lexsort((units, labels[units]))] = np.arange(len(units))
    row, column = (index.ravel() for index in np.indices((len(units), len(units))))
    cells = pd.DataFrame(
        {
            "unit": units[row], "with": units[column], "r": correlation[units[row], units[column]],
            "group": labels[units[row]], "other": labels[units[column]],
            "_a": place[row], "_b": place[column], "_c": number[row], "_d": number[column],
        }
    )  # fmt: skip
    same, apart = cells["group"] == cells["other"], cells["unit"] != cells["with"]
    return alt.LayerChart(
        data=style.drawable(cells.round({"r": 2})),
        layer=_cells(len(units)),
        params=style.lifted(style.menu("order", "Units in order of their", _ORDERS, "group")),
        title=style.heading(title, "Framed: two units of one group."),
        description=(
            f"Correlations of {len(units)} units, {cells.loc[same & apart, 'r'].mean():.2f} on average within a group "
            f"and {cells.loc[~same, 'r'].mean():.2f} between groups."
        ),
        width="container",
        height=380,
    )


def _cells(count: int) -> list[alt.Chart]:
    row, column = (f"(order === 'group' ? datum.{one} : datum.{other})" for one, other in (("_a", "_c"), ("_b", "_d")))
    place = {
        "x": style.pixels(f"{column} * width / {count}"), "x2": style.pixels(f"({column} + 1) * width / {count}"),
        "y": style.pixels(f"{row} * height / {count}"), "y2": style.pixels(f"({row} + 1) * height / {count}"),
    }  # fmt: skip
    scale = alt.Scale(domain=[-1, 0, 1], range=[_OPPOSITE, "#f0f0f0", style.LOOKS["textual"].colour])
    tips = {"unit:N": "Unit", "group:N": "in group", "with:N": "with unit", "other:N": "of group", "r:Q": "Correlation"}
    tooltip = [alt.Tooltip(name, title=said) for name, said in tips.items()]
    colour = alt.Color("r:Q", scale=scale, legend=alt.Legend(title="Correlation", orient="top"))
    return [
        alt.Chart(mark=alt.MarkDef("rect"), encoding=alt.Encoding(color=colour, tooltip=tooltip, **place)),
        style.layer(
            alt.MarkDef("rect", filled=False, stroke="#333333", strokeWidth=1), "datum.group === datum.other", place
        ),
    ]
