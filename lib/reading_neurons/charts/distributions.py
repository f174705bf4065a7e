"""Omission scores and their log ratios per kind of word (the forms of Kádár et al. 2017, figures 2 and 3).

A box holds the middle half of the words, its bar is the median, and a line spans 5 % to 95 % of them.

Easy to get wrong: the interval of a median is no whisker. It says how well the median is known, and is far narrower
than the box when a label is frequent; the chart of log ratios draws it as a band of its own.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_QUANTILES = {"p5": 0.05, "q1": 0.25, "median": 0.5, "q3": 0.75, "p95": 0.95}
_KINDS = {"tag": "Part-of-speech tag", "deprel": "Dependency label"}
_KEY = "Box: middle half; bar: median; line: 5 % to 95 % of the words."


def distributions(
    table: pd.DataFrame, by: str = "tag", min_count: int = 1, title: str = "How the scores spread for each kind of word"
) -> alt.LayerChart:
    """Box plots of omission scores per label, the pathways under each other.

    Parameters
    ----------
    table : DataFrame
        Either one row per word and pathway (``pathway``, ``score`` and the column ``by``), or a summary with one row
        per label and pathway: ``pathway``, ``count``, ``median``, ``q1``, ``q3``, ``p5``, ``p95``, and the label in
        the column ``by`` or ``label``.
    by : str
        Kind of label: ``"tag"`` or ``"deprel"``.
    min_count : int
        Labels of fewer words are left out; the subtitle says how many.
    title : str

    Returns
    -------
    altair.LayerChart
        Labels in order of the first pathway's median.

    Raises
    ------
    ValueError
        If a column is missing or no label is frequent enough.
    """
    style.require(table, "pathway")
    rows, left_out = _frequent(_summary(table, by, "score", ["pathway"]), min_count)
    pathways = style.in_order(table["pathway"])
    first = rows[rows["pathway"] == pathways[0]].sort_values("median", ascending=False)
    labels = style.in_order([*first["label"], *rows["label"]])
    base = alt.Chart(style.drawable(_named(rows))).encode(
        y=_y(labels, rows, by),
        yOffset=alt.YOffset("pathway:N", sort=pathways),
        color=style.colour(pathways, style.legend(symbolType="square", symbolSize=120)),
        tooltip=_tooltip(rows),
    )
    return alt.layer(*_boxes(base, _x("Omission score"))).properties(
        title=style.heading(title, _KEY + _said(left_out, min_count)),
        description=(
            f"Box plots of omission scores per {_kind(by).lower()}, {len(labels)} labels, pathways "
            f"{', '.join(pathways)}. Medians of the pathway {pathways[0]}: {_extremes(first)}."
        ),
        width="container",
        height=len(labels) * (14 * len(pathways) + 10),
    )


def log_ratios(
    table: pd.DataFrame,
    by: str = "tag",
    min_count: int = 1,
    title: str = "Which pathway depends more on each kind of word",
    numerator: str = "visual",
    denominator: str = "textual",
) -> alt.LayerChart:
    """Box plots of the log ratio of two pathways' scores per label, around a rule at zero.

    Parameters
    ----------
    table : DataFrame
        Either one row per word (``log_ratio`` and the column ``by``), or a summary with one row per label: ``count``,
        ``median``, ``q1``, ``q3``, ``p5``, ``p95``, and the label in the column ``by`` or ``label``. A summary may
        have ``low`` and ``high``, the interval of the median, drawn as a band; and ``paper``, 1 or -1 for the side
        on which the paper finds the label, drawn as a triangle at that edge.
    by : str
        Kind of label: ``"tag"`` or ``"deprel"``.
    min_count : int
        Labels of fewer words are left out; the subtitle says how many.
    title : str
    numerator, denominator : str
        The two pathways, as :func:`reading_neurons.methods.omission.log_ratio` took them.

    Returns
    -------
    altair.LayerChart
        Labels in order of their median.

    Raises
    ------
    ValueError
        If a column is missing or no label is frequent enough.
    """
    rows, left_out = _frequent(_summary(table, by, "log_ratio", []), min_count)
    rows = rows.sort_values("median", ascending=False)
    rows = rows.assign(pathway=[numerator if median > 0 else denominator for median in rows["median"]])
    labels = list(rows["label"])
    base = alt.Chart(style.drawable(_named(rows))).encode(y=_y(labels, rows, by), tooltip=_tooltip(rows))
    coloured = base.encode(color=style.colour([numerator, denominator]))
    subtitle = _KEY
    zero = alt.Chart(_one_row()).mark_rule(strokeWidth=2).encode(x=alt.datum(0))
    layers = [zero, *_boxes(coloured, _x(f"Log ratio of scores, {numerator} / {denominator}"))]
    if "low" in rows:
        layers.append(_bands(coloured))
        subtitle += " Solid band: 95 % interval of the median."
    if "paper" in rows:
        layers.append(_paper_sides(base))
        subtitle += " Triangle: the paper's side."
    layers += _sides(numerator, denominator)
    return alt.layer(*layers).properties(
        title=style.heading(title, subtitle + _said(left_out, min_count)),
        description=(
            f"Box plots of the log ratio of {numerator} to {denominator} omission scores per "
            f"{_kind(by).lower()}, {len(labels)} labels. Above zero {numerator} depends more on the word, "
            f"below zero {denominator}. Medians: {_extremes(rows)}."
        ),
        width="container",
        height=24 * len(labels),
    )


def _summary(table: pd.DataFrame, by: str, value: str, groups: list[str]) -> pd.DataFrame:
    """Quantiles per label: taken as they are from a summary, or computed from one row per word."""
    if "median" in table:
        rows = table.rename(columns={by: "label"})
        style.require(rows, "label", "count", *groups, *_QUANTILES)
        kept = [column for column in ("low", "high", "paper") if column in rows]
        return rows[["label", *groups, "count", *_QUANTILES, *kept]]
    style.require(table, by, value, *groups)
    grouped = table.groupby([by, *groups], sort=False, observed=True)[value]
    quantiles = grouped.quantile(list(_QUANTILES.values())).unstack()
    quantiles.columns = list(_QUANTILES)
    rows = quantiles.assign(count=grouped.size()).reset_index().rename(columns={by: "label"})
    return rows[["label", *groups, "count", *_QUANTILES]]


def _frequent(rows: pd.DataFrame, min_count: int) -> tuple[pd.DataFrame, int]:
    """The labels seen at least ``min_count`` times, and how many labels were left out."""
    counts = rows.groupby("label")["count"].max()
    frequent = counts[counts >= min_count].index
    if frequent.empty:
        raise ValueError(
            f"no label is seen {min_count} times, the most frequent is {counts.idxmax()!r} with {counts.max():,}: "
            "lower min_count"
        )
    return rows[rows["label"].isin(frequent)], len(counts) - len(frequent)


def _kind(by: str) -> str:
    return _KINDS.get(by, "Label")


def _said(left_out: int, min_count: int) -> str:
    labels = f"{left_out} label{'s' * (left_out > 1)}"
    return f" Left out: {labels} seen fewer than {min_count:,} times." if left_out else ""


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(_name=_names(rows))


def _names(rows: pd.DataFrame) -> list[str]:
    counts = rows.groupby("label")["count"].max()
    return [f"{label}, n = {counts[label]:,}" for label in rows["label"]]


def _y(labels: list[str], rows: pd.DataFrame, by: str) -> alt.Y:
    names = dict(zip(rows["label"], _names(rows), strict=True))
    return alt.Y(
        "_name:N",
        sort=[names[label] for label in labels],
        axis=alt.Axis(title=_kind(by), ticks=False, domain=False, labelPadding=6),
        scale=alt.Scale(paddingInner=0.25),
    )


def _x(title: str) -> alt.X:
    axis = alt.Axis(tickCount=6, labelFlush=False)
    return alt.X("p5:Q", title=title, axis=axis, scale=alt.Scale(zero=True))


def _boxes(base: alt.Chart, x: alt.X) -> list[alt.Chart]:
    """Whisker, box and median of each row; ``x`` gives the axis."""
    return [
        base.mark_rule(strokeWidth=1.5).encode(x=x, x2="p95:Q"),
        base.mark_bar(opacity=0.4).encode(x="q1:Q", x2="q3:Q"),
        base.mark_tick(thickness=3, opacity=1).encode(x="median:Q", color=alt.value(style.INK)),
    ]


def _bands(base: alt.Chart) -> alt.Chart:
    return base.mark_bar(height={"band": 0.5}).encode(x="low:Q", x2="high:Q")


def _paper_sides(base: alt.Chart) -> alt.Chart:
    known = base.transform_filter("datum.paper === 1 || datum.paper === -1")
    return known.mark_point(filled=True, size=70, opacity=1, color=style.INK).encode(
        x=alt.value(alt.ExprRef(expr="datum.paper > 0 ? width - 5 : 5")),
        shape=alt.value(alt.ExprRef(expr="datum.paper > 0 ? 'triangle-right' : 'triangle-left'")),
    )


def _sides(numerator: str, denominator: str) -> list[alt.Chart]:
    """What each side of zero means, above the plot."""
    sides = ((denominator, "left", "0"), (numerator, "right", "width"))
    colours = style.looks([numerator, denominator])
    return [
        alt.Chart(_one_row())
        .mark_text(align=align, baseline="bottom", lineBreak="\n", fontWeight="bold", color=colours[name].colour)
        .encode(x=alt.value(alt.ExprRef(expr=x)), y=alt.value(-24), text=alt.value(f"{name}\ndepends more"))
        for name, align, x in sides
    ]


def _one_row() -> alt.InlineData:
    return alt.InlineData([{}])


def _tooltip(rows: pd.DataFrame) -> list[alt.Tooltip]:
    titles = {
        "label": "Label", "pathway": "Pathway", "count": "Words", "median": "Median", "low": "Median from",
        "high": "Median to", "q1": "25 %", "q3": "75 %", "p5": "5 %", "p95": "95 %",
    }  # fmt: skip
    return style.tooltip(rows, titles)


def _extremes(rows: pd.DataFrame) -> str:
    """The labels with the highest and lowest medians, for a description."""
    said = [f"{row.label} {row.median:.2g}" for row in rows.itertuples()]
    return ", ".join(said) if len(said) <= 6 else f"{', '.join(said[:3])} .. {', '.join(said[-3:])}"
