"""Linear models of omission scores: variance explained and places (Kádár et al. 2017, figures 4 and 6).

What the paper printed is drawn in the colour of the text, what an untrained network gives in light grey.

Easy to get wrong: two scales in one chart. The increase over the word alone is a tenth of what the word explains, so a
menu shows one or the other, each on its own axis.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

MEASURES = ("Increase over WORD", "R2")
_SHOWN = dict(zip(MEASURES, ("Increase over WORD", "Variance explained (R²)"), strict=True))
_UNTRAINED = "untrained "
_ROW = 20  # pixels of a model
_CONTROL = {
    "shape": style.NULL.shape, "fill": style.NULL.colour, "stroke": style.INK, "strokeWidth": 0.7, "size": 70,
    "opacity": 1,
}  # fmt: skip


def explained_variance(
    table: pd.DataFrame, title: str = "What word, role and place explain of each pathway's scores", measure: str = "R2"
) -> alt.LayerChart:
    """Variance explained by each model, or its increase over WORD, beside the paper's and the untrained network's.

    Parameters
    ----------
    table : DataFrame
        One row per pathway and model: ``pathway``, ``model``, ``r2``, ``low``, ``high``, ``increase``,
        ``increase_low``, ``increase_high``; as :func:`reading_neurons.methods.omission_models.r2` gives it. With
        ``paper``, the paper's R2, where it is known. Pathways named ``untrained ..`` are drawn with the trained one.
    title : str
    measure : str
        What is shown first, of :data:`MEASURES`; a menu shows the other.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing or the measure is unknown.
    """
    style.require(table, "pathway", "model", "r2", "low", "high", "increase", "increase_low", "increase_high")
    if measure not in MEASURES:
        raise ValueError(f"expected one of the measures {', '.join(MEASURES)}, found {measure!r}")
    rows = _measures(table)
    pathways = style.in_order(rows["pathway"])
    order = [f"{pathway}|{model}" for pathway in pathways for model in style.in_order(table["model"])]
    base = alt.Chart(style.drawable(rows)).encode(
        y=alt.Y(
            "row:N", sort=order,
            axis=alt.Axis(title=None, ticks=False, domain=False, labelPadding=6, labelExpr="split(datum.label, '|')[1]"),
        ),
        tooltip=_tooltip(rows),
    )  # fmt: skip
    coloured = base.encode(color=style.colour(pathways, style.legend(symbolType="square", symbolSize=120)))
    x = alt.X("value:Q", title="Share of the variance of held-out scores", axis=alt.Axis(tickCount=5, labelFlush=False))
    layers = [
        coloured.mark_bar(opacity=0.75).encode(x=x),
        base.mark_rule(strokeWidth=2).encode(x="from:Q", x2="to:Q"),
    ]
    key = "Bar: here, on images held out; line: its 95 % interval."
    if "untrained" in rows:
        layers.append(base.mark_point(**_CONTROL).encode(x="untrained:Q"))
        key += " Grey diamond: the untrained network."
    if "paper" in rows:
        layers.append(base.mark_tick(color=style.INK, opacity=1, thickness=3, size=_ROW - 4).encode(x="paper:Q"))
        key += " Black mark: the paper."
    return (
        alt.layer(*layers)
        .transform_filter("datum.measure == measure_pick")
        .add_params(style.menu("measure_pick", "Show", _SHOWN, measure))
        .properties(
            title=style.heading(title, key),
            description=f"Variance of omission scores explained by linear models, on held-out images. {_said(table)}",
            width="container",
            height=_ROW * len(order) + 10,
        )
    )


def _measures(table: pd.DataFrame) -> pd.DataFrame:
    """A row per measure, pathway and model, the untrained pathway and the paper beside the trained one."""
    parts = []
    for measure, columns in zip(
        MEASURES, (["increase", "increase_low", "increase_high"], ["r2", "low", "high"]), strict=True
    ):
        part = table[["pathway", "model"]].assign(measure=measure, **{
            name: table[column] for name, column in zip(("value", "from", "to"), columns, strict=True)
        })  # fmt: skip
        if "paper" in table:
            word = table["pathway"].map(table[table["model"] == "WORD"].set_index("pathway")["paper"])
            part["paper"] = table["paper"] - word if measure == MEASURES[0] else table["paper"]
        # WORD gains nothing over itself.
        parts.append(part[part["model"] != "WORD"] if measure == MEASURES[0] else part)
    return _with_controls(pd.concat(parts, ignore_index=True), ["measure", "model"], "value").assign(
        row=lambda rows: rows["pathway"] + "|" + rows["model"]
    )


def _with_controls(rows: pd.DataFrame, keys: list[str], value: str) -> pd.DataFrame:
    """The rows of trained pathways, with the value of their untrained control in a column ``untrained``."""
    control = rows["pathway"].str.startswith(_UNTRAINED)
    trained = rows[~control]
    if trained.empty or not control.any():
        return rows
    untrained = rows[control].assign(pathway=rows["pathway"].str.removeprefix(_UNTRAINED))
    untrained = untrained.rename(columns={value: "untrained"})[["pathway", *keys, "untrained"]]
    return trained.merge(untrained, on=["pathway", *keys], how="left")


def _tooltip(rows: pd.DataFrame) -> list[alt.Tooltip]:
    titles = {
        "pathway": "Pathway", "model": "Model", "position": "Place", "value": "Here", "from": "95 % from",
        "to": "95 % to", "paper": "Paper", "untrained": "Untrained",
    }  # fmt: skip
    return style.tooltip(rows, titles)


def _said(table: pd.DataFrame) -> str:
    return " ".join(
        f"{pathway}: " + ", ".join(f"{row.model} {row.r2:.3f}" for row in part.itertuples()) + "."
        for pathway, part in table.groupby("pathway", sort=False)
        if not pathway.startswith(_UNTRAINED)
    )


def position_coefficients(table: pd.DataFrame, title: str = "How much each place adds to a score") -> alt.LayerChart:
    """Centred coefficients of the positions, beside the paper's; a menu picks one pathway or all.

    Parameters
    ----------
    table : DataFrame
        One row per pathway and position: ``pathway``, ``position``, ``coefficient``, ``low``, ``high``, in order of the
        positions; as :func:`reading_neurons.methods.omission_sensitivity.positions` gives it. With ``paper``, the
        paper's coefficient where it is known. Pathways named ``untrained ..`` are drawn with the trained one.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "pathway", "position", "coefficient", "low", "high")
    rows = table.rename(columns={"coefficient": "value", "low": "from", "high": "to"})
    rows = _with_controls(rows, ["position"], "value")
    pathways, places = style.in_order(rows["pathway"]), style.in_order(rows["position"])
    # The data are the whole chart's, as is the filter; the rule at zero has its own.
    base = alt.Chart().encode(
        x=alt.X("position:N", sort=places, title="Place of the word in the sentence", axis=alt.Axis(labelAngle=-40)),
        xOffset=alt.XOffset("pathway:N", sort=pathways),
        tooltip=_tooltip(rows),
    )
    coloured = base.encode(color=style.colour(pathways, style.legend()))
    y = alt.Y("value:Q", title="Coefficient of the place, centred", axis=alt.Axis(tickCount=6))
    layers = [
        alt.Chart(alt.InlineData([{}])).mark_rule(strokeOpacity=0.6).encode(y=alt.datum(0)),
        coloured.mark_rule(strokeWidth=2).encode(y="from:Q", y2="to:Q"),
        coloured.mark_point(filled=True, size=70, opacity=1).encode(y=y, shape=style.shape(pathways, style.legend())),
    ]
    key = "Line: 95 % interval."
    if "untrained" in rows:
        layers.append(base.mark_point(**{**_CONTROL, "size": 40}).encode(y="untrained:Q"))
        key += " Grey diamond: the untrained network."
    if "paper" in rows:
        layers.append(
            base.mark_tick(color=style.INK, opacity=1, thickness=3, size=9, orient="horizontal").encode(y="paper:Q")
        )
        key += " Black mark: the paper."
    options = {"all": "all pathways", **{name: name for name in pathways}} if len(pathways) > 1 else {"all": "all"}
    return (
        alt.layer(*layers, data=style.drawable(rows))
        .transform_filter("pathway_pick == 'all' || datum.pathway == pathway_pick")
        .add_params(style.menu("pathway_pick", "Pathway", options, "all"))
        .properties(
            title=style.heading(title, key),
            description=f"Centred coefficients of positions in the full model. {_places_said(rows)}",
            width="container",
            height=320,
        )
    )


def _places_said(rows: pd.DataFrame) -> str:
    return " ".join(
        f"{pathway}: " + ", ".join(f"{row.position} {row.value:+.3f}" for row in part.itertuples()) + "."
        for pathway, part in rows.groupby("pathway", sort=False)
    )
