"""Whether groups of units are targets worth having: how far they can be driven, and what members held out gain.

Easy to get wrong: a scatter of groups alone. Any halves of any units would give some cloud; the grey diamonds are
random groups of the same sizes, and what counts is the distance from them.
"""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_TARGETS = {"single": "single units", "groups": "groups"}
_METHODS = {"corpus": "corpus search", "default": "default"}
_TIPS = {
    "what:N": "Group of", "group:N": "Number", "words:N": "Optimised input", "seen:Q": "Gain, optimised",
    "held_out:Q": "Gain, held out",
}  # fmt: skip


def driven(
    single: pd.DataFrame,
    groups: pd.DataFrame,
    title: str = "Single units are driven to their end, groups are not",
    mark: float = 0.95,
) -> alt.LayerChart:
    """How active single units and groups become, by corpus search and by the default.

    Parameters
    ----------
    single, groups : DataFrame
        One row per unit or group: ``pathway``, ``corpus``, ``default`` (activations), and their words in ``corpus
        words`` and ``default words``.
    title : str
    mark : float
        An activation that is drawn as a line.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    parts = []
    for name, table in (("single", single), ("groups", groups)):
        style.require(table, "pathway", "corpus", "default", "corpus words", "default words")
        for method, said in _METHODS.items():
            rows = table[["pathway", method, f"{method} words"]].set_axis(["pathway", "activation", "words"], axis=1)
            parts.append(rows.assign(target=f"{_TARGETS[name]}, {said}"))
    long = pd.concat(parts, ignore_index=True)
    pathways, targets = style.in_order(long["pathway"]), style.in_order(long["target"])
    medians = long.groupby(["target", "pathway"], sort=False)["activation"].median().reset_index(name="median")
    axis = alt.Axis(title=None, ticks=False, domain=False, labelPadding=6, labelExpr="split(datum.label, ', ')")
    y = alt.Y("target:N", sort=targets, axis=axis, scale=alt.Scale(paddingInner=0.25))
    offset = alt.YOffset("pathway:N", sort=pathways)
    numbers = alt.Axis(tickCount=6, labelFlush=False)
    x = alt.X("activation:Q", title="Activation", axis=numbers, scale=alt.Scale(zero=False))
    points = alt.Chart(style.drawable(long)).mark_point(filled=True, opacity=0.65, size=30).encode(
        x=x, y=y, yOffset=offset, color=style.colour(pathways, style.legend()),
        shape=style.shape(pathways, style.legend()),
        tooltip=[alt.Tooltip("words:N", title="Words"), alt.Tooltip("activation:Q", title="Activation"),
                 alt.Tooltip("pathway:N", title="Pathway")],
    )  # fmt: skip
    ticks = alt.Chart(style.drawable(medians)).mark_tick(thickness=3, size=20, color=style.INK).encode(
        x="median:Q", y=y, yOffset=offset, tooltip=[alt.Tooltip("median:Q", title="Median")]
    )  # fmt: skip
    line = alt.Chart(alt.InlineData([{}])).mark_rule(strokeDash=[3, 3]).encode(x=alt.datum(mark))
    said = " ".join(
        f"{target}: {', '.join(f'{row.pathway} {row.median:.2f}' for row in rows.itertuples())}."
        for target, rows in medians.groupby("target", sort=False)
    )
    return alt.layer(line, points, ticks).properties(
        title=style.heading(title, f"A dot is a unit or a group; bar: median. Dashed: {mark}; a unit cannot pass 1."),
        description=f"Activations of single units and of groups for the n-grams found for them, medians. {said}",
        width="container",
        height=len(targets) * (26 * len(pathways) + 12),
    )


def held_out_members(
    table: pd.DataFrame, title: str = "Members held out gain in groups, and not in random ones"
) -> alt.LayerChart:
    """What the two halves of each group gain from the input that one of them wants.

    Parameters
    ----------
    table : DataFrame
        One row per group: ``pathway`` (``"planted"`` is drawn in the colour of the text), ``what`` (``"groups"`` or
        ``"random"``), ``group``, ``words``, ``seen``, ``held_out`` (gains), and ``case``, which a menu picks from, in
        the order given.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(table, "pathway", "what", "group", "words", "seen", "held_out", "case")
    pathways, cases = style.in_order(table["pathway"]), style.in_order(table["case"])
    names = table["pathway"].where(table["what"] == "groups", "random groups")
    rows = style.drawable(table[["group", "words", "seen", "held_out", "case"]].assign(what=names.to_numpy()))
    looks = style.looks(pathways)
    if "planted" in looks:
        looks["planted"] = style.Look(style.INK, "triangle-up", (1, 0))
    looks["random groups"] = style.NULL
    domain = list(looks)
    colours, shapes = [look.colour for look in looks.values()], [look.shape for look in looks.values()]
    picked = style.menu("shown", "Shown", {case: case for case in cases}, cases[0])
    axis = alt.Axis(tickCount=5, labelFlush=False)
    points = alt.Chart(rows).mark_point(filled=True, opacity=0.7, size=60).encode(
        x=alt.X("seen:Q", title="Gain of the half that was optimised", axis=axis),
        y=alt.Y("held_out:Q", title="Gain of the half held out", axis=axis),
        color=alt.Color("what:N", legend=style.legend(), scale=alt.Scale(domain=domain, range=colours)),
        shape=alt.Shape("what:N", legend=style.legend(), scale=alt.Scale(domain=domain, range=shapes)),
        tooltip=[alt.Tooltip(name, title=said) for name, said in _TIPS.items()],
    ).transform_filter("datum.case === shown")  # fmt: skip
    most = float(rows["seen"].max())
    zero = alt.Chart(alt.InlineData([{}])).mark_rule(strokeDash=[2, 2]).encode(y=alt.datum(0))
    ends = alt.InlineData([{"a": 0, "b": most}])
    even = alt.Chart(ends).mark_rule(opacity=0.4).encode(x="a:Q", x2="b:Q", y="a:Q", y2="b:Q")
    means = table.groupby(["case", "pathway", "what"], sort=False)["held_out"].mean()
    return alt.LayerChart(
        layer=[zero, even, points],
        params=style.lifted(picked),
        title=style.heading(title, "Dashed: no gain. Slanted line: held out as much as optimised."),
        description=f"Mean gain of members held out. {_said(means, cases[0])}",
        width="container",
        height=320,
    )


def _said(means: pd.Series, case: str) -> str:
    of_case: Mapping = means[case].to_dict()
    return f"{case}: {', '.join(f'{pathway} {what} {gain:.2f}' for (pathway, what), gain in of_case.items())}."
