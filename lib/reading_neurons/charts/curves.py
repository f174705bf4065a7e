"""Measures along a sentence: by a word's distance from the end, and by the length of a caption.

Easy to get wrong: the ends of such curves. Few sentences are very short or very long, and their means jump about;
lengths and distances with too few rows are left out, and the counts of the rest are in the tooltips.
"""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from reading_neurons.charts import style

_FEWEST = 50  # rows behind a point


def by_position(table: pd.DataFrame, title: str = "Scores along the sentence") -> alt.LayerChart:
    """Mean omission score of each pathway against a word's distance from the end of its sentence.

    Parameters
    ----------
    table : DataFrame
        One row per word and pathway: ``sentence``, ``position``, ``pathway``, ``score``; as
        :func:`reading_neurons.methods.omission.annotated` gives it. Scores are divided by the mean of their pathway, so
        that pathways that move little and much can be compared.
    title : str

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "sentence", "position", "pathway", "score")
    pathways = style.in_order(table["pathway"])
    last = table.groupby(["pathway", "sentence"])["position"].transform("max")
    relative = table["score"] / table.groupby("pathway")["score"].transform("mean")
    placed = pd.DataFrame({"pathway": table["pathway"], "from_end": last - table["position"], "relative": relative})
    rows = placed.groupby(["pathway", "from_end"], sort=False)["relative"].agg(["mean", "count"]).reset_index()
    rows = style.drawable(rows[rows["count"] >= _FEWEST])
    base = alt.Chart(rows).encode(
        x=alt.X(
            "from_end:Q", title="Words after it", sort="descending", axis=alt.Axis(tickMinStep=1, grid=False),
        ),
        y=alt.Y("mean:Q", title="Mean score, as a share of the pathway's mean"),
        color=style.colour(pathways, style.legend()),
        tooltip=[
            alt.Tooltip("pathway", title="Pathway"),
            alt.Tooltip("from_end", title="Words after it"),
            alt.Tooltip("mean", title="Score / mean score"),
            alt.Tooltip("count", title="Words"),
        ],
    )  # fmt: skip
    line = base.mark_line(strokeWidth=2)
    point = base.mark_point(filled=True, size=60, opacity=1).encode(shape=style.shape(pathways, style.legend()))
    even = alt.Chart(alt.InlineData([{}])).mark_rule(strokeDash=[2, 2]).encode(y=alt.datum(1))
    ends = rows[rows["from_end"] == 0].set_index("pathway")["mean"]
    said = ", ".join(f"{name} {ends[name]:.1f}" for name in pathways if name in ends)
    return alt.layer(even, line, point).properties(
        title=style.heading(title, "The last word of a sentence is at the right. 1: as much as an average word."),
        description=f"Mean score by distance from the end, relative to each pathway's mean. At the last word: {said}.",
        width="container",
        height=300,
    )


def by_length(table: pd.DataFrame, title: str = "What is achieved at each length") -> alt.LayerChart:
    """Measures of a caption network against the number of words of a caption; a menu picks the measure.

    Parameters
    ----------
    table : DataFrame
        One row per length with sums over its captions: ``words``, ``captions``, ``predicted``, ``surprise``,
        ``cosine``, ``recall@1``, ``attainable@1``, ``recall@10``, ``attainable@10``; as
        :func:`reading_neurons.experiments.omission.by_length` gives it.
    title : str

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "words", "captions", "predicted", "surprise", "cosine", "recall@1", "attainable@1")
    often = table[table["captions"] >= _FEWEST]
    captions = often["captions"]
    measures = {
        "cosine to the scene": {"network": often["cosine"] / captions},
        "recall@1": {"network": often["recall@1"] / captions, "attainable": often["attainable@1"] / captions},
        "recall@10": {"network": often["recall@10"] / captions, "attainable": often["attainable@10"] / captions},
        "perplexity": {"network": np.exp(often["surprise"] / often["predicted"])},
    }
    rows = style.drawable(
        pd.concat(
            pd.DataFrame(
                {"measure": measure, "of": of, "words": often["words"], "value": value, "captions": captions}
            )
            for measure, series in measures.items()
            for of, value in series.items()
        )
    )
    names = list(measures)
    key = {"domain": ["network", "attainable"], "range": [style.LOOKS["visual"].colour, style.INK]}
    base = alt.Chart(rows).encode(
        x=alt.X("words:Q", title="Words in the caption", axis=alt.Axis(tickMinStep=1, grid=False), scale=alt.Scale(zero=False)),
        y=alt.Y("value:Q", title="Mean over captions"),
        color=alt.Color("of:N", scale=alt.Scale(**key), legend=style.legend()),
        tooltip=[
            alt.Tooltip("measure", title="Measure"), alt.Tooltip("of", title="Of"), alt.Tooltip("words", title="Words"),
            alt.Tooltip("value", title="Value"), alt.Tooltip("captions", title="Captions"),
        ],
    )  # fmt: skip
    dash = alt.Scale(domain=key["domain"], range=[[1, 0], [6, 3]])
    line = base.mark_line(strokeWidth=2).encode(strokeDash=alt.StrokeDash("of:N", scale=dash, legend=style.legend()))
    point = base.mark_point(filled=True, size=60, opacity=1)
    first, final = rows.iloc[0], rows[(rows["measure"] == names[0]) & (rows["of"] == "network")].iloc[-1]
    return (
        alt.layer(line, point)
        .transform_filter("datum.measure == measure_pick")
        .add_params(style.menu("measure_pick", "Measure", dict(zip(names, names, strict=True)), names[0]))
        .properties(
            title=style.heading(title, "Attainable: the recall of a network that predicts every scene exactly."),
            description=(
                f"Measures by caption length; a menu picks one. The {names[0]} is {first['value']:.2f} at "
                f"{first['words']} words and {final['value']:.2f} at {final['words']}."
            ),
            width="container",
            height=280,
        )
    )
