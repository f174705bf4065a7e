"""Whether scores find what was planted: correlations beside what chance would give, and scores against weights.

Easy to get wrong: a correlation without its null. "One word type across roles" has few words in each group, and
shuffled weights alone already reach some correlation; the grey band shows how much.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_COUNTS = 72  # pixels for counts written upwards


def recovery(table: pd.DataFrame, title: str = "Which pathways recover the planted weights") -> alt.LayerChart:
    """Correlation of each pathway's scores with the planted weights, with intervals, beside chance.

    Parameters
    ----------
    table : DataFrame
        One row per test and pathway: ``test``, ``pathway``, ``correlation``, ``low``, ``high``, ``null_low``,
        ``null_high``, and ``count`` if the tooltip is to say it; as :func:`reading_neurons.planted.recovery` gives it.
        A row without a correlation (NaN) is drawn as its null alone.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "test", "pathway", "correlation", "low", "high", "null_low", "null_high")
    pathways, tests = style.in_order(table["pathway"]), style.in_order(table["test"])
    rows = style.drawable(table)
    names = {test: _counted(test, rows) for test in tests}
    base = alt.Chart(rows.assign(_name=rows["test"].map(names))).encode(
        y=alt.Y(
            "_name:N",
            sort=list(names.values()),
            scale=alt.Scale(paddingInner=0.2),
            axis=alt.Axis(title=None, domain=False, ticks=False, labelPadding=8, labelExpr="split(datum.label, '|')"),
        ),
        yOffset=alt.YOffset("pathway:N", sort=pathways),
        tooltip=_tooltip(rows),
    )
    # Centred, a long title would leave a narrow screen at the right.
    axis = alt.Axis(tickCount=6, labelFlush=False, titleAnchor="end")
    x = alt.X("null_low:Q", title="Rank correlation with planted weight", axis=axis, scale=alt.Scale(domainMax=1))
    null = base.mark_bar(color=style.NULL.colour, opacity=0.45).encode(x=x, x2="null_high:Q")
    few = 1 if max(map(len, pathways)) > 8 else 2  # columns, where the names of tests leave a narrow screen little room
    key = style.legend(offset=32, columns=alt.ExprRef(expr=f"width < 420 ? {few} : 4"))  # above the word "chance"
    coloured = base.encode(color=style.colour(pathways, key))
    interval = coloured.mark_rule(strokeWidth=3).encode(x="low:Q", x2="high:Q")
    point = coloured.mark_point(filled=True, size=110, opacity=1).encode(
        x="correlation:Q", shape=style.shape(pathways, key)
    )
    zero = alt.Chart(alt.InlineData([{}])).mark_rule().encode(x=alt.datum(0))
    name = alt.Chart(alt.InlineData([{}])).mark_text(baseline="bottom").encode(
        x=alt.datum(0), y=alt.value(-3), text=alt.value("chance")
    )
    return alt.layer(null, zero, interval, point, name).properties(
        title=style.heading(title, "Line: 95 % interval. Grey band: where 95 % of shuffled weights fall (chance)."),
        description=f"Rank correlation of scores with planted weights. {_said(rows)}",
        width="container",
        height=len(tests) * (24 * len(pathways) + 16),
    )


def _counted(test: str, rows: pd.DataFrame) -> str:
    """The name of a test and how many words it has, broken into short lines for a narrow screen."""
    words = [test.replace("one word type ", "one word type|")]
    if "count" in rows:
        words.append(f"n = {rows.loc[rows['test'] == test, 'count'].max():,}")
    return "|".join(words)


def _tooltip(rows: pd.DataFrame) -> list[alt.Tooltip]:
    titles = {
        "test": "Test", "pathway": "Pathway", "correlation": "Correlation", "low": "95 % from", "high": "95 % to",
        "null_low": "Chance from", "null_high": "Chance to", "count": "Words",
    }  # fmt: skip
    return style.tooltip(rows, titles)


def _said(rows: pd.DataFrame) -> str:
    return " ".join(
        f"{test}: " + ", ".join(f"{row.pathway} {_number(row.correlation)}" for row in part.itertuples()) + "."
        for test, part in rows.groupby("test", sort=False)
    )


def _number(correlation: float) -> str:
    return "undefined" if pd.isna(correlation) else f"{correlation:.2f}"


def by_role(table: pd.DataFrame, title: str = "Scores against planted weights") -> alt.LayerChart:
    """Mean score of each pathway for each planted weight or role, with intervals and counts.

    Parameters
    ----------
    table : DataFrame
        One row per pathway and weight or role: ``pathway``, ``weight`` or ``role`` (drawn in the order given),
        ``mean``, ``low``, ``high``, ``count``. With a column ``word`` (``"all nouns"``, ``"dog"``, ..) a menu picks
        the word.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing.
    """
    place = "weight" if "weight" in table else "role"
    style.require(table, "pathway", place, "mean", "low", "high", "count")
    pathways = style.in_order(table["pathway"])
    rows = style.drawable(table)
    base = alt.Chart(rows).encode(x=_place(place, rows), tooltip=_role_tooltip(rows, place))
    # The counts stand in the room that the scale leaves above itself.
    room = alt.Scale(domainMin=0, range=[alt.ExprRef(expr="height"), _COUNTS])
    y = alt.Y("mean:Q", title="Mean omission score", scale=room)
    coloured = base.encode(color=style.colour(pathways, style.legend()))
    lines = coloured.mark_line(strokeWidth=2).encode(y=y)
    intervals = coloured.mark_rule(strokeWidth=2).encode(y="low:Q", y2="high:Q")
    points = coloured.mark_point(filled=True, size=80, opacity=1).encode(
        y=y, shape=style.shape(pathways, style.legend())
    )
    counts = base.transform_filter(alt.datum.pathway == pathways[0]).mark_text(
        angle=270, align="left", fontSize=12, baseline="middle"
    ).encode(y=alt.value(_COUNTS - 8), text=alt.value(alt.ExprRef(expr="'n = ' + format(datum.count, ',')")))
    chart = alt.layer(intervals, lines, points, counts)
    if "word" in rows:
        words = style.in_order(rows["word"])
        chart = chart.transform_filter("datum.word == word_pick").add_params(
            style.menu("word_pick", "Word", {word: word for word in words}, words[0])
        )
    return chart.properties(
        title=style.heading(title, "Line: 95 % interval of the mean. n: words."),
        description=_roles_said(rows, place, pathways),
        width="container",
        height=300 + _COUNTS,
    )


def _place(place: str, rows: pd.DataFrame) -> alt.X:
    if place == "role":
        roles = style.in_order(rows["role"])
        return alt.X("role:N", title="Role of the word", sort=roles, axis=alt.Axis(labelAngle=-40))
    return alt.X("weight:Q", title="Planted weight", scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=6, grid=False))


def _role_tooltip(rows: pd.DataFrame, place: str) -> list[alt.Tooltip]:
    titles = {
        "word": "Word", "pathway": "Pathway", place: {"weight": "Planted weight", "role": "Role"}[place],
        "mean": "Mean score", "low": "95 % from", "high": "95 % to", "count": "Words",
    }  # fmt: skip
    return style.tooltip(rows, titles)


def _roles_said(rows: pd.DataFrame, place: str, pathways: list[str]) -> str:
    picked = rows[rows["word"] == rows["word"].iloc[0]] if "word" in rows else rows
    said = f"Mean omission score for each planted {place}"
    said += f" ({picked['word'].iloc[0]}; a menu picks another word)" if "word" in rows else ""
    for pathway in pathways:
        part = picked[picked["pathway"] == pathway]
        values = ", ".join(f"{at} {mean:.2g}" for at, mean in zip(part[place], part["mean"], strict=True))
        said += f". {pathway}: {values}"
    return f"{said}."
