"""What silences a neuron: the n-gram, and whom it wakes."""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_NAMED = 3  # of the others, those that are named
_RIGHT = "scale('x', datum.correlation) > width / 2"
_BESIDE = {"align": alt.ExprRef(expr=f"{_RIGHT} ? 'right' : 'left'"), "dx": alt.ExprRef(expr=f"{_RIGHT} ? -8 : 8")}
_PLACES = ({"dy": -11}, _BESIDE, {**_BESIDE, "dy": 5})  # of names, by rank: apart


def silence(
    pairs: pd.DataFrame, silencers: pd.DataFrame, title: str = "Whom the silencer of a neuron wakes"
) -> alt.LayerChart:
    """For one silenced output at a time all others: how they go together with it, and what they do on its silencer.

    Parameters
    ----------
    pairs : DataFrame
        ``pathway``, ``silenced``, ``other``, ``z``, ``correlation``; as
        :func:`reading_neurons.methods.silence.woken` gives it.
    silencers : DataFrame
        ``pathway``, ``neuron``, ``words``.
    title : str

    Returns
    -------
    altair.LayerChart
        With a menu of silenced outputs; those that the silencer wakes most are named.

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(pairs, "pathway", "silenced", "other", "z", "correlation")
    style.require(silencers, "pathway", "neuron", "words")
    words = silencers.set_index(["pathway", "neuron"])["words"]
    keys = style.in_order(zip(pairs["pathway"], pairs["silenced"], strict=True))
    number = [keys.index(key) for key in zip(pairs["pathway"], pairs["silenced"], strict=True)]
    rows = style.drawable(pairs[["pathway", "silenced", "other", "z", "correlation"]].assign(picked=number))
    rank = rows.groupby("picked")["z"].rank(ascending=False, method="first")
    rows["name"] = rows["other"].where(rank <= _NAMED, "").str.removeprefix("object:")
    rows["_rank"] = rank - 1
    names = {at: f"{name} ({pathway})" for at, (pathway, name) in enumerate(keys)}
    heads = pd.DataFrame({"picked": range(len(keys)), "words": [f"silenced by:\n{words[key]}" for key in keys]})
    pathways = style.in_order(rows["pathway"])
    shown = "datum.picked == neuron"
    low, high = rows["z"].min() - 0.5, rows["z"].max() + 0.8
    x = alt.X(
        "correlation:Q",
        title="Goes together with it (correlation)",
        axis=alt.Axis(tickCount=4),
        scale=alt.Scale(zero=False, padding=20),
    )
    y = alt.Y(
        "z:Q",
        title="Activation on the silencer (std. dev.)",
        axis=alt.Axis(tickCount=6),
        scale=alt.Scale(domain=[low, high], nice=False),
    )
    tip = [
        alt.Tooltip("other:N", title="Output"),
        alt.Tooltip("z:Q", title="On the silencer", format=".2f"),
        alt.Tooltip("correlation:Q", title="Correlation", format=".2f"),
        alt.Tooltip("silenced:N", title="Silenced"),
    ]
    top = rows[rows["picked"] == 0].nlargest(3, "z")
    return alt.LayerChart(
        data=rows,
        layer=[
            alt.Chart(alt.InlineData([{}]), mark=alt.MarkDef("rule", opacity=0.5), encoding=alt.Encoding(y=alt.Y(datum=0, type="quantitative"))),
            style.layer(alt.MarkDef("point", filled=True, size=55, opacity=0.8), shown, {"x": x, "y": y, "color": style.colour(pathways), "tooltip": tip}),
            *(
                style.layer(alt.MarkDef("text", fontSize=12, **place), f"{shown} && datum._rank == {at}", {"x": x, "y": y, "text": alt.Text("name:N")})
                for at, place in enumerate(_PLACES)
            ),
            alt.Chart(heads, mark=alt.MarkDef("text", align="left", fontSize=12, fontWeight="bold", lineBreak="\n"), transform=[alt.FilterTransform(shown)], encoding=alt.Encoding(x=alt.value(-36), y=alt.value(-24), text=alt.Text("words:N"))),
        ],
        params=style.lifted(style.menu("neuron", "Silenced", names, 0)),
        title=style.heading(title, f"The {_NAMED} that it wakes most are named."),
        description=(
            f"Every other output on the silencer of one of {len(names)}. {names[0]} is silenced by '{words[keys[0]]}', which "
            f"wakes most: {', '.join(top['other'])}."
        ),
        width="container",
        height=300,
    )  # fmt: skip
