"""What classifiers of labels are worth, the units they lean on, and whether other samples give the same units.

Easy to get wrong: a bar of accuracy alone. Beside each stands what the word tells, what chance labels reach, and what a
network with random weights gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from reading_neurons.charts import style

FEATURES = ("majority", "word", "4-grams", "states", "states + 4-grams")
_KINDS = {"trained or none": "circle", "untrained": "square", "control task": "diamond",
          "control task, untrained": "triangle-up", "draft of the paper": "triangle-down"}  # fmt: skip
_FOR, _AGAINST = "#b4568b", "#3d8fc4"  # a weight above and below zero
_NAME, _CELL, _LINE, _GAP = 20, 24, 16, 14  # heights of a unit's parts, in pixels
_LINES = 2  # of contexts
_KEY = (
    "+ and pink: the unit speaks for the label of the column. − and blue: against it. The stronger, the larger "
    "the weight. Below: where it speaks loudest for the picked label."
)
_BROKEN = "split(replace(datum.label, ' + ', '|+ '), '|')"  # a long name on two lines


def probe_accuracies(
    table: pd.DataFrame,
    title: str = "How often the label is right",
    draft: Mapping[tuple[str, str], float] | None = None,
) -> alt.LayerChart:
    """Accuracy of each set of predictors, beside the control task, untrained networks and published figures.

    Parameters
    ----------
    table : DataFrame
        One row per classifier: ``network`` ("trained", "untrained", or "" where none is read), ``pathway``,
        ``features``, ``part`` (of the words), ``control``, ``accuracy``, ``low``, ``high``, ``count``; as
        :func:`reading_neurons.methods.probe_measures.survey` gives it.
    title : str
    draft : mapping of (pathway, features) to float, optional
        Published accuracies, drawn over all words.

    Returns
    -------
    altair.LayerChart
        With menus of pathways and of words.

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "network", "pathway", "features", "part", "control", "accuracy", "low", "high", "count")
    pathways = [name for name in style.in_order(table["pathway"]) if name]
    rows = style.drawable(_probe_rows(table, pathways, draft or {}))
    kinds = [kind for kind in _KINDS if kind in set(rows["kind"])]
    features = [name for name in FEATURES if name in set(rows["features"])]
    own = {name: look.colour for name, look in style.looks(pathways).items()}
    colour = style.pixels(
        f"datum.kind == 'trained or none' ? {own}[datum.pathway] : "
        f"datum.kind == 'draft of the paper' ? '{style.INK}' : '{style.NULL.colour}'"
    )
    base = alt.Chart(rows).transform_filter("datum.pathway == pathway_pick && datum.part == part_pick").encode(
        y=alt.Y("features:N", sort=features, title=None, scale=alt.Scale(paddingInner=0.15),
                axis=alt.Axis(domain=False, ticks=False, grid=False, labelPadding=8, labelExpr=_BROKEN)),
        yOffset=alt.YOffset("kind:N", sort=kinds),
        color=colour,
        tooltip=_probe_tooltip(),
    )  # fmt: skip
    x = alt.X(
        "accuracy:Q", title="Accuracy on held-out images", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(tickCount=6)
    )
    shapes = alt.Scale(domain=kinds, range=[_KINDS[kind] for kind in kinds])
    shape = alt.Shape("kind:N", scale=shapes, legend=style.legend(columns=2, symbolFillColor=style.INK))
    interval = base.mark_rule(strokeWidth=3).encode(x=alt.X("low:Q"), x2="high:Q")
    point = base.mark_point(filled=True, size=90, opacity=1).encode(x=x, shape=shape)
    near = "datum.accuracy > 0.9"  # the right edge
    number = base.mark_text(
        align=alt.ExprRef(expr=f"{near} ? 'right' : 'left'"), dx=alt.ExprRef(expr=f"{near} ? -9 : 9"), fontSize=12
    ).encode(
        x=x, text=alt.Text("accuracy:Q", format=".2f"), color=alt.value(style.INK)
    )
    parts = style.in_order(table["part"])
    return alt.layer(interval, point, number).add_params(
        style.menu("pathway_pick", "Pathway", dict(zip(pathways, pathways, strict=True)), pathways[0]),
        style.menu("part_pick", "Words", dict(zip(parts, parts, strict=True)), parts[0]),
    ).properties(
        title=style.heading(title, "Line: 95 % interval over images."),
        description=_probe_said(rows[(rows["pathway"] == pathways[0]) & (rows["part"] == parts[0])], pathways[0], parts[0]),
        width="container",
        height=len(features) * 84,
    )  # fmt: skip


def _probe_rows(table: pd.DataFrame, pathways: list[str], draft: Mapping[tuple[str, str], float]) -> pd.DataFrame:
    """One row per point; what reads no network belongs to every pathway."""
    kind = table["network"].where(table["network"] == "untrained", "trained or none")
    control = kind.map({"untrained": "control task, untrained"}).fillna("control task")
    rows = table.assign(kind=kind.mask(table["control"].astype(bool), control))
    shared, own = rows[rows["pathway"] == ""], rows[rows["pathway"] != ""]
    parts = [own, *(shared.assign(pathway=name) for name in pathways)]
    part = style.in_order(table["part"])[0]
    drafts = [
        {"pathway": name, "features": features, "accuracy": value, "part": part, "kind": "draft of the paper"}
        for (of, features), value in draft.items()
        for name in ([of] if of else pathways)
        if name in pathways
    ]
    joined = pd.concat([*parts, pd.DataFrame(drafts)] if drafts else parts, ignore_index=True)
    joined = joined[["pathway", "features", "part", "kind", "accuracy", "low", "high", "count"]]
    return joined.assign(low=joined["low"].fillna(joined["accuracy"]), high=joined["high"].fillna(joined["accuracy"]),
                         count=joined["count"].fillna(0).astype(int))  # fmt: skip


def _probe_tooltip() -> list[alt.Tooltip]:
    titles = {"kind": "Which", "features": "Predictors", "accuracy": "Accuracy", "low": "95 % from", "high": "95 % to",
              "count": "Words"}  # fmt: skip
    return [alt.Tooltip(column, title=title) for column, title in titles.items()]


def _probe_said(rows: pd.DataFrame, pathway: str, part: str) -> str:
    said = "; ".join(
        f"{features}: " + ", ".join(f"{row.kind} {row.accuracy:.2f}" for row in of.itertuples())
        for features, of in rows.groupby("features", sort=False)
    )
    return f"Accuracy of predicting dependency labels, {part}, pathway {pathway}; menus pick another. {said}."


def label_units(
    units: pd.DataFrame,
    weights: pd.DataFrame,
    contexts: pd.DataFrame,
    title: str = "The units a label leans on",
    labels: Sequence[str] | None = None,
) -> alt.LayerChart:
    """The units of a label to pick: each one's weight for every label, and its contexts.

    Parameters
    ----------
    units : DataFrame
        ``label``, ``rank``, ``unit``, ``weight``; as :meth:`reading_neurons.methods.grammatical_units.Probe.top_units`
        gives it. With a column ``pathway`` here and in the other tables, a menu picks the pathway.
    weights : DataFrame
        ``unit``, ``label``, ``weight``; of every unit that is shown.
    contexts : DataFrame
        ``label``, ``unit``, ``place``, ``context``; as :func:`reading_neurons.methods.probe_units.unit_contexts`
        gives it.
    title : str
    labels : sequence of str, optional
        Which labels the menu offers; by default all of ``units``.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing, or a label has no units.
    """
    style.require(units, "label", "rank", "unit", "weight")
    style.require(weights, "unit", "label", "weight")
    style.require(contexts, "label", "unit", "place", "context")
    units, weights, contexts = (
        part if "pathway" in part else part.assign(pathway="") for part in (units, weights, contexts)
    )
    labels = list(labels or style.in_order(units["label"]))
    if missing := [label for label in labels if label not in set(units["label"])]:
        raise ValueError(
            f"the table has no units of {', '.join(missing)}; its labels are {style.in_order(units['label'])}"
        )
    chosen = units[units["label"].isin(labels)].rename(columns={"label": "of", "weight": "own"})
    cells = style.drawable(
        chosen.merge(weights, on=["pathway", "unit"])[["pathway", "of", "rank", "unit", "label", "weight"]]
    )
    texts = _unit_texts(chosen, contexts)
    pathways, most = style.in_order(units["pathway"]), float(cells["weight"].abs().max())
    first = texts[(texts["pathway"] == pathways[0]) & (texts["of"] == labels[0])]
    block = _NAME + _CELL + _LINES * _LINE + _GAP
    picked = "datum.of == label_pick && datum.pathway == pathway_pick"
    heat = _heat(cells, picked, most, block)
    return alt.layer(*heat, *_unit_names(texts, picked, block)).add_params(
        style.menu("label_pick", "Label", {label: label for label in labels}, labels[0]),
        style.menu("pathway_pick", "Pathway", {name: name for name in pathways}, pathways[0]),
    ).properties(
        title=style.heading(title, _KEY),
        description=(
            f"Weights of the units of {len(labels)} labels, with the contexts in which each speaks for its label; a menu "
            f"picks the label. {labels[0]}: " + "; ".join(f"{row.name}: {row.first}" for row in first.itertuples()) + "."
        ),
        width="container",
        height=int(units["rank"].max() + 1) * block,
    )  # fmt: skip


def _unit_texts(chosen: pd.DataFrame, contexts: pd.DataFrame) -> pd.DataFrame:
    """The name of each unit and two lines of its contexts."""
    rows = []
    ordered = contexts.sort_values("place", kind="stable").drop_duplicates(["pathway", "label", "unit", "context"])
    lists = ordered.groupby(["pathway", "label", "unit"])["context"].agg(list)
    for row in chosen.itertuples():
        found = lists.get((row.pathway, row.of, row.unit), [])
        half = (len(found) + 1) // 2
        sign = "+" if row.own > 0 else "\N{MINUS SIGN}"
        rows.append(
            {
                "pathway": row.pathway, "of": row.of, "rank": row.rank, "unit": row.unit,
                "name": f"unit {row.unit}, {sign}{abs(row.own):.2f} for {row.of}",
                "first": ", ".join(found[:half]), "second": ", ".join(found[half:]),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _heat(cells: pd.DataFrame, picked: str, most: float, block: int) -> list[alt.Chart]:
    """Cells with the weights of each unit, and the frame around the picked label's."""
    top = f"datum.rank * {block} + {_NAME}"
    axis = alt.Axis(labelAngle=-90, orient="top", grid=False)
    x = alt.X("label:N", title="Label", sort=sorted(set(cells["label"])), axis=axis)
    base = alt.Chart(cells).transform_filter(picked)
    place = {"x": x, "y": style.pixels(top), "y2": style.pixels(f"{top} + {_CELL}")}
    tooltip = [
        alt.Tooltip("unit:Q", title="Unit"),
        alt.Tooltip("label:N", title="Label"),
        alt.Tooltip("weight:Q", title="Weight"),
    ]
    heat = alt.Scale(type="sqrt", domain=[0, most], range=[0, style.HEAT], clamp=True)
    fill = base.transform_calculate(size="abs(datum.weight)").mark_rect(stroke=style.INK, strokeOpacity=0.15).encode(
        **place,
        fill=alt.value(alt.ExprRef(expr=f"datum.weight > 0 ? '{_FOR}' : '{_AGAINST}'")),
        fillOpacity=alt.FillOpacity("size:Q", scale=heat, legend=None),
        tooltip=tooltip,
    )
    sign = base.transform_filter(f"abs(datum.weight) > {most / 5:.4g}").mark_text(fontSize=12).encode(
        x=x, y=style.pixels(f"{top} + {_CELL / 2}"), text=style.pixels("datum.weight > 0 ? '+' : '−'"), tooltip=tooltip
    )
    frame = base.transform_filter("datum.label == label_pick").mark_rect(
        stroke=style.INK, strokeWidth=2, fillOpacity=0
    ).encode(**place, tooltip=tooltip)
    return [fill, sign, frame]


def _unit_names(texts: pd.DataFrame, picked: str, block: int) -> list[alt.Chart]:
    base = alt.Chart(texts).transform_filter(picked)
    below = _NAME + _CELL + _LINE / 2 + 3
    return [
        base.mark_text(align="left", fontSize=12, fontWeight=weight, fontStyle=slant).encode(
            x=alt.value(0), y=style.pixels(f"datum.rank * {block} + {y}"), text=f"{column}:N"
        )
        for column, y, weight, slant in (
            ("name", _NAME / 2, "bold", "normal"), ("first", below, "normal", "italic"),
            ("second", below + _LINE, "normal", "italic"),
        )
    ]  # fmt: skip


def unit_stability(table: pd.DataFrame, title: str = "Do other samples choose the same units?") -> alt.LayerChart:
    """The share of a label's units that two refits have in common, beside chance.

    Parameters
    ----------
    table : DataFrame
        One row per label, pathway and network: ``label``, ``share``, ``chance``, ``pathway``, ``network`` ("trained" or
        "untrained"), ``pairs``; as :func:`reading_neurons.methods.probe_units.stability` gives it. With a column
        ``count`` labels stand in order of it.
    title : str

    Returns
    -------
    altair.LayerChart
        With a menu of pathways where there are several.

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "label", "share", "chance", "pathway", "network", "pairs")
    pathways = style.in_order(table["pathway"])
    order = table.sort_values("count", ascending=False) if "count" in table else table
    labels = style.in_order(order["label"])
    names = {label: label for label in labels}
    if "count" in table:
        counts = table.groupby("label")["count"].max()
        names = {label: f"{label}, n = {counts[label]:,}" for label in labels}
    look = table["pathway"].where(table["network"] == "trained", "untrained")
    rows = style.drawable(table.assign(_name=table["label"].map(names), _look=look))
    looks = style.looks([*pathways, "untrained"])
    tooltip = [
        alt.Tooltip("label", title="Label"), alt.Tooltip("network", title="Network"),
        alt.Tooltip("share", title="Share in common"), alt.Tooltip("chance", title="Chance"),
        alt.Tooltip("pairs", title="Pairs of refits"),
    ]  # fmt: skip
    base = (
        alt.Chart(rows)
        .transform_filter("datum.pathway == pathway_pick")
        .encode(
            y=alt.Y("_name:N", sort=list(names.values()), title=None, axis=alt.Axis(domain=False, ticks=False)),
            tooltip=tooltip,
        )
    )
    x = alt.X("share:Q", title="Share of units in common", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(tickCount=5))
    shown = style.legend(columns=3)
    point = base.mark_point(filled=True, size=80, opacity=1).encode(
        x=x,
        color=alt.Color(
            "_look:N", scale=alt.Scale(domain=list(looks), range=[look.colour for look in looks.values()]), legend=shown
        ),
        shape=alt.Shape(
            "_look:N", scale=alt.Scale(domain=list(looks), range=[look.shape for look in looks.values()]), legend=shown
        ),
    )
    chance = base.mark_tick(color=style.INK, thickness=2).encode(x="chance:Q")
    means = rows.groupby(["pathway", "network"], sort=False)["share"].mean()
    said = ", ".join(f"{network} {pathway} {value:.2f}" for (pathway, network), value in means.items())
    return alt.layer(chance, point).add_params(
        style.menu("pathway_pick", "Pathway", {name: name for name in pathways}, pathways[0])
    ).properties(
        title=style.heading(title, "Mean over pairs of refits. Tick: what units drawn at random would share."),
        description=f"Share of the five units of each label that two refits have in common. Means: {said}.",
        width="container",
        height=22 * len(labels),
    )  # fmt: skip
