"""How right the best unit is, beside how right it is to say the more frequent label every time.

Easy to get wrong: the eye goes to the points. What a unit knows is the distance from the tick; at .9 with a tick at .9
nothing is known, at .8 with a tick at .5 much is.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

BEST = style.LOOKS["visual"]


def base_rates(table: pd.DataFrame, title: str = "How right the best unit is, and saying no") -> alt.LayerChart:
    """One line for each feature: the best unit trained, the best one untrained, the majority.

    Parameters
    ----------
    table : DataFrame
        One row per feature: ``feature``, ``best``, ``low``, ``high``, ``untrained``, ``majority``, as
        :func:`reading_neurons.experiments.inspection_shown.beside_majority` gives it.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing.

    Examples
    --------
    >>> table = pd.DataFrame({"feature": ["open"], "best": 0.99, "low": 0.98, "high": 1.0, "untrained": 0.8,
    ...                       "majority": 0.7})
    >>> base_rates(table).description
    'Accuracy of the best unit. open: 0.99, untrained 0.80, more frequent label 0.70.'
    """
    style.require(table, "feature", "best", "low", "high", "untrained", "majority")
    base = alt.Chart(style.drawable(table)).encode(
        y=alt.Y("feature:N", sort=table["feature"].tolist(), axis=alt.Axis(title=None, domain=False, ticks=False)),
        tooltip=[
            alt.Tooltip("feature:N", title="Feature"), alt.Tooltip("best:Q", title="Best unit", format=".3f"),
            alt.Tooltip("untrained:Q", title="Best unit, untrained", format=".3f"),
            alt.Tooltip("majority:Q", title="More frequent label", format=".3f"),
        ],
    )  # fmt: skip
    least = float(table[["low", "untrained", "majority"]].min().min())
    scale = alt.Scale(domain=[max(0.0, least - 0.03), 1.005], nice=False)
    x = alt.X("best:Q", title="Share labelled rightly", scale=scale, axis=alt.Axis(tickCount=5))
    layers = [
        base.mark_rule(strokeWidth=2, opacity=0.4).encode(x=alt.X("majority:Q", scale=scale), x2="best:Q"),
        base.mark_tick(color=style.INK, thickness=2, size=14).encode(x=alt.X("majority:Q", scale=scale)),
        base.mark_point(filled=False, size=55, color=style.NULL.colour, opacity=1, strokeWidth=2).encode(
            x=alt.X("untrained:Q", scale=scale)
        ),
        base.mark_rule(strokeWidth=3, color=BEST.colour).encode(x=alt.X("low:Q", scale=scale), x2="high:Q"),
        base.mark_point(filled=True, size=75, color=BEST.colour, opacity=1).encode(x=x),
    ]
    return alt.layer(*layers).properties(
        title=style.heading(title, "Point: the best unit. Ring: untrained. Tick: the more frequent label every time."),
        description="Accuracy of the best unit. " + "; ".join(
            f"{row.feature}: {row.best:.2f}, untrained {row.untrained:.2f}, more frequent label {row.majority:.2f}"
            for row in table.itertuples()
        ) + ".",
        width="container",
        height=max(60, 20 * len(table)),
    )  # fmt: skip
