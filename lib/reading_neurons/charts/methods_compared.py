"""Methods that look for the input a neuron wants: what each reaches, and neuron by neuron beside corpus search.

The form of Poerner et al. 2018, figure 1: a block of boxes for each case, each block on a scale of its own.

Easy to get wrong: boxes of paired values. Two boxes may overlap though one method reaches more on every neuron, which
the chart of single neurons shows: one point each, above the diagonal where the method reaches more.
"""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from reading_neurons.charts import style

_QUANTILES = {"p5": 0.05, "q1": 0.25, "median": 0.5, "q3": 0.75, "p95": 0.95}
_KEY = "Box: middle half; bar: median; line: 5 % to 95 %; light ticks: the neurons. Each block has its own scale."
_NAMES, _EDGE = 112, 12  # pixels for the names of methods, and right of the plot
_HEAD, _ROW, _AXIS = 26, 17, 26  # heights of a block's heading, of a method, and of the numbers below
_TICKS = 3  # numbers on an axis, at least
_ROOM = f"(width - {_NAMES + _EDGE})"


def activations_by_method(
    table: pd.DataFrame, title: str = "What each method's words reach", unit: str = "Activation of the words"
) -> alt.LayerChart:
    """Box plots of the activations that methods reach, a block for each case.

    Parameters
    ----------
    table : DataFrame
        One row per neuron and method: ``case``, ``method``, ``activation``. A case that begins with the name of a
        pathway has its colour.
    title : str
    unit : str
        What the numbers are.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(table, "case", "method", "activation")
    cases, methods = style.in_order(table["case"]), style.in_order(table["method"])
    block = _HEAD + len(methods) * _ROW + _AXIS
    blocks = [(case, table[table["case"] == case], number * block) for number, case in enumerate(cases)]
    boxes, points, axes, heads = [], [], [], []
    for case, rows, top in blocks:
        least, most, ticks = _scale(rows["activation"])
        colour = _colour(case)
        for row, method in enumerate(method for method in methods if (rows["method"] == method).any()):
            values = rows.loc[rows["method"] == method, "activation"]
            y = top + _HEAD + row * _ROW
            boxes.append(_box(case, method, values, y, least, most) | {"colour": colour})
            points += [{"y": y, "x": round(x, 4), "c": colour} for x in (values.to_numpy() - least) / (most - least)]
        below = top + _HEAD + len(methods) * _ROW
        axes += [
            {"top": top + _HEAD, "below": below, "_x": (t - least) / (most - least), "_said": f"{t:g}"} for t in ticks
        ]
        count = rows.groupby("method").size().max()
        heads.append({"y": top + _HEAD - 8, "_said": f"{case}, {count} neurons", "colour": colour})
    return alt.layer(
        *_axes(axes), _points(points), *_boxes(boxes), _heads(heads)
    ).properties(
        title=style.heading(title, _KEY),
        description=f"Box plots of the activation that methods reach, medians. {_medians(boxes)} {unit}.",
        width="container",
        height=len(cases) * block,
    )


def _scale(values: pd.Series) -> tuple[float, float, list[float]]:
    """The least and the most of an axis that holds all values, and round numbers on it."""
    least, most = float(values.min()), float(values.max())
    if most - least < 1e-9:
        least, most = least - 0.5, most + 0.5
    power = 10 ** np.floor(np.log10(most - least))
    for step in (step * power for step in (2, 1, 0.5, 0.2)):
        ticks = np.arange(np.ceil(least / step - 1e-9), np.floor(most / step + 1e-9) + 1) * step
        if len(ticks) >= _TICKS:
            break
    return least, most, [round(float(tick), 10) + 0.0 for tick in ticks]


def _colour(case: str) -> str:
    return next((look.colour for name, look in style.LOOKS.items() if case.startswith(name)), "#967000")


def _box(case: str, method: str, values: pd.Series, y: int, least: float, most: float) -> dict:
    found = values.quantile(list(_QUANTILES.values())).set_axis(list(_QUANTILES))
    places = {f"_{name}": round((value - least) / (most - least), 4) for name, value in found.items()}
    said = {name: float(f"{value:.4g}") for name, value in found.items()}
    return {"case": case, "method": method, "count": len(values), "y": y, **said, **places}


def _at(column: str) -> dict[str, alt.ExprRef]:
    return style.pixels(f"{_NAMES} + {_ROOM} * datum.{column}")


def _drawn(rows: list[dict], mark: alt.MarkDef, **encoding) -> alt.Chart:
    return alt.Chart(alt.InlineData(rows), mark=mark, encoding=alt.Encoding(**encoding))


def _axes(rows: list[dict]) -> list[alt.Chart]:
    line = alt.MarkDef("rule", opacity=0.18, color=style.INK)
    number = alt.MarkDef("text", baseline="top", fontSize=12)
    y = style.pixels
    return [
        _drawn(rows, line, x=_at("_x"), y=y("datum.top"), y2=y("datum.below")),
        _drawn(rows, number, x=_at("_x"), y=y("datum.below + 3"), text=alt.Text("_said:N")),
    ]


def _points(rows: list[dict]) -> alt.Chart:
    tick = alt.MarkDef("rule", opacity=0.3, strokeWidth=1)
    y, y2 = (style.pixels(f"datum.y + {offset}") for offset in (1, _ROW - 2))
    return _drawn(rows, tick, x=_at("x"), y=y, y2=y2, color=alt.Color("c:N", scale=None))


def _boxes(rows: list[dict]) -> list[alt.Chart]:
    tip = style.titled(**{
        "case:N": "Case", "method:N": "Method", "count:Q": "Neurons", "median:Q": "Median", "q1:Q": "25 %", "q3:Q": "75 %",
        "p5:Q": "5 %", "p95:Q": "95 %",
    })  # fmt: skip
    colour, middle = alt.Color("colour:N", scale=None), style.pixels(f"datum.y + {_ROW / 2}")
    top, bottom = style.pixels("datum.y + 3"), style.pixels(f"datum.y + {_ROW - 4}")
    name = alt.MarkDef("text", align="right", fontSize=12)
    return [
        _drawn(rows, alt.MarkDef("rule", strokeWidth=1.5), x=_at("_p5"), x2=_at("_p95"), y=middle, color=colour, tooltip=tip),
        _drawn(
            rows, alt.MarkDef("rect", opacity=0.45), x=_at("_q1"), x2=_at("_q3"), y=top, y2=bottom, color=colour, tooltip=tip
        ),
        _drawn(
            rows, alt.MarkDef("rule", strokeWidth=3, color=style.INK), x=_at("_median"), y=top, y2=bottom, tooltip=tip
        ),
        _drawn(rows, name, x=alt.value(_NAMES - 8), y=middle, text=alt.Text("method:N"), tooltip=tip),
    ]  # fmt: skip


def _heads(rows: list[dict]) -> alt.Chart:
    mark = alt.MarkDef("text", align="left", baseline="bottom", fontWeight="bold", fontSize=13)
    return _drawn(
        rows,
        mark,
        x=alt.value(0),
        y=style.pixels("datum.y"),
        text=alt.Text("_said:N"),
        color=alt.Color("colour:N", scale=None),
    )


def _medians(boxes: list[dict]) -> str:
    cases = style.in_order(box["case"] for box in boxes)
    said = {case: ", ".join(f"{b['method']} {b['median']:.3g}" for b in boxes if b["case"] == case) for case in cases}
    return " ".join(f"{case}: {parts}." for case, parts in said.items())


# One point a neuron


def against_corpus(
    table: pd.DataFrame, method: str = "gumbel + swaps", title: str = "Which neurons corpus search undersells"
) -> alt.LayerChart:
    """Corpus search and a method on the same neurons, one point each, with both n-grams in the tooltip.

    Parameters
    ----------
    table : DataFrame
        One row per neuron: ``case``, ``neuron``, ``corpus``, ``corpus words``, and the column of the method with its
        words, ``gumbel + swaps`` and ``gumbel + swaps words``.
    method : str
    title : str

    Returns
    -------
    altair.LayerChart
        With a menu of cases.

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(table, "case", "neuron", "corpus", "corpus words", method, f"{method} words")
    cases = style.in_order(table["case"])
    rows = style.drawable(
        pd.DataFrame(
            {
                "case": table["case"], "neuron": table["neuron"], "corpus": table["corpus"], "method": table[method],
                "in_corpus": table["corpus words"], "written": table[f"{method} words"],
            }
        )
    )  # fmt: skip
    ends = {case: _ends(rows[rows["case"] == case]) for case in cases}
    names = [{"case": case, "_said": _won(rows[rows["case"] == case])} for case in cases]
    picked = style.menu("chosen", "Case", {case: case for case in cases}, cases[0])
    least, most = (
        alt.param(name=name, expr=f"({ {c: e[i] for c, e in ends.items()} })[chosen]")
        for i, name in ((0, "least"), (1, "most"))
    )
    shown = "datum['case'] == chosen"  # a reserved word, which an expression does not take after a dot
    # Said upright: a title along the axis would need more height than the plot of a telephone has.
    said = f"Activation of the words by {method}"
    layers = [
        _diagonal(),
        _neurons(rows, shown, method, said),
        alt.Chart(
            alt.InlineData(names), mark=alt.MarkDef("text", align="left", baseline="top", fontSize=13),
            encoding=alt.Encoding(x=alt.value(8), y=alt.value(6), text=alt.Text("_said:N")),
            transform=[alt.FilterTransform(shown)],
        ),
    ]  # fmt: skip
    return alt.LayerChart(
        layer=layers,
        params=style.lifted(picked, least, most),
        title=style.heading(
            title, "A point is a neuron; above the line it is more active for the words that were optimized."
        ),
        description=f"Activation of the best corpus n-gram and of that by {method}, neuron by neuron. "
        + " ".join(f"{row['case']}: {row['_said']}." for row in names),
        width="container",
        height=380,
    )


def _ends(rows: pd.DataFrame) -> tuple[float, float]:
    """Where both axes begin and end: a little beyond all points."""
    values = rows[["corpus", "method"]].to_numpy()
    margin = 0.03 * (values.max() - values.min()) or 0.5
    return float(f"{values.min() - margin:.4g}"), float(f"{values.max() + margin:.4g}")


def _won(rows: pd.DataFrame) -> str:
    won = int((rows["method"] > rows["corpus"]).sum())
    return f"{won} of {len(rows)} above the line"


def _diagonal() -> alt.Chart:
    size = {"x": alt.value(0), "x2": alt.value("width"), "y": alt.value("height"), "y2": alt.value(0)}
    return alt.Chart(
        alt.InlineData([{}]), mark=alt.MarkDef("rule", strokeDash=[4, 3], color=style.INK, opacity=0.7),
        encoding=alt.Encoding(**size),
    )  # fmt: skip


def _neurons(rows: pd.DataFrame, shown: str, method: str, said: str) -> alt.Chart:
    scale = alt.Scale(domainMin=alt.ExprRef(expr="least"), domainMax=alt.ExprRef(expr="most"), zero=False, nice=False)
    axis = alt.Axis(tickCount=5, labelFlush=False)
    colours = style.in_order(rows["case"])
    tip = style.titled(**{
        "neuron:N": "Neuron", "in_corpus:N": "Corpus", "corpus:Q": "Activation, corpus", "written:N": method.capitalize(),
        "method:Q": f"Activation, {method}",
    })  # fmt: skip
    return alt.Chart(
        rows,
        mark=alt.MarkDef("point", filled=True, size=55, opacity=0.7),
        encoding=alt.Encoding(
            x=alt.X("corpus:Q", title="Activation of the best corpus n-gram", scale=scale, axis=axis),
            y=alt.Y("method:Q", title=said, scale=scale, axis=axis),
            color=alt.Color(
                "case:N", scale=alt.Scale(domain=colours, range=[_colour(c) for c in colours]), legend=None
            ),
            tooltip=tip,
        ),
        transform=[alt.FilterTransform(shown)],
    )


# What the gap is made of

_SHAPES = ("circle", "square", "triangle-up", "diamond")


def gains(
    table: pd.DataFrame, title: str = "How much more than a corpus each network can be made to say"
) -> alt.LayerChart:
    """The mean gain over corpus search, by case and network, as a share of what corpus search reaches.

    Parameters
    ----------
    table : DataFrame
        One row per case and network: ``case``, ``network`` (at most four; one with ``untrained`` in its name is drawn
        in grey), ``neurons``, ``share``, ``share_low``, ``share_high`` (95 %), ``won``.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing, there is no row, or there are more than four networks.
    """
    style.require(table, "case", "network", "neurons", "share", "share_low", "share_high", "won")
    cases, networks = style.in_order(table["case"]), style.in_order(table["network"])
    if len(networks) > len(_SHAPES):
        raise ValueError(f"the chart tells {len(_SHAPES)} networks apart, found {len(networks)}: choose fewer")
    rows = table[["case", "network", "neurons", "share", "share_low", "share_high", "won"]]
    colours = [style.NULL.colour if "untrained" in row.network else _colour(row.case) for row in rows.itertuples()]
    rows = style.drawable(rows.assign(_colour=colours, _won=[f"{won:.0%}" for won in rows["won"]]))
    axis = alt.Axis(title=None, ticks=False, domain=False, labelPadding=6, labelExpr="split(datum.label, ' ')")
    base = alt.Chart(rows).encode(
        y=alt.Y("case:N", sort=cases, axis=axis, scale=alt.Scale(paddingInner=0.25)),
        yOffset=alt.YOffset("network:N", sort=networks),
        color=alt.Color("_colour:N", scale=None),
        tooltip=style.titled(**{
            "case:N": "Case", "network:N": "Network", "neurons:Q": "Neurons", "share:Q": "Share gained",
            "share_low:Q": "Share from", "share_high:Q": "Share to", "won:Q": "Share of neurons won",
        }),
    )  # fmt: skip
    room = alt.Scale(domainMax=1.2 * max(float(rows["share_high"].max()), 0.01), nice=False)  # for the numbers
    axis = alt.Axis(format="%", tickCount=5, labelFlush=False)
    x = alt.X("share_low:Q", title="Mean gain, share of corpus search", axis=axis, scale=room)
    key = style.legend(symbolFillColor=style.NULL.colour, symbolStrokeColor=style.NULL.colour, columns=1)
    shape = alt.Shape("network:N", scale=alt.Scale(domain=networks, range=list(_SHAPES[: len(networks)])), legend=key)
    won = base.mark_text(align="left", dx=8, fontSize=12, color=style.INK)
    return alt.layer(
        alt.Chart(alt.InlineData([{}])).mark_rule(opacity=0.7, color=style.INK).encode(x=alt.datum(0)),
        base.mark_rule(strokeWidth=2).encode(x=x, x2="share_high:Q"),
        base.mark_point(filled=True, size=70, opacity=1).encode(x="share:Q", shape=shape),
        won.encode(x="share_high:Q", text="_won:N", color=alt.value(style.INK)),
    ).properties(
        title=style.heading(title, "Line: 95 % interval over neurons. Number: the share of neurons won."),
        description="Mean gain over corpus search as a share, by case and network. " + _gained(rows, cases),
        width="container",
        height=len(cases) * (18 * len(networks) + 14),
    )


def _gained(rows: pd.DataFrame, cases: list[str]) -> str:
    said = {
        case: ", ".join(f"{r.network} {r.share:.0%}" for r in rows[rows["case"] == case].itertuples()) for case in cases
    }
    return " ".join(f"{case}: {parts}." for case, parts in said.items())
