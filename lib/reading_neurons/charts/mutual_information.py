"""Mutual information of units and contexts: over all units of a pathway, as ratios of pathways, and beside the truth.

Easy to get wrong: the scale. What is measured and what shuffled contexts give stand on one axis, whichever is picked,
so that a reader sees how much of the first is the second.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from reading_neurons.charts import style

MEASURES = {"mi": "as estimated", "excess": "above shuffled contexts", "null": "shuffled contexts alone"}
_QUANTILES = ("p5", "q1", "median", "q3", "p95")
_WIDTHS = ("unigram", "bigram", "trigram")


def information(
    table: pd.DataFrame, title: str = "What the units of each pathway know of words and labels", measure: str = "mi"
) -> alt.LayerChart:
    """Mutual information over the units of each pathway, for each kind of context.

    Parameters
    ----------
    table : DataFrame
        One row per pathway, context and measure: ``pathway``, ``context``, ``median``, ``p5``, ``q1``, ``q3``,
        ``p95``; ``measure`` (``"mi"``, ``"excess"``, ``"null"``) and ``network`` (``"trained"``, ``"untrained"``) are
        chosen by menus where there are several; ``paper``, the median that the paper prints, is drawn as a diamond.
    title : str
    measure : str
        The one that is shown first.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "pathway", "context", *_QUANTILES)
    rows = _with_picks(table).sort_values("measure", key=lambda names: names != measure, kind="stable")
    rows = style.drawable(rows)
    pathways, contexts = style.in_order(rows["pathway"]), style.in_order(rows["context"])
    base = (
        alt.Chart(rows)
        .transform_filter("datum.measure == measure_pick && datum.network == network_pick")
        .encode(
            y=alt.Y("context:N", scale=alt.Scale(domain=contexts, paddingInner=0.25), axis=_plain_axis()),
            yOffset=alt.YOffset("pathway:N", scale=alt.Scale(domain=pathways)),
            color=style.colour(pathways, style.legend(symbolType="square", symbolSize=120)),
            tooltip=style.tooltip(
                rows, {"pathway": "Pathway", "context": "Context", **_TITLES, "paper": "Paper's median"}
            ),
        )
    )
    domain = [min(0.0, float(rows["p5"].min())), float(rows["p95"].max())]
    x = alt.X("p5:Q", title="Mutual information, nats", axis=_number_axis(), scale=alt.Scale(domain=domain))
    layers = [
        base.mark_rule(strokeWidth=1.5).encode(x=x, x2="p95:Q"),
        base.mark_bar(opacity=0.4).encode(x="q1:Q", x2="q3:Q"),
        base.mark_tick(thickness=3, opacity=1).encode(x="median:Q", color=alt.value(style.INK)),
    ]
    subtitle = "Box: middle half of the units; bar: median; line: 5 % to 95 %."
    if _has(rows, "paper"):
        paper = base.transform_filter("isValid(datum.paper)").encode(color=alt.value(style.INK))
        layers.append(paper.mark_point(shape="diamond", size=60, strokeWidth=2).encode(x="paper:Q"))
        subtitle += " Diamond: the paper's median."
    return (
        alt.layer(*layers)
        .add_params(*_menus(rows))
        .properties(
            title=style.heading(title, subtitle),
            description=f"Box plots of mutual information over units, for {', '.join(contexts)}. Medians: {_said(rows)}.",
            width="container",
            height=len(contexts) * (13 * len(pathways) + 12),
        )
    )


_TITLES = {"count": "Units", "median": "Median", "q1": "25 %", "q3": "75 %", "p5": "5 %", "p95": "95 %"}


def _with_picks(table: pd.DataFrame) -> pd.DataFrame:
    """With the columns that menus choose by, also where there is nothing to choose."""
    defaults = {"measure": "mi", "network": "trained"}
    return table.assign(**{column: value for column, value in defaults.items() if column not in table})


def _menus(rows: pd.DataFrame) -> list[alt.Parameter]:
    measures = [name for name in MEASURES if name in set(rows["measure"])]
    networks = style.in_order(rows["network"])
    return [
        style.menu("measure_pick", "Measure", {name: MEASURES[name] for name in measures}, rows["measure"].iloc[0]),
        style.menu("network_pick", "Networks", {name: name for name in networks}, networks[0]),
    ]


def _plain_axis() -> alt.Axis:
    """Two-word names on two lines, which leave a narrow screen room."""
    return alt.Axis(title=None, ticks=False, domain=False, labelPadding=6, labelExpr="split(datum.label, ' ')")


def _number_axis() -> alt.Axis:
    return alt.Axis(tickCount=5, labelFlush=False)


def _said(rows: pd.DataFrame) -> str:
    first = rows[(rows["measure"] == rows["measure"].iloc[0]) & (rows["network"] == rows["network"].iloc[0])]
    return "; ".join(
        f"{context}: " + ", ".join(f"{row.pathway} {row.median:.2g}" for row in part.itertuples())
        for context, part in first.groupby("context", sort=False)
    )


def information_ratios(
    table: pd.DataFrame,
    title: str = "Where the textual pathway knows more",
    above: str = "textual",
    below: str = "visual",
    measure: str = "mi",
) -> alt.LayerChart:
    """Log ratios of two pathways' median mutual information, for words and for labels (the paper's figure 8).

    Parameters
    ----------
    table : DataFrame
        One row per context: ``context`` (``"word unigram"``, ..), ``log_ratio``, ``low``, ``high``, ``least``,
        ``most``; shown where they are there: ``image_low``, ``image_high``, and ``paper``, ``paper_low``,
        ``paper_high``. ``measure`` and ``network`` are chosen by menus. Differences (``"deprel - word, .."``) are
        passed over.
    title : str
    above, below : str
        The pathways of numerator and denominator.
    measure : str
        The one that is shown first.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "context", "log_ratio", "low", "high", "least", "most")
    rows = _with_picks(table[~table["context"].str.startswith("deprel -")]).dropna(subset=["log_ratio"])
    rows = rows.sort_values("measure", key=lambda names: names != measure, kind="stable")
    named = rows["context"].str.extract(r"(?P<kind>\w+) (?P<width>\w+)")
    rows = style.drawable(rows.assign(kind=named["kind"], width=named["width"], _paper=named["kind"] + " paper"))
    base = alt.Chart(rows).transform_filter("datum.measure == measure_pick && datum.network == network_pick")
    axis = alt.Axis(title=None, ticks=False, domain=False)
    widths = [width for width in _WIDTHS if width in set(rows["width"])]
    base = base.encode(
        y=alt.Y("width:N", scale=alt.Scale(domain=widths, paddingInner=0.3), axis=axis),
        yOffset=_offset("kind"),
        color=_kind(alt.Color, [look.colour for look in style.looks(_KINDS).values()][::-1]),
        tooltip=style.tooltip(rows, _RATIO_TITLES),
    )
    subtitle = "Line: all replicates over units; band: 95 % of them."
    if _has(rows, "image_low"):
        subtitle += " Thick line: 95 % over images."
    if _has(rows, "paper"):
        subtitle += " Diamond below: the paper, with its interval."
    return (
        alt.layer(*_ratio_layers(base, rows, f"Log ratio of medians, {above} / {below}"))
        .add_params(*_menus(rows))
        .properties(
            title=style.heading(title, subtitle),
            description=(
                f"Log ratios of the median mutual information of {above} units to that of {below} units, with bootstrap "
                f"intervals. {_said_ratios(rows)}"
            ),
            width="container",
            height=84 * len(_WIDTHS),
        )
    )


def _has(rows: pd.DataFrame, column: str) -> bool:
    """Whether a column is there, and not empty."""
    return column in rows and rows[column].notna().any()


def _ratio_layers(base: alt.Chart, rows: pd.DataFrame, title: str) -> list[alt.Chart]:
    """Zero, then from back to front: replicates, intervals over units and images, ratios, and the paper's."""
    columns = [name for name in ("least", "most", "image_low", "image_high", "paper_low", "paper_high") if name in rows]
    domain = [float(min(0, rows[columns].min().min())), float(max(0, rows[columns].max().max()))]
    x = alt.X("least:Q", title=title, axis=_number_axis(), scale=alt.Scale(domain=domain, nice=True))
    layers = [
        alt.Chart(alt.InlineData([{}])).mark_rule().encode(x=alt.datum(0)),
        base.mark_rule(strokeWidth=1.5).encode(x=x, x2="most:Q"),
        base.mark_rule(strokeWidth=14, opacity=0.45).encode(x="low:Q", x2="high:Q"),
    ]
    if _has(rows, "image_low"):
        known = base.transform_filter("isValid(datum.image_low)")
        layers.append(known.mark_rule(strokeWidth=4, opacity=0.9).encode(x="image_low:Q", x2="image_high:Q"))
    shape = _kind(alt.Shape, ["square", "circle"])
    layers.append(base.mark_point(filled=True, size=70, opacity=1).encode(x="log_ratio:Q", shape=shape))
    if _has(rows, "paper"):
        paper = base.transform_filter("isValid(datum.paper)")
        paper = paper.encode(color=alt.value(style.INK), yOffset=_offset("_paper"))
        layers.append(paper.mark_rule(strokeWidth=1).encode(x="paper_low:Q", x2="paper_high:Q"))
        layers.append(paper.mark_point(shape="diamond", size=60, strokeWidth=2).encode(x="paper:Q"))
    return layers


_KINDS = ("deprel", "word")
_RATIO_TITLES = {
    "context": "Context", "log_ratio": "Log ratio", "low": "Units, 95 % from", "high": "to", "image_low": "Images, 95 % from",
    "image_high": "to ", "paper": "Paper", "paper_low": "Paper from", "paper_high": "Paper to",
}  # fmt: skip


def _offset(column: str) -> alt.YOffset:
    """Labels above words, the paper's figure below each."""
    order = [name for kind in _KINDS for name in (kind, f"{kind} paper")]
    return alt.YOffset(f"{column}:N", scale=alt.Scale(domain=order))


def _kind(channel: type, values: list):
    """Words and labels by colour and by shape, in one legend."""
    return channel("kind:N", scale=_range(_KINDS, values), legend=style.legend())


def _said_ratios(rows: pd.DataFrame) -> str:
    first = rows[(rows["measure"] == rows["measure"].iloc[0]) & (rows["network"] == rows["network"].iloc[0])]
    return ", ".join(f"{row.context} {row.log_ratio:.2f}" for row in first.itertuples()) + "."


def information_bias(
    table: pd.DataFrame, title: str = "More contexts: more is known by chance"
) -> alt.LayerChart:
    """Estimates of a known mutual information, as the number of contexts grows.

    Parameters
    ----------
    table : DataFrame
        One row per estimator and number of contexts: ``contexts``, ``estimator``, ``mi``, ``truth`` (nats).
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "contexts", "estimator", "mi", "truth")
    rows = style.drawable(table)
    estimators = style.in_order(rows["estimator"])
    # Not by their names: "above shuffled contexts" is an estimate and no null.
    looks = style.looks(map(str, range(len(estimators))))
    axis = alt.Axis(tickCount=5, format=",d", grid=False, labelFlush=False)
    legend = style.legend(columns=alt.ExprRef(expr="width < 420 ? 1 : 3"))
    x = alt.X("contexts:Q", title="Number of contexts (log scale)", scale=alt.Scale(type="log", nice=False), axis=axis)
    y = alt.Y("mi:Q", title="Mutual information, nats", scale=alt.Scale(zero=True))
    base = alt.Chart(rows).encode(
        x=x,
        y=y,
        color=alt.Color(
            "estimator:N", scale=_range(estimators, [look.colour for look in looks.values()]), legend=legend
        ),
        tooltip=style.tooltip(rows, {"estimator": "Estimate", "contexts": "Contexts", "mi": "Nats", "truth": "Truth"}),
    )
    shape = alt.Shape("estimator:N", scale=_range(estimators, ["triangle-down", "circle", "square"]), legend=legend)
    truth = alt.Chart(rows).encode(x=x, y="truth:Q")
    name = {"align": "left", "baseline": "top", "dy": 4, "fontWeight": "bold"}
    first = truth.transform_filter(
        f"datum.contexts == {rows['contexts'].min()} && datum.estimator == '{estimators[0]}'"
    )
    return alt.layer(
        truth.transform_filter(f"datum.estimator == '{estimators[0]}'").mark_line(color=style.INK, strokeWidth=3),
        base.mark_line(strokeWidth=2),
        base.mark_point(filled=True, size=70, opacity=1).encode(shape=shape),
        first.mark_text(**name).encode(text=alt.value("the truth")),
    ).properties(
        title=style.heading(title),
        description=(
            f"Estimates of a mutual information that is {rows['truth'].iloc[0]:.2g} nats, for {rows['contexts'].min()} to "
            f"{rows['contexts'].max()} contexts. With the most contexts: {_last(rows)}."
        ),
        width="container",
        height=280,
    )


def _range(domain: Sequence[str], values: list) -> alt.Scale:
    return alt.Scale(domain=list(domain), range=values)


def _last(rows: pd.DataFrame) -> str:
    most = rows[rows["contexts"] == rows["contexts"].max()]
    return ", ".join(f"{row.estimator} {row.mi:.2g}" for row in most.itertuples())
