"""What a role or a place does to a score: one word in each of its roles, and effects with intervals.

The first is the form of Kádár et al. 2017, figure 5.

Easy to get wrong: the order of roles. Sorted anew for each word, two words could not be compared; roles keep one order,
from those that carry a sentence to those that serve another word.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from reading_neurons.charts import style

# What is not named here follows by name.
_ROLES = ("nsubj", "nsubjpass", "ROOT", "dobj", "pobj", "conj", "appos", "dep", "nn", "amod", "poss", "npadvmod")
_FITS = {"mixed": "mixed model", "robust": "errors by image"}
_LETTER = 7.5  # pixels of a letter of a label, a little more than the average


def scores_by_role(
    table: pd.DataFrame, title: str = "The same word in each of its roles", pathway: str = "visual"
) -> alt.LayerChart:
    """Box plots of one word's scores in each of its roles; a menu picks the word.

    Parameters
    ----------
    table : DataFrame
        One row per word and label: ``word``, ``deprel``, ``count``, ``median``, ``low``, ``high``, ``q1``, ``q3``,
        ``p5``, ``p95``; as :func:`reading_neurons.methods.omission_sensitivity.by_deprel` gives it. Words are offered
        in order.
    title : str
    pathway : str
        Whose scores they are.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "word", "deprel", "count", "median", "low", "high", "q1", "q3", "p5", "p95")
    words = style.in_order(table["word"])
    rows = style.drawable(table.assign(pathway=pathway, _name=_role_names(table)))
    labels = [label for label in _ROLES if label in set(table["deprel"])]
    labels += sorted(set(table["deprel"]) - set(labels))
    base = alt.Chart(rows).encode(
        y=alt.Y(
            "deprel:N", sort=labels, title="Role of the word",
            # Room for the longest role of any word: the chart does not grow when another word is picked.
            axis=alt.Axis(ticks=False, domain=False, labelPadding=6, minExtent=_LETTER * max(map(len, labels)) + 6),
            scale=alt.Scale(paddingInner=0.3),
        ),
        tooltip=[
            alt.Tooltip(column, title=name)
            for column, name in {
                "word": "Word", "deprel": "Role", "count": "Tokens", "median": "Median", "low": "Median from",
                "high": "Median to", "q1": "25 %", "q3": "75 %", "p5": "5 %", "p95": "95 %",
            }.items()
        ],
    )  # fmt: skip
    coloured = base.encode(color=style.colour([pathway]))
    x = alt.X("p5:Q", title=f"Omission score, {pathway}", axis=alt.Axis(tickCount=6, labelFlush=False),
              scale=alt.Scale(domain=[0, _upper(table)], nice=True))  # fmt: skip
    layers = [
        coloured.mark_rule(strokeWidth=2).encode(x=x, x2="p95:Q"),
        coloured.mark_bar(opacity=0.35, stroke=style.LOOKS.get(pathway, style.NULL).colour).encode(x="q1:Q", x2="q3:Q"),
        base.mark_tick(thickness=3, size=16, color=style.INK, opacity=1).encode(x="median:Q"),
        base.mark_text(align="right", baseline="middle").encode(x=style.pixels("width"), text="_name:N"),
    ]
    first = table[table["word"] == words[0]]
    said = ", ".join(f"{row.deprel} {row.median:.2f}" for row in first.itertuples())
    return (
        alt.layer(*layers)
        .transform_filter("datum.word == role_word")
        .add_params(style.menu("role_word", "Word", {word: word for word in words}, words[0]))
        .properties(
            title=style.heading(title, "Box: middle half; bar: median; line: 5 % to 95 % of the tokens; n: tokens."),
            description=(
                f"Box plots of {pathway} omission scores of one word in each of its roles; a menu picks among "
                f"{len(words)} words. Medians of '{words[0]}': {said}."
            ),
            width="container",
            height=26 * int(table.groupby("word").size().max()),
        )
    )


def _role_names(table: pd.DataFrame) -> list[str]:
    return [f"n = {count:,}" for count in table["count"]]


def _upper(table: pd.DataFrame) -> float:
    """Room for the counts to the right of the longest line."""
    return 1.2 * float(table["p95"].max())


def effects(
    table: pd.DataFrame,
    title: str = "What a role or a place adds to a score",
    pathways: Sequence[str] | None = None,
) -> alt.LayerChart:
    """Effects of roles and places with intervals, by one or several fits; a menu picks the pathway.

    Parameters
    ----------
    table : DataFrame
        One row per level and fit: ``term``, ``level``, ``reference``, ``estimate``, ``low``, ``high``, ``count``; as
        :func:`reading_neurons.methods.omission_effects.robust` gives it. With ``fit`` (``"mixed"``, ``"robust"``) and
        ``pathway`` where there are several.
    title : str
    pathways : sequence of str, optional
        Which, in which order; by default all.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "term", "level", "reference", "estimate", "low", "high", "count")
    missing = {name: value for name, value in (("pathway", "visual"), ("fit", "robust")) if name not in table}
    rows = table.assign(**missing)
    pathways = list(pathways or style.in_order(rows["pathway"]))
    rows = rows[rows["pathway"].isin(pathways)]
    names = {"deprel": "as", "position": "in place"}
    rows = rows.assign(
        _level=[f"{names[row.term]} {row.level}" for row in rows.itertuples()],
        _fit=rows["fit"].map(_FITS).fillna(rows["fit"]),
    )
    order = _effect_order(rows)
    fits = style.in_order(rows["_fit"])
    # The data are the whole chart's, as is the filter; the rule at zero has its own.
    base = alt.Chart().encode(
        y=alt.Y("_level:N", sort=order, axis=alt.Axis(title=None, ticks=False, domain=False, labelPadding=6)),
        yOffset=alt.YOffset("_fit:N", sort=fits),
        color=style.colour(pathways),
        tooltip=[
            alt.Tooltip(column, title=name)
            for column, name in {
                "pathway": "Pathway", "level": "Level", "reference": "Compared with", "estimate": "Difference",
                "low": "95 % from", "high": "95 % to", "count": "Tokens", "_fit": "Fit",
            }.items()
        ],
    )  # fmt: skip
    shape = alt.Shape(
        "_fit:N", scale=alt.Scale(domain=fits, range=["circle", "square"][: len(fits)]),
        legend=_fit_legend() if len(fits) > 1 else None,
    )  # fmt: skip
    axis = alt.Axis(tickCount=6, labelFlush=False, grid=True)
    x = alt.X("estimate:Q", title="Difference of omission scores", axis=axis)
    reference_of = dict(zip(rows["term"], rows["reference"], strict=True))
    references = " and ".join(f"{names[term]} {level}" for term, level in reference_of.items())
    chart = alt.layer(
        alt.Chart(alt.InlineData([{}])).mark_rule(strokeWidth=2).encode(x=alt.datum(0)),
        base.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q"),
        base.mark_point(filled=True, size=60, opacity=1).encode(x=x, shape=shape),
        data=style.drawable(rows),
    ).transform_filter("datum.pathway == effect_pathway")
    return chart.add_params(
        style.menu("effect_pathway", "Pathway", {name: name for name in pathways}, pathways[0])
    ).properties(
        title=style.heading(title, f"At zero: {references}. Line: 95 % interval."),
        description=f"Effects of roles and places on omission scores, against {references}. {_effects_said(rows, pathways[0])}",
        width="container",
        height=(10 + 10 * len(fits)) * len(order),
    )


def _fit_legend() -> alt.Legend:
    """In one column on a narrow screen; by the width of the page too, which is what Vega lays the title out for."""
    columns = alt.ExprRef(expr="width < 420 ? 1 : 2")
    return style.legend(symbolFillColor=style.INK, symbolStrokeColor=style.INK, columns=columns)


def _effect_order(rows: pd.DataFrame) -> list[str]:
    """Roles by the first pathway's estimates, from high to low, then places in order of the sentence."""
    first = rows[(rows["pathway"] == rows["pathway"].iloc[0])].drop_duplicates("_level")
    roles = first[first["term"] == "deprel"].sort_values("estimate", ascending=False)["_level"]
    return style.in_order([*roles, *rows.loc[rows["term"] == "deprel", "_level"], *rows["_level"]])


def _effects_said(rows: pd.DataFrame, pathway: str) -> str:
    part = rows[rows["pathway"] == pathway].drop_duplicates("_level")
    ranked = part.sort_values("estimate", ascending=False)
    said = [f"{name} {value:+.3f}" for name, value in zip(ranked["_level"], ranked["estimate"], strict=True)]
    return f"{pathway}: {', '.join(said if len(said) <= 8 else [*said[:4], '..', *said[-4:]])}."
